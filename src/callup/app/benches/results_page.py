"""All kept figures on one page: for each bench a plot of how near its targets are, and the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from callup.app.benches.results import name_of, target_of

WIDTH, ROW = 460, 22
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:84rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "section{display:flex;flex-wrap:wrap;gap:2rem;align-items:flex-start;border-top:1px solid #767676;padding:1rem 0}"
    "section>*{min-width:0}h2,p.q{flex-basis:100%;margin:0}table{border-collapse:collapse;font-size:.9rem}"
    "th,td{padding:.15rem .6rem;text-align:left;border-bottom:1px solid #ddd}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".missed{font-weight:bold}svg{max-width:100%;height:auto}svg text{paint-order:stroke;stroke:#fff;stroke-width:4px}"
    "ul{font-size:.85rem;flex-basis:100%;margin:0}"
)
_TITLE = "callup: benchmarks"
_HOW = (
    "Each bar is a figure in its target: left of the line at 1 the target is reached. Where more is better, the bar is the target in the "
    "figure. Figures are medians; seconds hang on the machine, ratios (x) hardly."
)


def page_of(results: Sequence[dict[str, Any]]) -> str:
    """The page; one section a bench."""
    body = "\n".join(_section(result) for result in results)
    head = f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{_TITLE}</title>\n<style>{_STYLE}</style>\n</head>'
    return f"{head}\n<body>\n<h1>{_TITLE}</h1>\n<p>{_HOW}</p>\n{body}\n</body>\n</html>\n"


def _section(result: dict[str, Any]) -> str:
    about = "; ".join(f"{name} {value}" for name, value in result["machine"].items())
    runs = f"{result['runs']} run{'s' if result['runs'] > 1 else ''}"
    when = f"{result['measured']}, {runs}, {result['cpu_seconds']:,} s of processor{_busy(result)}. {about}"
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in (*result["remarks"], when))
    name = escape(name_of(result))
    return (
        f'<section id="{name}">\n<h2>{name}</h2>\n<p class="q">{escape(result["question"])}</p>\n{_plot(result)}\n{_table(result)}\n'
        f"<ul>{remarks}</ul>\n</section>"
    )


def _table(result: dict[str, Any]) -> str:
    rows = "".join(
        f'<tr><td>{escape(figure["what"])}</td><td class="n">{three_digits(figure["value"])}</td><td>{escape(figure["unit"])}</td>'
        f"<td{'' if figure['kept'] else ' class=missed'}>{escape(figure['target'])}{_missed(figure)}</td></tr>"
        for figure in result["figures"]
    )
    return f"<table>\n<tr><th>what</th><th>figure</th><th>unit</th><th>target</th></tr>\n{rows}\n</table>"


def _missed(figure: dict[str, Any]) -> str:
    return "" if figure["kept"] else ": missed"


def _plot(result: dict[str, Any]) -> str:
    """Horizontal bars of figure by target, each with its number; empty where no target is a number."""
    bars = [(figure["what"], share) for figure in result["figures"] if (share := _share(figure)) is not None]
    if not bars:
        return ""
    scale = WIDTH * 0.8 / max(1.25, *(min(share, 4.0) for _, share in bars))
    height = len(bars) * 2 * ROW + ROW
    drawn = [_bar(place, what, share, scale) for place, (what, share) in enumerate(bars)]
    line = f'<line x1="{scale:.1f}" x2="{scale:.1f}" y1="0" y2="{height - ROW}" stroke="#1a1a1a" stroke-dasharray="4 3"/>'
    mark = f'<text x="{scale:.1f}" y="{height - 6}" text-anchor="middle">1: the target</text>'
    told = escape("; ".join(f"{what}: {share:.2f}" for what, share in bars))
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'<svg role="img" aria-label="{told}" {size} font-size="13">{line}{"".join(drawn)}{mark}</svg>'


def _bar(place: int, what: str, share: float, scale: float) -> str:
    """A bar below its words; one longer than four times its target is cut and says its number."""
    top, width = place * 2 * ROW, min(share, 4.0) * scale
    colour = "#1f6f4a" if share <= 1 else "#b3541e"
    words = f'<text x="0" y="{top + 15}">{escape(what)}</text>'
    bar = f'<rect x="0" y="{top + ROW}" width="{width:.1f}" height="12" fill="{colour}"/>'
    return f'{words}{bar}<text x="{width + 5:.1f}" y="{top + ROW + 11}">{share:.2f}{" (cut)" if share > 4 else ""}</text>'


def _share(figure: dict[str, Any]) -> float | None:
    aim = target_of(figure["target"])
    if aim is None or not figure["value"] or not aim[1]:
        return None
    more_is_better, target = aim
    return float(target / figure["value"] if more_is_better else figure["value"] / target)


def markdown_table(result: dict[str, Any]) -> str:
    """The figures as a table for docs/benchmarks.md, with the line that says when and on what they were measured."""
    about = result["machine"]
    persons, large = result["setting"]["persons"], result["setting"]["large"]
    size = f"`callup bench {result['bench']}{f' --persons {persons}' if persons else ''}{' --large' if large else ''}`"
    runs = f"medians of {result['runs']} runs" if result["runs"] > 1 else "one run"
    line = f"Printed by {size}, {result['measured'][:10]}, {runs}: {about['processor']}, {about['cores']} cores, duckdb {about['duckdb']}"
    line += f"{_busy(result)}."
    rows = [
        f"| {figure['what']} | {three_digits(figure['value'])} {figure['unit']} | {figure['target']}{_missed(figure)} |"
        for figure in result["figures"]
    ]
    return "\n".join([line, "", f"| {name_of(result)} | figure | target |", "|---|---|---|", *rows])


def _busy(result: dict[str, Any]) -> str:
    """How busy the machine was before and after, the bench itself counted; of older results it was not kept."""
    return "; load before and after {} and {}".format(*result["load"]) if "load" in result else ""


def three_digits(value: float) -> str:
    """A figure with three significant digits, thousands apart.

    Example:
        >>> three_digits(1234567.0), three_digits(0.1234), three_digits(12.34)
        ('1,230,000', '0.123', '12.3')
    """
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 or rounded == int(rounded) else f"{rounded:,.3g}"
