"""Reads a scenario file and refuses what it does not know, with the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from callup.terms.errors import BadInput

KINDS = ("facts", "findings", "draw", "urn", "tally", "line")
_KEYS = {
    "scenario": {
        "id", "title", "story", "sources", "kind", "jurisdiction", "cases", "few", "appear_on", "acts", "persons", "looks", "strata",
        "window",
    },
    "act": {
        "name", "kind", "by", "on", "between", "after", "of", "not_of", "share", "channel", "outcome", "ground", "until", "ref",
        "known_after", "known_on", "nobody", "why", "appear_on",
    },
    "person": {"name", "share", "given", "why"},
    "look": {"as_of", "known_at", "closing", "holds"},
    "hold": {"what", "table", "where", "cases"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario.

    Args:
        id: S1 to S15.
        title: its name.
        story: what happened, in a paragraph.
        sources: where that was published.
        kind: which rooms it runs through: ``facts`` (cases), ``findings`` (law), ``draw``, ``urn`` (a draw that must fail its audit),
            ``tally`` (zeros that must alarm), ``line`` (the whole of a call-up).
        jurisdiction: whose law.
        cases: how many at full size.
        few: how many in a test.
        table: the whole file.
    """

    id: str
    title: str
    story: str
    sources: tuple[str, ...]
    kind: str
    jurisdiction: str
    cases: int
    few: int
    table: Mapping[str, Any]


def available() -> tuple[str, ...]:
    """The ids of all scenarios, in order."""
    names = [one.name.removesuffix(".toml") for one in files("callup.app.simulate").joinpath("scenarios").iterdir()]
    return tuple(sorted((name for name in names if name[1:].isdigit()), key=lambda name: int(name[1:])))


def read_scenario(name: str) -> Scenario:
    """Read a scenario by its id.

    Raises:
        BadInput: there is none of that id.
    """
    if name not in available():
        raise BadInput("scenario-unknown", {"scenario": name}, f"one of: {', '.join(available())}")
    text = files("callup.app.simulate").joinpath("scenarios", f"{name}.toml").read_text(encoding="utf-8")
    return parse_scenario(tomllib.loads(text))


def parse_scenario(table: Mapping[str, Any]) -> Scenario:
    """Check a parsed file.

    Raises:
        BadInput: an unknown key or kind, a missing one, or an act that leans on a later one.
    """
    _known("scenario", table)
    for act in table.get("acts", ()):
        _known("act", act)
    for person in table.get("persons", ()):
        _known("person", person)
    for look in table.get("looks", ()):
        _known("look", look)
        for hold in look["holds"]:
            _known("hold", hold)
    missing = [key for key in ("id", "title", "story", "sources", "kind", "cases", "few") if not table.get(key)]
    if missing or table["kind"] not in KINDS:
        raise BadInput(
            "scenario-unusable", {"missing": ", ".join(missing), "kind": table.get("kind")}, f"a kind is one of {', '.join(KINDS)}"
        )
    told: set[str] = set()
    for act in table.get("acts", ()):
        leans = {act.get("of"), act.get("ref"), *act.get("not_of", ())} - {None}
        if act["name"] in told or not leans <= told:
            raise BadInput(
                "scenario-unusable", {"act": act["name"], "leans on": ", ".join(sorted(leans - told))}, "tell acts in their order"
            )
        told.add(act["name"])
    said = {key: table[key] for key in ("id", "title", "story", "kind", "cases", "few")}
    return Scenario(**said, sources=tuple(table["sources"]), jurisdiction=table.get("jurisdiction", ""), table=table)


def _known(what: str, row: Mapping[str, Any]) -> None:
    unknown = sorted(set(row) - _KEYS[what])
    if unknown:
        raise BadInput("scenario-unusable", {what: ", ".join(unknown)}, f"a {what} has: {', '.join(sorted(_KEYS[what]))}")
