"""The fold of one case and the query for all agree on any facts, or red."""

from collections import Counter
from dataclasses import asdict, replace
from datetime import date, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest
from sampling import EVERY

from callup.cases import arrow_schema
from callup.cases.desk import TASKS, due_lines, due_of, state_counts_of
from callup.cases.fold import Moment, fold_rules
from callup.cases.queries import DUE_ROWS, due_rows, due_until_rows, standing_rows, state_rows
from callup.cases.rules import FIRST, LAST, Filing, Rest, Rules, ServiceLine, Term, TollLine
from callup.terms.calendar import Calendar
from callup.terms.facts import DIAGNOSES, DUES, STATES
from callup.terms.tables import FACTS, NOTICES, STANDINGS

START = date(2025, 4, 1)
WIDE = (FIRST, LAST)
RULES = Rules(
    service=(
        ServiceLine("mail", "handed_over", 4, "presume", *WIDE, "art. 1"),
        ServiceLine("mail", "delivered", 0, "confirm", *WIDE, "art. 2"),
        ServiceLine("portal", "available", 3, "presume", FIRST, START + timedelta(days=6), "art. 3"),
        ServiceLine("portal", "available", 2, "fail", START + timedelta(days=6), LAST, "art. 4"),
        ServiceLine("portal", "opened", 0, "confirm", *WIDE, "art. 5"),
        ServiceLine("counter", "receipt_refused", 1, "presume", *WIDE, "art. 6"),
        ServiceLine("counter", "available", 2, "presume", *WIDE, "art. 6a", acts=False),
    ),
    rests=(Rest("deferral", "final", *WIDE, "art. 7"), Rest("exemption", "decided", START, START + timedelta(days=10), "art. 8")),
    terms=(
        Term("lead", 2, False, *WIDE, "art. 9"),
        Term("response", 4, False, FIRST, START + timedelta(days=8), "art. 10"),
        Term("response", 6, False, START + timedelta(days=8), LAST, "art. 10, amended"),
        Term("second_attempt", 5, False, *WIDE, "art. 11"),
        Term("appeal", 3, False, *WIDE, "art. 12"),
        Term("decision", 4, False, START + timedelta(days=1), LAST, "art. 13"),
    ),
    filings=(
        Filing("deferral", 2, 0, False, *WIDE, "art. 16"),
        Filing("exemption", 0, 4, False, *WIDE, "art. 16"),
        Filing("other-date", 1, 6, False, *WIDE, "art. 16"),
    ),
    tolls=(
        TollLine("hospital", "service", *WIDE, "art. 14"),
        TollLine("hospital", "response", FIRST, START + timedelta(days=9), "art. 14"),
        TollLine("abroad", "appeal", *WIDE, "art. 15"),
        TollLine("abroad", "filing", *WIDE, "art. 15"),
    ),
)
WEEK = Calendar(
    frozenset({6, 7}), {START + timedelta(days=2): "a day off", START + timedelta(days=9): "another"}, {date(2025, 4, 5): "worked"}, ""
)
WORKING = Rules(
    (*RULES.service[:2], ServiceLine("portal", "available", 2, "presume", *WIDE, "art. 3", working=True)),
    RULES.rests,
    (
        Term("response", 7, True, *WIDE, "art. 10"),
        Term("decision", 3, True, *WIDE, "art. 13"),
        Term("appeal", 2, True, FIRST, START + timedelta(days=8), "art. 12"),
    ),
    filings=(Filing("deferral", 1, 0, True, *WIDE, "art. 16"), Filing("exemption", 0, 4, False, *WIDE, "art. 16")),
    tolls=RULES.tolls,
    calendar=WEEK,
)
KINDS = {
    "called": {}, "handed_over": {"channel": ["mail"]}, "available": {"channel": ["portal"]}, "delivered": {"channel": ["mail", "counter"]},
    "opened": {"channel": ["portal"]}, "receipt_refused": {"channel": ["mail", "counter"]}, "returned": {"channel": ["mail"]},
    "attempt_failed": {"channel": ["mail", "portal"]}, "courtesy_sent": {}, "not_for_me": {}, "responded": {"channel": ["portal"]},
    "service_contested": {}, "claimed": {"ground": ["deferral", "deferral:student", "exemption", "alternative-service", "other-date"]},
    "claim_withdrawn": {}, "decided": {"outcome": ["granted", "refused"]}, "decision_served": {}, "appealed": {},
    "appeal_decided": {"outcome": ["upheld", "changed", "withdrawn"]}, "appointment_moved": {}, "appeared": {}, "did_not_come": {},
    "excused": {}, "assessed": {"outcome": ["fit", "unfit", "deferred"]}, "enlisted": {}, "released": {}, "withdrawn": {},
    "tolled": {"ground": ["hospital", "abroad", "unknown"]}, "papers_asked": {}, "papers_given": {},
    "misdelivered": {"channel": ["portal"]},
    "inquired": {"outcome": ["innocent-cause", "none-found"]}, "referred": {}, "fulfilled": {}, "alternative_assigned": {},
    "case_stayed": {}, "case_stay_lifted": {},
}  # fmt: skip
REFERS = {
    "claim_withdrawn": ["claimed"],
    "decided": ["claimed", "service_contested", "not_for_me"],
    "decision_served": ["decided"],
    "appealed": ["decided"],
    "appeal_decided": ["appealed"],
    "papers_asked": ["claimed"],
    "papers_given": ["papers_asked"],
    "case_stay_lifted": ["case_stayed"],
}
RARE = ("case_stayed", "fulfilled", "alternative_assigned", "withdrawn", "released", "enlisted", "not_for_me", "attempt_failed")


def random_case(dice: Random, number: int) -> tuple[list[dict[str, object]], dict[str, object]]:
    case = f"{number:024x}"
    notice = {"notice_id": f"{number:032x}", "case_id": case, "kind": "summons", "wave": dice.randint(1, 3)}
    notice |= {"stratum": dice.choice(["north", "south", "south+volunteers"]), "rank": number}
    notice |= {"appear_on": START + timedelta(days=dice.randint(3, 14)), "liable_until": None}
    if dice.random() < 0.1:
        notice["liable_until"] = START + timedelta(days=dice.randint(0, 20))
    kinds = [kind for kind in KINDS if kind not in RARE or dice.random() < 0.15]
    if dice.random() < 0.5:
        kinds = [kind for kind in kinds if kind not in ("service_contested", "not_for_me", "returned", "claimed")]
    dates = [START + timedelta(days=dice.randint(3, 14)) for _ in range(1)] + [notice["appear_on"]]
    facts: list[dict[str, object]] = []
    for _ in range(dice.randint(0, 18)):
        kind = dice.choice(kinds)
        fact = random_fact(dice, kind, case, facts)
        if fact is not None:
            fact["notice_id"] = dice.choice([notice["notice_id"]] * 3 + ["f" * 32])
            rarely = kind in ("decided", "excused", "appeal_decided") and dice.random() < 0.2
            if kind in ("called", "appointment_moved", "did_not_come") or rarely:
                fact["appear_on"] = dice.choice(dates)
            facts.append(fact)
    return facts, notice


def the_long_way(dice: Random, notice: dict[str, object]) -> list[dict[str, object]]:
    """A course that can end in a referral: each step is there nearly always, so that the last ones are reached, and missed, often."""
    case, came_on = str(notice["case_id"]), START + timedelta(days=dice.randint(4, 8))
    notice["appear_on"], notice["liable_until"] = came_on, None
    steps = [
        (0, {"kind": "delivered", "channel": "mail"}),
        (1, {"kind": "handed_over", "channel": dice.choice(["portal", "portal", "mail"])}),
        (0, {"kind": "tolled", "ground": "hospital", "until": START + timedelta(days=2)}),
        (8, {"kind": "did_not_come", "appear_on": came_on}),
        (dice.randint(7, 10), {"kind": "inquired", "outcome": dice.choice(["none-found"] * 4 + ["innocent-cause"])}),
        (dice.randint(8, 12), {"kind": "referred"}),
        (dice.randint(5, 13), {"kind": "case_stayed"}),
        (dice.randint(0, 13), {"kind": "claimed", "ground": "deferral"}),
    ]
    facts = []
    for (day, more), share in zip(steps, (1, 0.9, 0.3, 0.95, 0.95, 0.95, 0.2, 0.1), strict=True):
        if dice.random() < share:
            fact = {
                "fact_id": f"{case}{len(facts):08x}",
                "case_id": case,
                "notice_id": notice["notice_id"],
                "happened_on": START + timedelta(days=day),
            }
            facts.append(fact | {"known_on": fact["happened_on"] + timedelta(days=dice.choice([0, 0, 0, 3]))} | more)
        if share == 0.1 and facts[-1]["kind"] == "claimed":
            facts += a_decision_on(dice, facts[-1], came_on)
    if dice.random() < 0.4:
        facts += a_relief(dice, facts[0] if facts else {"case_id": case, "notice_id": notice["notice_id"]}, came_on)
    return facts


def a_relief(dice: Random, like: dict[str, object], came_on: date) -> list[dict[str, object]]:
    """Something about the day of appearance: a contest, a toll, another day granted or set, a challenge; each may let the person off."""
    day = came_on - timedelta(days=dice.randint(0, 4))
    kind, more = dice.choice(
        [("tolled", {"ground": "flood", "until": came_on + timedelta(days=dice.randint(-2, 1))})] * 2
        + [("excused", {"appear_on": came_on}), ("called", {"appear_on": came_on}), ("claimed", {"ground": "exemption"})]
        + [("claimed", {"ground": "deferral"}), ("claimed", {"ground": "other-date"}), ("service_contested", {}), ("not_for_me", {})]
    )
    fact = like | {"fact_id": f"{like['case_id']}r", "kind": kind, "happened_on": day, "known_on": day} | more
    return [fact, *a_decision_on(dice, fact, came_on)]


def a_decision_on(dice: Random, asked: dict[str, object], came_on: date) -> list[dict[str, object]]:
    """What was decided about something, mostly told, sometimes challenged and ruled: each some days after the other."""
    told: list[dict[str, object]] = [asked]
    granted = {"outcome": "granted", "until": came_on + timedelta(days=dice.randint(-1, 1))}
    steps: list[dict[str, object]] = [
        {"kind": "decided"} | dice.choice([granted, {"outcome": "granted", "appear_on": came_on}, *[{"outcome": "refused"}] * 4]),
        {"kind": "decision_served"},
        {"kind": "appealed"},
        {"kind": "appeal_decided", "outcome": dice.choice(["changed", "upheld"])},
    ]
    if asked["kind"] in ("tolled", "called"):
        return []
    for number, more in enumerate(steps[1:2] if asked["kind"] == "excused" else steps):
        if dice.random() < (0.9, 0.8, 0.3, 0.8)[number]:
            day = told[-1]["happened_on"] + timedelta(days=dice.randint(0, 2))
            about = told[1] if more["kind"] == "appealed" and len(told) > 1 else told[-1]
            fact = {"fact_id": f"{asked['fact_id']}{number}", "ref": about["fact_id"], "happened_on": day, "known_on": day}
            told.append({"case_id": asked["case_id"], "notice_id": asked["notice_id"]} | fact | more)
    return told[1:]


def the_way_in(dice: Random, notice: dict[str, object]) -> list[dict[str, object]]:
    """A course that ends in service: each step is mostly on the day of the one before, sometimes a day before or after it."""
    case, day = str(notice["case_id"]), START + timedelta(days=dice.randint(3, 8))
    notice["liable_until"] = None
    first = f"{case}{0:08x}"
    steps: list[dict[str, object]] = [
        {"kind": "claimed", "ground": dice.choice(["alternative-service", "alternative-service", "deferral"])},
        {"kind": "decided", "ref": first, "outcome": dice.choice(["granted", "granted", "refused"])},
        {"kind": dice.choice(["alternative_assigned", "appeared"])},
        {"kind": "appeared"},
        {"kind": "assessed", "outcome": dice.choice(["fit", "fit", "fit", "deferred"])},
        {"kind": dice.choice(["enlisted", "enlisted", "released"])},
        {"kind": "fulfilled"},
    ]
    facts: list[dict[str, object]] = []
    begun = dice.choice([0, 3, 3])
    for number, more in enumerate(steps[begun:], begun):
        day += timedelta(days=dice.choice([0, 0, 0, 0, 1, -1]))
        fact = {"fact_id": f"{case}{number:08x}", "case_id": case, "notice_id": notice["notice_id"], "happened_on": day, "known_on": day}
        if dice.random() < 0.9 or number == 0:
            facts.append(fact | more)
    return facts


def random_fact(dice: Random, kind: str, case: str, facts: list[dict[str, object]]) -> dict[str, object] | None:
    day = START + timedelta(days=dice.randint(0, 16))
    fact = {"fact_id": "", "kind": kind, "case_id": case, "happened_on": day, "known_on": day + timedelta(days=dice.choice([0, 0, 0, 5]))}
    fact |= {name: dice.choice(values) for name, values in KINDS[kind].items()}
    if kind in ("decided", "assessed", "tolled", "papers_asked") and dice.random() < (0.5 if kind in ("decided", "assessed") else 1):
        fact["until"] = START + timedelta(days=dice.randint(0, 20))
    if kind in REFERS:
        older = [one for one in facts if one["kind"] in REFERS[kind]]
        if not older:
            return None
        fact["ref"] = dice.choice(older)["fact_id"]
    fact["fact_id"] = f"{case}{len(facts):08x}"
    return fact


def table(rows: list[dict[str, object]], seed: int) -> pa.Table:
    Random(seed).shuffle(rows)
    rows = [row | {"seq": number, "actor": "desk", "evidence": "0" * 64} for number, row in enumerate(rows, 1)]
    return pa.Table.from_pylist(rows, arrow_schema(FACTS))


NOTICE_FIELDS = pa.schema([*(field for field in arrow_schema(NOTICES)), ("liable_until", pa.date32())])


def of_nobody(dice: Random) -> list[dict[str, object]]:
    """Outages, a strike, a halt, a recalled wave, stays of a unit and of the call-up: each in some runs only."""
    facts: list[dict[str, object]] = []

    def add(kind: str, share: float, **more: object) -> None:
        if dice.random() < share:
            day = START + timedelta(days=dice.randint(0, 9))
            known = day + timedelta(days=dice.choice([0, 4]))
            facts.append({"fact_id": f"{kind}{len(facts)}", "kind": kind, "case_id": None, "happened_on": day, "known_on": known} | more)

    add("halted", 0.7, ground="unit north")
    for channel in ("portal", "portal", "mail"):
        add(dice.choice(["outage", "strike"]), 0.7, channel=channel, until=START + timedelta(days=dice.randint(0, 13)))
    add("recalled", 0.5, ground="wave 2")
    add("stayed", 0.5, ground="unit south")
    add("stayed", 0.2, ground="call-up")
    for stay in [fact for fact in facts if fact["kind"] == "stayed"]:
        add("stay_lifted", 0.8, ref=stay["fact_id"])
    return facts


def many_cases(dice: Random) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Facts and notices: of some thousand cases at random, and of some that go a long way."""
    rows, notices = [], []
    for number in range(1200):
        facts, notice = random_case(dice, number)
        rows += the_long_way(dice, notice) if number % 5 == 0 else facts
        notices.append(notice)
    rows += of_nobody(dice)
    for number in range(1200, 1400):
        notices.append(random_case(dice, number)[1])
        rows += the_way_in(dice, notices[-1])
    return rows, notices


PAIRS = [(name, rules, seed) for seed in range(6) for name, rules in (("full", RULES), ("working days", WORKING))]


@pytest.mark.parametrize(
    ("rules", "seed"), [pytest.param(*PAIRS[at][1:], id=f"{PAIRS[at][0]}-{PAIRS[at][2]}") for at in range(0, 12, 1 if EVERY == 1 else 7)]
)
def test_fold_and_query_agree(rules: Rules, seed: int) -> None:
    dice = Random(seed)
    rows, notices = many_cases(dice)
    facts, called = table(rows, seed), pa.Table.from_pylist(notices, NOTICE_FIELDS)
    by_case: dict[str | None, list[dict[str, object]]] = {None: []}
    for row in facts.to_pylist():
        by_case.setdefault(row["case_id"], []).append(row)
    states, late, steps, absent = set(), set(), set(), set()
    for offset, closing in ((5, None), (10, None), (14, START + timedelta(days=14)), (17, None)):
        as_of = START + timedelta(days=offset)
        known_at = as_of - timedelta(days=dice.choice([0, 3]))
        moment = Moment(as_of, known_at, closing)
        with duckdb.connect() as base:
            base.register("facts", facts)
            base.register("notices", called)
            found = base.sql(standing_rows(rules, moment).sql).to_arrow_table().to_pylist()
            by_unit = base.sql(state_rows(rules, moment).sql).to_arrow_table().to_pylist()
            dues = {row["case_id"]: row for row in base.sql(due_rows(rules, moment).sql).to_arrow_table().to_pylist()}
        assert len(found) == len(notices)
        few = sorted(notices, key=lambda one: str(one["case_id"]))[::7]
        some = [fact for one in few for fact in by_case.get(str(one["case_id"]), [])] + by_case[None]
        lines = {row["case_id"]: row for row in due_lines(rules, few, some, moment)}
        assert lines == {str(one["case_id"]): dues[str(one["case_id"])] for one in few if str(one["case_id"]) in dues}
        counted = state_counts_of(rules, few, some, moment)
        wanted = {row["case_id"]: row["state"] for row in found}
        assert counted == Counter((str(one["stratum"]).partition("+")[0], wanted[str(one["case_id"])]) for one in few)
        whole_count = Counter((str(one["stratum"]).partition("+")[0], wanted[str(one["case_id"])]) for one in notices)
        assert by_unit == [{"unit": unit, "state": state, "cases": whole_count[unit, state]} for unit, state in sorted(whole_count)]
        absent |= {row["absent"] for row in lines.values()}
        for row, notice in zip(found, sorted(notices, key=lambda one: str(one["case_id"])), strict=True):
            own = by_case.get(str(notice["case_id"]), []) + by_case[None]
            one = fold_rules(rules, own, notice, moment)
            assert {name: getattr(one, name) for name in STANDINGS.names} == row, one.steps
            assert row["state"] in STATES
            assert row["next_step"] in DUES
            assert row["diagnosis"] is None or row["diagnosis"] in DIAGNOSES
            states.add(row["state"])
            if row["case_id"] in dues:
                mine, whole = due_of(one, by_case.get(str(notice["case_id"]), []), moment), dues[row["case_id"]]
                assert asdict(mine) == {name: whole[name] for name in asdict(mine)}
                steps.add(mine.step)
                if mine.step == "decide-claim":
                    late.add(mine.late)
    assert {"called", "not called"} <= states
    assert len(states) >= (16 if rules is RULES else 12), states
    assert late == absent == {True, False}
    assert steps >= set(TASKS) - {"enter-notice", "remind", "await-appeal"}, "appeals come in some of the runs"


@pytest.mark.parametrize(
    "bare", [{"working": {}}, {"holidays": {}}, {"working": {}, "holidays": {}}], ids=lambda one: "no " + " nor ".join(one)
)
def test_a_calendar_may_lack_days_off_or_days_worked_instead(bare: dict[str, dict[date, str]]) -> None:
    rules, dice = replace(WORKING, calendar=replace(WEEK, **bare)), Random(3)
    cases = [random_case(dice, number) for number in range(120)]
    facts = table([row for own, _ in cases for row in own], 3)
    moment = Moment(START + timedelta(days=14), START + timedelta(days=14), None)
    with duckdb.connect() as base:
        base.register("facts", facts)
        base.register("notices", pa.Table.from_pylist([notice for _, notice in cases], NOTICE_FIELDS))
        found = {row["case_id"]: row for row in base.sql(standing_rows(rules, moment).sql).to_arrow_table().to_pylist()}
    rows = facts.to_pylist()
    for _, notice in cases:
        one = fold_rules(rules, [row for row in rows if row["case_id"] == notice["case_id"]], notice, moment)
        assert {name: getattr(one, name) for name in STANDINGS.names} == found[notice["case_id"]], one.steps


def kept(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in row if name != "turns_on"}


@pytest.mark.parametrize(
    ("rules", "seed"),
    [
        pytest.param(rules, seed, id=f"{name}-{seed}")
        for name, rules, seed in (("full", RULES, 3), ("working days", WORKING, 4), ("full", RULES, 5))[: None if EVERY == 1 else 1]
    ],
)
def test_what_is_due_turns_on_no_day_before_the_one_that_is_named(rules: Rules, seed: int) -> None:
    """Nothing new is recorded, what becomes known lags one day behind: each case is read the same until the day it may turn."""
    dice = Random(seed)
    rows, notices = [], []
    for number in range(400):
        facts, notice = random_case(dice, number)
        rows += the_long_way(dice, notice) if number % 5 == 0 else facts
        notices.append(notice)
    rows += of_nobody(dice)
    quiet = turned = 0
    last: dict[str, dict[str, object]] = {}
    with duckdb.connect() as base:
        base.register("facts", table(rows, seed))
        base.register("notices", pa.Table.from_pylist(notices, NOTICE_FIELDS))
        for offset in range(2, 26, 1 if EVERY == 1 else 2):
            as_of = START + timedelta(days=offset)
            moment = Moment(as_of, as_of - timedelta(days=1))
            found = base.sql(due_until_rows(rules, moment).sql).to_arrow_table().to_pylist()
            assert [{name: row[name] for name in DUE_ROWS.names} for row in found if row["waits"]] == base.sql(
                due_rows(rules, moment).sql
            ).to_arrow_table().to_pylist()
            for row in found:
                before = last.get(row["case_id"])
                if before is not None and (before["turns_on"] is None or before["turns_on"] > as_of):
                    assert kept(row) == kept(before)
                    quiet += 1
                elif before is not None:
                    turned += kept(row) != kept(before)
                last[row["case_id"]] = row
    assert (quiet > 1000, turned > 250) == (True, True), (quiet, turned)
