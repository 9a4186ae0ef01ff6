"""Which foreign word, if any, says the same as one of our facts, and the rule that none may be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callup.terms.facts import VOCABULARY

_ACTS = ("call", "service", "return", "erratum")


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The foreign word for a kind of fact; an empty word says that there is none. ``why`` says it in either case."""

    word: str
    why: str


Table = Mapping[tuple[str, str], Counterpart]
"""Counterparts by kind and channel; an empty channel stands for every channel that is not named."""


def about_an_attempt(kind: str) -> bool:
    """Whether a kind of fact concerns an attempt to reach someone: it names a notice or a channel, or is logged as such an act.

    Every such kind needs a line in each table of counterparts, a later kind too; ``tests/app/test_exports.py`` fails until it has one.
    """
    row = VOCABULARY[kind]
    return bool({"notice_id", "channel"} & set(row.needs)) or row.act in _ACTS


def counterpart(table: Table, fact: Mapping[str, Any]) -> Counterpart | None:
    """The line of a table for a fact; none where the table does not speak of its kind."""
    kind = str(fact["kind"])
    return table.get((kind, fact["channel"] or ""), table.get((kind, "")))
