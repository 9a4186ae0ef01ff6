"""The desk's queue as a projection: laid from all facts once a day, and brought up to date by the cases that facts have touched since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.standing import due_cases
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.desk.store import QUEUE, DeskStore
from callup.app.web.doors import notice_of
from callup.app.web.site import Site
from callup.cases.desk import due_of

STEPS = ("decide-claim", "resolve-contest", "ask-why", "assess", "enlist-or-release", "serve-decision", "try-other-channel", "remind")
"""The steps at which somebody at a desk has something to do; the others wait for the person or for a court."""
_ON_THE_DAY = "await-appearance"
"""On the day of appearance and after it the desk says who came."""
_MOST = 500
"""If more cases were touched than this, all are laid again: one query is cheaper then."""


def bring_up(site: Site, desk: DeskStore) -> None:
    """Make the queue what the facts say today."""
    day, last, laid = site.today(), site.facts.last_seq(), desk.laid_on()
    if laid == (day.isoformat(), last):
        return
    touched = site.facts.cases_since(laid[1]) if laid is not None and laid[0] == day.isoformat() else [None]
    if None in touched or len(touched) > _MOST:
        lay(site, desk)
        return
    rows, gone = [], []
    with looking_as(SERVICE):
        for case in touched:
            held = site.store.held_if(str(case))
            row = None if held is None else row_of(site, held)
            if row is None:
                gone.append(str(case))
            else:
                rows.append(row)
    desk.renew(rows, gone, last)


def lay(site: Site, desk: DeskStore) -> None:
    """Lay the whole queue by the one query of all cases: what a stay, an outage or a new day changes for everybody."""
    day, last = site.today(), site.facts.last_seq()
    with site.alone:
        found = due_cases(site.course, day, day)
    come = pc.and_(pc.equal(found.column("step"), _ON_THE_DAY), pc.less_equal(found.column("by_on"), pa.scalar(day)))
    shown = pc.or_(pc.is_in(found.column("step"), value_set=pa.array(STEPS)), pc.fill_null(come, False))
    rows = found.filter(shown).select(list(QUEUE)).to_pylist()
    desk.lay_queue((tuple(_plain(value) for value in row.values()) for row in rows), day.isoformat(), last)


def row_of(site: Site, held: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The row of one case, or none if nobody at a desk has anything to do in it."""
    day = site.today()
    found, own = site.standing(held, day)
    due = due_of(found, own, site.moment(day))
    if due.step not in STEPS and not (due.step == _ON_THE_DAY and due.by_on is not None and due.by_on <= day):
        return None
    notice = notice_of(held)
    unit = str(notice["stratum"]).partition("+")[0]
    by_on = due.by_on.isoformat() if due.by_on else None
    return (notice["case_id"], unit, due.step, due.ref, due.ground, by_on, int(due.overdue), int(due.late))


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value.isoformat() if hasattr(value, "isoformat") else value
