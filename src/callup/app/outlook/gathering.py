"""What the report is made of, from one file of parameters: the same file, version and carried record give the same report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import version

import numpy as np

from callup.app.commands.plan_notices import DRAWS, Planned, funnel_of, plan_of, quota_of
from callup.app.commands.plan_pool import Looked, looked
from callup.app.record import model_text
from callup.app.record.public import public_claims
from callup.jurisdictions import resource
from callup.planning import Model, read_model
from callup.planning.notices import Curves, curves
from callup.planning.outlook import Outlook, Printed, Target, look_ahead
from callup.planning.yields import alike, draw_odds, yields_of
from callup.terms.errors import BadInput

FORMAT = "callup/plan-report/1"
COUNTED = ("conscripts", "contract")
PRINTED_ON, POPULATION = date(2025, 1, 1), "active military personnel"
FILES = (
    "outlook.toml",
    "funnel.toml",
    "pool.toml",
    "men_2025.csv",
    "men_by_age5.csv",
    "decrees.csv",
    "not_come.csv",
    "strength.csv",
    "recruits.csv",
)
CHANCE, WAVES, LATER, UNTIL, POOL_RUNS, CURVE_DRAWS = 0.95, 3, 261_000, 2040, 4_000, 1_500


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: everything that a figure depends on besides the version and the carried record.

    Args:
        jurisdiction: whose record.
        aim: what the chance of the notices refers to.
        target: persons.
        on: day of the target.
        seed: of all draws.
        runs: draws of the priors of strength; of all else at most so many.
    """

    jurisdiction: str
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
    carried: str


def gather(asked: Asked) -> Gathered:
    """Compute the report.

    Raises:
        BadInput: ``no-record``, or as the parts.
    """
    code = asked.jurisdiction
    if not model_text(code, "outlook.toml"):
        raise BadInput("no-record", {"jurisdiction": code}, "no model of strength is carried for it")
    claims = public_claims(code)
    printed = [claim for claim in claims.series("strength", POPULATION) if claim.period_until == date(2025, 1, 31) and claim.point]
    model = read_model(model_text(code, "outlook.toml"), claims)
    number = {float(claim.point) for claim in printed if claim.point is not None}
    if len(number) != 1:
        raise BadInput("strength-not-one-number", {"numbers": ", ".join(map(str, sorted(number)))}, "compare with one printed number")
    outlook = look_ahead(model, COUNTED, Printed(PRINTED_ON, number.pop()), Target(asked.on, asked.target), asked.seed, asked.runs)
    quota, funnel = quota_of(code, None), funnel_of(code, None)
    planned = plan_of(quota, funnel, asked.aim, CHANCE, WAVES, seed=asked.seed, draws=min(DRAWS, asked.runs))
    yields = yields_of(draw_odds(funnel, alike(funnel, len(quota)), np.random.default_rng([asked.seed, 7]), min(CURVE_DRAWS, asked.runs)))
    drawn = curves(np.array(list(quota.values())), yields, np.random.default_rng([asked.seed, 8]))
    pool = looked(code, LATER, UNTIL, runs=min(POOL_RUNS, asked.runs), seed=asked.seed)
    voices = tuple(f"{claim.said_by} in {claim.published_by} ({claim.source})" for claim in printed)
    return Gathered(asked, model, outlook, voices, planned, drawn, pool, carried(code))


def carried(jurisdiction: str) -> str:
    """One digest over the carried files that the report is made of."""
    whole = sha256()
    for name in FILES:
        whole.update(f"{name}\n{sha256(model_text(jurisdiction, name).encode()).hexdigest()}\n".encode())
    for name in ("data/decree.toml", "data/men_by_subject_age.csv"):
        whole.update(f"{name}\n{sha256(resource(jurisdiction, name)).hexdigest()}\n".encode())
    return whole.hexdigest()


def parameters(found: Gathered) -> str:
    """The one file that the report can be made from again: what was asked, version, digest of the record, the claims used."""
    claims = [
        {"id": one.name, "value": float(one.value), "prior": one.prior, "spread": list(one.spread), "source": one.source}
        for one in found.model.constants.values()
        if one.source
    ]
    asked = asdict(found.asked) | {"on": found.asked.on.isoformat()}
    whole: Mapping[str, object] = {
        "format": FORMAT,
        "version": version("callup"),
        "carried": found.carried,
        "asked": asked,
        "claims": claims,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def read_parameters(text: str) -> Asked:
    """Read such a file again.

    Raises:
        BadInput: ``plan-file``: it is none; ``plan-file-version`` or ``plan-file-record``: made by another version or from another record.
    """
    try:
        said = json.loads(text)
        asked = Asked(**said["asked"] | {"on": date.fromisoformat(said["asked"]["on"])})
        made_by, record, form = said["version"], said["carried"], said["format"]
    except (ValueError, KeyError, TypeError) as wrong:
        raise BadInput("plan-file", {"error": str(wrong)}, "give the plan.json of a report") from None
    if form != FORMAT or made_by != version("callup"):
        raise BadInput("plan-file-version", {"made_by": made_by, "this": version("callup")}, "use the version that made it")
    if record != carried(asked.jurisdiction):
        raise BadInput(
            "plan-file-record", {"jurisdiction": asked.jurisdiction}, "the carried record has changed: use the commit that made it"
        )
    return asked
