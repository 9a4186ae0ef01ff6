"""What a check is given and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from callup.app.record.carrying import Record
from callup.planning import Claims

AGREES, DIFFERS, DEPENDS, UNKNOWN, AS_PRINTED = "agrees", "differs", "depends", "cannot be known", "as printed"
VERDICTS = (AGREES, DIFFERS, DEPENDS, UNKNOWN, AS_PRINTED)


@dataclass(frozen=True, slots=True)
class Matter:
    """One claim with what its check needs.

    Args:
        record: the record it stands in.
        claims: the registry.
        row: the claim as printed.
        check: its table of ``checks.toml``.
        as_of: the day on which it is read.
    """

    record: Record
    claims: Claims
    row: Mapping[str, str]
    check: Mapping[str, Any]
    as_of: date


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its reasons and what it was compared with."""

    verdict: str
    finding: str
    sources: tuple[str, ...] = ()


Check = Callable[[Matter], Answer]
