"""Walks the procedure's state space: every sequence of facts and days, until no reading is new, and what it must never show.

Two sequences that read alike (the same standing, the same phase of each clock, the same later steps on record) are gone on with
once: what the fold makes of any continuation depends on no more than that, but for dates that move together. So the walk ends.
``python tests/cases/walk.py`` prints how many readings it found, and any counter-example, told as a story.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from cases.stories import CALLED, NOTICE, RULES, START, Told, line, story

from callup.cases.fold import Moment, Standing, fold_rules
from callup.terms.facts import DOORS, TERMINAL, UNDERTAKEN, VOCABULARY

APPEAR = NOTICE["appear_on"]
EVENTS: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "called": (("called", {"appear_on": APPEAR}),),
    "handed_over": (("handed_over", {"channel": "mail"}),),
    "available": (("available", {"channel": "portal"}), ("available", {"channel": "list"})),
    "delivered": (("delivered", {"channel": "mail"}),),
    "opened": (("opened", {"channel": "portal"}),),
    "receipt_refused": (("receipt_refused", {"channel": "mail"}),),
    "returned": (("returned", {"channel": "mail"}),),
    "attempt_failed": (("attempt_failed", {"channel": "portal"}),),
    "misdelivered": (("misdelivered", {"channel": "portal"}),),
    "courtesy_sent": (("courtesy_sent", {}),),
    "not_for_me": (("not_for_me", {}),),
    "responded": (("responded", {}),),
    "service_contested": (("service_contested", {}),),
    "claimed": (("claimed", {"ground": "deferral"}), ("claimed", {"ground": "other-date"})),
    "claim_withdrawn": (("claim_withdrawn", {"ref": "claimed"}),),
    "decided": (
        ("decided", {"ref": "claimed", "outcome": "granted"}),
        ("decided", {"ref": "claimed", "outcome": "refused"}),
        ("decided", {"ref": "claimed", "outcome": "granted", "appear_on": APPEAR + timedelta(days=30)}),
        ("decided", {"ref": "service_contested", "outcome": "refused"}),
        ("decided", {"ref": "service_contested", "outcome": "granted"}),
    ),
    "decision_served": (("decision_served", {"ref": "decided"}),),
    "appealed": (("appealed", {"ref": "decided"}),),
    "appeal_decided": (
        ("appeal_decided", {"ref": "appealed", "outcome": "upheld"}),
        ("appeal_decided", {"ref": "appealed", "outcome": "changed"}),
    ),
    "appointment_moved": (("appointment_moved", {"appear_on": APPEAR + timedelta(days=30)}),),
    "appeared": (("appeared", {}),),
    "did_not_come": (("did_not_come", {"appear_on": APPEAR}), ("did_not_come", {"appear_on": APPEAR + timedelta(days=30)})),
    "excused": (("excused", {}),),
    "assessed": (("assessed", {"outcome": "fit"}), ("assessed", {"outcome": "unfit"})),
    "enlisted": (("enlisted", {}),),
    "released": (("released", {}),),
    "withdrawn": (("withdrawn", {}),),
    "halted": (("halted", {"ground": "wave 1"}),),
    "outage": (("outage", {"channel": "portal", "until": APPEAR}),),
    "strike": (("strike", {"channel": "mail", "until": APPEAR}),),
    "tolled": (("tolled", {"ground": "hospital", "until": APPEAR}),),
    "papers_asked": (("papers_asked", {"ref": "claimed", "until": APPEAR}),),
    "papers_given": (("papers_given", {"ref": "papers_asked"}),),
    "inquired": (("inquired", {"outcome": "none-found"}), ("inquired", {"outcome": "innocent-cause"})),
    "referred": (("referred", {}),),
    "fulfilled": (("fulfilled", {}),),
    "alternative_assigned": (("alternative_assigned", {}),),
    "case_stayed": (("case_stayed", {}),),
    "case_stay_lifted": (("case_stay_lifted", {"ref": "case_stayed"}),),
    "stayed": (("stayed", {"ground": "call-up"}),),
    "stay_lifted": (("stay_lifted", {"ref": "stayed"}),),
    "recalled": (("recalled", {"ground": "wave 1"}),),
}
"""What each kind of fact is in the walk. A kind without a place here is in `ASIDE`, with the reason."""

ASIDE = {
    "signed": "a signature on a freeze or a wave, before there is a case",
    "print_accepted": "about a print file",
    "recused": "an official stands back: it changes no standing, and the person sees it",
    "read": "a clerk looked: it changes nothing, and the person sees it",
    "ruled": "before the roll: an undetermined finding",
    "pressure_reported": "about nobody in particular: it is counted and answered, and changes no standing",
    "role_granted": "who may act at a desk",
    "role_ended": "who may act at a desk",
    "erased": "after closing: it names nobody",
    **dict.fromkeys(UNDERTAKEN, "after enlistment: it tests undertakings and changes no standing"),
    **dict.fromkeys(DOORS, "a door out: it changes no standing, and the person sees it"),
    "represented": "who speaks for the person; it changes nothing",
}
ADVERSE = ("did not come", "referred outside")
STEPS = (1, 15, 40)
"""Days that pass between two facts: within every clock, past the short ones, past all."""


class Sequence:
    """Facts so far, and the day."""

    __slots__ = ("day", "rows", "told")

    def __init__(self, told: tuple[Told, ...], day: int, rows: list[dict[str, object]] | None = None) -> None:
        self.told, self.day = told, day
        self.rows = story(*told) if rows is None else rows

    def later(self, days: int) -> "Sequence":
        return Sequence(self.told, self.day + days, self.rows)

    def then(self, kind: str, more: dict[str, object]) -> "Sequence":
        told = (self.day, kind, more)
        return Sequence((*self.told, told), self.day, [*self.rows, line(len(self.told) + 1, *told)])


def phase(end: date | None, now: date) -> str:
    if end is None:
        return "-"
    return "before" if now < end else "at" if now == end else "after"


def look(sequence: Sequence, reading: Callable[..., Standing] = fold_rules) -> Standing:
    now = START + timedelta(days=sequence.day)
    return reading(RULES, sequence.rows, NOTICE, Moment(now, now))


def same(sequence: Sequence, found: Standing) -> tuple[object, ...]:
    """What a continuation can depend on."""
    now = START + timedelta(days=sequence.day)
    kinds = frozenset(kind for _, kind, _ in sequence.told) & {"did_not_come", "inquired", "referred", "appeared", "excused"}
    if found.state in ("released", "enlisted", "fulfilled") or "appeared" in kinds:
        return (found.state, found.claim, found.suspended)  # none of these becomes adverse by what is added
    tried = len({more["channel"] for _, kind, more in sequence.told if kind in ("handed_over", "available", "delivered", "opened")})
    return (
        found.state, found.service, found.claim, found.suspended, found.next_step, phase(found.appear_on, now),
        phase(found.confirmed_on, APPEAR), phase(found.respond_by, now), found.overdue, kinds, min(tried, 2),
        *_order(sequence),
    )  # fmt: skip


def _order(sequence: Sequence) -> tuple[object, ...]:
    """In which order the facts lie that may count against the person, and whether today is still open."""
    told, appear = sequence.told, (APPEAR - START).days
    absent = [when for when, kind, _ in told if kind == "did_not_come"]
    said = min((when for when in absent if when > appear and _free(told, when)), default=None)
    asked = [when for when, kind, more in told if kind == "inquired" and more["outcome"] == "none-found" and _free(told, when)]
    after = min((when for when in asked if said is not None and when >= said), default=None)
    referred = [when for when, kind, _ in told if kind == "referred" and _free(told, when)]
    back = [when for when, kind, _ in told if kind in ("withdrawn", "recalled")]
    return (
        len(absent) > 0, said is not None, len(asked) > 0, after is not None, len(referred) > 0,
        after is not None and any(when >= after for when in referred), bool(told) and told[-1][0] == sequence.day,
        _let_off(told, appear), said is not None and bool(back) and said > back[-1],
        any(when + 14 <= appear for when in _receipts(told)), bool(_receipts(told)),
    )  # fmt: skip


def continued(sequence: Sequence, alphabet: tuple[str, ...]) -> Iterator[Sequence]:
    for days in STEPS:
        if sequence.day + days <= 200:
            yield sequence.later(days)
    for kind in alphabet:
        for name, more in EVENTS[kind]:
            filled = dict(more)
            if "ref" in filled:
                older = [number for number, (_, known, _) in enumerate(sequence.told, 1) if known == filled["ref"]]
                if not older:
                    continue
                filled["ref"] = f"f{older[-1]}"
            yield sequence.then(name, filled)


def wrong(sequence: Sequence, found: Standing) -> str | None:
    """What must never be, said over the bare facts and not by the fold's own words; ``None`` if all is well."""
    if found.state not in ADVERSE:
        return None
    for kind in ("did_not_come", *(("inquired", "referred") if found.state == "referred outside" else ())):
        if kind not in [name for _, name, _ in sequence.told]:
            return f"no {kind}"
        if "second" not in VOCABULARY[kind].needs or not set(VOCABULARY[kind].by) <= {"official", "desk"}:
            return f"{kind} needs no second human"
    return next((words for words, holds in _guards(sequence, found.state) if not holds), None)


RECEIPT = ("delivered", "opened", "responded", "claimed", "claim_withdrawn", "appealed", "appointment_moved", "papers_given", "appeared")


def _guards(sequence: Sequence, state: str) -> Iterator[tuple[str, bool]]:
    told = sequence.told
    days = {kind: [when for when, name, _ in told if name == kind] for kind in EVENTS}
    sets = ("called", "appointment_moved", "decided")
    appoints = [
        (when, more["appear_on"], kind, f"f{at}") for at, (when, kind, more) in enumerate(told, 1) if kind in sets and "appear_on" in more
    ]
    appear = ((appoints[-1][1] if appoints else APPEAR) - START).days
    yield "the day was set before it passed", not appoints or appoints[-1][0] <= appear
    receipts = _receipts(told)
    yield "confirmed service before the day of appearance", any(when <= appear for when in receipts)
    said = [when for when, kind, more in told if kind == "did_not_come" and (more["appear_on"] - START).days == appear and when > appear]
    yield "the deadline had passed when absence was recorded", bool(said)
    yield "no stay holds", not _stayed(told)
    yield "one had to come on that day, as one could read it then", not _let_off(told, appear)
    if appoints and appoints[-1][2] == "called":
        yield "the notice of that day was received", any(when >= appoints[-1][0] for when in receipts)
    if appoints and appoints[-1][2] == "decided":
        heard = {more["ref"]: when for when, kind, more in reversed(told) if kind == "decision_served"}
        yield "the new day was told with lead time", heard.get(appoints[-1][3], 10_000) + 14 <= appear
    yield "a day on which no stay held, no claim rested the duty and nothing was halted", any(_free(told, when) for when in said)
    yield "the person did not come after all", not days["appeared"]
    if state == "referred outside":
        tried = {more["channel"] for _, kind, more in told if kind in ("handed_over", "available", "delivered", "opened", "receipt_refused",
                                                                        "returned", "attempt_failed", "misdelivered")}  # fmt: skip
        yield "two ways of service tried", len(tried) > 1
        asked = [
            when for when, kind, more in told if kind == "inquired" and more["outcome"] == "none-found" and when >= min(said, default=999)
        ]
        yield "an inquiry that found no innocent cause", bool(asked)
        yield (
            "a referral after it, while nothing stopped it",
            any(when >= min(asked, default=999) and _free(told, when) for when in days["referred"]),
        )
        yield "receipt with lead time", any(when + 14 <= appear for when in receipts)


def _receipts(told: tuple[Told, ...]) -> list[int]:
    """Days of receipt, or of what only the person can do, that nothing undid."""
    days: dict[str, list[int]] = {}
    for when, kind, _ in told:
        days.setdefault(kind, []).append(when)
    undone = [when for when, kind, _ in told if kind in ("not_for_me", "service_contested") and not _settled(told, when, kind)]
    last = max([*undone, *days.get("recalled", ()), *days.get("withdrawn", ())], default=-1)
    lost = {"delivered": days.get("returned", ()), "opened": (*days.get("misdelivered", ()), *days.get("attempt_failed", ()))}
    return [when for when, kind, _ in told if kind in RECEIPT and when > max([last, *lost.get(kind, [])])]


def _settled(told: tuple[Told, ...], when: int, kind: str) -> bool:
    numbers = [f"f{number}" for number, (day, name, _) in enumerate(told, 1) if (day, name) == (when, kind)]
    refused = {more["ref"] for _, name, more in told if name == "decided" and more.get("outcome") == "refused"}
    return set(numbers) <= refused


def _stayed(told: tuple[Told, ...]) -> bool:
    lifted = {more["ref"] for _, name, more in told if name in ("stay_lifted", "case_stay_lifted")}
    return any(name in ("stayed", "case_stayed") and f"f{number}" not in lifted for number, (_, name, _) in enumerate(told, 1))


def _free(told: tuple[Told, ...], when: int) -> bool:
    """No suspending claim waited, no stay held and no halt had stopped the wave on that day."""
    lifted = {more["ref"]: day for day, name, more in reversed(told) if name in ("stay_lifted", "case_stay_lifted")}
    settled: dict[str, int] = {}
    for day, name, more in told:
        if name in ("decided", "claim_withdrawn"):
            settled.setdefault(str(more["ref"]), day)
    for number, (day, name, more) in enumerate(told, 1):
        if name == "halted" and day <= when:
            return False
        if name in ("stayed", "case_stayed") and day <= when < lifted.get(f"f{number}", 10_000):
            return False
        if name == "claimed" and more["ground"] == "deferral" and day <= when < settled.get(f"f{number}", 10_000):
            return False
    return True


def _let_off(told: tuple[Told, ...], day: int) -> bool:
    """Nothing bound one to come on that day: a claim or a contest waited, or was refused and not told, a grant or a toll covered it."""
    if not _free(told, day):
        return True
    served = {more["ref"]: when for when, name, more in reversed(told) if name == "decision_served"}
    for number, (when, name, _) in enumerate(told, 1):
        if name == "tolled" and when <= day:
            return True
        if name in ("service_contested", "not_for_me") and when <= day:
            rulings = [f"f{at}" for at, (_, kind, one) in enumerate(told, 1) if kind == "decided" and one["ref"] == f"f{number}"]
            if not rulings or served.get(rulings[-1], 10_000) > day:
                return True
    return False


def walk(alphabet: tuple[str, ...] = tuple(EVENTS), limit: int = 1_000_000) -> tuple[int, int, list[str]]:
    """Walk until no reading is new: how many readings, how many sequences were read, and counter-examples told as stories."""
    first = Sequence((), 0)
    seen = {same(first, look(first))}
    waiting, read, found_wrong = deque([first]), 0, []
    while waiting and len(seen) < limit:
        for sequence in continued(waiting.popleft(), alphabet):
            found = look(sequence)
            read += 1
            if said := wrong(sequence, found):
                found_wrong.append(f"{found.state}, though not: {said}. {tell(sequence)}")
                return len(seen), read, found_wrong
            key = same(sequence, found)
            if key not in seen:
                seen.add(key)
                waiting.append(sequence)
    return len(seen), read, found_wrong


def tell(sequence: Sequence) -> str:
    return (
        "; ".join(f"day {when} {kind} {' '.join(map(str, more.values()))}".strip() for when, kind, more in sequence.told)
        + f"; day {sequence.day}"
    )


def closed(sequence: Sequence) -> str:
    """How a sequence ends if nobody does anything any more."""
    now = START + timedelta(days=sequence.day)
    state = fold_rules(RULES, [CALLED, *sequence.rows], NOTICE, Moment(now, now, now)).state
    assert state in TERMINAL
    return state


if __name__ == "__main__":
    readings, sequences, problems = walk(tuple(sys.argv[1].split(",")) if len(sys.argv) > 1 else tuple(EVENTS))
    print(f"{readings} readings, {sequences} sequences")
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))
