"""What people record by hand: facts from a file, a ruling, a halt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Dossier
from callup.app.signing import require_two
from callup.app.stages.listing import read_order, read_panels
from callup.app.stores.facts import FactStore
from callup.app.undertakings import refuse_broken, refuse_unnamed_agents
from callup.terms.decree import Decree
from callup.terms.errors import BadInput
from callup.terms.facts import VOCABULARY
from callup.terms.tables import FACTS

DAILY_ALLOWANCE = 40
"""How many files one clerk may open in a day (safeguard G4)."""
NO_PLACE = "a place in the order of notice"
OTHER_PLACE = "the right unit: the order of notice names another"
_ARROW = {"text": pa.string(), "int": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}


def import_facts(store: FactStore, path: Path, decree: Decree) -> tuple[int, int]:
    """Read a CSV of facts and record it whole or not at all; what the decree undertook not to do is refused.

    Returns:
        Rows read, rows that were new.
    """
    known = [column for column in FACTS.columns if column.name not in ("fact_id", "seq")]
    types = {column.name: _ARROW[column.type] for column in known}
    try:
        table = pacsv.read_csv(path, convert_options=pacsv.ConvertOptions(column_types=types, strings_can_be_null=True))
    except (OSError, pa.ArrowInvalid) as failure:
        raise BadInput(
            "facts-not-readable", {"path": str(path), "why": str(failure)}, "write UTF-8 CSV with a header, dates as YYYY-MM-DD"
        ) from failure
    unknown = sorted(set(table.column_names) - set(types))
    if unknown:
        raise BadInput("facts-unknown-columns", {"path": str(path), "columns": ", ".join(unknown)}, f"use: {', '.join(types)}")
    if "kind" in table.column_names:
        refuse_broken(decree, table)
        refuse_unnamed_agents(store, table)
    return table.num_rows, store.record(table)


def add_fact(
    store: FactStore, kind: str, actor: str, days: tuple[date, date], fields: Mapping[str, str], decree: Decree | None = None
) -> int:
    """Record one fact; gives 1 if it was new. With a decree, what it undertook not to do is refused."""
    unknown = sorted(set(fields) - set(FACTS.names))
    if unknown:
        raise BadInput("facts-unknown-columns", {"columns": ", ".join(unknown)}, f"use: {', '.join(FACTS.names)}")
    row: dict[str, object] = dict(fields)
    for name in ("until", "appear_on"):
        if name in row:
            row[name] = _day(name, str(row[name]))
    row |= {"kind": kind, "actor": actor, "happened_on": days[0], "known_on": days[1]}
    schema = pa.schema([(name, _ARROW[FACTS[name].type]) for name in row])
    table = pa.Table.from_pylist([row], schema)
    if decree is not None:
        refuse_broken(decree, table)
        refuse_unnamed_agents(store, table)
    return store.record(table)


def _day(name: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadInput("day-unreadable", {"field": name, "value": written[:40]}, "write it as YYYY-MM-DD") from None


def refuse_at_nothing(dossier: Dossier, store: FactStore, kind: str, fields: Mapping[str, str]) -> None:
    """Refuse a fact typed by hand that speaks of nothing there is: it would be recorded, and change nothing.

    Raises:
        BadInput: a case without a notice, a fact that is answered and does not exist, or a unit that the plan does not name.
    """
    needs, case, ref = VOCABULARY[kind].needs if kind in VOCABULARY else (), fields.get("case_id", ""), fields.get("ref", "")
    rows = store.rows_of_case(case) if case else store.rows_of_nobody()
    if case and kind not in ("called", "ruled") and not any(row["kind"] == "called" for row in rows):
        raise BadInput("case-unknown", {"case": case}, "give the number of the case as it stands on the letter or the desk's list")
    answers = "ref" in needs and kind != "role_granted"
    if answers and ref and ref not in {row["fact_id"] for row in rows}:
        raise BadInput("answers-nothing", {"kind": kind, "ref": ref}, "ref is the number of the fact that it answers, in the same case")
    unit, quotas = fields.get("ground", "").partition("unit ")[2], dossier.open / "35-quotas" / "quotas.csv"
    if kind in ("stayed", "halted") and unit and quotas.exists():
        known = {str(row["unit"]) for row in pacsv.read_csv(quotas).to_pylist()}
        if unit not in known:
            raise BadInput("unit-unknown", {"unit": unit}, "name a unit of the plan, as 35-quotas/quotas.csv writes it")


def rule_person(course: Course, person: str, outcome: str, *, officials: tuple[str, str], reason: str, day: date) -> int:
    """Record a ruling on one person; ``ground`` holds the re-keyed id.

    Before the freeze: on whoever the law leaves open. After it, e.g. on an objection to a published list, only that somebody is not
    liable after all: they keep their place, and a decision stands at their rank instead of a call.

    Raises:
        BadInput: a ruling that the law does not leave open, or that comes too late for this roll.
        WaitsForSignatures: the two officials have not both signed this ruling yet (safeguard G7).
    """
    case = course.ring.name_for("case", course.decree.id, person, digits=24)
    if course.dossier.finished("freeze"):
        _require_uncalled(course, person, outcome)
    _require_open(course, person, outcome)
    evidence = hashlib.sha256(f"ruling\n{person}\n{outcome}\n{reason}\n{course.jurisdiction.version}\n".encode()).hexdigest()
    require_two(course.dossier, course.randomness, "ruling", evidence, officials)
    fields = {"case_id": case, "ground": person, "outcome": outcome, "reason": reason, "second": officials[1], "evidence": evidence}
    return add_fact(course.facts, "ruled", f"official: {officials[0]}", (day, day), fields)


def _require_uncalled(course: Course, person: str, outcome: str) -> None:
    """After the freeze nobody is ruled onto the roll, and whoever stands in a composed wave has a case of their own to be decided in."""
    from callup.app.stages.noticing import notices_of

    if outcome == "liable":
        closed = course.decree.listed or course.decree.order_method == "panels"
        how = "the order is committed: only a new decree can call them" if closed else "they need a supplementary roll"
        raise BadInput("roll-is-frozen", {"outcome": outcome}, f"for who is liable and not on the roll it is too late: {how}")
    for wave in range(1, course.decree.waves + 1):
        if course.dossier.finished(f"compose-{wave}") and person in notices_of(course, wave).column("person_id").to_pylist():
            raise BadInput("called-already", {"wave": wave}, "take the notice back: callup fact add --kind withdrawn")


def _left_open(course: Course) -> pa.Table:
    """Those whom the law leaves open, and under an order by list the liable who have no place in it (design D19)."""
    path = course.table_path("20-findings", "findings.parquet")
    course.engine.register("findings", sealed.read_sealed(path, course.dossier.key))
    waiting = "SELECT person_id, unit, missing FROM findings WHERE finding = 'UNDETERMINED'"
    if course.decree.listed:
        course.engine.register("listed", read_order(course))
        waiting = (
            "SELECT f.person_id, f.unit, CASE WHEN f.finding = 'UNDETERMINED' THEN f.missing "
            f"WHEN o.person_id IS NULL THEN '{NO_PLACE}' ELSE '{OTHER_PLACE}' END AS missing "
            "FROM findings f LEFT JOIN listed o ON o.person_id = f.person_id "
            "WHERE f.finding = 'UNDETERMINED' OR (f.finding = 'LIABLE' AND o.stratum IS DISTINCT FROM f.unit)"
        )
    return course.engine.table(f"{waiting} ORDER BY person_id")


def _undetermined(course: Course) -> pa.Table:
    """Those of them on whom nobody has ruled yet."""
    found, ruled = _left_open(course), course.facts.all().filter(pc.field("kind") == "ruled").column("ground")
    return found.filter(pc.invert(pc.is_in(found.column("person_id"), value_set=ruled.combine_chunks())))


def _require_open(course: Course, person: str, outcome: str) -> None:
    """A ruling is on one person of this register, and binds only where the law or its order leaves it open: never against an exemption.

    Under an order by list it gives the liable who have no place in it one at its end (ADR 0036).

    Raises:
        BadInput: nobody of that id, or a ruling that the law's own answer forbids.
    """
    if not course.dossier.finished("assess"):
        raise BadInput("nothing-assessed", {"person": person}, "decide by law first: callup run DOSSIER --to assess")
    course.engine.register("findings", sealed.read_sealed(course.table_path("20-findings", "findings.parquet"), course.dossier.key))
    course.engine.register("ruled_on", pa.table({"person_id": [person]}))
    query = "SELECT f.finding, f.unit FROM findings f JOIN ruled_on r ON r.person_id = f.person_id"
    found = next(iter(course.engine.table(query).to_pylist()), None)
    if found is None:
        raise BadInput("nobody-of-that-id", {"person": person}, "take the id that callup rulings --open-one prints")
    if outcome == "liable":
        _require_bindable(course, person, found)


def _require_bindable(course: Course, person: str, found: dict[str, Any]) -> None:
    """Nobody is ruled liable whom the roll would then not hold."""
    if person not in _left_open(course).column("person_id").to_pylist():
        why = "only who is UNDETERMINED, or has no place in the order, can be ruled liable"
        raise BadInput("ruling-against-the-law", {"person": person, **found}, why)
    if found["unit"] is None:
        raise BadInput("person-without-unit", {"person": person}, "no unit can call this person: mend the register, then assess again")
    if course.decree.order_method == "panels" and person not in read_panels(course).column("person_id").to_pylist():
        raise BadInput("person-in-no-panel", {"person": person}, "only who is in a panel can be called: mend the panels before the freeze")


def waiting_for_ruling(course: Course) -> dict[str, int]:
    """How many wait for a ruling, by what is missing: counts only (safeguard G4)."""
    counted = pc.fill_null(_undetermined(course).column("missing"), "no lawful answer").value_counts().to_pylist()
    return {row["values"]: row["counts"] for row in sorted(counted, key=lambda row: -row["counts"])}


def open_next_ruling(course: Course, clerk: str, reason: str) -> dict[str, str]:
    """The next person who waits, opened by a named clerk with a reason; the opening is a fact that the person sees."""
    waiting = _undetermined(course).to_pylist()
    if not waiting:
        raise BadInput("nobody-waits", {}, "every undetermined finding has its ruling")
    read = course.facts.all().filter(pc.field("kind") == "read").select(["case_id", "seq"]).to_pylist()
    last_read = {row["case_id"]: row["seq"] for row in read}
    cases = {row["person_id"]: course.ring.name_for("case", course.decree.id, row["person_id"], digits=24) for row in waiting}
    # whose file nobody has opened comes first, then the one opened longest ago: a hard case does not stop the queue
    found = min(waiting, key=lambda row: last_read.get(cases[row["person_id"]], 0))
    record_reading(course, cases[found["person_id"]], clerk, reason, course.clock.day("assess"))
    return {"person": found["person_id"], "unit": found["unit"] or "unknown", "missing": found["missing"] or "no lawful answer"}


def record_reading(course: Course, case: str, clerk: str, reason: str, day: date) -> None:
    """Record that a clerk opens a file, within the daily allowance (safeguard G4).

    Args:
        course: the run.
        case: whose file.
        clerk: who looks.
        reason: why.
        day: the day in a rehearsal. A real call-up takes the clock's, so that nobody gets another allowance by naming another day.

    Raises:
        BadInput: no name, no reason, the clerk stood back from this case, or the allowance is used up.
    """
    if not course.decree.rehearsal:
        day = course.clock.day("read")
    course.facts.record(pa.Table.from_pylist([reading(course.facts, case, clerk, reason, day)]))


def reading(store: FactStore, case: str, clerk: str, reason: str, day: date) -> dict[str, Any]:
    """The fact that a clerk opens a file, within the daily allowance (safeguard G4); it is recorded before anything is shown.

    Raises:
        BadInput: no name, no reason, or the allowance is used up.
    """
    if not clerk.strip() or not reason.strip():
        raise BadInput("reading-needs-a-reason", {"case": case}, "say who looks and why: --clerk NAME --reason TEXT")
    if case in store.recusals(f"clerk: {clerk}"):
        raise BadInput("recused", {"case": case, "clerk": clerk}, "this official stood back from the case: somebody else opens it")
    mine = store.readings(f"clerk: {clerk}", day)
    if len(mine) >= DAILY_ALLOWANCE and case not in mine:
        raise BadInput("allowance-used-up", {"clerk": clerk, "a day": DAILY_ALLOWANCE}, "another day, or another clerk")
    evidence = hashlib.sha256(f"read\n{case}\n{clerk}\n{reason}\n{day}\n".encode()).hexdigest()
    fact = {"kind": "read", "actor": f"clerk: {clerk}", "case_id": case, "reason": reason, "evidence": evidence}
    return {**fact, "happened_on": day, "known_on": day}


def halt_scope(course: Course, *, wave: int, unit: str, officials: tuple[str, str], reason: str, day: date) -> dict[str, int]:
    """Withdraw every notice of a wave or a unit, publish the halt, and count what had happened to them (safeguard G14).

    Raises:
        BadInput: nothing of that scope has been entered, or the two are not people of the decree.
        WaitsForSignatures: they have not both signed this halt yet (safeguard G7).
    """
    from callup.app.halting import publish_halts
    from callup.app.logs import CallUpLogs
    from callup.app.stages.calling import read_quotas
    from callup.app.stages.noticing import notices_of

    waves = [n for n in range(1, course.decree.waves + 1) if course.dossier.finished(f"enter-{n}") and wave in (0, n)]
    if not waves:
        raise BadInput("nothing-to-halt", {"wave": wave, "unit": unit}, "that wave has not been entered")
    notices = pa.concat_tables([notices_of(course, n) for n in waves])
    notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
    if unit and unit not in {str(row["unit"]) for row in read_quotas(course)}:
        raise BadInput("unit-unknown", {"unit": unit}, "name a unit of the plan, as 35-quotas/quotas.csv writes it")
    if unit:
        notices = notices.filter(pc.or_(pc.equal(notices.column("stratum"), unit), pc.starts_with(notices.column("stratum"), f"{unit}+")))
    scope = f"wave {wave}" if wave else f"unit {unit}"
    evidence = hashlib.sha256(f"halt\n{scope}\n{reason}\n".encode()).hexdigest()
    require_two(course.dossier, course.randomness, "halt", evidence, officials)
    counts = _happened(course.facts.all(), notices)
    shared = {"actor": f"official: {officials[0]}", "second": officials[1], "reason": reason, "evidence": evidence}
    add_fact(course.facts, "halted", shared["actor"], (day, day), {"ground": scope, **{k: v for k, v in shared.items() if k != "actor"}})
    rows = [
        {"kind": "withdrawn", "case_id": case, "notice_id": notice, "happened_on": day, "known_on": day, **shared}
        for case, notice in zip(notices.column("case_id").to_pylist(), notices.column("notice_id").to_pylist(), strict=True)
    ]
    if rows:
        schema = pa.schema([(name, _ARROW[FACTS[name].type]) for name in rows[0]])
        course.facts.record(pa.Table.from_pylist(rows, schema))
    logs = CallUpLogs(course)
    publish_halts(course, logs, 0)
    logs.log_facts(course)
    return {"notices withdrawn": len(rows), **counts}


def _happened(facts: pa.Table, notices: pa.Table) -> dict[str, int]:
    mine = facts.filter(pc.is_in(facts.column("notice_id"), value_set=notices.column("notice_id").combine_chunks()))
    kinds = {"printed and handed over": "handed_over", "made available": "available", "delivered": "delivered", "opened": "opened"}
    return {words: pc.sum(pc.equal(mine.column("kind"), kind)).as_py() or 0 for words, kind in kinds.items()}
