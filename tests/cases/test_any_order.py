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
from callup.cases.rules import CONDUCT, RECEIPTS, STARTS, rules_of
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
        self.rows, self.today, self.answers = [], OPENS, {}
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
        return fold_rules(self.law, self.rows if rows is None else rows, NOTICE, Moment(known_at, known_at))

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
    def no_duty_without_service(self):
        """Invariant 1."""
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
    def absence_needs_confirmed_service_a_passed_day_and_no_stop(self):
        """Invariants 2, 7, 8."""
        found = self.read(self.today)
        if found.state not in ("did not come", "referred outside"):
            return
        absent = [row for row in self.happened("did_not_come") if row["appear_on"] < row["happened_on"] and row["second"]]
        assert absent
        assert found.confirmed_on is not None
        assert found.confirmed_on <= found.appear_on < self.today
        if found.state == "referred outside":
            assert [row for row in self.happened("inquired") if row["outcome"] == "none-found" and row["second"]]
            assert [row for row in self.happened("referred") if row["second"] and row["reason"]]
            assert len({row["channel"] for row in self.happened(*STARTS)}) > 1

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
    def closing_ends_every_case_and_silence_lapses(self):
        """Invariant 10 and safeguard G10."""
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
        settings=settings(
            max_examples=36 // EVERY, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        ),
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
