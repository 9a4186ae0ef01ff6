"""Small stories about one case, told in days from 1 April 2025, and how they are read."""

from datetime import date, timedelta

from callup.cases.fold import Moment, Standing, fold_rules
from callup.cases.rules import FIRST, LAST, Filing, Rest, Rules, ServiceLine, Term, TollLine
from callup.terms.facts import VOCABULARY
from callup.terms.tables import FACTS

START = date(2025, 4, 1)
WIDE = (FIRST, LAST)
LINES = (
    ServiceLine("mail", "handed_over", 7, "presume", *WIDE, "art. 3(2)"),
    ServiceLine("mail", "delivered", 0, "confirm", *WIDE, "art. 3(1)"),
    ServiceLine("portal", "opened", 0, "confirm", *WIDE, "art. 3(3)"),
    ServiceLine("portal", "available", 10, "fail", *WIDE, "art. 3(4)"),
    ServiceLine("list", "available", 3, "presume", *WIDE, "art. 3(5)", acts=False),
)
TERMS = (
    Term("lead", 14, False, *WIDE, "art. 4(1)"),
    Term("response", 10, False, FIRST, date(2025, 6, 1), "art. 4(2)"),
    Term("response", 4, False, date(2025, 6, 1), LAST, "art. 4(2), amended"),
    Term("second_attempt", 10, False, *WIDE, "art. 4(3)"),
    Term("decision", 15, False, *WIDE, "art. 6"),
    Term("appeal", 30, False, *WIDE, "art. 7"),
    Term("rest", 365, False, *WIDE, "art. 9"),
)
RULES = Rules(
    LINES,
    (Rest("deferral", "final", *WIDE, "art. 8"), Rest("liability", "final", *WIDE, "safeguard G8")),
    TERMS,
    (Filing("deferral", 5, 0, False, *WIDE, "art. 5"),),
    (TollLine("hospital", "service", *WIDE, "art. 10"), TollLine("hospital", "response", *WIDE, "art. 10")),
)
NOTICE = {"case_id": "c", "wave": 1, "stratum": "north", "appear_on": date(2025, 5, 5), "liable_until": None}


def day(number: int) -> date:
    return START + timedelta(days=number)


Told = tuple[int, str, dict[str, object]]


def story(*facts: Told) -> list[dict[str, object]]:
    """FACTS rows: fact n of the story has the number ``fn``; those about no person lose the case."""
    return [line(seq, *told) for seq, told in enumerate(facts, 1)]


def line(seq: int, happened: int, kind: str, more: dict[str, object]) -> dict[str, object]:
    """The FACTS row of fact ``seq`` of a story."""
    about = {"case_id": "c", "notice_id": "n"} if VOCABULARY[kind].personal else {}
    row = dict.fromkeys(FACTS.names) | {"fact_id": f"f{seq}", "seq": seq, "kind": kind} | about
    return row | {"happened_on": day(happened), "known_on": day(happened), "actor": "desk"} | more


CALLED = line(0, 0, "called", {})
"""The wave of the case was entered on the first day."""


def read(rows: list[dict[str, object]], number: int, closing: date | None = None, known: int | None = None) -> Standing:
    return fold_rules(RULES, [CALLED, *rows], NOTICE, Moment(day(number), day(number if known is None else known), closing))
