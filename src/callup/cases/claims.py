"""Claims, decisions by two, appeals: where each stands, and whether the duty rests on a day (promise 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from callup.cases.clocks import Ledger
from callup.cases.rules import EXEMPTING, LAST, Rules
from callup.cases.service import Fact, Step, latest

RANKING = ("pending", "appealed", "granted", "refused", "withdrawn")
"""Of several claims the first of these is shown."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: its kind, where it stands, and the days on which the duty rests (``rests_to`` exclusive).

    Args:
        granted: whether a grant stands; a challenge to a grant takes nothing of it away while it waits.
        decide_by: the authority's last day to decide; ``None`` where the law names no time.
        overdue: whether the authority broke its own clock.
        appeal_by: the last day to appeal, once a refusal has reached the person.
    """

    fact_id: str
    kind: str
    filed_on: date
    status: str
    granted: bool
    settled_on: date | None
    until: date | None
    rests_to: date | None
    decision: str | None
    decision_served: bool
    appeal: str | None
    decide_by: date | None
    overdue: bool
    appeal_by: date | None

    def rests_on(self, day: date) -> bool:
        """Whether the duty rests on that day by this claim."""
        return self.rests_to is not None and self.filed_on <= day < self.rests_to


@dataclass(frozen=True, slots=True)
class ClaimsFound:
    """All claims of a case on a day."""

    claims: tuple[Claim, ...]
    summary: str
    resting: bool
    exempt_on: date | None
    deferred_on: date | None
    steps: tuple[Step, ...]

    def rested_on(self, day: date) -> bool:
        """Whether the duty rested on that day: no later step could be entered (invariant 8)."""
        return any(claim.rests_on(day) for claim in self.claims)

    @property
    def unserved(self) -> bool:
        """Whether a decision has not reached the person."""
        return any(claim.decision is not None and not claim.decision_served and claim.status != "withdrawn" for claim in self.claims)


def find_claims(rules: Rules, ledger: Ledger, facts: list[Fact], as_of: date) -> ClaimsFound:
    """Find where the claims stand as of a day."""
    claims = tuple(_claim(rules, ledger, facts, fact, as_of) for fact in facts if fact.kind == "claimed")
    granted = [claim for claim in claims if claim.granted]
    deferring = [claim for claim in granted if claim.kind == "deferral" and (claim.until is None or as_of <= claim.until)]
    return ClaimsFound(
        claims=claims,
        summary=min((claim.status for claim in claims), key=RANKING.index, default="none"),
        resting=any(claim.rests_on(as_of) for claim in claims),
        exempt_on=min((claim.settled_on for claim in granted if claim.kind in EXEMPTING and claim.settled_on), default=None),
        deferred_on=min((claim.settled_on for claim in deferring if claim.settled_on), default=None),
        steps=tuple(_step(rules, claim) for claim in claims),
    )


def _claim(rules: Rules, ledger: Ledger, facts: list[Fact], filed: Fact, as_of: date) -> Claim:
    kind = (filed.ground or "").split(":")[0]
    taken_back = latest(facts, "claim_withdrawn", filed.fact_id)
    decision = latest(facts, "decided", filed.fact_id)
    ref = decision.fact_id if decision else ""
    served_on = min((fact.day for fact in facts if fact.kind == "decision_served" and decision and fact.ref == ref), default=None)
    appeal = latest(facts, "appealed", ref) if decision else None
    ruling = latest(facts, "appeal_decided", appeal.fact_id) if appeal else None
    status = _status(taken_back, decision, appeal, ruling)
    settled = taken_back or ruling or decision
    appeal_by = None if served_on is None else _appeal_by(rules, ledger, served_on)
    rest = next((rest for rest in rules.rests if rest.claim == kind and rest.since <= filed.day < rest.ended), None)
    rests_to = None if rest is None else _rests_to(rest.until, status, settled, decision, (served_on, appeal_by))
    answered = decision or taken_back
    decide_by = decide_by_of(rules, ledger, filed)
    return Claim(
        fact_id=filed.fact_id,
        kind=kind,
        filed_on=filed.day,
        status=status,
        granted=status == "granted" or (status == "appealed" and decision is not None and decision.outcome == "granted"),
        settled_on=settled.day if settled else None,
        until=(ruling.until if ruling and ruling.until else decision.until) if decision else None,
        rests_to=rests_to,
        decision=decision.fact_id if decision else None,
        decision_served=served_on is not None,
        appeal=appeal.fact_id if appeal else None,
        decide_by=decide_by,
        overdue=decide_by is not None and (answered.day if answered else as_of) > decide_by,
        appeal_by=appeal_by,
    )


def decide_by_of(rules: Rules, ledger: Ledger, filed: Fact) -> date | None:
    """The authority's last day to decide what was filed; its clock stands still while it waits for papers, for a bounded time."""
    term = rules.term("decision", filed.day)
    return ledger.end(f"decision:{filed.fact_id}", filed.day, term.days, working=term.working) if term.days else None


def _appeal_by(rules: Rules, ledger: Ledger, served_on: date) -> date:
    term = rules.term("appeal", served_on)
    return ledger.end("appeal", served_on, term.days, working=term.working)


def _status(taken_back: Fact | None, decision: Fact | None, appeal: Fact | None, ruling: Fact | None) -> str:
    """Where it stands. No challenge makes a refusal of a grant: that takes a new decision by two (safeguard G9)."""
    if taken_back:
        return "withdrawn"
    if decision is None:
        return "pending"
    if appeal and ruling is None:
        return "appealed"
    changed = ruling is not None and ruling.outcome == "changed"
    return "granted" if decision.outcome == "granted" or changed else "refused"


def _rests_to(until: str, status: str, settled: Fact | None, decision: Fact | None, told: tuple[date | None, date | None]) -> date:
    """First day on which the duty no longer rests; the end of days while it is open. A refusal ends nothing before it is served."""
    served_on, appeal_by = told
    if status == "pending" or settled is None:
        return LAST
    if until == "decided":
        if decision is None or status == "withdrawn":
            return settled.day
        return decision.day if decision.outcome == "granted" else max(decision.day, served_on or LAST)
    if status == "appealed":
        return LAST
    if status == "refused" and settled is decision:
        return LAST if appeal_by is None else appeal_by + timedelta(days=1)
    return settled.day


def _step(rules: Rules, claim: Claim) -> Step:
    found = (rest for rest in rules.rests if rest.claim == claim.kind and rest.since <= claim.filed_on < rest.ended)
    rest = next(found, None)
    rests = "the duty does not rest by it" if rest is None else f"the duty rests until it is {rest.until}"
    late = f"; the authority had until {claim.decide_by} to decide" if claim.overdue else ""
    return Step(f"{claim.kind} claimed on {claim.filed_on}: {claim.status}; {rests}{late}", rest.citation if rest else "", (claim.fact_id,))
