"""The fold of one case and the query for all agree on any facts, or red."""

from datetime import date, timedelta
from random import Random

import duckdb
import pyarrow as pa
import pytest

from callup.cases import arrow_schema
from callup.cases.fold import fold_rules
from callup.cases.queries import Moment, standing_rows
from callup.cases.rules import FIRST, LAST, Rest, Rules, ServiceLine
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
    ),
    rests=(Rest("deferral", "final", *WIDE, "art. 7"), Rest("exemption", "decided", START, START + timedelta(days=10), "art. 8")),
    lead_days=2,
    response_days=4,
    response_working=False,
    second_attempt_days=5,
    appeal_days=3,
)
WORKING = Rules(RULES.service[:2], (), 0, 7, True, 0, 0)
KINDS = {
    "called": {}, "handed_over": {"channel": ["mail"]}, "available": {"channel": ["portal"]}, "delivered": {"channel": ["mail", "counter"]},
    "opened": {"channel": ["portal"]}, "receipt_refused": {"channel": ["mail", "counter"]}, "returned": {"channel": ["mail"]},
    "attempt_failed": {"channel": ["mail", "portal"]}, "courtesy_sent": {}, "not_for_me": {}, "responded": {"channel": ["portal"]},
    "service_contested": {}, "claimed": {"ground": ["deferral", "deferral:student", "exemption", "alternative-service", "other-date"]},
    "claim_withdrawn": {}, "decided": {"outcome": ["granted", "refused"]}, "decision_served": {}, "appealed": {},
    "appeal_decided": {"outcome": ["upheld", "changed", "withdrawn"]}, "appointment_moved": {}, "appeared": {}, "did_not_come": {},
    "excused": {}, "assessed": {"outcome": ["fit", "unfit", "deferred"]}, "enlisted": {}, "released": {}, "withdrawn": {},
}  # fmt: skip
REFERS = {
    "claim_withdrawn": ["claimed"],
    "decided": ["claimed", "service_contested", "not_for_me"],
    "decision_served": ["decided"],
    "appealed": ["decided"],
    "appeal_decided": ["appealed"],
}
RARE = ("withdrawn", "released", "enlisted", "not_for_me", "attempt_failed")


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
            if kind in ("called", "appointment_moved", "did_not_come") or (kind == "decided" and dice.random() < 0.2):
                fact["appear_on"] = dice.choice(dates)
            facts.append(fact)
    return facts, notice


def random_fact(dice: Random, kind: str, case: str, facts: list[dict[str, object]]) -> dict[str, object] | None:
    day = START + timedelta(days=dice.randint(0, 16))
    fact = {"fact_id": "", "kind": kind, "case_id": case, "happened_on": day, "known_on": day + timedelta(days=dice.choice([0, 0, 0, 5]))}
    fact |= {name: dice.choice(values) for name, values in KINDS[kind].items()}
    if kind in ("decided", "assessed") and dice.random() < 0.5:
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


@pytest.mark.parametrize("rules", [RULES, WORKING], ids=["full", "working days"])
@pytest.mark.parametrize("seed", range(3))
def test_fold_and_query_agree(rules: Rules, seed: int) -> None:
    dice = Random(seed)
    rows, notices = [], []
    for number in range(1200):
        facts, notice = random_case(dice, number)
        rows += facts
        notices.append(notice)
    rows.append({"fact_id": "halt", "kind": "halted", "case_id": None, "happened_on": START, "known_on": START, "ground": "unit north"})
    facts, called = table(rows, seed), pa.Table.from_pylist(notices, NOTICE_FIELDS)
    by_case: dict[str | None, list[dict[str, object]]] = {}
    for row in facts.to_pylist():
        by_case.setdefault(row["case_id"], []).append(row)
    states = set()
    for offset, closing in ((5, None), (10, None), (14, START + timedelta(days=14)), (17, None)):
        as_of = START + timedelta(days=offset)
        known_at = as_of - timedelta(days=dice.choice([0, 3]))
        with duckdb.connect() as base:
            base.register("facts", facts)
            base.register("notices", called)
            found = base.sql(standing_rows(rules, Moment(as_of, known_at, closing)).sql).to_arrow_table().to_pylist()
        assert len(found) == len(notices)
        for row, notice in zip(found, sorted(notices, key=lambda one: str(one["case_id"])), strict=True):
            own = by_case.get(str(notice["case_id"]), []) + by_case[None]
            one = fold_rules(rules, own, notice, as_of, known_at, closing)
            assert {name: getattr(one, name) for name in STANDINGS.names} == row, one.steps
            assert row["state"] in STATES
            assert row["next_step"] in DUES
            assert row["diagnosis"] is None or row["diagnosis"] in DIAGNOSES
            states.add(row["state"])
    assert len(states) >= (12 if rules is RULES else 8)
