"""The sheet of each undertaking (safeguard G21): no data is "not verifiable", never "kept"."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from callup.cases import Moment, arrow_schema
from callup.cases.undertakings import SHEET, VERDICTS, undertaking_sheet
from callup.terms.decree import Undertaking
from callup.terms.tables import FACTS

PROMISES = (
    Undertaking("U1", "Nobody is sent to war.", "Assembly", date(2025, 3, 31), ("war-zone", "border"), False, 30),
    Undertaking("U2", "Twelve months.", "Assembly", date(2025, 3, 31), (), True, 0),
    Undertaking("U3", "Everyone is treated well.", "Assembly", date(2025, 3, 31)),
)
ENLISTED = date(2025, 5, 20)
LATER = date(2025, 12, 1)
END = date(2028, 1, 1)


def fact(kind, case, day, **more):
    row = {"kind": kind, "case_id": case, "happened_on": day, "known_on": day, "actor": "person", "evidence": "0" * 64}
    return row | {"fact_id": more.pop("fact_id", f"{kind}-{case}-{day}")} | more


def sheet(*facts, as_of=LATER, known_at=None):
    rows = [{"seq": number, **row} for number, row in enumerate(facts, 1)]
    query = undertaking_sheet(PROMISES, 12, Moment(as_of, known_at or as_of))
    with duckdb.connect() as base:
        base.register("facts", pa.Table.from_pylist(rows, arrow_schema(FACTS)))
        found = base.sql(query.sql).to_arrow_table()
    assert tuple(found.column_names) == SHEET.names
    return {row["id"]: row for row in found.to_pylist()}


def enlisted(*cases):
    return [fact("enlisted", case, ENLISTED) for case in cases]


def test_no_data_is_not_verifiable():
    for facts in ([], enlisted("a", "b")):
        assert {row["verdict"] for row in sheet(*facts, as_of=END).values()} == {"not verifiable"}


def test_a_report_opens_an_answer_and_is_overdue_after_the_days_of_the_decree():
    report = fact("posted", "a", date(2025, 7, 1), ground="war-zone", known_on=date(2025, 8, 10))
    facts = [*enlisted("a"), report]
    assert sheet(*facts, as_of=date(2025, 8, 9))["U1"]["reports"] == 0
    found = sheet(*facts, as_of=date(2025, 9, 9))["U1"]
    assert (found["verdict"], found["reports"], found["open"], found["overdue"]) == ("reported broken", 1, 1, 0)
    assert sheet(*facts, as_of=date(2025, 9, 10))["U1"]["overdue"] == 1


@pytest.mark.parametrize(("outcome", "verdict"), [("denied", "answered"), ("confirmed", "reported broken")])
def test_an_answer_closes_it(outcome, verdict):
    report = fact("posted", "a", date(2025, 7, 1), ground="border")
    answer = fact("breach_answered", "a", date(2025, 7, 20), ref=report["fact_id"], outcome=outcome)
    found = sheet(*enlisted("a"), report, answer)["U1"]
    assert (found["verdict"], found["open"], found[outcome]) == (verdict, 0, 1)


def test_one_unanswered_report_outweighs_many_denied():
    reports = [fact("posted", case, date(2025, 7, 1), ground="border") for case in "abc"]
    answers = [fact("breach_answered", row["case_id"], LATER, ref=row["fact_id"], outcome="denied") for row in reports[:2]]
    found = sheet(*enlisted(*"abc"), *reports, *answers)["U1"]
    assert (found["verdict"], found["denied"], found["open"]) == ("reported broken", 2, 1)


def test_a_posting_that_is_not_forbidden_breaks_nothing():
    assert sheet(*enlisted("a"), fact("posted", "a", date(2025, 7, 1), ground="garrison"))["U1"]["reports"] == 0


def test_longer_service_breaks_only_the_undertaking_that_forbids_it():
    found = sheet(*enlisted("a"), fact("term_extended", "a", LATER, until=date(2027, 1, 1)))
    assert [found[one]["verdict"] for one in ("U1", "U2", "U3")] == ["not verifiable", "reported broken", "not verifiable"]
    assert found["U2"]["overdue"] == 0, "the decree names no time to answer"


def test_the_clock_is_the_term_and_a_year_and_starts_with_enlistment():
    def reports(day):
        return sheet(*enlisted("a"), fact("posted", "a", day, ground="border"), as_of=END)["U1"]["reports"]

    assert [reports(day) for day in (date(2025, 4, 1), date(2025, 5, 1), date(2027, 5, 1), date(2027, 6, 1))] == [0, 1, 1, 0]


def test_who_was_not_enlisted_is_not_counted():
    assert sheet(*enlisted("a"), fact("posted", "b", date(2025, 7, 1), ground="border"))["U1"]["reports"] == 0


def test_kept_needs_everyones_service_reported_to_its_end_and_the_clock_run_out():
    whole = [
        *enlisted("a", "b"),
        *(fact("posted", case, date(2025, 6, 1), ground="garrison") for case in "ab"),
        *(fact("discharged", case, date(2026, 5, 20)) for case in "ab"),
    ]
    assert {one: row["verdict"] for one, row in sheet(*whole, as_of=END).items()} == {"U1": "kept", "U2": "kept", "U3": "not verifiable"}
    assert {row["verdict"] for row in sheet(*whole, as_of=date(2027, 5, 19)).values()} == {"not verifiable"}
    for missing in (3, 5):
        partly = [row for number, row in enumerate(whole) if number != missing]
        assert sheet(*partly, as_of=END)["U1"]["verdict"] == "not verifiable"


def test_a_contract_in_the_term_is_counted_with_its_days():
    signed = [fact("contract_signed", case, ENLISTED.replace(month=6 + number)) for number, case in enumerate("abc")]
    late = fact("contract_signed", "d", date(2026, 6, 1))
    found = sheet(*enlisted(*"abcd"), *signed, late, as_of=END)["U1"]
    assert (found["contracts"], found["contract_days"]) == (3, 61)


def test_what_was_recorded_later_is_left_out():
    report = fact("posted", "a", date(2025, 7, 1), ground="border", known_on=date(2026, 1, 1))
    assert sheet(*enlisted("a"), report, as_of=END, known_at=date(2025, 12, 31))["U1"]["reports"] == 0


def test_every_verdict_has_its_meaning():
    query = undertaking_sheet(PROMISES, 12, Moment(LATER, LATER)).sql
    assert all(f"'{verdict}'" in query for verdict in VERDICTS)
