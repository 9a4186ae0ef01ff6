"""The three figures, drawn by Matplotlib: the same numbers give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from callup.app.outlook.gathering import Gathered
from callup.app.report.charts import ACCENT, INK, PALE, PAPER, QUIET
from callup.planning.outlook import GAP, Outlook
from callup.planning.pool import STATES

WARM, DARK = "#c9803a", "#8a4f1d"
COLOURS = {"free": ACCENT, "deferred": "#5e9faa", "unfit": PALE, "served": "#c9a15c", "abroad": "#8c8a83"}
READ = (WARM, ACCENT, QUIET)
MILLION, THOUSAND = 1e6, 1e3
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "callup", "font.sans-serif": ["DejaVu Sans"], "font.size": 9, "axes.edgecolor": QUIET,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
    "legend.frameon": False, "legend.fontsize": 8, "axes.titlesize": 9.5, "axes.titlelocation": "left",
}  # fmt: skip


def draw(figure: str, found: Gathered, form: str = "svg") -> bytes:
    """Draw one of ``strength``, ``notices``, ``pool`` as SVG or PNG."""
    plots: dict[str, Callable[[Any, Any, Gathered], None]] = {"strength": _strength, "notices": _notices, "pool": _pool}
    with mpl.rc_context(_STYLE):
        made = Figure(figsize=(11, 4.6), dpi=110, layout="constrained")
        left, right = made.subplots(1, 2, width_ratios=(1.4, 1))
        plots[figure](left, right, found)
        out = io.BytesIO()
        made.savefig(out, format=form, metadata={"Date": None, "Creator": None} if form == "svg" else None, facecolor=PAPER)
    return out.getvalue()


def _strength(left: Any, right: Any, found: Gathered) -> None:
    outlook = found.strength
    for reading, colour in zip(outlook.readings, READ, strict=True):
        low, lower, middle, upper, high = reading.fan.T / MILLION
        left.fill_between(outlook.days, low, high, color=colour, alpha=0.16, lw=0)
        left.fill_between(outlook.days, lower, upper, color=colour, alpha=0.28, lw=0)
        left.plot(outlook.days, middle, color=colour, label=reading.name)
    wanted, printed = outlook.target, outlook.printed
    left.axhline(wanted.persons / MILLION, color=INK, lw=0.9, ls="--")
    left.text(outlook.days[1], wanted.persons / MILLION + 0.012, f"{wanted.persons:,.0f} wanted by {wanted.on}", fontsize=8)
    left.plot([printed.on], [printed.persons / MILLION], "s", color=INK, ms=6, label="printed")
    left.set_ylabel("active, million persons")
    left.set_title("Strength under three readings of the same claims: 25 to 75 and 5 to 95 of 100 runs")
    left.legend(loc="upper left")
    left.set_ylim(0.7, 2.45)
    _bridge(right, outlook)


def _bridge(axes: Any, outlook: Outlook) -> None:
    """Bars from the first strength to the printed one; conscripts who came and went are one bar."""
    names: list[str] = []
    values: list[float] = []
    for bar in outlook.bridge:
        name = {"called_up": "conscripts, net", "discharged": "conscripts, net"}.get(bar.name, bar.name.replace("_", " "))
        if names and names[-1] == name:
            values[-1] += bar.persons
        else:
            names.append(name)
            values.append(bar.persons)
    at = 0.0
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        whole, gap = place in (0, len(names) - 1), name == GAP
        base = 0.0 if whole else at
        colour = INK if whole else (PAPER if gap else (ACCENT if value > 0 else WARM))
        axes.bar(
            place, value / MILLION, bottom=base / MILLION, color=colour, edgecolor=DARK if gap else colour, hatch="///" if gap else None
        )
        top = max(base, base + value) / MILLION
        axes.text(place, top + 0.02, f"{value / THOUSAND:,.0f}" if whole else f"{value / THOUSAND:+,.0f}", ha="center", fontsize=8)
        at = base + value
    axes.set_xticks(range(len(names)), names, rotation=50, ha="right", fontsize=8)
    axes.set_ylim(0, 2.1)
    axes.set_ylabel("million persons")
    axes.set_title("Does the account close? Thousand persons")


def _notices(left: Any, right: Any, found: Gathered) -> None:
    drawn, plan = found.curves, found.notices.plan
    lines = ((drawn.total, "the total is reached"), (drawn.each, "a unit is full (mean)"), (drawn.every, "all units are full"))
    for (values, label), colour in zip(lines, (ACCENT, WARM, QUIET), strict=True):
        left.plot(drawn.notices / THOUSAND, values, color=colour, label=label)
    left.axhline(plan.chance, color=INK, lw=0.8, ls=":")
    kept = {"total": plan.total, "each": plan.worst, "all": plan.every}[plan.aim]
    left.plot([plan.notices.sum() / THOUSAND], [kept], "o", color=INK, ms=7, label=f"the plan chosen: {plan.aim}")
    for row, mark in zip(found.notices.waves[1:], "DsP^v", strict=False):
        left.plot([row.notices / THOUSAND], [row.mean], mark, color=WARM, ms=7, label=f"{row.waves} waves: a unit is full")
    left.set_xlabel("notices, thousand (one mailing: lines)")
    left.set_ylabel("chance")
    left.set_title("How many notices? It depends on what the chance refers to")
    left.legend(loc="lower right")
    rows = found.notices.waves
    right.bar([str(row.waves) for row in rows], [row.notices / THOUSAND for row in rows], color=PALE, width=0.6)
    for place, row in enumerate(rows):
        words = f"{row.notices / THOUSAND:,.0f} thousand\n{row.unneeded:,.0f} found\nfit in vain"
        right.text(place, row.notices / THOUSAND + 12, words, ha="center", fontsize=8)
    right.axhline(found.notices.best / THOUSAND, color=INK, lw=0.9, ls="--", label="yields known beforehand")
    right.set_ylim(0, 1.3 * rows[0].notices / THOUSAND)
    right.set_xlabel("waves")
    right.set_ylabel("notices, thousand")
    right.legend(loc="upper right")
    right.set_title("What waves save")


def _pool(left: Any, right: Any, found: Gathered) -> None:
    years = [row for row in found.pool.after.years if row.year >= 2019]
    across = [row.year for row in years]
    rows = [[float(np.median(row.states[name])) / MILLION for row in years] for name in STATES]
    left.stackplot(across, rows, labels=STATES, colors=[COLOURS[name] for name in STATES], step="post", lw=0)
    left.plot(across, [row.quota / MILLION for row in years], color=INK, lw=1.5, label="quota of the year")
    for band in found.pool.bands[1:]:
        left.axvline(band.since.year, color=INK, lw=0.8, ls=":")
        left.text(
            band.since.year + 0.15, 1.06 * max(row.men for row in years) / MILLION, f"{band.age_from} to {band.age_to} in law", fontsize=8
        )
    left.set_ylabel("men on 1 January, million (medians)")
    left.set_title("The men whom the law binds, by where they stand")
    left.set_ylim(0, 1.35 * max(row.men for row in years) / MILLION)
    left.legend(loc="upper left", ncols=3)
    right.bar(across, [row.quota / THOUSAND for row in years], color=PALE, label="called up in the year")
    right.plot(across, [row.coming / THOUSAND for row in years], color=ACCENT, label="men who turn 18 in the year")
    for row in years[::3]:
        right.text(row.year, row.quota / THOUSAND + 12, f"{100 * row.quota / row.coming:.0f} %", ha="center", fontsize=8)
    right.set_ylim(0, 1.35 * max(row.coming for row in years) / THOUSAND)
    right.set_ylabel("thousand men")
    right.set_title("A quota against those who come of age")
    right.legend(loc="upper left")
