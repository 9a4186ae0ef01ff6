"""A call-up whose first wave is out, its portal, and a clock that a test turns."""

import contextlib
from datetime import date

from callup.app.commands.opening import course_at
from callup.app.standing import summonses
from callup.app.web.site import Site

DAY = date(2025, 4, 8)
HOME = "https://portal.local"


class Clocked:
    """A site with a clock that a test turns."""

    def __init__(self, course):
        self.time, self.day = 1_000_000, DAY
        self.site = Site(course, lambda: self.day, lambda: self.time)


@contextlib.contextmanager
def freedonia_again(root):
    """The course of a dossier that is there already."""
    course = course_at(root / "dossier", None, 11)
    try:
        yield course
    finally:
        course.facts.close()
        course.engine.close()


def somebody(site, at=0):
    """A called person: the code on their letter, date of birth, case and notice."""
    row = summonses(site.course).sort_by("case_id").to_pylist()[at]
    born = site.store.held(row["case_id"])["register"]["born_on"]
    return {"code": site.course.ring.letter_code(row["notice_id"]), "born": date.fromisoformat(born), **row}
