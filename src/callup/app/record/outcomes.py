"""What was promised, intended and announced, and what came of it: each status follows from outcomes that others published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from callup.app.record.carrying import Where, table
from callup.terms.errors import BadInput

ADMITTED, REPORTED, COUNTED = "admitted", "reported", "counted"
_KINDS = (ADMITTED, REPORTED, COUNTED)
_AUTHORITY = "the authority"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody published about a promise, an intention or a reaction.

    Args:
        id: its number.
        of: numbers of what it answers.
        known_on: day or month, as printed.
        said_by: whose statement it is.
        by_authority: whether the promising side itself says it.
        kind: ``admitted``, ``reported`` or ``counted``.
        value: the number counted, in the unit of what it answers; None where there is none.
        words: in our own words.
        source: where it was read.
    """

    id: str
    of: tuple[str, ...]
    known_on: str
    said_by: str
    by_authority: bool
    kind: str
    value: Fraction | None
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said in public, with what came of it.

    Args:
        id: its number.
        on: day or month on which it was said or done, as printed.
        until: last day it speaks of; None where it names none.
        said_by: who, with office where printed.
        words: in our own words.
        forbids: what a promise rules out; empty for an intention.
        target: the number promised, with its unit; empty where there is none.
        status: what became of it.
        why: the status in a sentence.
        source: where it was read.
        outcomes: what it rests on.
    """

    id: str
    on: str
    until: date | None
    said_by: str
    words: str
    forbids: str
    target: str
    status: str
    why: str
    source: str
    outcomes: tuple[Outcome, ...]


def outcomes(where: Where) -> tuple[Outcome, ...]:
    """All outcomes of the record.

    Raises:
        BadInput: ``outcome-kind``: a kind that is none of the three, or an answer to nothing.
    """
    return tuple(_outcome(row, number) for number, row in enumerate(table(where, "outcomes.csv"), 1))


def _outcome(row: Mapping[str, str], number: int) -> Outcome:
    if row["kind"] not in _KINDS or not row["of"].split():
        raise BadInput(
            "outcome-kind", {"row": number, "kind": row["kind"], "of": row["of"]}, f"say what it answers, and one of {', '.join(_KINDS)}"
        )
    value = Fraction(row["value"]) if row["value"] else None
    mine = row["side"] == _AUTHORITY
    return Outcome(
        row["id"], tuple(row["of"].split()), row["known_on"], row["said_by"], mine, row["kind"], value, row["words"], row["source"]
    )


def promises(where: Where, as_of: date) -> tuple[Statement, ...]:
    """Undertakings and assurances of officials on a day. Press alone never makes one ``kept``: that needs a dossier's facts."""
    came = outcomes(where)
    found = []
    for row in table(where, "undertakings.csv"):
        until = _until(row["until"])
        mine = _of(came, row["id"], as_of)
        status, why = _promise_status(mine, until, as_of)
        said_by = f"{row['said_by']}, {row['office']}"
        said = (row["id"], row["said_on"], until, said_by, row["words"], row["forbids"], "")
        found.append(Statement(*said, status, why, row["source"], mine))
    return tuple(found)


def _promise_status(mine: Sequence[Outcome], until: date | None, as_of: date) -> tuple[str, str]:
    if any(one.kind == ADMITTED for one in mine):
        return "broken", "the promising side itself said so"
    if any(one.kind == REPORTED for one in mine):
        return "reported broken", "others reported it; the promising side has not confirmed it"
    if until is not None and until >= as_of:
        return "open", "its time is not over"
    return "not verifiable", "no data says that it was kept, and none that it was broken"


def intentions(where: Where, as_of: date) -> tuple[Statement, ...]:
    """Statements of intention as the forecasts of their authors, scored once their day has passed. callup makes none of its own."""
    came = outcomes(where)
    found = []
    for row in table(where, "intentions.csv"):
        due, mine = _until(row["due_on"]), _of(came, row["id"], as_of)
        target = f"{row['sense']} {int(row['value']):,} {row['unit']}" if row["value"] else ""
        status, why = _intention_status(row, due, mine, as_of)
        found.append(Statement(row["id"], row["said_on"], due, row["said_by"], row["words"], "", target, status, why, row["source"], mine))
    return tuple(found)


def _intention_status(row: Mapping[str, str], due: date | None, mine: Sequence[Outcome], as_of: date) -> tuple[str, str]:
    if due is None:
        return "cannot be scored", "it names no day"
    if due >= as_of:
        return "open", "its day has not passed"
    counted = [one for one in mine if one.value is not None]
    if not row["value"] or not counted:
        return "no outcome published", "no figure for it was found"
    last, wanted = counted[-1], Fraction(row["value"])
    value = last.value or Fraction(0)
    reached = value >= wanted if row["sense"] == "at least" else rounded(value, wanted) == wanted
    word = "by the word of the announcing side alone" if all(one.by_authority for one in counted) else f"by the word of {last.said_by}"
    return "came true" if reached else "did not come true", f"{int(value):,}, which is {float(100 * value / wanted):.0f} in 100, {word}"


def rounded(value: Fraction, printed: Fraction) -> Fraction:
    """A value to as many digits as a printed number shows.

    Example:
        >>> int(rounded(Fraction(2_389_130), Fraction(2_390_000))), int(rounded(Fraction(422_704), Fraction(450_000)))
        (2390000, 420000)
    """
    unit = 1
    while printed and printed % (10 * unit) == 0:
        unit *= 10
    return Fraction(round(value / unit) * unit)


def reactions(where: Where, as_of: date) -> tuple[tuple[dict[str, str], tuple[Outcome, ...]], ...]:
    """Reactions of others: who, of what country, on which day, to what, words or a measure; and what is known of the outcome."""
    came = outcomes(where)
    return tuple((row, _of(came, row["id"], as_of)) for row in table(where, "reactions.csv"))


def _of(came: Sequence[Outcome], number: str, as_of: date) -> tuple[Outcome, ...]:
    """What was known by the end of a day; a month counts from its first day."""
    return tuple(one for one in came if number in one.of and f"{one.known_on}-01"[:10] <= as_of.isoformat())


def _until(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
