"""One fact as a row of plain values: its number, and whether it may be recorded, without a table being made for it.

A portal records one fact at a time, a thousand times a minute; `callup.cases.facts` does the same for whole batches and says what is wrong.
Tests hold the two equal on any row.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from callup.cases.facts import GROUNDS, NAMED, SPANS, texts_of
from callup.terms.canonical import UNKNOWN
from callup.terms.facts import VOCABULARY, FactKind, needed
from callup.terms.tables import FACTS

_OTHERS = tuple(name for name in FACTS.names if name not in ("fact_id", "seq"))
_NEEDED = tuple(name for name in _OTHERS if not FACTS[name].nullable)
_DAYS = tuple(name for name in _OTHERS if FACTS[name].type == "date")
_TEXTS = tuple(name for name in _OTHERS if FACTS[name].type == "text")
_GROUNDS = {kind: re.compile(pattern, re.DOTALL) for kind, (pattern, _) in GROUNDS.items()}
_HEX_64, _ROLE = re.compile("[0-9a-f]{64}"), re.compile("^[a-z]+: ")


def row_fact_id(row: Mapping[str, Any]) -> str:
    """The number of a fact, as `fact_ids` gives it for a batch.

    Args:
        row: fields of FACTS; days as dates. What is not there is null.
    """
    return hashlib.sha256("\t".join(_text(row.get(name)) for name in _OTHERS).encode()).hexdigest()[:32]


def fact_texts(facts: pa.Table) -> list[str]:
    """The canonical text of each fact, number and order of recording included (design D11): what its act commits to.

    Args:
        facts: recorded rows of FACTS.
    """
    return texts_of(facts, FACTS.names)


def _text(value: Any) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def is_fact(row: Mapping[str, Any]) -> bool:
    """Whether a row may be recorded; what is wrong with one that may not, `fact_problems` says."""
    kind = VOCABULARY.get(str(row.get("kind")))
    return kind is not None and set(row) <= set(FACTS.names) and _is_whole(row) and _is_of_its_kind(row, kind)


def _is_whole(row: Mapping[str, Any]) -> bool:
    """What can be said of a row without knowing its kind."""
    if any(row.get(name) is None for name in _NEEDED):
        return False
    days, texts = [row.get(name) for name in _DAYS], [row.get(name) for name in _TEXTS]
    if not all(value is None or isinstance(value, date) for value in days) or row["known_on"] < row["happened_on"]:
        return False
    if not all(value is None or isinstance(value, str) for value in texts) or _HEX_64.fullmatch(row["evidence"]) is None:
        return False
    return all(value is None or value.isascii() or unicodedata.is_normalized("NFC", value) for value in texts)


def _lacks(value: Any) -> bool:
    """Whether a field says nothing: it is null, or a text of nothing but spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def _is_of_its_kind(row: Mapping[str, Any], kind: FactKind) -> bool:
    """What the vocabulary asks of one kind."""
    role, _, named = str(row["actor"]).partition(": ")
    if role not in kind.by or (role in NAMED and not named.strip()) or any(_lacks(row.get(one)) for one in needed(kind)):
        return False
    if "second" in kind.needs and _ROLE.sub("", str(row["actor"]), count=1) == row["second"]:
        return False
    if not kind.personal and row.get("case_id") is not None:
        return False
    if not _is_understood(row, kind.kind):
        return False
    outcome = row.get("outcome")
    return outcome is None or outcome in kind.outcomes


def _is_understood(row: Mapping[str, Any], kind: str) -> bool:
    """Whether `cases` would understand its ground, and it does not end before it began."""
    if kind in _GROUNDS and _GROUNDS[kind].fullmatch(str(row.get("ground"))) is None:
        return False
    return kind not in SPANS or row["until"] >= row["happened_on"]
