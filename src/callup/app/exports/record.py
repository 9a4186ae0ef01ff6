"""Everything held on one person in one call-up: as JSON, as a page, and as a PDF; who looked and why is part of it (promise 5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from callup.app.engines.typst import compiled
from callup.app.exports.case import Case
from callup.app.exports.evidence import told_fact
from callup.app.exports.telling import told_record
from callup.app.web.words import FALLBACK
from callup.notice.law_words import LawWords
from callup.terms.facts import DOORS, DUES, STATES, VOCABULARY

FORMAT = "callup/record/1"
PARTS = (
    *("register", "finding", "address", "notice", "standing", "how_it_was_found"),
    *("presumptions", "clocks", "facts", "who_looked", "kept_until", "undertakings"),
)
"""What a record is made of. A door opens on named parts of it and on no others."""
_LOOKED = ("read", *DOORS)


def record(case: Case) -> dict[str, Any]:
    """Everything held on a person: register, finding, address, notice, what the law makes of the facts, each fact, who looked, promises.

    Returns:
        Format ``callup/record/1`` (docs/formats.md): plain values only, days as YYYY-MM-DD.
    """
    standing = asdict(case.standing)
    shown = {name: standing[name] for name in standing if name not in ("presumptions", "clocks", "steps", "case_id")}
    looked = [fact for fact in case.own if fact["kind"] in _LOOKED]
    whole = {
        **case.heading(FORMAT),
        "register": dict(case.held.register),
        "finding": dict(case.held.finding),
        "address": dict(case.held.address),
        "notice": dict(case.notice),
        "standing": {**shown, "means": STATES[standing["state"]], "next": DUES[standing["next_step"]]},
        "how_it_was_found": [f"{step.words} ({step.citation})" if step.citation else step.words for step in case.standing.steps],
        "presumptions": standing["presumptions"],
        "clocks": standing["clocks"],
        "facts": [_fact(case, fact) for fact in case.facts if fact["kind"] not in _LOOKED],
        "who_looked": [_fact(case, fact) for fact in looked],
        "kept_until": None if case.kept is None else {"day": case.kept[0], "article": case.kept[1]},
        "undertakings": [{"id": one.id, "text": one.text, "by": one.by, "on": one.on} for one in case.decree.undertakings],
    }
    plain: dict[str, Any] = json.loads(json.dumps(whole, default=str))
    return plain


def in_part(found: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    """The parts of a record that others may see by a warrant. The salt goes to nobody but the person: it opens their acts in the log."""
    left = {name: value for name, value in found.items() if name not in PARTS or name in parts}
    if "notice" in left:
        left["notice"] = {name: value for name, value in left["notice"].items() if name != "salt"}
    return left


def _fact(case: Case, fact: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: fact[name] for name in ("second", "reason", "appear_on") if fact[name] is not None}
    return {**told_fact(case, fact), **more, "means": VOCABULARY[fact["kind"]].meaning}


def as_json(found: Mapping[str, Any]) -> bytes:
    """The record as a file for machines."""
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def as_page(found: Mapping[str, Any], language: str = FALLBACK, law: LawWords | None = None) -> bytes:
    """The record as one page that loads nothing from elsewhere and needs no script.

    Args:
        found: what `record` gives.
        language: a code of ``words/``.
        law: the law's rules and columns in this language.
    """
    folder = files("callup.app.exports")
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(folder.joinpath("record.html.j2").read_text(encoding="utf-8"))
    css = files("callup.app.report").joinpath("page.css").read_text(encoding="utf-8")
    return template.render(told=told_record(found, language, law), css=Markup(css)).encode()


def as_pdf(found: Mapping[str, Any], language: str = FALLBACK, law: LawWords | None = None) -> bytes:
    """The record as a tagged PDF (PDF/UA-1), for paper.

    Args:
        found: what `record` gives.
        language: a code of ``words/``.
        law: the law's rules and columns in this language.

    Raises:
        Unavailable: Typst failed.
    """
    source = files("callup.app.exports").joinpath("record.typ").read_bytes()
    told = json.dumps(told_record(found, language, law), ensure_ascii=False)
    return compiled(source, {"record": told}, date.fromisoformat(found["as_of"]))
