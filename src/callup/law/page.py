"""The law as a page for a jurist: article, rule in words, periods, values with their acts, marks, examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from callup.law.examples import Example
from callup.law.plain import Plain
from callup.law.procedure import KINDS, Procedure, Provision
from callup.law.tree import Held, Law, Parameter, Rule, spell

_EFFECTS = {"liable": "binds", "exempt": "exempts", "disqualify": "bars", "defer": "defers"}
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}code{white-space:pre-wrap}"
    ".old{color:#595959}mark{background:#ffe9a8}.scroll{overflow-x:auto}p,code,section td{overflow-wrap:anywhere}"
)


def page(
    law: Law, procedure: Procedure, day: date, examples: Sequence[Example], *, facts: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """Print a law and its procedure as one HTML page that needs no script and no other file.

    Args:
        law: the law.
        procedure: its procedure.
        day: the day whose law is shown; what is not in force then is shown as such.
        examples: the jurists' examples.
        facts: what the columns are called in plain words (``label``, ``values``), by column; without it, their names.
    """
    plain = Plain(law, day, facts or {})
    unverified = [*law.unverified, *procedure.unverified]
    blanks = [name for name, parameter in law.parameters.items() if day >= parameter.values[0].since and parameter.at(day) is None]
    blanks += [blank.name for blank in procedure.at(day).blanks]
    body = [
        f"<h1>{escape(law.title)}</h1><p>As it stood on {day.isoformat()}. Law {law.digest}; procedure {procedure.digest}.</p>",
        _listed("Not checked against the official text", unverified),
        _listed("Left blank: whoever needs it is undetermined", blanks),
        "<h2>Rules</h2>",
        *(_rule(plain, rule, examples) for rule in law.rules),
        "<h2>Values</h2>",
        *(_parameter(parameter, day) for parameter in law.parameters.values()),
        _columns(plain),
        f"<h2>Procedure: {escape(procedure.title)}</h2>",
        *(_provisions(name, getattr(procedure, name), day) for name in KINDS),
    ]
    meta = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(law.title)}</title>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{meta}<style>{_STYLE}</style></head><body><main>\n'
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _listed(title: str, rows: Sequence[str]) -> str:
    if not rows:
        return f"<p>{title}: none.</p>"
    return f"<h2>{title} ({len(rows)})</h2><ul>{''.join(f'<li><mark>{escape(row)}</mark></li>' for row in rows)}</ul>"


def _period(since: date, ended: date, day: date) -> str:
    start = f"from {since.isoformat()}" if since != date.min else "from the law's beginning"
    end = f" until {ended.isoformat()} (no longer in force on that day)" if ended != date.max else ""
    return f"{start}{end}" + ("" if since <= day < ended else "; not in force on this day")


def _cited(citation: str, unverified: bool) -> str:
    return escape(citation) + (" <mark>unverified</mark>" if unverified else "")


def _rule(plain: Plain, rule: Rule, examples: Sequence[Example]) -> str:
    law, day = plain.law, plain.day
    notation = f"<details><summary>In the notation</summary><code>{escape(spell(rule.body))}</code></details>"
    rows = [
        ("Article", _cited(rule.citation, rule.unverified)),
        ("It", _EFFECTS[rule.effect]),
        ("When", escape(_sentence(plain.condition(rule.body))) + notation),
    ]
    if rule.until:
        rows.append(("Until", escape(plain.label(rule.until))))
    if rule.unless:
        rows.append(("Unless", "<br>".join(escape(f"{law.rule(name).number}. {law.rule(name).words}") for name in rule.unless)))
    if rule.waivable:
        how = plain.label(law.waiver(rule)) if law.waiver(rule) else "no column of this register"
        rows.append(("The person may give it up", escape(how)))
    rows.append(("Period", escape(_period(rule.since, rule.ended, day))))
    shown = [f"{example.name} ({example.day.isoformat()}): {example.finding}" for example in examples if example.rule == rule.name]
    rows.append(("Examples", "<br>".join(escape(one) for one in shown) or "none"))
    cells = "".join(f'<tr><th scope="row">{name}</th><td>{text}</td></tr>' for name, text in rows)
    old = "" if rule.in_force(day) else ' class="old"'
    return f'<section id="{rule.name}"{old}><h3>{rule.number}. {escape(rule.words)}</h3><table>{cells}</table></section>'


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _parameter(parameter: Parameter, day: date) -> str:
    rows = "".join(
        f"<tr><td>{_since(one.since)}</td><td>{_value(one.value)}</td><td>{escape(one.act)}</td></tr>" for one in parameter.values
    )
    mark = " <mark>unverified</mark>" if parameter.unverified else ""
    head = "<tr><th>From</th><th>Value</th><th>Act</th></tr>"
    return f"<h3>{escape(parameter.name.replace('_', ' '))}{mark}</h3>{_boxed(parameter.name.replace('_', ' '), head + rows)}"


def _boxed(label: str, rows: str) -> str:
    """A wide table in a box that scrolls by itself and that the keyboard reaches: the page fits a phone (WCAG 2.2, 1.4.10)."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}"><table>{rows}</table></div>'


def _since(day: date) -> str:
    return "always" if day == date.min else day.isoformat()


def _value(held: Held) -> str:
    if held is None:
        return "<mark>not known</mark>"
    return escape(", ".join(str(one) for one in held) if isinstance(held, tuple) else str(held))


def _columns(plain: Plain) -> str:
    rows = "".join(
        f"<tr><td>{escape(plain.label(column.name))}</td><td>{escape(column.name)}</td><td>{escape(column.kind)}</td><td>{column.type}</td>"
        f"<td>{'no' if column.absent_no else 'unknown'}</td></tr>"
        for column in plain.law.columns.values()
    )
    head = "<tr><th>Fact</th><th>Column</th><th>Kind</th><th>Type</th><th>Empty means</th></tr>"
    return f"<h2>What the register must say</h2>{_boxed('What the register must say', head + rows)}"


def _provisions(name: str, provisions: Sequence[Provision], day: date) -> str:
    if not provisions:
        return ""
    told = ("citation", "unverified", "since", "ended", "line")
    rows = []
    for one in provisions:
        parts = ((key, getattr(one, key)) for key in one.__dataclass_fields__ if key not in told)
        said = "; ".join(f"{key.replace('_', ' ')}: {', '.join(value) if isinstance(value, tuple) else value}" for key, value in parts)
        period = escape(_period(one.since, one.ended, day))
        rows.append(f"<tr><td>{escape(said)}</td><td>{_cited(one.citation, one.unverified)}</td><td>{period}</td></tr>")
    head = "<tr><th>Provision</th><th>Article</th><th>Period</th></tr>"
    return f"<h3>{name.capitalize()}</h3>{_boxed(name, head + ''.join(rows))}"
