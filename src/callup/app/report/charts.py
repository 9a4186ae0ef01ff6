"""The charts, drawn by Matplotlib as SVG in the language of a page: the same tables give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from textwrap import shorten, wrap
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from callup.app.report.shapes import Table
from callup.app.report.words import Speech
from callup.statistics import limits

INK, QUIET, RULE, ACCENT, PALE, PAPER = "#1d2733", "#566270", "#d8d6cf", "#0b5c6b", "#a9cdd3", "#ffffff"
SHADES = {
    "enlisted": ACCENT,
    "ended otherwise": "#b9b6ad",
    "lapsed": "#8c8a83",
    "did not come": "#e3c48f",
    "claim open": "#c9a15c",
    "answered or came": "#5e9faa",
    "answered": "#5e9faa",
    "served, no answer yet": "#a3cad0",
    "not served yet": "#dbe9eb",
}
"""Colours of the groups of states, in the order in which they are stacked."""

MERGED = "several, too small to show apart"
INNER, OUTER = 1.96, 3.09
WIDTH, LIST_WIDTH = 6.0, 4.4
"""Inches: narrow, so that the words can still be read where the page shrinks a picture to a phone."""
EPOCH = date(1970, 1, 1).toordinal()
"""The day from which Matplotlib counts days on an axis."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "callup",
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#eceae4",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}

Draw = Callable[[Any], None]


def drawing(width: float, height: float, draw: Draw) -> bytes:
    """One SVG of a figure with one pair of axes; no date, no random ids."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure.add_subplot())
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, facecolor=PAPER)
    return out.getvalue()


def _numbers(say: Speech) -> Any:
    return FuncFormatter(lambda number, _: say.number(round(number)))


def steps_chart(table: Table, say: Speech) -> bytes:
    """Horizontal bars from the widest step to the narrowest, each with its number."""
    return list_chart(table, ("step",), "persons", say)


def list_chart(table: Table, label: Sequence[str], count: str, say: Speech) -> bytes:
    """Horizontal bars of a list, each under its label; labels joined where there are several."""
    labels = [": ".join(say.drawn(cell) for cell in cells) for cells in zip(*(table.column(name) for name in label), strict=True)]
    shown = [("\n".join(wrap(name, 48)), number) for name, number in zip(labels, table.column(count), strict=True) if number is not None]
    lines = max((name.count("\n") + 1 for name, _ in shown), default=1)
    return drawing(LIST_WIDTH, 0.2 + (0.44 + 0.18 * lines) * max(1, len(shown)), lambda axes: _bars(axes, shown, say))


def _bars(axes: Any, shown: Sequence[tuple[str, int]], say: Speech) -> None:
    places = range(len(shown))
    counts = [count for _, count in shown]
    axes.barh(places, counts, height=0.42, color=ACCENT)
    axes.set_yticks([])
    axes.set_ylim(len(shown) - 0.7, -0.8)
    axes.set_xlim(0, max(counts, default=1) * 1.2 or 1)
    axes.grid(visible=False)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    for place, (label, count) in enumerate(shown):
        axes.annotate(label, (0, place - 0.25), xytext=(2, 1), textcoords="offset points", va="bottom")
        axes.annotate(say.number(count), (count, place), xytext=(5, 0), textcoords="offset points", va="center")


def progress_chart(table: Table, enough: int, say: Speech) -> bytes:
    """States of all cases stacked over time, and the decree's number as a line."""
    days = list(dict.fromkeys(table.column("day")))
    counts: dict[tuple[Any, str], int] = {}
    for day, label, cases in table.rows:
        state = str(label) if label in SHADES else MERGED
        counts[day, state] = counts.get((day, state), 0) + int(cases or 0)
    states = [state for state in (*SHADES, MERGED) if any(counts.get((day, state)) for day in days)]

    def draw(axes: Any) -> None:
        when = [date.fromisoformat(str(day)) for day in days]
        heights = [[counts.get((day, state), 0) for day in days] for state in states]
        colours = [SHADES.get(state, "#f0efea") for state in states]
        if len(when) == 1:  # a stack needs a width: the only day is drawn a day wide
            when, heights = [when[0], when[0] + timedelta(days=1)], [cases * 2 for cases in heights]
            axes.set_xticks(when[:1])
        axes.stackplot(when, heights, labels=[say.drawn(state) for state in states], colors=colours, edgecolor=PAPER, linewidth=0.6)
        axes.axhline(enough, color=INK, linewidth=1.2, linestyle=(0, (4, 3)), label=say.plain("chart_goal", n=say.number(enough)))
        axes.set_ylabel(say.plain("chart_cases"))
        axes.yaxis.set_major_formatter(_numbers(say))
        axes.margins(x=0)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda when, _: say.short_day(date.fromordinal(EPOCH + int(when)))))
        _legend(axes, over=False, gap=3)

    return drawing(WIDTH, 4.8, draw)


def _legend(axes: Any, *, over: bool, gap: float = 0.5) -> None:
    """The legend over or under the axes, where it hides nothing; the gap is in letters, for the labels of an axis."""
    at = {"loc": "lower left", "bbox_to_anchor": (0, 1)} if over else {"loc": "upper left", "bbox_to_anchor": (0, 0)}
    axes.legend(**at, borderaxespad=gap, ncols=2, frameon=False, fontsize=9)


def unit_chart(units: Table, say: Speech) -> bytes:
    """Called by unit, longest first, with those enlisted in the accent colour."""
    shown = zip(units.column("names"), units.column("called"), units.column("enlisted"), strict=True)
    rows = [(shorten(say.drawn(name), 40, placeholder=" …"), called, enlisted) for name, called, enlisted in shown]
    rows.sort(key=lambda row: (-row[1], row[0]))

    def draw(axes: Any) -> None:
        places = range(len(rows))
        axes.barh(places, [called for _, called, _ in rows], height=0.7, color=PALE, label=say.plain("chart_called"))
        axes.barh(places, [joined for _, _, joined in rows], height=0.7, color=ACCENT, label=say.plain("chart_enlisted"))
        axes.set_yticks(places, [name for name, _, _ in rows], color=INK, fontsize=8.5)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(visible=False, axis="y")
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.xaxis.tick_top()
        axes.xaxis.set_major_formatter(_numbers(say))
        _legend(axes, over=True, gap=3)

    return drawing(WIDTH, 1.0 + 0.2 * max(1, len(rows)), draw)


def burden_chart(table: Table, say: Speech) -> bytes:
    """Each line's rate against its size, with the limits for 95 and 99.8 of 100 units."""
    bases = [int(base) for base in table.column("roll")]
    rates = [float(rate) for rate in table.column("per_1000")]
    share = sum(table.column("called")) / sum(bases)
    outside = [verdict != "inside" for verdict in table.column("verdict")]

    def draw(axes: Any) -> None:
        sizes = [min(bases) * (max(bases) * 1.05 / min(bases)) ** (step / 80) for step in range(81)]
        for quantile, style, label in ((INNER, (0, (2, 2)), "chart_inner"), (OUTER, "solid", "chart_outer")):
            band = [limits(share, size, quantile) for size in sizes]
            axes.plot(sizes, [low for low, _ in band], color=QUIET, linewidth=1, linestyle=style, label=say.plain(label))
            axes.plot(sizes, [high for _, high in band], color=QUIET, linewidth=1, linestyle=style)
        axes.axhline(1000 * share, color=INK, linewidth=1)
        colours = ["#b3541e" if out else ACCENT for out in outside]
        axes.scatter(bases, rates, s=26, c=colours, edgecolors=PAPER, linewidths=0.6, zorder=3)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(_numbers(say))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel(say.plain("chart_in_roll"))
        axes.set_ylabel(say.plain("chart_per_1000"))
        _legend(axes, over=True)

    return drawing(WIDTH, 4.2, draw)


def panel_chart(table: Table, say: Speech) -> bytes:
    """Pairs of bars by age: liable under the law of 2023 and of 2024."""
    rows = [row for row in table.rows if None not in row]

    def draw(axes: Any) -> None:
        places = range(len(rows))
        axes.bar([place - 0.2 for place in places], [row[1] for row in rows], 0.38, color=PALE, label=say.plain("chart_old_law"))
        axes.bar([place + 0.2 for place in places], [row[2] for row in rows], 0.38, color=ACCENT, label=say.plain("chart_new_law"))
        axes.set_xticks(places, [str(row[0]) for row in rows])
        axes.set_xlabel(say.plain("chart_age"))
        axes.set_ylabel(say.plain("chart_men"))
        axes.yaxis.set_major_formatter(_numbers(say))
        axes.grid(visible=False, axis="x")
        _legend(axes, over=True)

    return drawing(WIDTH, 3.8, draw)


def since_chart(values: Sequence[tuple[str, float]], period: str, say: Speech) -> bytes:
    """Columns of one measure over the record; the period placed is in the accent colour, with a line at its height."""
    mine = next(value for words, value in values if words == period)

    def draw(axes: Any) -> None:
        places = range(len(values))
        axes.bar(places, [value for _, value in values], 0.78, color=[ACCENT if words == period else PALE for words, _ in values])
        axes.axhline(mine, color=ACCENT, linewidth=1, linestyle=(0, (4, 3)))
        marks = [place for place, (words, _) in enumerate(values) if words.endswith(("0", "5")) and "autumn" not in words]
        axes.set_xticks(marks, [values[place][0].split()[-1] for place in marks])
        axes.yaxis.set_major_formatter(_numbers(say))
        axes.grid(visible=False, axis="x")
        axes.margins(x=0.01)

    return drawing(5.4, 2.5, draw)
