"""The text that the acts log commits to for one notice: ``callup/notice/1``."""

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
    """

    call_up: str
    jurisdiction: str
    law: str
    promises: str
    object_days: int


def document(called: pa.Table, slots: Sequence[tuple[str, date, str]], imprint: Imprint) -> list[str]:
    """Write the documents of a wave.

    Args:
        called: columns stratum, position, salt (of the roll), rank, person_id, born_on.
        slots: place, day and time for each row; an empty place means that the rank is not called and ``day`` ends its liability.
        imprint: what they share.

    Returns:
        One text a row, lines ending in LF, in this order: version, call-up, roll (stratum, position, roll salt), rank, person, born, report
        (day, time, place), law, object-by, promises.

    Source: the log format of callup, section Letter.
    """
    head = f"callup/notice/1\ncall-up: {imprint.call_up}\nroll: "
    tail = (
        f"\nlaw: {imprint.jurisdiction} {imprint.law[:DIGEST_DIGITS]}"
        f"\nobject-by: {imprint.object_days} days from service\npromises: {imprint.promises[:DIGEST_DIGITS]}\n"
    )
    names = ("stratum", "position", "salt", "rank", "person_id", "born_on")
    rows = zip(*(called.column(name).to_pylist() for name in names), slots, strict=True)
    return [
        f"{head}{stratum} {position} {salt}\nrank: {rank}\nperson: {person}\nborn: {born or ''}\nreport: {_report(slot)}{tail}"
        for stratum, position, salt, rank, person, born, slot in rows
    ]


def _report(slot: tuple[str, date, str]) -> str:
    place, day, at = slot
    return f"{day} {at} {place}" if place else f"none {day}"
