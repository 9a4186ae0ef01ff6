"""What came after enlistment: what may be entered about it, and the sheet of each undertaking (safeguard G21)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.cases import Moment
from callup.cases.undertakings import VERDICTS, undertaking_sheet
from callup.terms.decree import Decree
from callup.terms.errors import BadInput, NotLawful
from callup.terms.facts import UNDERTAKEN

if TYPE_CHECKING:
    from callup.app.stores.facts import FactStore

_FEW = "fewer than {below}"


def refuse_broken(decree: Decree, facts: pa.Table, *, signed: bool = False) -> None:
    """Refuse what would break an undertaking, and what says more of a person's service than an undertaking needs.

    The authority cannot enter a posting that it promised not to make. That such a posting was made anyway is reported by the
    person, their agent or a watchdog of the decree: then it is a fact, it waits for an answer, and it is counted in public.

    Args:
        decree: whose undertakings, categories of posting and watchdogs.
        facts: rows that someone wants to record; those of other kinds are passed over.
        signed: whether they stand in a report whose signature was checked; a watchdog's are recorded from nothing else.

    Raises:
        NotLawful: the authority enters what an undertaking forbids.
        BadInput: a posting outside the decree's categories, or by the day instead of the month; a watchdog that the decree does not name,
            or that did not sign.
    """
    wanted = pc.fill_null(pc.is_in(facts.column("kind"), value_set=pa.array(UNDERTAKEN)), False)
    for number, row in zip(pc.indices_nonzero(wanted).to_pylist(), facts.filter(wanted).to_pylist(), strict=True):
        where, (role, _, name) = {"row": number + 1}, str(row.get("actor") or "").partition(": ")
        if role == "watchdog" and name not in {one.name for one in decree.watchdogs}:
            raise BadInput("watchdog-unknown", where | {"name": name}, "the decree names the watchdogs that may report: [[watchdog]]")
        if role == "watchdog" and not signed:
            raise BadInput("watchdog-unsigned", where | {"name": name}, "a watchdog signs its reports: callup fact take DOSSIER FILE")
        if row["kind"] == "posted":
            _refuse_posting(decree, row, role, where)
        if row["kind"] == "term_extended" and role == "authority":
            for one in decree.undertakings:
                if one.forbids_extension:
                    raise NotLawful("extension-forbidden", where | {"undertaking": one.id, "text": one.text}, "service ends as promised")


def refuse_unnamed_agents(store: FactStore, facts: pa.Table) -> None:
    """Refuse what an agent says of somebody who named nobody to speak for them.

    Raises:
        BadInput: the row.
    """
    for number, row in enumerate(facts.to_pylist(), 1):
        by_agent = row["kind"] in UNDERTAKEN and str(row.get("actor") or "").partition(":")[0] == "agent"
        if by_agent and not any(one["kind"] == "represented" for one in store.rows_of_case(str(row.get("case_id")))):
            raise BadInput("agent-not-named", {"row": number}, "first record whom the person named: callup fact add --kind represented")


def _refuse_posting(decree: Decree, row: dict[str, Any], role: str, where: dict[str, int]) -> None:
    category, day = row.get("ground"), row.get("happened_on")
    if category not in decree.posting_categories:
        listed = ", ".join(decree.posting_categories) or "none"
        what = "a category of the decree, never a place or a unit: "
        raise BadInput("posting-category-unknown", where | {"ground": category}, what + listed)
    if isinstance(day, date) and day.day != 1:
        raise BadInput("posting-by-the-day", where | {"happened_on": day}, "give the first day of the month: it is kept by the month only")
    for one in decree.undertakings:
        if role == "authority" and category in one.forbids_postings:
            raise NotLawful("posting-forbidden", where | {"undertaking": one.id, "text": one.text, "posting": category}, "post elsewhere")


def sheet(course: Course, as_of: date, known_at: date) -> list[dict[str, Any]]:
    """The sheet of each undertaking with its text and what its verdict means, small numbers kept back (safeguard G5).

    Returns:
        Rows in the order of the decree: id, text, by, on, verdict, meaning, and counts. A count is a whole number, or the words
        "fewer than N" where it is above 0 and below the decree's ``merge_below``.
    """
    course.engine.register("facts", course.facts.all(known_at))
    decree = course.decree
    query = undertaking_sheet(decree.undertakings, decree.service_months, Moment(as_of, known_at))
    found = {row["id"]: row for row in course.engine.table(query).to_pylist()}
    return [_told(decree, one, found[one.id]) for one in decree.undertakings]


def _told(decree: Decree, one: Any, row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: _shown(row[name], decree.merge_below) for name in row if name not in ("id", "verdict", "contract_days")}
    days = row["contract_days"] if row["contracts"] >= decree.merge_below else None
    said = {"id": one.id, "text": one.text, "by": one.by, "on": one.on.isoformat(), "verdict": row["verdict"]}
    return said | {"meaning": VERDICTS[row["verdict"]], **counts, "contract_days": days, "answer_days": one.answer_days or None}


def _shown(count: int, below: int) -> int | str:
    return count if count == 0 or count >= below else _FEW.format(below=below)
