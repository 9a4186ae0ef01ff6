"""Announced flows and printed strength as one account, made from the record's own model by its seed."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from callup.app.record import model_text
from callup.app.record.carrying import Record, Where
from callup.app.record.public import public_claims
from callup.planning import Model, Strength, draw_constants, forecast, read_model, strength
from callup.planning.outlook import middle

COUNTED = ("conscripts", "contract")
"""Stocks of the model that active strength is made of."""
PRINTED = date(2025, 1, 31)
"""The printed strength of early 2025."""
MODEL = "strength.toml"
NAME = "accounts/strength.csv"


@dataclass(frozen=True, slots=True)
class Computed:
    """The model's answer.

    Args:
        found: strength computed beside strength printed.
        account: its flows and stocks as a table: CSV.
    """

    found: Strength
    account: str


def computed(record: Record) -> Computed | None:
    """Run the record's model over its priors; None where it carries none.

    Args:
        record: its model, claims, seed and number of draws.
    """
    beside = beside_print(record, record.seed, record.runs)
    if beside is None:
        return None
    model, found = beside
    drawn = draw_constants(model, np.random.default_rng(record.seed), record.runs)
    return Computed(found, _account(found, forecast(model, drawn, record.runs)))


def beside_print(where: Where, seed: int, runs: int) -> tuple[Model, Strength] | None:
    """The record's model of strength, and what follows from its flows beside what was printed; None where it carries no model.

    Args:
        where: a jurisdiction's code, or a record.
        seed: of the draws of the priors.
        runs: how many draws.
    """
    text = model_text(where, MODEL)
    if not text:
        return None
    claims = public_claims(where)
    model = read_model(text, claims)
    printed = [claim for claim in claims.series("strength", "active military personnel") if claim.period_until == PRINTED]
    return model, strength(model, COUNTED, printed, np.random.default_rng(seed), runs)


def _account(found: Strength, run: Any) -> str:
    """The flows of a forecast and the strengths at both ends, as CSV: means of the middle runs, which add up, and 5 and 95 of 100."""
    days = run.model.days
    first, last = days[0], days[-1] - timedelta(days=1)
    span, eve = f"{first.isoformat()} to {last.isoformat()}", (first - timedelta(days=1)).isoformat()
    starts, ends = (np.sum([run.stocks[name][at] for name in COUNTED], axis=0) for at in (0, -1))
    runs = middle(ends)
    rows: list[tuple[str | int, ...]] = [("active strength", "stock", eve, *_spread(starts, runs), "as printed by two, a prior")]
    for flow in run.model.flows:
        moved = _spread(np.sum(run.flows[flow.name], axis=0), runs)
        kind = "in" if flow.target in COUNTED else "out"
        rows.append((flow.name.replace("_", " "), kind, span, *moved, "announced or estimated"))
    gap, on = found.residual, days[-1].isoformat()
    printed = "; ".join(dict.fromkeys(claim.said_by for claim in found.printed))
    made = f"announced flows, median of {found.runs:,} draws, 90 of 100 from {gap.low:,.0f} to {gap.high:,.0f}"
    for value, voice in ((gap.published, printed), (gap.median, made)):
        rows.append(("active strength", "stock", on, "", round(value), "", voice))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("what", "kind", "period", "low", "persons", "high", "said_by"))
    writer.writerows(rows)
    return out.getvalue()


def _spread(values: npt.NDArray[np.float64], runs: npt.NDArray[np.bool_]) -> tuple[int, int, int]:
    low, high = np.quantile(values, (0.05, 0.95))
    return round(float(low)), round(float(values[runs].mean())), round(float(high))


def accounts_of(record: Record, strength: Computed | None) -> dict[str, str]:
    """The accounts of a record as CSV by name, the one made from its model among them."""
    there = {name: text for name, text in sorted(record.files.items()) if name.startswith("accounts/")}
    return {**({NAME: strength.account} if strength else {}), **there}
