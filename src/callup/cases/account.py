"""The account that must close: everyone in the roll is in exactly one state, in each unit (invariant 10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa

from callup.cases.facts import arrow_schema
from callup.terms.errors import Tampered
from callup.terms.facts import TERMINAL
from callup.terms.schema import Column, Schema

ACCOUNT = Schema(
    "account",
    (Column("unit", "text", "unit"), Column("outcome", "text", "a terminal state"), Column("persons", "int", "persons", "persons")),
    ("unit", "outcome"),
)


def with_liability(notices: pa.Table, roll: pa.Table) -> pa.Table:
    """The notices with ``liable_until`` of each person's roll record: on that day the obligation ends by itself (safeguard G18).

    Args:
        notices: NOTICES rows.
        roll: ROLL rows, at least ``person_id`` and ``liable_until``, of the persons called or of all.
    """
    joined = notices.join(roll.select(["person_id", "liable_until"]), "person_id", join_type="left outer")
    return joined.select([*notices.column_names, "liable_until"]).sort_by("notice_id")


def account(roll: Mapping[str, int], called: Mapping[str, int], outcomes: pa.Table) -> pa.Table:
    """Add up: the roll of each unit is the sum of its states.

    Args:
        roll: persons in the roll of each unit.
        called: notices entered in each unit.
        outcomes: OUTCOMES rows.

    Returns:
        unit, outcome, persons; ``not called`` included; sorted.

    Raises:
        Tampered: the account of a unit does not close, an outcome is no terminal state, or a case has two.
    """
    counts = Counter(zip(outcomes.column("unit").to_pylist(), outcomes.column("outcome").to_pylist(), strict=True))
    cases = outcomes.column("case_id")
    if len(cases.unique()) != len(cases):
        raise does_not_close("*", "a case has more than one outcome")
    for unit, outcome in counts:
        if outcome not in TERMINAL or outcome == "not called" or unit not in roll:
            raise does_not_close(str(unit), f"{outcome!r} is no end of a case of a unit in the roll")
    for unit in sorted(set(roll) | set(called)):
        ended = sum(persons for (where, _), persons in counts.items() if where == unit)
        if ended != called.get(unit, 0) or called.get(unit, 0) > roll.get(unit, 0):
            raise does_not_close(unit, f"roll {roll.get(unit, 0)}, called {called.get(unit, 0)}, ended {ended}")
        counts[unit, "not called"] = roll.get(unit, 0) - called.get(unit, 0)
    rows = [{"unit": unit, "outcome": outcome, "persons": persons} for (unit, outcome), persons in sorted(counts.items())]
    return pa.Table.from_pylist(rows, arrow_schema(ACCOUNT))


def does_not_close(unit: str, what: str) -> Tampered:
    """What is raised where the roll of a unit is not the sum of its states."""
    return Tampered(
        "account-does-not-close", {"unit": unit, "what": what}, "stop: a case was lost, added or counted twice; run callup replay"
    )
