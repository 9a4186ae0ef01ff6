"""Reads a procedure file: calls of a closed vocabulary, each with its article, then the floor no folder can lower."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from callup.law import procedure as made
from callup.law.floor import check_floor
from callup.law.procedure import KINDS, Procedure, Provision
from callup.law.refusal import Source
from callup.terms.facts import CLAIMS, VOCABULARY

_SERVICE_FACTS = tuple(kind for kind, row in VOCABULARY.items() if row.act == "service" and kind != "decision_served")
_CLOCKS = ("lead", "greatest_lead", "response", "second_attempt", "decision", "papers", "appeal", "objection", "rest", "storage")
_WHOLE_DAYS = ("lead", "greatest_lead", "second_attempt")
_TOLLED = ("service", "response", "filing", "appeal")
_TOLLS = ("outage", "strike", "hospital", "abroad", "custody", "force-majeure")
_STARTS = (
    "served",
    "posted",
    "entered",
    "called",
    "handed_over",
    "available",
    "delivered",
    "claimed",
    "decided",
    "decision_served",
    "published",
    "papers_asked",
    "fulfilled",
    "closing",
)
_ORDERS = ("list", "draw", "volunteers-then-draw", "list-with-objections", "agreed-then-lot", "panels")
_DUTIES = ("military", "jury", "polling", "civil-protection", "civil")


_CALLED = {
    int: "a whole number, at most 36500",
    str: "a text that is not empty",
    bool: "True or False",
    tuple: "a list of texts, none empty",
    object: "a whole number or a text",
}
"""What an argument must be, as its refusal says it."""


@dataclass(frozen=True, slots=True)
class _Word:
    """One argument: its name, type, the words it may be (none: any), its default (``...``: it must be given)."""

    name: str
    type: type
    among: tuple[str, ...] = ()
    default: Any = ...


def _text(name: str, *among: str, default: Any = ...) -> _Word:
    return _Word(name, str, among, default)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call: the list it fills, the provision it makes, its first argument's name if it stands alone, its arguments."""

    fills: str
    makes: type[Provision]
    words: tuple[_Word, ...]
    positional: bool = True
    cited: bool = True


_VOCABULARY: Mapping[str, _Call] = {
    "duty": _Call("duties", made.Duty, (_text("kind", *_DUTIES),), cited=False),
    "channel": _Call("channels", made.Channel, (_text("name"),)),
    "service": _Call(
        "services",
        made.ServiceRule,
        (
            _text("channel"),
            _text("start", *_SERVICE_FACTS),
            _Word("days", int),
            _text("on_expiry", "presume", "fail", "confirm"),
            _Word("rebuttable", object, ("closing",), "closing"),
            _Word("working", bool, (), False),
            _Word("acts", bool, (), True),
        ),
    ),
    "clock": _Call(
        "clocks",
        made.Clock,
        (_text("name", *_CLOCKS), _text("starts", *_STARTS), _Word("days", int), _Word("working", bool, (), False)),
    ),
    "claim": _Call(
        "claims",
        made.Claim,
        (
            _text("kind", *CLAIMS),
            _Word("papers", tuple),
            _Word("within", int, (), 0),
            _Word("before", int, (), 0),
            _Word("working", bool, (), False),
        ),
    ),
    "tolls": _Call("tolls", made.Toll, (_text("ground", *_TOLLS), _Word("clocks", tuple))),
    "suspends": _Call(
        "suspensions", made.Suspension, (_text("claim", *CLAIMS, "appeal"), _text("what", "duty"), _text("until", "decided", "final"))
    ),
    "remedy": _Call("remedies", made.Remedy, (_text("against", "notice", "decision", "finding"), _text("body"), _Word("days", int))),
    "consequence": _Call(
        "consequences",
        made.Consequence,
        (_text("key"), _text("imposed_by"), _text("from_clock", "served", "posted"), _Word("days", int), _text("fight")),
    ),
    "advice": _Call("advice", made.Advice, (_text("unit"), _text("key")), positional=False, cited=False),
    "term": _Call("terms", made.Term, (_Word("months", int),), positional=False),
    "conscience": _Call("conscience", made.Conscience, (_Word("until_days_before", int, (), 0),), positional=False),
    "order": _Call("orders", made.Order, (_text("method", *_ORDERS),)),
    "blank": _Call("blanks", made.Blank, (_text("name"),)),
}


def load_procedure(text: str, path: str) -> Procedure:
    """Parse and check a procedure file; it is never executed.

    Args:
        text: the whole file.
        path: its name, for messages.

    Raises:
        BadInput: it is outside the vocabulary; ``params`` has ``where`` (file:line) and ``what``.
        NotLawful: it goes below the floor (G15, G17), with the floor's citation.
    """
    source = Source(path)
    tree = source.parsed(text)
    found: dict[str, list[Provision]] = {name: [] for name in KINDS}
    for node in tree.body:
        match node:
            case ast.Expr(value=ast.Call(func=ast.Name(id=word)) as call) if word in _VOCABULARY:
                found[_VOCABULARY[word].fills].append(_provision(source, word, call))
            case _ if not source.preamble(node):
                raise source.outside(node)
    title = source.title(tree)
    procedure = Procedure(title, _digest(title, found), path, **{name: tuple(ones) for name, ones in found.items()})  # type: ignore[arg-type]
    _check(procedure, source)
    check_floor(procedure, source)
    return procedure


def _provision(source: Source, word: str, call: ast.Call) -> Provision:
    shape = _VOCABULARY[word]
    given = _given(source, word, call)
    held = {each.name: _value(source, call, word, each, given.get(each.name)) for each in shape.words}
    citation, unverified = source.citation(given["cite"]) if "cite" in given else ("", False)
    if shape.cited and not citation:
        raise source.refuse("law-rule-uncited", call.lineno, f"{word}(...) has no cite=", "name the article")
    since = source.day(given["since"], "since", date.min) if "since" in given else date.min
    ended = source.day(given["ended"], "ended", date.max) if "ended" in given else date.max
    if since >= ended:
        raise source.refuse("law-rule-unreachable", call.lineno, f"{word}(...) is never in force", "since must lie before ended")
    return shape.makes(citation=citation, unverified=unverified, since=since, ended=ended, line=call.lineno, **held)


def _given(source: Source, word: str, call: ast.Call) -> dict[str, ast.expr]:
    shape = _VOCABULARY[word]
    if len(call.args) != (1 if shape.positional else 0):
        raise source.outside(call, f"{word} takes {'one word first, then' if shape.positional else 'only'} key=value")
    given = {shape.words[0].name: call.args[0]} if shape.positional else {}
    allowed = {each.name for each in shape.words} | {"since", "ended"} | ({"cite"} if shape.cited else set())
    for key in call.keywords:
        if key.arg is None or key.arg in given or key.arg not in allowed:
            raise source.refuse("law-key-unknown", call.lineno, f"{key.arg} of {word}(...)", f"keys are {', '.join(sorted(allowed))}")
        given[key.arg] = key.value
    return given


def _value(source: Source, call: ast.Call, word: str, shape: _Word, written: ast.expr | None) -> Any:
    if written is None:
        if shape.default is ...:
            raise source.refuse("law-key-unknown", call.lineno, f"{word}(...) has no {shape.name}=", f"give {shape.name}=")
        return shape.default
    try:
        held = ast.literal_eval(written)
    except ValueError:
        raise source.outside(written) from None
    if isinstance(held, list):
        held = tuple(held)
    if not _fits(shape, held):
        hint = f"one of {', '.join(shape.among)}" if shape.among else f"give {_CALLED[shape.type]}"
        raise source.refuse("law-type-mismatch", written.lineno, f"{shape.name}={ast.unparse(written)} of {word}(...)", hint)
    return held


def _fits(shape: _Word, held: object) -> bool:
    if isinstance(held, int) and not isinstance(held, bool):
        return shape.type in (int, object) and 0 <= held <= 36_500
    if isinstance(held, tuple):
        return shape.type is tuple and all(isinstance(one, str) and one for one in held)
    if isinstance(held, str):
        return shape.type in (str, object) and bool(held.strip()) and (not shape.among or held in shape.among)
    return isinstance(held, bool) and shape.type is bool


def _check(procedure: Procedure, source: Source) -> None:
    names = {channel.name for channel in procedure.channels}
    for rule in procedure.services:
        if rule.channel not in names:
            raise source.refuse(
                "law-outside-vocabulary", rule.line, f"service by {rule.channel}, which is no channel", "declare channel(...)"
            )
        if rule.on_expiry == "confirm" and rule.days:
            raise source.refuse("law-type-mismatch", rule.line, "confirm waits for no days", "days=0, or presume")
    for channel in procedure.channels:
        if channel.name not in {rule.channel for rule in procedure.services}:
            raise source.refuse("law-outside-vocabulary", channel.line, f"channel {channel.name} has no service rule", "say when it serves")
    _check_days(procedure, source)
    _check_once(procedure, source)
    _check_stops(procedure, source)


def _check_days(procedure: Procedure, source: Source) -> None:
    """What `cases` counts in whole days is not said in working days: it would be read as fewer."""
    said = [(f"claim {one.kind}", one.line) for one in procedure.claims if one.working and one.before]
    said += [(f"clock {one.name}", one.line) for one in procedure.clocks if one.working and one.name in _WHOLE_DAYS]
    for what, line in said:
        raise source.refuse("law-type-mismatch", line, f"{what} in working days", "it counts days: write as many as they can be at most")
    for clock in procedure.clocks:
        if clock.name == "greatest_lead" and clock.starts != "posted":
            raise source.refuse("law-type-mismatch", clock.line, f"greatest_lead runs from {clock.starts}", 'starts="posted"')


def _check_once(procedure: Procedure, source: Source) -> None:
    """On no day does the law say two things of one clock, one claim or one suspension."""
    named = (
        *((f"clock {one.name}", one) for one in procedure.clocks),
        *((f"claim {one.kind}", one) for one in procedure.claims),
        *((f"suspension by {one.claim}", one) for one in procedure.suspensions),
    )
    for number, (name, one) in enumerate(named):
        for other_name, other in named[:number]:
            if name == other_name and one.since < other.ended and other.since < one.ended:
                raise source.refuse(
                    "law-said-twice", one.line, f"{name} stands in line {other.line} for the same days", "part them by since= and ended="
                )


def _check_stops(procedure: Procedure, source: Source) -> None:
    for toll in procedure.tolls:
        if not toll.clocks or not set(toll.clocks) <= set(_TOLLED):
            said = f"clocks={list(toll.clocks)} of tolls({toll.ground})"
            raise source.refuse("law-outside-vocabulary", toll.line, said, f"some of {', '.join(_TOLLED)}")
    filed = {claim.kind for claim in procedure.claims} | {"appeal"}
    for stop in procedure.suspensions:
        if stop.claim not in filed:
            raise source.refuse(
                "law-outside-vocabulary", stop.line, f"{stop.claim} suspends, but nobody can claim it", "declare claim(...)"
            )


def _digest(title: str, found: Mapping[str, list[Provision]]) -> str:
    lines = [f"callup/procedure/1 {title}"]
    for name in KINDS:
        for one in found[name]:
            held = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "line"}
            lines.append(f"{name} " + " ".join(f"{key}={value!r}" for key, value in sorted(held.items())))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
