"""Random facts in random order of arrival, for every jurisdiction: what may never be read from them (invariants of cases.md 7.6).

A machine of Hypothesis records facts one after another: each happened on some day up to the day on which it became known. After every
fact the case is read, and what must hold is asked; what was answered for an earlier day of knowledge must still be answered the same.
"""

import random
from datetime import date, timedelta

import pytest
from cases.walk import EVENTS
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sampling import EVERY

from callup.cases.fold import Moment, fold_rules
from callup.cases.rules import CONDUCT, RECEIPTS, STARTS, TOLLED, rules_of
from callup.jurisdictions import available, load
from callup.terms.facts import DUES, STATES, TERMINAL, VOCABULARY
from callup.terms.tables import FACTS

OPENS, APPEAR, CLOSES = date(2025, 3, 10), date(2025, 5, 5), date(2025, 9, 30)
NOTICE = {"case_id": "c", "wave": 1, "stratum": "north", "appear_on": APPEAR, "liable_until": None}
CHOICES = [(kind, more) for choices in EVENTS.values() for kind, more in choices]
RARE = sorted(
    set(EVENTS) - {"did_not_come", "inquired", "referred", "assessed", "enlisted", "decided", "decision_served", "appeal_decided"}
)


def rules_for(code):
    folk = load(code)
    return rules_of(folk.procedure, folk.calendar)


class Case(RuleBasedStateMachine):
    """One case under one country's procedure."""

    law = None
    away = False
    seen: frozenset[str] = frozenset()

    @initialize(
        kinds=st.sets(st.sampled_from(RARE)),
        how=st.sampled_from(["", "mail", "portal", "counter", "both"]),
        wait=st.sampled_from([1, 20, 45]),
    )
    def called(self, kinds, how, wait):
        """A case with a few of the rare kinds only: with all of them at once it would soon be withdrawn or released, and nothing seen."""
        self.rows, self.today, self.answers, self.kept = [], OPENS, {}, (None, None)
        self.choices = [(kind, more) for kind, more in CHOICES if kind not in RARE or kind in kinds]
        self.record("called", {"appear_on": APPEAR}, 0)
        if how in ("mail", "both"):
            self.record("handed_over", {"channel": "mail"}, 0)
            self.record("delivered", {"channel": "mail"}, 0)
        if how in ("portal", "both"):
            self.record("opened", {"channel": "portal"}, 0)
        if how == "counter" or self.away:
            self.record("delivered", {"channel": "counter"}, 0)
        if self.away:
            self.stay_away()
        else:
            self.today += timedelta(days=wait)

    def stay_away(self):
        """Two ways tried, the day passed, nobody came, nothing was found, two handed the question on; what comes then is chance."""
        self.record("handed_over", {"channel": "mail"}, 0)
        self.today = APPEAR + timedelta(days=1)
        self.record("did_not_come", {"appear_on": APPEAR}, 0)
        self.record("inquired", {"outcome": "none-found"}, 0)
        self.record("referred", {}, 0)

    def record(self, kind, more, ago):
        happened = max(OPENS, self.today - timedelta(days=ago))
        row = dict.fromkeys(FACTS.names) | {"fact_id": f"f{len(self.rows):03}", "seq": len(self.rows) + 1, "kind": kind}
        row |= {"happened_on": happened, "known_on": self.today, "actor": "desk"}
        if VOCABULARY[kind].personal:
            row |= {"case_id": "c", "notice_id": "n"}
        if "second" in VOCABULARY[kind].needs:
            row |= {"actor": "official: A", "second": "B", "reason": "said"}
        self.rows.append(row | more)

    @rule(number=st.integers(0, 10_000), ago=st.sampled_from([0, 0, 0, 1, 3, 12, 40]))
    def fact(self, number, ago):
        kind, more = self.choices[number % len(self.choices)]
        if "ref" in more:
            known = [row["fact_id"] for row in self.rows if row["kind"] == more["ref"]]
            if not known:
                return
            more = more | {"ref": known[-1]}
        self.record(kind, more, ago)

    @rule(days=st.sampled_from([1, 2, 7, 15, 40]))
    def time_passes(self, days):
        self.answers[self.today] = self.read(self.today)
        self.today = min(self.today + timedelta(days=days), CLOSES - timedelta(days=1))

    def read(self, known_at, rows=None):
        if rows is not None:
            return fold_rules(self.law, rows, NOTICE, Moment(known_at, known_at))
        key = (len(self.rows), known_at)
        if self.kept[0] != key:
            self.kept = (key, fold_rules(self.law, self.rows, NOTICE, Moment(known_at, known_at)))
        return self.kept[1]

    def read_with(self, *more):
        """Read today with facts beside those recorded, which happened yesterday and became known today."""
        held = self.rows
        self.rows = list(held)
        for kind, fields in more:
            self.record(kind, fields, 1)
        found, self.rows = self.read(self.today, self.rows), held
        return found

    def happened(self, *kinds):
        return [row for row in self.rows if row["kind"] in kinds and row["happened_on"] <= self.today]

    @invariant()
    def every_reading_has_a_word_and_a_lawful_next_step(self):
        found = self.read(self.today)
        self.seen.add(found.state)
        assert found.state in STATES
        assert found.next_step in DUES
        if found.suspended:
            assert found.next_step not in ("ask-why", "remind", "assess", "enlist-or-release"), found

    @invariant()
    def invariant_1_no_duty_without_service(self):
        found = self.read(self.today)
        if found.served_on is not None:
            assert any(row["happened_on"] <= found.served_on for row in self.happened(*STARTS, *CONDUCT))
        else:
            assert found.respond_by is None
            assert found.confirmed_on is None
        if found.confirmed_on is not None:
            assert any(row["happened_on"] <= found.confirmed_on for row in self.happened(*STARTS, *RECEIPTS, *CONDUCT))
        if found.respond_by is not None:
            assert found.respond_by >= found.served_on

    @invariant()
    def invariants_2_7_8_absence_needs_service_with_lead_time_two_people_and_no_open_claim(self):
        found = self.read(self.today)
        if found.state not in ("did not come", "referred outside"):
            return
        halted = min((row["happened_on"] for row in self.happened("halted")), default=CLOSES)
        assert [row for row in self.happened("did_not_come") if row["appear_on"] < row["happened_on"] < halted and row["second"]], (
            "nothing is said against a person of a wave or unit after it was halted (safeguard G14)"
        )
        assert found.confirmed_on is not None
        assert found.confirmed_on + timedelta(days=self.law.term("lead", found.served_on).days) <= found.appear_on < self.today
        assert not found.suspended or halted <= self.today
        if found.state == "referred outside":
            assert [row for row in self.happened("inquired") if row["outcome"] == "none-found" and row["second"]]
            assert [row for row in self.happened("referred") if row["second"] and row["reason"] and row["happened_on"] < halted]
            assert len({row["channel"] for row in self.happened(*STARTS)}) > 1

    @invariant()
    def whoever_relied_on_the_answer_of_the_day_missed_nothing(self):
        """Nothing is said of a day on which the standing of that day did not ask the person to come."""
        found = self.read(self.today)
        if found.state in ("did not come", "referred outside"):
            then = fold_rules(self.law, self.rows, NOTICE, Moment(found.appear_on, self.today))
            assert (then.appear_on, then.suspended, then.service) == (found.appear_on, False, "confirmed")
            assert then.state in ("served", "answered", "claim pending")
            assert then.next_step in ("await-appearance", "remind", "decide-claim", "serve-decision", "await-appeal")

    @invariant()
    def invariant_3_a_courtesy_message_never_changes_a_finding(self):
        before, after = self.read(self.today), self.read_with(("courtesy_sent", {}))
        for name in ("state", "service", "served_on", "confirmed_on", "deemed_on", "respond_by", "presumptions"):
            assert getattr(before, name) == getattr(after, name)

    @invariant()
    def invariant_4_what_comes_back_undoes_the_presumption_and_all_that_was_computed_from_it(self):
        channels = sorted({row["channel"] for row in self.happened(*STARTS)})
        lost = [
            ("returned" if channel == "mail" else "misdelivered", {"channel": channel, "happened_on": self.today}) for channel in channels
        ]
        after = self.read_with(*lost)
        assert after.presumptions == ()
        assert after.served_on is None or self.happened(*CONDUCT)
        assert (after.respond_by is None) == (after.served_on is None)

    @invariant()
    def invariant_5_no_fiction_starts_without_proof_of_hand_over(self):
        bare = self.read(self.today, [row for row in self.rows if row["kind"] not in STARTS])
        assert (bare.presumptions, bare.deemed_on) == ((), None)
        assert bare.served_on is None or self.happened(*CONDUCT)

    @invariant()
    def invariant_6_after_a_failed_attempt_another_way_is_due(self):
        found = self.read(self.today)
        if found.service == "failed" and found.state == "called" and not found.suspended and found.claim == "none":
            assert found.next_step == "try-other-channel"

    @invariant()
    def invariant_9_an_outage_moves_every_date_that_depends_on_it(self):
        before, later = self.read(self.today), self.today + timedelta(days=9)
        after = self.read_with(("outage", {"channel": "portal", "until": later}))
        moved = {(clock.name, clock.starts_on, clock.about): clock.ends_on for clock in after.clocks}
        for clock in before.clocks:
            key = (clock.name, clock.starts_on, clock.about)
            still = any(gap.until >= later for gap in clock.stood_still)  # it stands still that long already
            if clock.name in TOLLED and key in moved and clock.days and clock.starts_on < self.today <= clock.ends_on and not still:
                assert moved[key] > clock.ends_on
            assert moved.get(key, clock.ends_on) >= clock.ends_on

    @invariant()
    def invariant_14_whoever_has_served_rests_as_long_as_the_law_says(self):
        found = self.read(self.today)
        if found.state == "fulfilled":
            done = min(row["happened_on"] for row in self.happened("fulfilled"))
            rest = self.law.term("rest", done).days
            assert [clock.days for clock in found.clocks if clock.name == "rest"] == ([rest] if rest else [])

    @invariant()
    def invariant_18_the_word_for_silence_accuses_nobody(self):
        found = self.read(self.today)
        said = " ".join([found.state, found.diagnosis or "", found.next_step, *(step.words for step in found.steps)]).lower()
        assert not any(word in said for word in ("evad", "dodg", "desert", "penalt", "wanted", "failed to appear"))

    @invariant()
    def what_was_answered_stays_answered(self):
        """Adding a fact known later never changes an earlier as-known answer."""
        for day, answer in list(self.answers.items())[-3:]:
            if day < self.today:
                assert self.read(day) == answer

    @invariant()
    def the_order_of_the_rows_does_not_count(self):
        mixed = self.rows[:]
        random.Random(len(mixed)).shuffle(mixed)
        assert self.read(self.today, mixed) == self.read(self.today)

    @invariant()
    def invariant_10_closing_ends_every_case_and_silence_lapses(self):
        """With safeguard G10."""
        found = fold_rules(self.law, self.rows, NOTICE, Moment(CLOSES, CLOSES, CLOSES))
        assert found.state in TERMINAL
        if not self.happened("referred"):
            assert found.state != "referred outside"
        assert found.next_step in ("nothing", "resolve-contest", "serve-decision", "decide-claim", "await-appeal")


@pytest.mark.parametrize("away", [False, True], ids=["from the call", "from an absence"])
@pytest.mark.parametrize("code", available())
def test_random_facts_in_random_order_lead_to_no_wrong(code, away):
    machine = type("CaseOf", (Case,), {"law": rules_for(code), "seen": set(), "away": away})
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=36 // EVERY, stateful_step_count=30, derandomize=True, suppress_health_check=list(HealthCheck)),
    )
    assert "referred outside" in machine.seen or not away, "what must never be wrong was never reached"


@pytest.mark.parametrize("code", available())
def test_facts_of_different_days_may_be_recorded_in_any_order(code):
    """Only facts of one day are read in the order of their recording (ADR 0025); all others by their day alone."""
    rules, chance = rules_for(code), random.Random(code)
    for _ in range(60):
        days = chance.sample(range(120), 14)
        told = [chance.choice([choice for choice in CHOICES if "ref" not in choice[1]]) for _ in days]
        machine = Case()
        machine.rows, machine.today = [], CLOSES - timedelta(days=1)
        for number, (kind, more) in zip(days, told, strict=True):
            machine.record(kind, more, (machine.today - OPENS).days - number)
        first = fold_rules(rules, machine.rows, NOTICE, Moment(machine.today, machine.today))
        numbers = chance.sample(range(1, 15), 14)
        again = [row | {"seq": number} for row, number in zip(machine.rows, numbers, strict=True)]
        second = fold_rules(rules, again, NOTICE, Moment(machine.today, machine.today))
        assert [getattr(second, name) for name in ("state", "served_on", "service", "claim", "respond_by", "appear_on", "next_step")] == [
            getattr(first, name) for name in ("state", "served_on", "service", "claim", "respond_by", "appear_on", "next_step")
        ]


@pytest.mark.parametrize("code", available())
def test_invariant_7_every_refusal_has_a_remedy_with_a_body_and_days(code):
    remedies = {one.against: one for one in load(code).procedure.remedies}
    assert {"notice", "decision", "finding"} <= set(remedies)
    assert all(one.body and one.days > 0 and str(one.citation) for one in remedies.values())


@pytest.mark.parametrize("code", available())
def test_invariant_17_whoever_gets_paper_has_no_less_time_than_whoever_reads_on_a_screen(code):
    """The same day in the hand and on the screen: the same days to answer; by the post, never sooner presumed."""
    rules = rules_for(code)
    channels = {channel.name for channel in load(code).procedure.channels}

    def told(kind, channel):
        machine = Case()
        machine.rows, machine.today = [], OPENS
        machine.record("called", {"appear_on": APPEAR}, 0)
        machine.record(kind, {"channel": channel}, 0)
        return fold_rules(rules, machine.rows, NOTICE, Moment(OPENS + timedelta(days=30), OPENS + timedelta(days=30)))

    paper = [told("delivered", channel) for channel in ("mail", "counter") if channel in channels]
    assert paper
    assert all(one.served_on == OPENS for one in paper)
    if "portal" in channels:
        screen, put, posted = told("opened", "portal"), told("available", "portal"), told("handed_over", "mail")
        assert all(one.respond_by >= screen.respond_by for one in paper)
        assert put.served_on is None or posted.served_on is None or posted.served_on >= put.served_on
