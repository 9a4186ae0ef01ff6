"""Who may do what at the desk: one declared table, and grants that two named people gave until a day (portal.md 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from callup.app.web.identity import portal_file
from callup.terms.decree import Decree
from callup.terms.errors import BadInput

EVERYWHERE = "*"
REGISTRAR = "registrar"
ROLES: Mapping[str, frozenset[str]] = {
    "intake": frozenset({"queue", "open", "enter", "propose"}),
    "deciding": frozenset({"queue", "open", "propose", "decide"}),
    "board": frozenset({"queue", "open", "propose", "decide"}),
    "operator": frozenset({"returns", "outage"}),
    "auditor": frozenset({"watch"}),
    "ombudsman": frozenset({"watch", "sample"}),
    REGISTRAR: frozenset({"grant"}),
}
"""What each role may do. Registrars are the people whom the decree names; they open no case."""
GRANTED = tuple(role for role in ROLES if role != REGISTRAR)
BOARDS = "assessed"
"""The one kind of fact that a board records and no other."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of one person at the desks of a unit (``*``: of all), by two people, for a time."""

    number: str
    name: str
    role: str
    unit: str
    since: date
    until: date
    by: tuple[str, str]
    reason: str


def grants_on(facts: Iterable[Mapping[str, Any]], day: date) -> list[Grant]:
    """The grants that hold on a day.

    Args:
        facts: rows of FACTS that are about no case.
        day: the legal day.
    """
    known = [row for row in facts if row["kind"] in ("role_granted", "role_ended") and row["happened_on"] <= day]
    ended = {row["ref"] for row in known if row["kind"] == "role_ended"}
    return [_grant(row) for row in known if row["kind"] == "role_granted" and row["fact_id"] not in ended and day <= row["until"]]


def _grant(row: Mapping[str, Any]) -> Grant:
    role, _, unit = str(row["ground"]).partition(" ")
    by = (str(row["actor"]).partition(": ")[2], str(row["second"]))
    return Grant(row["fact_id"], row["ref"], role, unit, row["happened_on"], row["until"], by, row["reason"])


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody at the desk, with the roles that hold today: pairs of role and unit."""

    name: str
    roles: frozenset[tuple[str, str]]

    def may(self, act: str, unit: str = "", *, board: bool | None = None) -> bool:
        """Whether one of the roles allows an act.

        Args:
            act: a word of the table.
            unit: at the desk of which unit; empty for any.
            board: only as a member of the board, or only as somebody else; none where it does not matter.
        """
        fits = ((role, at) for role, at in self.roles if act in ROLES[role] and (not unit or at in (unit, EVERYWHERE)))
        return any(board is None or (role == "board") == board for role, _ in fits)

    def units(self, act: str) -> list[str]:
        """The units whose desk an act may be done at; ``*`` is every one."""
        return sorted({at for role, at in self.roles if act in ROLES[role]})


def officer(decree: Decree, grants: Iterable[Grant], name: str) -> Officer:
    """Who somebody is today. The people whom the decree names are its registrars."""
    roles = {(one.role, one.unit) for one in grants if one.name == name and one.role in GRANTED}
    if name in {one.name for one in decree.signatories}:
        roles.add((REGISTRAR, EVERYWHERE))
    return Officer(name, frozenset(roles))


def read_second(path: Path, *, rehearsal: bool) -> frozenset[str]:
    """The roles that ask for a passkey beside the provider's word: ``[roles.NAME] passkey = "required"`` of ``portal.toml``.

    Whoever decides needs one in a real call-up, unless the file says ``optional``; in a rehearsal nobody does, unless it says ``required``.

    Raises:
        BadInput: a role that there is not, or another word.
    """
    told = portal_file(path).get("roles", {})
    if not isinstance(told, dict):
        raise BadInput("portal-roles", {"path": path}, 'write [roles.deciding] and passkey = "required"')
    asked = {} if rehearsal else dict.fromkeys((role for role, acts in ROLES.items() if "decide" in acts), "required")
    for role, said in told.items():
        if role not in ROLES or not isinstance(said, dict) or set(said) != {"passkey"} or said["passkey"] not in ("required", "optional"):
            hint = f"a role is one of {', '.join(ROLES)}; its passkey is required or optional"
            raise BadInput("portal-roles", {"path": path, "role": role}, hint)
        asked[role] = said["passkey"]
    return frozenset(role for role, word in asked.items() if word == "required")


def matrix() -> str:
    """The table of roles and acts as Markdown, for the documentation."""
    acts = sorted({act for allowed in ROLES.values() for act in allowed})
    rows = [f"| {role} | " + " | ".join("yes" if act in allowed else "" for act in acts) + " |" for role, allowed in ROLES.items()]
    return "\n".join([f"| role | {' | '.join(acts)} |", "|---" * (len(acts) + 1) + "|", *rows])
