"""The two figures of the record's page, as SVG: loaded only by a run that draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callup.app.report.charts import ACCENT, INK, PALE, QUIET, drawing

HATCHED = "#b3541e"


def bars(shown: Sequence[tuple[str, float]], strong: Sequence[bool]) -> bytes:
    """Horizontal bars on one axis, each with its number.

    Args:
        shown: label and value.
        strong: which are drawn in the accent colour.
    """

    def draw(axes: Any) -> None:
        places = range(len(shown))
        axes.barh(places, [value for _, value in shown], 0.62, color=[ACCENT if one else PALE for one in strong])
        axes.set_yticks(places, [label for label, _ in shown], color=INK)
        axes.invert_yaxis()
        axes.set_xlabel("per 1,000 inhabitants")
        axes.grid(visible=False, axis="y")
        axes.set_xlim(0, max(value for _, value in shown) * 1.12)
        for place, (_, value) in zip(places, shown, strict=True):
            axes.annotate(f"{value:.1f}", (value, place), xytext=(5, 0), textcoords="offset points", va="center")

    return drawing(8.2, 0.9 + 0.42 * len(shown), draw)


def bridge(steps: Sequence[tuple[str, float, float]]) -> bytes:
    """From a first strength over what came and went to the printed one; the unexplained step is hatched.

    Args:
        steps: label, foot and top of each bar, in persons; the last but one is the unexplained step.
    """

    def draw(axes: Any) -> None:
        for place, (_, foot, top) in enumerate(steps):
            whole, unexplained = place in (0, len(steps) - 1), place == len(steps) - 2
            colour = ACCENT if whole else "none" if unexplained else PALE
            hatch = "///" if unexplained else None
            axes.bar(place, top - foot, 0.66, bottom=foot, color=colour, edgecolor=HATCHED if unexplained else "none", hatch=hatch)
            axes.annotate(f"{(top - foot) / 1000:+,.0f}" if not whole else f"{top / 1000:,.0f}", (place, max(foot, top)),
                          xytext=(0, 4), textcoords="offset points", ha="center")  # fmt: skip
        for place, (_, _, top) in enumerate(steps[:-1]):
            axes.plot([place + 0.33, place + 0.67], [top, top], color=QUIET, linewidth=0.8)
        axes.set_xticks(range(len(steps)), [label for label, _, _ in steps], rotation=30, ha="right", color=INK)
        axes.set_ylabel("thousand persons")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:,.0f}")
        axes.set_ylim(0, max(max(foot, top) for _, foot, top in steps) * 1.08)
        axes.grid(visible=False, axis="x")

    return drawing(8.2, 4.4, draw)
