"""Who looks, while a request is answered: a person sees their own case, an official the cases opened today, nobody sees nothing.

The portal's pages set the viewer once they know who asks; the few queries that show a case ask for it (`Database.seen`). In SQLite the
viewer becomes a condition of the query, in PostgreSQL a role under row-level security: a page that asks for another's case gets no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.

    Args:
        kind: ``service`` is callup itself at work that no page shows; ``nobody`` sees no case.
        case: a person's own case.
        actor: an official, as facts name the reader of a file.
        day: the legal day, as a day since 1970.
        opened: the cases that the official has opened on that day; PostgreSQL looks that up itself.
    """

    kind: Literal["service", "person", "official", "nobody"]
    case: str = ""
    actor: str = ""
    day: int = 0
    opened: frozenset[str] = frozenset()


SERVICE, NOBODY = Viewer("service"), Viewer("nobody")
_LOOKS: ContextVar[Viewer] = ContextVar("viewer", default=SERVICE)


def viewer() -> Viewer:
    """Who looks now; callup itself where nobody said otherwise."""
    return _LOOKS.get()


def look_as(who: Viewer) -> None:
    """From now on, in this request, this one looks."""
    _LOOKS.set(who)


@contextmanager
def looking_as(who: Viewer) -> Iterator[None]:
    """Inside, this one looks."""
    token = _LOOKS.set(who)
    try:
        yield
    finally:
        _LOOKS.reset(token)
