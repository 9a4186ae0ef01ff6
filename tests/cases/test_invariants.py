"""The invariants of the design (cases.md 7.6) that standing holds, each as a small story; fold is the oracle."""

from datetime import date, timedelta

import pyarrow as pa
import pytest

from callup.cases import account, arrow_schema, with_liability
from callup.cases.desk import account_of_day, due_of
from callup.cases.fold import Moment, Standing, fold_rules
from callup.cases.rules import FIRST, LAST, Rest, Rules, ServiceLine, Term
from callup.terms.errors import Tampered
from callup.terms.facts import DUES, STATES, TERMINAL, VOCABULARY
from callup.terms.tables import FACTS, NOTICES, OUTCOMES, ROLL

START = date(2025, 4, 1)
LINES = (
    ServiceLine("mail", "handed_over", 7, "presume", FIRST, LAST, "art. 3(2)"),
    ServiceLine("mail", "delivered", 0, "confirm", FIRST, LAST, "art. 3(1)"),
    ServiceLine("portal", "opened", 0, "confirm", FIRST, LAST, "art. 3(3)"),
    ServiceLine("portal", "available", 10, "fail", FIRST, LAST, "art. 3(4)"),
)
TERMS = tuple(Term(clock, days, False, FIRST, LAST, f"art. {days}") for clock, days in (("lead", 14), ("response", 10), ("appeal", 30)))
RULES = Rules(LINES, (Rest("deferral", "final", FIRST, LAST, "art. 8"),), TERMS)
NOTICE = {"case_id": "c", "wave": 1, "stratum": "north", "appear_on": date(2025, 5, 5), "liable_until": None}


def day(number: int) -> date:
    return START + timedelta(days=number)


def story(*facts: tuple[int, str, dict[str, object]]) -> list[dict[str, object]]:
    rows = []
    for seq, (happened, kind, more) in enumerate(facts, 1):
        row = dict.fromkeys(FACTS.names) | {"fact_id": f"f{seq}", "seq": seq, "kind": kind, "case_id": "c", "notice_id": "n"}
        rows.append(row | {"happened_on": day(happened), "known_on": day(happened), "actor": "desk"} | more)
    return rows


def read(rows: list[dict[str, object]], number: int, closing: date | None = None, notice: dict[str, object] | None = None) -> Standing:
    called = story((0, "called", {}))[0] | {"fact_id": "called", "seq": 0}
    return fold_rules(RULES, [called, *rows], notice or NOTICE, Moment(day(number), day(number), closing))


POSTED = (0, "handed_over", {"channel": "mail"})
DELIVERED = (3, "delivered", {"channel": "mail"})
ABSENT = (40, "did_not_come", {"appear_on": date(2025, 5, 5)})
CLAIM = (5, "claimed", {"ground": "deferral"})


@pytest.mark.parametrize(
    ("facts", "service"),
    [
        ((), "none"),
        (((1, "service_contested", {}),), "contested"),
        (((0, "returned", {"channel": "mail", "outcome": "moved"}),), "failed"),
        (((1, "returned", {"channel": "mail"}), (1, "attempt_failed", {"channel": "portal"})), "unreachable"),
    ],
)
def test_1_no_duty_without_service(facts: tuple[tuple[int, str, dict[str, object]], ...], service: str) -> None:
    found = read(story(*facts, ABSENT), 60)
    assert (found.service, found.served_on, found.respond_by) == (service, None, None)
    assert found.state == "called"


def test_1_posting_alone_serves_nobody_and_dates_count_from_service() -> None:
    assert read(story(POSTED), 6).served_on is None
    found = read(story(POSTED), 7)
    assert (found.service, found.served_on, found.respond_by) == ("presumed", day(7), day(17))


def test_2_absence_needs_lead_time_after_service_and_confirmed_receipt() -> None:
    assert read(story(DELIVERED, ABSENT), 60).state == "did not come"
    assert read(story(POSTED, ABSENT), 60).state == "served"
    assert read(story((21, "delivered", {"channel": "mail"}), ABSENT), 60).state == "served"


def test_3_courtesy_changes_nothing() -> None:
    without, with_one = read(story(POSTED), 12), read(story(POSTED, (1, "courtesy_sent", {})), 12)
    assert (without.state, without.served_on, without.service) == (with_one.state, with_one.served_on, with_one.service)
    assert read(story((1, "courtesy_sent", {})), 60).service == "none"


def test_4_late_return_undoes_the_presumption_and_all_that_rests_on_it() -> None:
    late = (9, "returned", {"channel": "mail", "outcome": "unknown", "known_on": day(45)})
    before, after = read(story(POSTED, late), 44), read(story(POSTED, late), 45)
    assert (before.state, before.service, before.served_on) == ("served", "presumed", day(7))
    assert (after.state, after.service, after.served_on, after.respond_by) == ("called", "failed", None, None)
    assert any("no longer counts" in step.words for step in after.steps)
    assert after.next_step == "try-other-channel"


def test_4_return_undoes_a_delivery_and_the_absence_that_rested_on_it() -> None:
    assert read(story(DELIVERED, ABSENT, (50, "returned", {"channel": "mail", "outcome": "moved"})), 60).state == "called"


def test_5_the_clock_needs_a_start_fact_that_names_the_notice() -> None:
    other = {"channel": "mail", "notice_id": "another"}
    assert read(story((0, "called", {"appear_on": NOTICE["appear_on"]})), 60).service == "none"
    lost_other = story(POSTED, (3, "returned", other | {"outcome": "moved"}))
    assert read(lost_other, 10).service == "presumed"


def test_6_after_a_failed_attempt_another_channel_serves() -> None:
    failed = story(POSTED, (4, "returned", {"channel": "mail", "outcome": "moved"}), (20, "opened", {"channel": "portal"}))
    assert (read(failed, 19).next_step, read(failed, 20).service, read(failed, 20).served_on) == ("try-other-channel", "confirmed", day(20))


@pytest.mark.parametrize("kind", ["decided", "released", "excused", "withdrawn", "ruled"])
def test_7_a_ruling_has_a_named_person_a_second_and_reasons(kind: str) -> None:
    assert {"second", "reason"} <= set(VOCABULARY[kind].needs)
    assert VOCABULARY[kind].by == ("official",)


@pytest.mark.parametrize("later", ["assessed", "enlisted", "did_not_come"])
def test_8_no_later_step_while_a_suspending_claim_is_open(later: str) -> None:
    came = (10, "appeared", {})
    entered = (45, later, {"outcome": "fit" if later == "assessed" else None, "appear_on": NOTICE["appear_on"]})
    found = read(story(DELIVERED, CLAIM, came, entered), 60)
    assert (found.state, found.suspended, found.next_step) == ("claim pending", True, "decide-claim")


def test_8_refusal_is_final_only_after_the_appeal_term_from_its_own_service() -> None:
    refused = (10, "decided", {"ref": "f2", "outcome": "refused"})
    told = (12, "decision_served", {"ref": "f3", "channel": "mail"})
    assert read(story(DELIVERED, CLAIM, refused), 300).suspended
    assert read(story(DELIVERED, CLAIM, refused, told), 42).suspended
    assert not read(story(DELIVERED, CLAIM, refused, told), 43).suspended
    assert read(story(DELIVERED, CLAIM, refused, told, (40, "appealed", {"ref": "f3"})), 300).next_step == "await-appeal"


def test_what_waits_after_a_refusal_is_the_refusal_until_an_appeal_waits() -> None:
    refused = (10, "decided", {"ref": "f2", "outcome": "refused"})
    told, appealed = (12, "decision_served", {"ref": "f3", "channel": "mail"}), (20, "appealed", {"ref": "f3"})

    def due(*facts: tuple[int, str, dict[str, object]]) -> tuple[str, str | None, str | None]:
        rows = story(DELIVERED, CLAIM, *facts)
        found = due_of(read(rows, 30), rows, Moment(day(30), day(30)))
        return found.step, found.ref, found.ground

    assert due(refused) == ("serve-decision", "f3", None)
    assert due(refused, told) == ("await-appeal", "f3", "refused")
    assert due(refused, told, appealed) == ("await-appeal", "f5", "appealed")


def test_10_silence_lapses_at_closing_and_everything_ends_in_a_terminal_state() -> None:
    assert read(story(), 60, day(60)).state == "lapsed (never served)"
    assert read(story(DELIVERED), 60, day(60)).state == "lapsed (no answer, not referred)"
    assert read(story(DELIVERED, ABSENT), 60, day(60)).state == "lapsed (no answer, not referred)"
    assert read(story(DELIVERED, (10, "appeared", {})), 60, day(60)).state == "released"
    assert {read(story(DELIVERED, *facts), 60, day(60)).state for facts in ((CLAIM,), (ABSENT,), ())} <= set(TERMINAL)
    assert read(story(DELIVERED), 60, day(60)).next_step == "nothing"


def test_18_the_words_for_silence_accuse_nobody() -> None:
    spoken = " ".join([*STATES, *STATES.values(), *DUES, *DUES.values(), *VOCABULARY]).lower()
    assert not any(word in spoken for word in ("evad", "dodg", "desert", "penalt", "fine ", "wanted", "search list"))
    assert read(story(DELIVERED, ABSENT), 60).next_step == "ask-why"


def test_liability_ends_by_itself_on_its_day() -> None:
    notice = NOTICE | {"liable_until": day(20)}
    assert read(story(DELIVERED), 19, notice=notice).state == "served"
    ended = read(story(DELIVERED), 20, notice=notice)
    assert (ended.state, ended.since, ended.next_step) == ("liability ended", day(20), "nothing")


@pytest.mark.parametrize("scope", ["wave 1", "unit north"])
def test_nothing_is_said_against_a_person_after_a_halt(scope: str) -> None:
    """Who was told that the wave is stopped need not come: an absence entered later does not count; one of before stands, and rests."""
    halt = {"case_id": None, "ground": scope}
    assert read(story(DELIVERED, (10, "halted", halt), ABSENT), 60).state == "served"
    assert read(story(DELIVERED, (40, "halted", halt), ABSENT), 60).state == "served"
    before = read(story(DELIVERED, ABSENT, (41, "halted", halt)), 60)
    assert (before.state, before.suspended, before.next_step) == ("did not come", True, "nothing")


def test_halt_stops_what_is_due_in_its_scope() -> None:
    halt = (10, "halted", {"case_id": None, "ground": "wave 1"})
    assert (read(story(DELIVERED, halt), 20).suspended, read(story(DELIVERED, halt), 20).next_step) == (True, "nothing")
    assert not read(story(DELIVERED, (10, "halted", {"case_id": None, "ground": "unit south"})), 20).suspended


def outcomes(*rows: tuple[str, str, str]) -> pa.Table:
    made = [{"case_id": case, "unit": unit, "wave": 1, "outcome": outcome, "closed_on": START} for case, unit, outcome in rows]
    return pa.Table.from_pylist(made, arrow_schema(OUTCOMES))


def test_account_closes_in_each_unit() -> None:
    found = account({"north": 5, "south": 2}, {"north": 2}, outcomes(("a", "north", "enlisted"), ("b", "north", "lapsed (never served)")))
    assert {(row["unit"], row["outcome"]): row["persons"] for row in found.to_pylist()} == {
        ("north", "enlisted"): 1,
        ("north", "lapsed (never served)"): 1,
        ("north", "not called"): 3,
        ("south", "not called"): 2,
    }


@pytest.mark.parametrize(
    ("called", "ended"),
    [
        ({"north": 2}, [("a", "north", "enlisted")]),
        ({"north": 1}, [("a", "north", "enlisted"), ("a", "north", "enlisted")]),
        ({"north": 1}, [("a", "north", "served")]),
        ({"north": 6}, [(str(n), "north", "exempt") for n in range(6)]),
        ({"east": 1}, [("a", "east", "enlisted")]),
        ({}, [("a", "north", "enlisted")]),
    ],
)
def test_account_that_does_not_close_stops(called: dict[str, int], ended: list[tuple[str, str, str]]) -> None:
    with pytest.raises(Tampered, match="account-does-not-close"):
        account({"north": 5}, called, outcomes(*ended))


def test_10_the_account_of_a_day_closes_in_each_unit() -> None:
    """Whoever a later wave calls is not called yet; a case lost, added or of nobody in the roll stops."""
    states = {("north", "served"): 2, ("north", "not called"): 1}
    assert account_of_day({"north": 5, "south": 2}, {"north": 2}, states) == {
        ("north", "served"): 2,
        ("north", "not called"): 3,
        ("south", "not called"): 2,
    }
    for roll, called in (({"north": 5}, {"north": 3}), ({"north": 5}, {"north": 1}), ({"north": 2}, {"north": 2}), ({"south": 5}, {})):
        with pytest.raises(Tampered, match="account-does-not-close"):
            account_of_day(roll, called, states)


def test_before_its_wave_a_case_is_not_called_and_nothing_is_due() -> None:
    rows = story((9, "called", {"appear_on": NOTICE["appear_on"]}))
    before, after = (fold_rules(RULES, rows, NOTICE, Moment(day(number), day(number))) for number in (8, 9))
    assert (before.state, before.diagnosis, before.next_step) == ("not called", None, "nothing")
    assert (after.state, after.diagnosis, after.next_step) == ("called", "never handed over", "enter-notice")


def test_notices_take_the_end_of_liability_from_the_roll() -> None:
    notices = pa.Table.from_pylist([{"notice_id": "n1", "person_id": "p1"}, {"notice_id": "n2", "person_id": "p2"}], arrow_schema(NOTICES))
    roll = pa.Table.from_pylist([{"person_id": "p2", "liable_until": START}], arrow_schema(ROLL))
    assert with_liability(notices, roll).column("liable_until").to_pylist() == [None, START]
