"""The text that the acts log commits to for one notice: ``callup/notice/1``, or ``callup/form/1`` where it asks for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

DIGEST_DIGITS = 32
"""Hex digits of a digest in the document: 128 bits, and the code on paper stays legible. The plan holds all 64."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every document of one call-up carries.

    Args:
        call_up: id of the call-up.
        jurisdiction: code of the law folder.
        law: hex digest of the law version.
        promises: hex digest of the promises in force (safeguard G22).
        object_days: days to object to the notice, counted from service.
        answer: the time to answer, as ``10 days from service``, where the notice asks for an answer and names no day; else empty.
    """

    call_up: str
    jurisdiction: str
    law: str
    promises: str
    object_days: int
    answer: str = ""


Slot = tuple[str, date | None, str]
"""Place, day and time."""


def document(called: pa.Table, slots: Sequence[Slot], imprint: Imprint) -> list[str]:
    """Write the documents of a wave.

    Args:
        called: columns stratum, position, salt (of the roll), rank, person_id, born_on.
        slots: place, day and time for each row; with no place the rank is not called, and ``day`` ends its liability; with no day either
            it is called to answer.
        imprint: what they share.

    Returns:
        One text a row, lines ending in LF, in this order: version, call-up, roll (stratum, position, roll salt), rank, person, born, report
        (day, time, place), law, object-by, promises. In a form the line ``answer`` (the time) stands for ``report``: no line has a day.

    Source: the log format of callup, section Letter.
    """
    kind, asked = ("form", "answer") if imprint.answer else ("notice", "report")
    head = f"callup/{kind}/1\ncall-up: {imprint.call_up}\nroll: "
    tail = (
        f"\nlaw: {imprint.jurisdiction} {imprint.law[:DIGEST_DIGITS]}"
        f"\nobject-by: {imprint.object_days} days from service\npromises: {imprint.promises[:DIGEST_DIGITS]}\n"
    )
    names = ("stratum", "position", "salt", "rank", "person_id", "born_on")
    rows = zip(*(called.column(name).to_pylist() for name in names), slots, strict=True)
    return [
        f"{head}{stratum} {position} {salt}\nrank: {rank}\nperson: {person}\nborn: {born or ''}\n{asked}: {_asked(slot, imprint)}{tail}"
        for stratum, position, salt, rank, person, born, slot in rows
    ]


def within_of(text: str) -> str:
    """The time that a form gives to answer, out of its text."""
    return text.partition("\nanswer: ")[2].partition("\n")[0]


def _asked(slot: Slot, imprint: Imprint) -> str:
    place, day, at = slot
    if day is None:
        return imprint.answer
    return f"{day} {at} {place}" if place else f"none {day}"
