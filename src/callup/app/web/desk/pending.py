"""What two officials have accepted and nobody has recorded yet, though it can no longer be taken back."""

from __future__ import annotations

from contextlib import closing

from callup.app.course import Course
from callup.app.web.desk.acting import UNDO
from callup.app.web.desk.store import DeskStore
from callup.app.web.storage import Embedded, InPostgres, Storage, portal_key
from callup.app.wire import store_named


def unrecorded(course: Course, now: int) -> int:
    """How many decisions the desk records when somebody next opens it: until then none of them has a letter.

    Args:
        course: the run.
        now: seconds since 1970.
    """
    address = store_named(course.dossier)
    if not address and not (course.dossier.sealed / "70-portal" / "portal.db").exists():
        return 0
    storage: Storage = InPostgres(course, address) if address else Embedded(course)
    with closing(DeskStore(storage.portal(), portal_key(course))) as desk:
        return len(desk.proposals("state = 'accepted' AND second_at <= ? AND case_id NOT LIKE 'role %'", (now - UNDO,)))
