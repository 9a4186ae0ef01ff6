"""A draw as a picture: each number over what the order must not depend on, and the running mean that an honest draw keeps level."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from callup.app.report.charts import ACCENT, INK, PALE, PAPER, QUIET
from callup.terms.errors import BadInput

FORMATS = ("png", "svg")
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "callup",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.edgecolor": QUIET,
    "text.color": INK,
}


def draw_picture(numbers: Sequence[int], values: Sequence[str], names: tuple[str, str], form: str) -> bytes:
    """Scatter and running mean, as PNG or SVG.

    Args:
        numbers: the drawn numbers.
        values: of the column, in the same order: dates or numbers; other values are taken in the order of their words.
        names: of the column and of the drawn number.
        form: ``png`` or ``svg``.

    Raises:
        BadInput: another form.
    """
    if form not in FORMATS:
        raise BadInput("picture-form-unknown", {"form": form}, "name the picture FILE.svg or FILE.png")
    across = _across(values)
    order = np.argsort(across, kind="stable")
    drawn = np.asarray(numbers, dtype=np.float64)[order]
    width = max(5, len(drawn) // 12)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 5), dpi=120, layout="constrained")
        _plot(figure.add_subplot(), (across[order], drawn, width), names)
        out = io.BytesIO()
        figure.savefig(out, format=form, metadata={"Date": None, "Creator": None} if form == "svg" else None, facecolor=PAPER)
    return out.getvalue()


def _plot(axes: Any, points: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], int], names: tuple[str, str]) -> None:
    across, drawn, width = points
    middle = float(drawn.mean())
    running = np.convolve(drawn, np.ones(width) / width, "valid")
    # two standard deviations of a mean of so many numbers drawn honestly from all of them, without putting back
    band = 2 * float(drawn.std()) * np.sqrt((1 - width / len(drawn)) / width)
    start = (width - 1) // 2
    shown = across[start : start + len(running)]
    axes.axhspan(middle - band, middle + band, color=PALE, alpha=0.35, lw=0, label=f"19 of 20 means of {width} honestly drawn numbers")
    axes.axhline(middle, color=QUIET, lw=1, ls="--")
    axes.scatter(across, drawn, s=9, color=QUIET, alpha=0.6, lw=0, label="a drawn number")
    axes.plot(shown, running, color=ACCENT, lw=2.4, label=f"mean of {width} neighbours")
    axes.set_xlabel(names[0])
    axes.set_ylabel(f"{names[1]} (1 is called first)")
    axes.margins(x=0.01)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=3, frameon=False, fontsize=9)


def _across(values: Sequence[str]) -> npt.NDArray[np.float64]:
    try:
        first = date.fromisoformat(values[0]).toordinal()
        return np.array([date.fromisoformat(value).toordinal() - first + 1 for value in values], dtype=np.float64)
    except ValueError:
        pass
    try:
        return np.array([float(value) for value in values])
    except ValueError:
        return np.unique(np.asarray(values), return_inverse=True)[1].astype(np.float64)
