"""What the code on the letter of a decision holds: the row of its fact, as it was entered in the acts log (docs/formats.md)."""

from __future__ import annotations

import re

from callup.app.checking.published import refused
from callup.draw import commitment, entry
from callup.notice.decisions import TOLD
from callup.terms.canonical import UNKNOWN
from callup.terms.facts import VOCABULARY
from callup.terms.tables import FACTS

_FACT = re.compile("[0-9a-f]{32}", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


def is_decision(text: str) -> bool:
    """Whether a text is no notice: those begin with their type."""
    return not text.startswith("callup/")


def read_decision(text: str) -> dict[str, str]:
    """The fields of the row, by name; empty where nothing is held.

    Raises:
        Tampered: ``letter-malformed``: not the row of a decision that a letter tells.
    """
    fields = ["" if one == UNKNOWN else _ESCAPED.sub(_plain, one) for one in text.split("\t")]
    row = dict(zip(FACTS.names, fields, strict=False))
    if len(fields) != len(FACTS.names) or not _FACT.fullmatch(row["fact_id"]) or row["kind"] not in TOLD or not row["case_id"]:
        raise refused("letter-malformed")
    return row


def _plain(found: re.Match[str]) -> str:
    return {"t": "\t", "n": "\n"}.get(found[1], found[1])


def entry_of_decision(row: dict[str, str], salt: str, text: str) -> bytes:
    """The entry that commits to the row."""
    return entry(VOCABULARY[row["kind"]].act, commitment("open", salt, text))


def told_decision(row: dict[str, str]) -> str:
    """What it decides, in one line."""
    what = " ".join(one for one in (row["kind"], row["outcome"], row["appear_on"] or row["until"]) if one)
    return f"case {row['case_id']}, {row['happened_on']}: {what}"
