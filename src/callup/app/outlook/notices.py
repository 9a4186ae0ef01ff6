"""How many notices a quota takes, what waves save, and what a decree says of both."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from callup.app.demo import men_by_unit
from callup.app.dossier import parse_decree
from callup.app.outlook.files import text_of
from callup.app.record import model_text
from callup.app.record.carrying import Where, opened
from callup.draw import apportion
from callup.jurisdictions import resource
from callup.planning.learning import Belief, Rehearsal, belief, known_beforehand, rehearse, settle
from callup.planning.notices import NoticePlan, plan_notices
from callup.planning.truths import truths
from callup.planning.yields import Floats, Funnel, alike, draw_odds, read_funnel, yields_of
from callup.terms.errors import BadInput

DRAWS = 4_000
"""Of the yields that a mailing is planned with."""

REHEARSED = 8
"""One in so many draws is a call-up that each number of waves is rehearsed in."""

WHAT = {
    "total": "the total of all units reaches the quota; places may move between units",
    "each": "each unit by itself reaches its quota",
    "all": "all units at once reach their quotas",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan of notices with what it was made of.

    Args:
        quota: persons by unit.
        funnel: the stages.
        mean: mean yield by unit, ``[units]``.
        plan: one mailing.
        waves: one row a number of waves.
        best: notices that would do if the yields were known.
        asked: chance asked of the last wave so that a unit reaches its quota with the wanted one.
        kept: by what is true, a call-up of the most waves.
        seed: of everything drawn.
    """

    quota: Mapping[str, int]
    funnel: Funnel
    mean: Floats
    plan: NoticePlan
    waves: tuple[Rehearsal, ...]
    best: float
    asked: float
    kept: Mapping[str, Rehearsal]
    seed: int


def plan_of(quota: Mapping[str, int], funnel: Funnel, aim: str, chance: float, waves: int, *, seed: int, draws: int = DRAWS) -> Planned:
    """Plan one mailing, rehearse waves, and test the waves against truths that the planner does not know.

    Raises:
        BadInput: as `callup.planning.notices.plan_notices`.
    """
    persons = np.array(list(quota.values()), dtype=np.int64)
    known = alike(funnel, len(quota))
    odds = draw_odds(funnel, known, np.random.default_rng([seed, 1]), draws)
    yields = yields_of(odds)
    plan = plan_notices(persons, yields, aim, chance, np.random.default_rng([seed, 2]))
    believed: Belief = belief(funnel, odds, np.random.default_rng([seed, 3]))
    real = truths(funnel, known, np.random.default_rng([seed, 4]), draws // REHEARSED)
    right = real["as believed"]
    rows = tuple(
        rehearse(persons, believed, funnel, right, number, np.random.default_rng([seed, 5]), chance=chance)
        for number in range(1, waves + 1)
    )
    asked = settle(persons, believed, funnel, odds[: draws // REHEARSED], waves, seed, chance=chance)
    kept = {
        name: rehearse(persons, believed, funnel, truth, waves, np.random.default_rng([seed, 6]), chance=asked)
        for name, truth in real.items()
    }
    best = known_beforehand(persons, right)
    return Planned(quota, funnel, yields.mean(axis=0), plan, rows, best, asked, kept, seed)


def quota_of(jurisdiction: str, file: Path | None) -> dict[str, int]:
    """A quota by unit: from a file, or the template decree's number shared among men by largest remainders.

    Raises:
        BadInput: ``quota-file``, with the row that is wrong.
    """
    if file is None:
        text = resource(jurisdiction, "data/decree.toml").decode()
        number = re.search(r"^persons_to_enlist = ([\d_]+)", text, re.M)
        assert number is not None, "the template names the number of its decree"
        return apportion("hamilton", int(number[1].replace("_", "")), men_by_unit(jurisdiction))
    found: dict[str, int] = {}
    for line, row in enumerate(csv.DictReader(text_of(file).splitlines()), 2):
        unit, quota = row.get("unit") or "", row.get("quota") or ""
        if not unit or not quota.isdigit() or unit in found:
            raise BadInput(
                "quota-file", {"file": str(file), "line": line}, "write columns unit and quota: each unit once, a number of 0 or more"
            )
        found[unit] = int(quota)
    if not sum(found.values()):
        raise BadInput("quota-file", {"file": str(file), "line": 1}, "no unit owes anybody")
    return found


def into_decree(text: str, found: Planned, path: Path) -> str:
    """A decree with the plan's yield and number of waves in its table ``[notices]``; every other line stays.

    Args:
        text: the decree.
        found: the plan.
        path: of the decree, for messages.

    Raises:
        BadInput: ``decree-without-notices``; or the decree that comes out is none (as `parse_decree`).
    """
    table = re.search(r"^\[notices\][^\n]*\n(?P<rows>.*?)(?=^\[|\Z)", text, re.M | re.S)
    if table is None:
        raise BadInput("decree-without-notices", {"path": str(path)}, "write a table [notices] into it")
    kept = re.sub(r"^(yield|waves)[ \t]*=[^\n]*\n", "", table["rows"], flags=re.M)
    made = text[: table.start("rows")] + "\n".join((*for_decree(found), kept)) + text[table.end("rows") :]
    parse_decree(made, path)
    return made


def for_decree(found: Planned) -> tuple[str, str]:
    """The two lines of a decree that follow from a plan: the yield, and the number of waves."""
    return f"yield = {found.funnel.share:.2f}", f"waves = {found.waves[-1].waves}"


def funnel_of(where: Where, file: Path | None) -> Funnel:
    """The stages from notice to call-up: from a file, or those carried.

    Raises:
        BadInput: ``no-record``, or as `read_funnel`.
    """
    text = text_of(file) if file else model_text(where, "funnel.toml")
    if not text:
        raise BadInput("no-record", {"jurisdiction": opened(where).code}, "no funnel is carried for it: give one with --funnel")
    return read_funnel(text)


def figures(found: Planned) -> dict[str, object]:
    """The figures as plain values."""
    plan = {name: value for name, value in asdict(found.plan).items() if name != "notices"}
    return {
        "seed": found.seed, "draws": DRAWS, "persons": sum(found.quota.values()), "one_mailing": plan,
        "notices": dict(zip(found.quota, found.plan.notices.tolist(), strict=True)), "waves": [asdict(row) for row in found.waves],
        "known_beforehand": found.best, "asked_of_the_last_wave": found.asked,
        "kept": {name: asdict(row) for name, row in found.kept.items()},
        "decree": {"yield": round(found.funnel.share, 2), "waves": len(found.waves)},
    }  # fmt: skip
