"""What the report is made of, from one file: what was asked, the claims and the seed; the same file and version give the same report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version

import numpy as np

from callup.app.outlook.men import FEW, Looked, looked
from callup.app.outlook.notices import DRAWS, Planned, funnel_of, plan_of, quota_of
from callup.app.outlook.regions import LAST, UnitPool, by_unit
from callup.app.record import model_text
from callup.app.record.carrying import Record
from callup.app.record.public import public_claims
from callup.jurisdictions import load
from callup.planning import Model, read_model
from callup.planning.notices import Curves, curves
from callup.planning.outlook import Outlook, Printed, Target, look_ahead
from callup.planning.yields import alike, draw_odds, yields_of
from callup.terms.errors import BadInput, Tampered

FORMAT = "callup/plan-report/2"
COUNTED = ("conscripts", "contract")
PRINTED_ON, POPULATION = date(2025, 1, 1), "active military personnel"
CHANCE, WAVES, LATER, UNTIL, POOL_RUNS, CURVE_DRAWS = 0.95, 3, 261_000, 2040, 4_000, 1_500


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: everything that a figure depends on besides the version, the law folder and the record.

    Args:
        aim: what the chance of the notices refers to.
        target: persons.
        on: day of the target.
        seed: of all draws.
        runs: draws of the priors of strength; of all else at most so many.
    """

    aim: str
    target: int
    on: date
    seed: int
    runs: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that the report shows."""

    asked: Asked
    model: Model
    strength: Outlook
    printed: tuple[str, ...]
    notices: Planned
    curves: Curves
    pool: Looked
    units: tuple[UnitPool, ...]
    record: Record


def gather(asked: Asked, given: Record) -> Gathered:
    """Compute the report.

    Args:
        asked: what is asked.
        given: the claims; its folder of law must be here.

    Raises:
        BadInput: ``no-record``, or as the parts.
    """
    record = replace(given, law=load(given.code).version)
    if not model_text(record, "outlook.toml"):
        raise BadInput("no-record", {"jurisdiction": record.code}, "no model of strength is carried for it")
    claims = public_claims(record)
    printed = [claim for claim in claims.series("strength", POPULATION) if claim.period_until == date(2025, 1, 31) and claim.point]
    model = read_model(model_text(record, "outlook.toml"), claims)
    number = {float(claim.point) for claim in printed if claim.point is not None}
    if len(number) != 1:
        raise BadInput("strength-not-one-number", {"numbers": ", ".join(map(str, sorted(number)))}, "compare with one printed number")
    outlook = look_ahead(model, COUNTED, Printed(PRINTED_ON, number.pop()), Target(asked.on, asked.target), asked.seed, asked.runs)
    quota, funnel = quota_of(record.code, None), funnel_of(record, None)
    planned = plan_of(quota, funnel, asked.aim, CHANCE, WAVES, seed=asked.seed, draws=min(DRAWS, asked.runs))
    yields = yields_of(draw_odds(funnel, alike(funnel, len(quota)), np.random.default_rng([asked.seed, 7]), min(CURVE_DRAWS, asked.runs)))
    drawn = curves(np.array(list(quota.values())), yields, np.random.default_rng([asked.seed, 8]))
    pool = looked(record, LATER, UNTIL, runs=min(POOL_RUNS, asked.runs), seed=asked.seed)
    few = {name: values[:FEW] for name, values in pool.after.drawn.items()}
    units = by_unit(record, LAST, few, LATER)
    voices = tuple(f"{claim.said_by} in {claim.published_by} ({claim.source})" for claim in printed)
    return Gathered(asked, model, outlook, voices, planned, drawn, pool, units, record)


def parameters(found: Gathered) -> str:
    """The one file that the report can be made from again: what was asked, version, law, digest, and the whole record, claim by claim."""
    whole: Mapping[str, object] = {
        "format": FORMAT,
        "version": version("callup"),
        "jurisdiction": found.record.code,
        "law": found.record.law,
        "asked": asdict(found.asked) | {"on": found.asked.on.isoformat()},
        "digest": found.record.digest,
        "files": dict(sorted(found.record.files.items())),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read_parameters(text: str) -> tuple[Asked, Record]:
    """Read such a file again.

    Raises:
        BadInput: ``plan-file``: it is none; ``plan-file-version`` or ``plan-file-law``: by another version or under another law.
        Tampered: ``plan-file-changed``: its claims are not those that its digest is of.
    """
    try:
        said = json.loads(text)
        asked = Asked(**said["asked"] | {"on": date.fromisoformat(said["asked"]["on"])})
        record = Record(said["jurisdiction"], dict(said["files"]), law=said["law"])
        made_by, form, digest = said["version"], said["format"], said["digest"]
    except (ValueError, KeyError, TypeError) as wrong:
        raise BadInput("plan-file", {"error": str(wrong)}, "give the plan.json of a report") from None
    if form != FORMAT or made_by != version("callup"):
        raise BadInput("plan-file-version", {"made_by": made_by, "this": version("callup")}, "use the version that made it")
    if record.digest != digest:
        raise Tampered("plan-file-changed", {"digest": digest}, "its claims are not those that the report was made from")
    if record.law != (here := load(record.code).version):
        raise BadInput("plan-file-law", {"made_under": record.law, "here": here}, "use the folder of law that it was made under")
    return asked, record
