"""What happened to people elsewhere must not happen here: each a small story with its source, read by the fold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from cases.kept_readings import KEPT, readings
from cases.stories import CALLED, NOTICE, RULES, Told, day, read, story

from callup.cases import Moment, arrow_schema, fold
from callup.cases.clocks import Interval, end_of
from callup.cases.desk import due_lines
from callup.cases.fold import fold_rules
from callup.cases.queries import due_rows, standing_rows
from callup.cases.rules import FIRST, LAST, Rest, Rules, rules_of
from callup.jurisdictions import available, load
from callup.terms.calendar import Calendar
from callup.terms.facts import VOCABULARY
from callup.terms.query import Query
from callup.terms.tables import FACTS, NOTICES

POSTED = (0, "handed_over", {"channel": "mail"})
PORTAL = (1, "available", {"channel": "portal"})
OPENED = (2, "opened", {"channel": "portal"})
ABSENT = (40, "did_not_come", {"appear_on": NOTICE["appear_on"]})
ASKED = (42, "inquired", {"ref": "f4", "outcome": "none-found"})
REFERRED = (45, "referred", {"ref": "f5"})
WAY = (POSTED, PORTAL, OPENED, ABSENT, ASKED, REFERRED)


@pytest.mark.parametrize("code", available())
def test_the_airport(code: str) -> None:
    """Posted on 8 September, to appear on 22 October, stopped at the border on 11 September: not served, nothing owed, nothing due.

    Source: a traveller turned back at Sheremetyevo (dagens.com and united24media.com, September 2025).
    """
    found = load(code)
    starts = {channel.name for channel in found.procedure.channels}
    assert starts
    rows = [
        row | {"happened_on": date(2025, 9, 8), "known_on": date(2025, 9, 8), "channel": "mail"} for row in story((0, "called", {}), POSTED)
    ]
    notice = NOTICE | {"appear_on": date(2025, 10, 22)}
    facts = pa.Table.from_pylist([row | {"evidence": "0" * 64} for row in rows], arrow_schema(FACTS))
    standing = fold(found.procedure, found.calendar, facts, notice, Moment(date(2025, 9, 11), date(2025, 9, 11)))
    assert (standing.service, standing.served_on, standing.respond_by, standing.state) == ("none", None, None, "called")
    # nothing falls due on anybody; but in Spain the authority must try a second time within three days (Law 39/2015, art. 42(2))
    assert standing.next_step == ("try-other-channel" if code == "es-polls" else "nothing")
    assert not [clock for clock in standing.clocks if clock.name in ("response", "filing", "appeal")], "no clock runs against the person"


def test_the_letter_that_came_back_six_weeks_late() -> None:
    """Returned letters are reported weeks later (GOV.UK Notify, notifications-admin pull 5308): all that rested on it is undone."""
    late = (9, "returned", {"channel": "mail", "outcome": "moved", "known_on": day(51)})
    assert read(story(POSTED, late), 50).state == "served"
    after = read(story(POSTED, late), 51)
    assert (after.state, after.service, after.respond_by, after.next_step) == ("called", "failed", None, "try-other-channel")
    assert read(story(POSTED, late), 51, known=50).state == "served", "what was known then can still be said"


def test_the_wrong_mailbox_of_the_right_person() -> None:
    """A Czech data box of another capacity: the fiction is excluded (dauc.cz/clanky/5222)."""
    wrong = (3, "misdelivered", {"channel": "portal"})
    assert read(story(PORTAL, OPENED, wrong), 30).service == "failed"
    assert read(story(PORTAL, OPENED), 30).service == "confirmed"


def test_the_paper_claim_keyed_three_days_later() -> None:
    """Filed on paper the day before the term ended, keyed three days after: it counts from the day of receipt."""
    claim = (11, "claimed", {"ground": "deferral", "known_on": day(15)})
    served = (7, "delivered", {"channel": "mail"})
    found = read(story(served, claim), 15)
    assert (found.suspended, found.late, found.decide_by) == (True, (), day(26))
    assert not read(story(served, claim), 14).suspended, "nobody could know yet"


def test_the_day_the_site_was_down() -> None:
    """Lithuania's list in 2026, Korea's site in 2015: an outage moves every date that depends on it, with its evidence."""
    served, down = (0, "delivered", {"channel": "mail"}), (5, "outage", {"channel": "portal", "until": day(7)})
    found = read(story(served, down), 9)
    assert (read(story(served), 9).respond_by, found.respond_by) == (day(10), day(13))
    (clock,) = [one for one in found.clocks if one.name == "response"]
    assert [(one.since, one.until, one.fact_id) for one in clock.stood_still] == [(day(5), day(7), "f2")]
    assert any("stood still" in step.words for step in found.steps)


def test_an_outage_of_one_channel_does_not_move_the_fiction_of_another() -> None:
    down = (2, "outage", {"channel": "portal", "until": day(6)})
    strike = (2, "strike", {"channel": "mail", "until": day(6)})
    assert read(story(POSTED, down), 7).service == "presumed"
    assert (read(story(POSTED, strike), 11).service, read(story(POSTED, strike), 12).service) == ("none", "presumed")


def test_hospital_stops_a_clock_only_where_the_law_says_so() -> None:
    served = (0, "delivered", {"channel": "mail"})
    assert read(story(served, (1, "tolled", {"ground": "hospital", "until": day(3)})), 9).respond_by == day(13)
    assert read(story(served, (1, "tolled", {"ground": "abroad", "until": day(3)})), 9).respond_by == day(10)


def test_the_authority_waits_for_papers_for_a_bounded_time_and_its_breach_shows() -> None:
    """Clocks on the authority: time to answer, with the breach visible to the person (cases.md section 4, 6)."""
    served, claim = (0, "delivered", {"channel": "mail"}), (1, "claimed", {"ground": "deferral"})
    asked = (3, "papers_asked", {"ref": "f2", "until": day(12)})
    assert [read(story(served, claim), number).overdue for number in (16, 17)] == [False, True]
    assert read(story(served, claim, asked), 17).decide_by == day(26)
    assert read(story(served, claim, asked, (5, "papers_given", {"ref": "f3"})), 17).decide_by == day(19)


def test_a_stay_stops_everything_and_time_runs_afresh() -> None:
    """Safeguard G13: from its hour no act falls due; lifting restarts with fresh time."""
    served, stay = (0, "delivered", {"channel": "mail"}), (8, "stayed", {"ground": "unit north"})
    held = read(story(served, stay), 60)
    assert (held.suspended, held.next_step, held.state) == (True, "nothing", "served")
    assert not read(story(served, (8, "stayed", {"ground": "unit south"})), 60).suspended
    lifted = (30, "stay_lifted", {"ref": "f2"})
    assert read(story(served, stay, lifted), 41).respond_by == day(40)
    absent = (45, "did_not_come", {"appear_on": NOTICE["appear_on"]})
    assert read(story(served, absent), 50).state == "did not come"
    assert read(story(served, stay, lifted, absent), 50).state == "served", "the day of appearance lay too soon after the stay"


@pytest.mark.parametrize(
    ("kind", "more", "said"), [("stayed", {"ground": "unit north"}, "unit north"), ("case_stayed", {}, "case")], ids=["unit", "case"]
)
def test_a_clock_that_a_court_stopped_says_whose_stay_it_is(kind: str, more: dict[str, object], said: str) -> None:
    held = read(story((0, "delivered", {"channel": "mail"}), (3, kind, more)), 30)
    assert [one.ground for clock in held.clocks if clock.name == "response" for one in clock.stood_still] == [f"stayed: {said}"]


def test_whoever_was_assigned_on_the_day_of_the_grant_serves_otherwise() -> None:
    claim, grant = (1, "claimed", {"ground": "alternative-service"}), (8, "decided", {"ref": "f1", "outcome": "granted"})
    states = [read(story(claim, grant, (number, "alternative_assigned", {})), 20).state for number in (7, 8, 9)]
    assert [state == "alternative service" for state in states] == [False, True, True]


@pytest.mark.parametrize(("code", "until"), [("freedonia", "final"), ("es-polls", "decided")])
def test_a_contest_of_liability_rests_the_duty_as_long_as_an_appeal_would(code: str, until: str) -> None:
    """Safeguard G8, in every order: until it is final where an appeal suspends, else until it is decided."""
    found = load(code)
    assert {rest.until for rest in rules_of(found.procedure, found.calendar).rests if rest.claim == "liability"} == {until}


def test_a_recalled_wave_costs_nobody_a_deadline() -> None:
    recall = (12, "recalled", {"ground": "wave 1"})
    assert read(story(POSTED, recall), 30).state == "withdrawn"
    assert read(story(POSTED, (12, "recalled", {"ground": "wave 2"})), 30).state == "served"
    again = (20, "called", {"appear_on": day(80)})
    called = read(story(POSTED, recall, again), 30)
    assert (called.state, called.served_on, called.respond_by) == ("called", None, None)


def test_each_clock_is_read_under_the_law_of_its_own_day() -> None:
    """Safeguard G19: a shorter time to answer does not reach notices served before it."""
    before, after = (60, "delivered", {"channel": "mail"}), (61, "delivered", {"channel": "mail"})
    assert (read(story(before), 70).respond_by, read(story(after), 70).respond_by) == (day(70), day(65))


def test_what_the_law_only_deems_is_not_acted_on() -> None:
    """Safeguard G16: the harsher line is computed and counted, never acted on."""
    found = read(story((0, "available", {"channel": "list"})), 30)
    assert (found.deemed_on, found.service, found.served_on, found.state) == (day(3), "none", None, "called")
    told = {step.words: step.citation for step in found.steps}
    assert told["the law deems it presumed served on 2025-04-04; callup does not act on that"] == "art. 3(5)"


def test_liability_may_be_contested_and_then_all_later_steps_rest() -> None:
    contest = (5, "claimed", {"ground": "liability"})
    served = (0, "delivered", {"channel": "mail"})
    assert read(story(served, contest, ABSENT), 60).state == "claim pending"
    granted = (9, "decided", {"ref": "f2", "outcome": "granted"})
    assert read(story(served, contest, granted), 60).state == "exempt"


def test_a_late_claim_is_received_marked_and_decided() -> None:
    served = (0, "delivered", {"channel": "mail"})
    found = read(story(served, (8, "claimed", {"ground": "deferral"})), 20)
    assert (found.late, found.suspended, found.next_step) == (("f2",), True, "decide-claim")
    assert read(story(served, (5, "claimed", {"ground": "deferral"})), 20).late == ()


def test_a_presumption_names_its_rule_its_evidence_and_how_it_is_rebutted() -> None:
    (one,) = read(story(POSTED), 8).presumptions
    assert (one.citation, one.runs_from, one.holds_on, one.evidence) == ("art. 3(2)", day(0), day(7), ("f1",))
    assert one.rebutted_by == ("person", "agent")
    assert read(story(POSTED), 6).presumptions == ()


@pytest.mark.parametrize("aside", ["read", "recused", "disclosure", "inspection", "handover", "posted"])
def test_what_changes_no_standing_is_no_step_of_it(aside: str) -> None:
    """A court may have forbidden to tell of a door out until a day (safeguard G12): the steps tell what counts, and only that."""
    found = read(story((0, "delivered", {"channel": "mail"}), (1, aside, {}), (2, "courtesy_sent", {})), 5)
    told = {fact for step in found.steps for fact in step.facts}
    assert told == {"f0", "f1", "f3"}
    assert not any(step.words.startswith(aside) for step in found.steps)


@pytest.mark.parametrize(("outcome", "state"), [("innocent-cause", "served"), ("none-found", "did not come")])
def test_an_innocent_cause_found_by_the_inquiry_excuses(outcome: str, state: str) -> None:
    found = read(story(POSTED, PORTAL, (2, "delivered", {"channel": "mail"}), ABSENT, (42, "inquired", {"outcome": outcome})), 60)
    assert found.state == state
    assert found.next_step != "ask-why", "it was asked"


MAILED = (0, "delivered", {"channel": "mail"})
DEFER, OTHER_DAY = (30, "claimed", {"ground": "deferral"}), (5, "claimed", {"ground": "other-date"})
CONTEST = (30, "service_contested", {})
SAID_LATER = (80, "did_not_come", {"appear_on": NOTICE["appear_on"]})


RELIED = [
    # a claim rested the duty on the day; that it was refused, or taken back, afterwards makes no absence of it
    ((MAILED, DEFER, (36, "decided", {"ref": "f2", "outcome": "refused"}), (37, "decision_served", {"ref": "f3"}), SAID_LATER), False),
    ((MAILED, DEFER, (36, "claim_withdrawn", {"ref": "f2"}), ABSENT), False),
    ((MAILED, DEFER, (33, "claim_withdrawn", {"ref": "f2"}), ABSENT), True),
    # a deferral covered the day, and is over by now
    ((MAILED, DEFER, (32, "decided", {"ref": "f2", "outcome": "granted", "until": day(60)}), ABSENT), False),
    ((MAILED, DEFER, (32, "decided", {"ref": "f2", "outcome": "granted", "until": day(34)}), ABSENT), False),
    ((MAILED, DEFER, (32, "decided", {"ref": "f2", "outcome": "granted", "until": day(33)}), ABSENT), True),
    # the person had stated that it was not served; that this was refused had to be told first
    ((MAILED, CONTEST, (38, "decided", {"ref": "f2", "outcome": "refused"}), (39, "decision_served", {"ref": "f3"}), ABSENT), False),
    ((MAILED, CONTEST, (31, "decided", {"ref": "f2", "outcome": "refused"}), ABSENT), False),
    ((MAILED, CONTEST, (31, "decided", {"ref": "f2", "outcome": "refused"}), (35, "decision_served", {"ref": "f3"}), ABSENT), False),
    ((MAILED, CONTEST, (31, "decided", {"ref": "f2", "outcome": "refused"}), (34, "decision_served", {"ref": "f3"}), ABSENT), True),
    # the clocks of the person stood still on the day, whatever the law lets them do
    ((MAILED, (30, "tolled", {"ground": "hospital", "until": day(34)}), ABSENT), False),
    ((MAILED, (30, "tolled", {"ground": "flood", "until": day(38)}), ABSENT), False),
    ((MAILED, (30, "tolled", {"ground": "hospital", "until": day(33)}), ABSENT), True),
    # another day was granted, and none is set yet
    ((MAILED, OTHER_DAY, (6, "decided", {"ref": "f2", "outcome": "granted"}), (7, "decision_served", {"ref": "f3"}), ABSENT), False),
    ((MAILED, OTHER_DAY, (6, "decided", {"ref": "f2", "outcome": "refused"}), (7, "decision_served", {"ref": "f3"}), ABSENT), True),
    # the authority set another day: the person must have heard of it, with lead time
    ((MAILED, (9, "excused", {"appear_on": NOTICE["appear_on"]}), ABSENT), False),
    ((MAILED, (9, "excused", {"appear_on": NOTICE["appear_on"]}), (21, "decision_served", {"ref": "f2"}), ABSENT), False),
    ((MAILED, (9, "excused", {"appear_on": NOTICE["appear_on"]}), (20, "decision_served", {"ref": "f2"}), ABSENT), True),
    # a second summons: one must have received that one
    ((MAILED, (9, "called", {"appear_on": NOTICE["appear_on"]}), ABSENT), False),
    (((12, "delivered", {"channel": "mail"}), (9, "called", {"appear_on": NOTICE["appear_on"]}), ABSENT), True),
]
"""Facts, and whether it may be said in the end that the person did not come."""


@pytest.mark.parametrize(("facts", "said"), RELIED)
def test_whoever_relied_on_the_answer_of_the_day_missed_nothing(facts: tuple[Told, ...], said: bool) -> None:
    """What the page said on the day of appearance holds: no fact of a later day makes an absence of it."""
    rows = story(*facts)
    assert (read(rows, 120).state == "did not come") == said
    silent = rows[:-1]
    due = due_lines(RULES, [NOTICE | {"notice_id": "n", "rank": 1}], [CALLED, *silent], Moment(day(120), day(120)))
    assert said or not any(row["absent"] for row in due), "the desk cannot enter what would not count"


def test_the_query_of_all_cases_says_the_same_of_each() -> None:
    told = {f"c{number:02}": story(*facts) for number, (facts, _) in enumerate(RELIED)}
    rows = [line | _named(line, case) for case, lines in told.items() for line in [CALLED, *lines]]
    found = {row["case_id"]: row["state"] for row in asked_of_all(standing_rows, rows, 120, *told)}
    assert found == {case: read(lines, 120).state for case, lines in told.items()}
    silent = [row for row in rows if row["kind"] != "did_not_come"]
    notices = [NOTICE | {"case_id": case, "notice_id": "n", "rank": 1} for case in told]
    assert asked_of_all(due_rows, silent, 120, *told) == due_lines(RULES, notices, silent, Moment(day(120), day(120)))


def _named(line: dict[str, object], case: str) -> dict[str, object]:
    """What makes a fact of the story one of another case."""
    return {"case_id": case, "fact_id": f"{case}{line['fact_id']}", "ref": f"{case}{line['ref']}" if line["ref"] else None}


def asked_of_all(query: Callable[[Rules, Moment], Query], rows: list[dict[str, object]], number: int, *cases: str) -> list[dict[str, Any]]:
    """What a query of all cases says of stories."""
    notices = [dict.fromkeys(NOTICES.names) | NOTICE | {"notice_id": "n", "rank": 1, "kind": "summons", "case_id": case} for case in cases]
    with duckdb.connect() as base:
        base.register("facts", pa.Table.from_pylist(rows, arrow_schema(FACTS)))
        base.register("notices", pa.Table.from_pylist(notices, pa.schema([*arrow_schema(NOTICES), ("liable_until", pa.date32())])))
        return base.sql(query(RULES, Moment(day(number), day(number))).sql).to_arrow_table().to_pylist()  # type: ignore[no-any-return]


def test_who_was_called_anew_on_the_day_of_asking_is_not_absent_yet() -> None:
    rows = story((0, "delivered", {"channel": "mail", "notice_id": "another"}), (50, "withdrawn", {}), (50, "called", {}))
    due = due_lines(RULES, [NOTICE | {"notice_id": "n", "rank": 1}], [CALLED, *rows], Moment(day(50), day(50)))
    assert [row["absent"] for row in due] == [False]
    assert asked_of_all(due_rows, [CALLED, *rows], 50, "c") == due


def test_a_refusal_ends_no_rest_before_it_is_served() -> None:
    """Where the law lets the duty rest until the claim is decided: the person must know that it was."""
    rules = replace(RULES, rests=(Rest("deferral", "decided", FIRST, LAST, "art. 8"),))
    claim, refused = (5, "claimed", {"ground": "deferral"}), (10, "decided", {"ref": "f2", "outcome": "refused"})

    def suspended(number: int, *more: Told) -> bool:
        return fold_rules(rules, story(MAILED, claim, refused, *more), NOTICE, Moment(day(number), day(number))).suspended

    assert suspended(60)
    assert [suspended(number, (20, "decision_served", {"ref": "f3"})) for number in (19, 20)] == [True, False]
    granted = (10, "decided", {"ref": "f2", "outcome": "granted"})
    assert not fold_rules(rules, story(MAILED, claim, granted), NOTICE, Moment(day(10), day(10))).suspended


@pytest.mark.parametrize("until", ["decided", "final"])
def test_a_challenge_takes_nothing_of_a_grant_away(until: str) -> None:
    """A deferral that is too short is challenged: it holds meanwhile, and the court's longer one holds after."""
    rules = replace(RULES, rests=(Rest("deferral", until, FIRST, LAST, "art. 8"),))
    facts = (MAILED, (5, "claimed", {"ground": "deferral"}), (10, "decided", {"ref": "f2", "outcome": "granted", "until": day(50)}))
    facts += ((11, "decision_served", {"ref": "f3"}), (12, "appealed", {"ref": "f3"}))
    ruled = (20, "appeal_decided", {"ref": "f5", "outcome": "changed", "until": day(90), "appear_on": day(100)})

    def state(number: int, *more: Told) -> tuple[str, str, date | None]:
        found = fold_rules(rules, story(*facts, *more), NOTICE, Moment(day(number), day(number)))
        return found.state, found.claim, found.appear_on

    assert state(15) == ("deferred", "appealed", NOTICE["appear_on"])
    assert state(60, ruled) == ("deferred", "granted", day(100)), "the ruling names the day, too"
    assert state(91, ruled) == ("answered", "granted", day(100))
    taken = (30, "decided", {"ref": "f2", "outcome": "refused"})
    assert state(40, ruled, taken)[1] == "refused", "a new decision by two undoes a grant (safeguard G9)"


def test_two_people_may_refer_the_open_question_and_there_callup_stops() -> None:
    assert {"ref", "second", "reason"} <= set(VOCABULARY["referred"].needs)
    found = read(story(*WAY), 60)
    assert (found.state, found.next_step, found.since) == ("referred outside", "nothing", day(45))


@pytest.mark.parametrize(
    ("what", "facts"),
    [
        (
            "one way of service only",
            ((0, "delivered", {"channel": "mail"}), POSTED, (2, "courtesy_sent", {}), *WAY[3:]),
        ),
        ("receipt only presumed", (POSTED, PORTAL, (2, "courtesy_sent", {}), *WAY[3:])),
        ("no inquiry", (*WAY[:4], (42, "courtesy_sent", {}), REFERRED)),
        ("an innocent cause", (*WAY[:4], (42, "inquired", {"ref": "f4", "outcome": "innocent-cause"}), REFERRED)),
        ("a claim that rests the duty", (*WAY, (41, "claimed", {"ground": "deferral"}))),
        ("a stay of the case", (*WAY, (44, "case_stayed", {}))),
        ("a stay of the call-up", (*WAY, (39, "stayed", {"ground": "call-up"}))),
        ("service contested", (*WAY, (46, "service_contested", {}))),
        ("the notice not for this person", (*WAY, (46, "not_for_me", {}))),
        ("the notice in a wrong mailbox", (*WAY, (46, "misdelivered", {"channel": "portal"}))),
        ("the wave taken back", (*WAY, (46, "recalled", {"ground": "wave 1"}))),
        ("too little time before the day", (POSTED, PORTAL, (25, "opened", {"channel": "portal"}), *WAY[3:])),
        ("another day was set", (*WAY, (30, "appointment_moved", {"appear_on": day(90)}))),
        ("the person was excused", (*WAY, (43, "excused", {}))),
        ("the person came", (*WAY, (50, "appeared", {}))),
        ("entered before the day had passed", (*WAY[:3], (34, "did_not_come", {"appear_on": NOTICE["appear_on"]}), *WAY[4:])),
        ("referred before the inquiry", (*WAY[:5], (41, "referred", {"ref": "f5"}))),
    ],
)
def test_nothing_less_leads_to_a_referral(what: str, facts: tuple[Told, ...]) -> None:
    found = read(story(*facts), 60)
    assert found.state != "referred outside", what


def test_working_days_holidays_and_days_that_stood_still() -> None:
    week = Calendar(frozenset({6, 7}), {date(2025, 4, 18): "Good Friday"}, {date(2025, 4, 26): "worked"}, "")
    thursday = date(2025, 4, 17)
    assert end_of(thursday, 1, working=True, calendar=week) == date(2025, 4, 21)
    assert end_of(thursday, 6, working=True, calendar=week) == date(2025, 4, 26)
    still = (Interval(date(2025, 4, 21), date(2025, 4, 22), "outage", "", "f"),)
    assert end_of(thursday, 1, working=True, calendar=week, still=still) == date(2025, 4, 23)
    assert end_of(thursday, 0, working=True, calendar=week, still=still) == thursday


def test_adding_what_became_known_later_never_changes_what_could_be_known_before() -> None:
    rows = story(*WAY, (41, "claimed", {"ground": "deferral", "known_on": day(50)}))
    for number in range(50):
        moment = Moment(day(number), day(number))
        assert fold_rules(RULES, rows, NOTICE, moment) == fold_rules(RULES, rows[:-1], NOTICE, moment)
    assert read(rows, 50).state == "claim pending"
    assert read(rows, 50, known=49).state == "referred outside"
    assert timedelta(0) < rows[-1]["known_on"] - rows[-1]["happened_on"]


def test_how_cases_are_read_changes_in_no_word_unseen():
    """If a change is meant, ``PYTHONPATH=tests python -m cases.kept_readings`` writes them anew; read what differs."""
    assert KEPT.read_text(encoding="utf-8").splitlines() == list(readings())


def test_a_deferral_holds_on_its_last_day_and_no_longer():
    granted = (2, "decided", {"ref": "f2", "outcome": "granted", "until": day(40)})
    rows = story(POSTED, (1, "claimed", {"ground": "deferral"}), granted, (2, "decision_served", {"ref": "f3"}))
    for number, state in ((39, "deferred"), (40, "deferred"), (41, "answered")):
        (asked,) = asked_of_all(standing_rows, [CALLED, *rows], number, "c")
        assert read(rows, number).state == asked["state"] == state


def test_where_the_law_names_no_time_to_answer_it_is_over_the_day_after_service():
    silent = replace(RULES, terms=tuple(one for one in RULES.terms if one.clock != "response"))
    rows = [CALLED, *story((3, "delivered", {"channel": "mail"}))]
    for number, over in ((3, False), (4, True)):
        clocks = fold_rules(silent, rows, NOTICE, Moment(day(number), day(number))).clocks
        assert [(one.starts_on, one.ends_on, one.over) for one in clocks if one.name == "response"] == [(day(3), day(3), over)]
