"""The desk's queue: for each step that may fall due, who may do it, what it needs, and by which clock of the law."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from callup.cases.account import does_not_close
from callup.cases.clocks import unit_of
from callup.cases.facts import arrow_schema
from callup.cases.fold import Moment, Standing, fold_rules
from callup.cases.queries import DUE_ROWS, due_until_rows, state_rows
from callup.cases.rules import CONTESTS, Rules, rules_of
from callup.terms.facts import TERMINAL
from callup.terms.tables import FACTS

if TYPE_CHECKING:
    from callup.law import Procedure
    from callup.terms.calendar import Calendar
    from callup.terms.query import Query


@dataclass(frozen=True, slots=True)
class Task:
    """What a step takes.

    Args:
        by: who may do it, as words of terms.facts.
        people: how many must sign.
        records: the kind of fact that its doing is recorded as.
        needs: what it needs, in words.
        clock: the clock of the law that says by when; empty for none.
    """

    by: tuple[str, ...]
    people: int
    records: str
    needs: str
    clock: str = ""


TASKS: Mapping[str, Task] = {
    "enter-notice": Task(("authority",), 2, "called", "the wave signed by two"),
    "try-other-channel": Task(("carrier", "portal", "desk"), 1, "handed_over", "a channel or address not tried yet", "second_attempt"),
    "remind": Task(("portal", "desk"), 1, "courtesy_sent", "another way than the notice went; it changes nothing", "response"),
    "decide-claim": Task(("official",), 2, "decided", "reasons, rule and evidence; the file read by both", "decision"),
    "serve-decision": Task(("carrier", "portal", "desk"), 1, "decision_served", "the decision, with remedy, body and time limit"),
    "await-appeal": Task(("court",), 1, "appeal_decided", "nothing from the authority while the duty rests", "appeal"),
    "await-appearance": Task(("desk",), 1, "appeared", "the day of appearance", "lead"),
    "ask-why": Task(("official",), 2, "inquired", "a search for an innocent cause, in writing"),
    "assess": Task(("board",), 2, "assessed", "the board's finding"),
    "enlist-or-release": Task(("official",), 2, "enlisted", "a place that is left in the quota"),
    "resolve-contest": Task(("official",), 2, "decided", "proof of service by the authority, or the finding is taken back", "decision"),
}
"""Every step of terms.facts.DUES but ``nothing``."""


def article_of(procedure: Procedure, step: str, day: date) -> str:
    """The article that says by when a step is to be done; empty where the law names no time."""
    clock = procedure.at(day).clock(TASKS[step].clock) if step in TASKS else None
    return str(clock.citation) if clock is not None else ""


@dataclass(frozen=True, slots=True)
class Due:
    """What has fallen due in one case: the columns of the same names of `queries.DUE_ROWS`."""

    step: str
    ref: str | None
    ground: str | None
    by_on: date | None
    overdue: bool
    late: bool


def due_of(found: Standing, facts: Sequence[Mapping[str, Any]], moment: Moment) -> Due:
    """What the standing of one case asks for, on which fact it waits, and by when; the query of all cases says the same.

    Args:
        found: what `fold` made of the case.
        facts: its rows of FACTS.
        moment: as of when it was read.
    """
    known = [row for row in facts if row["happened_on"] <= moment.as_of and row["known_on"] <= moment.known_at]
    known.sort(key=lambda row: (row["happened_on"], row["seq"]))
    step, ends = found.next_step, {clock.about: clock.ends_on for clock in found.clocks if clock.name == "decision"}
    ref, ground, by_on = None, None, None
    if step == "decide-claim":
        claim = next(row for row in known if row["kind"] == "claimed" and not _answers(known, row, "decided", "claim_withdrawn"))
        ref, ground, by_on = claim["fact_id"], str(claim["ground"] or "").partition(":")[0], found.decide_by
    elif step == "resolve-contest":
        open_ones = [row["fact_id"] for row in known if row["kind"] in CONTESTS and not _answers(known, row, "decided")]
        ref, by_on = min(open_ones), min((ends[one] for one in open_ones if one in ends), default=None)
    elif step == "serve-decision":
        ref = next(one["fact_id"] for one in _decisions(known) if not _answers(known, one, "decision_served"))
    elif step == "await-appeal":
        ref, ground = _challenged(known)
    elif step in ("remind", "await-appearance"):
        by_on = found.respond_by if step == "remind" else found.appear_on
    elif step == "try-other-channel":
        by_on = next((clock.starts_on + timedelta(days=clock.days) for clock in found.clocks if clock.name == "second_attempt"), None)
    late = step == "decide-claim" and ref in found.late
    return Due(step, ref, ground, by_on, step in ("decide-claim", "resolve-contest") and by_on is not None and by_on < moment.as_of, late)


FEW = 200
"""So many cases are asked one by one in less time than a query of all is planned in."""


def due_until(procedure: Procedure, calendar: Calendar, moment: Moment) -> Query:
    """What has fallen due as of each case, due or not, and the day on which that may turn, with no new fact: `queries.DUE_UNTIL`.

    Until then nobody need ask again. The answer of a later day is the same, as long as what is known lags as far behind it as here.
    """
    return due_until_rows(rules_of(procedure, calendar), moment)


def dues_of(procedure: Procedure, calendar: Calendar, notices: pa.Table, facts: pa.Table, moment: Moment) -> pa.Table:
    """What has fallen due in a few cases, asked one by one: the rows of the query of all cases, sooner than that query is planned.

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        notices: their summonses, rows of NOTICES with ``liable_until``.
        facts: FACTS rows of these cases, and those about no person.
        moment: as of when.

    Returns:
        Rows of `queries.DUE_ROWS`, sorted by case.
    """
    rows = due_lines(rules_of(procedure, calendar), notices.to_pylist(), facts.to_pylist(), moment)
    return pa.Table.from_pylist(rows, arrow_schema(DUE_ROWS))


def due_lines(rules: Rules, notices: list[dict[str, Any]], facts: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
    """As `dues_of`, with the procedure already laid out, as plain rows."""
    by_case, rows = _by_case(facts), []
    for notice in sorted(notices, key=lambda one: str(one["case_id"])):
        own = by_case.get(notice["case_id"], [])
        found = fold_rules(rules, own + by_case.get(None, []), notice, moment)
        if found.next_step == "nothing" and found.state in TERMINAL:
            continue
        told = {name: notice[name] for name in ("case_id", "notice_id", "wave", "rank")} | {"unit": unit_of(notice)}
        told |= {name: getattr(found, name) for name in ("service", "service_channel", "served_on", "appear_on")}
        rows.append(
            told | {"absent": _absent(rules, found, own + by_case.get(None, []), notice, moment)} | asdict(due_of(found, own, moment))
        )
    return rows


def states_query(procedure: Procedure, calendar: Calendar, moment: Moment, dialect: str = "duckdb") -> Query:
    """How many cases are in each state, by unit; reads tables ``facts`` and ``notices``.

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        moment: as of when.
        dialect: ``duckdb`` or ``spark``.

    Columns:
        unit, state, cases.
    """
    return state_rows(rules_of(procedure, calendar), moment, dialect)


def states_of(procedure: Procedure, calendar: Calendar, notices: pa.Table, facts: pa.Table, moment: Moment) -> dict[tuple[str, str], int]:
    """How many of a few cases are in each state, by unit and state: what `states_query` gives.

    Args:
        procedure: the law's procedure.
        calendar: the jurisdiction's calendar.
        notices: their summonses, rows of NOTICES with ``liable_until``.
        facts: FACTS rows of these cases, and those about no person.
        moment: as of when.
    """
    return state_counts_of(rules_of(procedure, calendar), notices.to_pylist(), facts.to_pylist(), moment)


def state_counts_of(rules: Rules, notices: list[dict[str, Any]], facts: list[dict[str, Any]], moment: Moment) -> dict[tuple[str, str], int]:
    """As `states_of`, with the procedure already laid out, from plain rows."""
    by_case = _by_case(facts)
    known = [(notice, by_case.get(notice["case_id"], []) + by_case.get(None, [])) for notice in notices]
    return dict(sorted(Counter((unit_of(notice), fold_rules(rules, rows, notice, moment).state) for notice, rows in known).items()))


def account_of_day(roll: Mapping[str, int], called: Mapping[str, int], states: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Add up one day: the roll of each unit is the sum of its states, and as many have a case as were called by then (invariant 10).

    Args:
        roll: persons in the roll of each unit.
        called: summonses entered by that day in each unit.
        states: cases by unit and state; those called later are among them as ``not called``.

    Returns:
        Persons by unit and state, ``not called`` being the rest of the roll.

    Raises:
        Tampered: a case of the unit is missing, is one too many, or is of nobody in its roll.
    """
    found = {key: cases for key, cases in states.items() if key[1] != "not called"}
    for unit in sorted(set(roll) | {unit for unit, _ in states}):
        cases = sum(number for (where, _), number in found.items() if where == unit)
        later = states.get((unit, "not called"), 0)
        if cases != called.get(unit, 0) or cases + later > roll.get(unit, 0):
            what = f"roll {roll.get(unit, 0)}, called {called.get(unit, 0)}, in a state {cases}, to be called later {later}"
            raise does_not_close(unit, what)
        found[unit, "not called"] = roll.get(unit, 0) - cases
    return found


def _by_case(facts: list[dict[str, Any]]) -> dict[str | None, list[dict[str, Any]]]:
    found: dict[str | None, list[dict[str, Any]]] = {}
    for fact in facts:
        found.setdefault(fact["case_id"], []).append(fact)
    return found


def _absent(rules: Rules, found: Standing, facts: list[dict[str, Any]], notice: Mapping[str, Any], moment: Moment) -> bool:
    """Whether two people may ask why: whether "did not come", said today, would count."""
    passed = found.appear_on is not None and found.appear_on < moment.as_of
    if found.next_step not in ("await-appearance", "remind") or not passed:
        return False
    said: dict[str, Any] = dict.fromkeys(FACTS.names) | {"kind": "did_not_come", "case_id": notice["case_id"], "appear_on": found.appear_on}
    said |= {"fact_id": "", "seq": 1 << 40, "happened_on": moment.as_of, "known_on": moment.known_at}
    return fold_rules(rules, [*facts, said], notice, moment).state == "did not come"


def _answers(known: Sequence[Mapping[str, Any]], row: Mapping[str, Any], *kinds: str) -> list[Mapping[str, Any]]:
    """The facts of these kinds that answer a fact, in order."""
    return [other for other in known if other["kind"] in kinds and other["ref"] == row["fact_id"]]


def _decisions(known: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The decision that stands on each claim that was not taken back, in the order of the claims."""
    claims = [row for row in known if row["kind"] == "claimed" and not _answers(known, row, "claim_withdrawn")]
    return [found[-1] for found in (_answers(known, claim, "decided") for claim in claims) if found]


def _challenged(known: Sequence[Mapping[str, Any]]) -> tuple[str | None, str]:
    """The first appeal that waits; else the last refusal, which may still be appealed."""
    decisions = _decisions(known)
    for one in decisions:
        appeals = _answers(known, one, "appealed")
        if appeals and not _answers(known, appeals[-1], "appeal_decided"):
            return appeals[-1]["fact_id"], "appealed"
    refusals = [one["fact_id"] for one in decisions if _refused(known, one)]
    return (refusals[-1] if refusals else None), "refused"


def _refused(known: Sequence[Mapping[str, Any]], decision: Mapping[str, Any]) -> bool:
    """Whether a decision ends in a refusal, after an appeal if there was one."""
    rulings = [ruling for appeal in _answers(known, decision, "appealed")[-1:] for ruling in _answers(known, appeal, "appeal_decided")]
    changed = bool(rulings) and rulings[-1]["outcome"] == "changed"
    return not changed and decision["outcome"] != "granted"
