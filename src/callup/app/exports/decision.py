"""Letters of decisions as documents, from the words that `callup.notice.decisions` puts together, and what is recorded as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from itertools import accumulate
from typing import Any

from callup.app.course import Course
from callup.app.engines.typst import compiled
from callup.app.web.words import words_of
from callup.notice.codes import MAIL_SIDE
from callup.notice.decisions import TOLD, Basis, Decided, decision_words

_ABOUT = {"excused": "did_not_come", "inquired": "did_not_come", "referred": "did_not_come", "assessed": "appeared"}
"""What a decision that names no other fact is about: the last fact of this kind before it."""


def decision_letter(course: Course, held: Mapping[str, Any], decided: Decided) -> bytes:
    """The letter of one decision as a tagged PDF (PDF/UA-1), without the code for the post: it is not posted.

    Args:
        course: the run.
        held: what the portal holds of the case: notice and address.
        decided: the decision.

    Raises:
        Unavailable: Typst failed.
    """
    told = decision_words(basis_of(course, held, decided), held, decided)
    return letters_pdf([told], [decided])


def letters_pdf(letters: Sequence[Mapping[str, Any]], decided: Sequence[Decided], rasters: Sequence[bytes] = ()) -> bytes:
    """Several letters one after another; each begins on a page of its own and counts its own pages.

    Args:
        letters: what `decision_words` gives.
        decided: the decisions, for the date of the document: the latest of their days.
        rasters: the codes of each letter, a byte a module, 0 for dark: for the post, then for the reader where ``check_side`` of the
            letter is not 0; empty for none.

    Raises:
        Unavailable: Typst failed.
    """
    source = files("callup.app.exports").joinpath("decision.typ").read_bytes()
    starts = [0, *accumulate(map(len, rasters))]
    sized = [{"address_size": USUAL_SIZE, "check_side": 0, **one, "codes_at": at} for one, at in zip(letters, starts, strict=False)]
    sized += [{"address_size": USUAL_SIZE, "check_side": 0, **one, "codes_at": 0} for one in letters[len(sized) :]]
    inputs = {"letters": json.dumps(sized, ensure_ascii=False), "side": str(MAIL_SIDE if rasters else 0)}
    return compiled(source, inputs, max(one.on for one in decided), b"".join(rasters))


USUAL_SIZE = 11
"""Of the letters of an address, in points."""


def basis_of(course: Course, held: Mapping[str, Any], decided: Decided) -> Basis:
    """What the words of a decision rest on, as of its day."""
    found = course.jurisdiction
    words = {language: words_of(language) for language in (held["notice"]["language"], *course.decree.languages)}
    return Basis(course.decree, found.law, found.procedure.at(decided.on), found.forms, found.code, found.version, words)


def decisions_in(own: Iterable[Mapping[str, Any]]) -> dict[str, Decided]:
    """The decisions among the facts of one case, by the number of their fact, as their letters tell them.

    A decision on something that is not among the facts is left out: nobody could say what it is about.

    Args:
        own: rows of FACTS of the case, in the order of recording.
    """
    known: dict[str, Mapping[str, Any]] = {}
    found: dict[str, Decided] = {}
    for row in own:
        if row["kind"] in TOLD and (row["kind"] != "decided" or row["ref"] in known):
            found[str(row["fact_id"])] = _told(row, asked_of(row["kind"], row["ref"], known.values()))
        known[str(row["fact_id"])] = row
    return found


def asked_of(kind: str, ref: str | None, own: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The fact that a decision of a kind answers: the one that it names, else the last absence, or the last coming to the board.

    Args:
        kind: of the decision.
        ref: the fact that it names, if it names one.
        own: the facts of the case before it, in order; empty where none fits.
    """
    rows = list(own)
    named = [row for row in rows if row["fact_id"] == ref and kind != "referred"]  # what is referred names the inquiry: the absence is told
    return (named or [row for row in rows if row["kind"] == _ABOUT.get(kind)] or [{}])[-1]


def _told(row: Mapping[str, Any], asked: Mapping[str, Any]) -> Decided:
    by = (str(row["actor"]).partition(": ")[2], str(row["second"]))
    kind, outcome, until, come_on = str(row["kind"]), str(row["outcome"] or ""), row["until"], row["appear_on"]
    if sets_day(kind, outcome, asked):
        until, come_on = None, come_on or until
    return Decided(asked, outcome, until, str(row["reason"] or ""), by, row["known_on"], kind=kind, come_on=come_on)


def sets_day(kind: str, outcome: str, asked: Mapping[str, Any]) -> bool:
    """Whether a day that is named with a decision is a day to come, and not the last on which the decision holds.

    So it is with an excuse, a refusal, and the grant of another date.
    """
    ground = str(asked.get("ground") or "").partition(":")[0]
    return kind == "excused" or (kind == "decided" and (outcome == "refused" or ground == "other-date"))
