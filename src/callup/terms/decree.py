"""The decree as a value: who is called, how many, when, by whom, and what was promised."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from callup.terms.errors import BadInput

Method = Literal["draw", "list", "list-with-objections", "volunteers-then-draw", "agreed-then-lot", "panels"]
CLASSES: Mapping[str, tuple[str, ...]] = {
    "draw": ("",),
    "list": ("",),
    "list-with-objections": ("",),
    "volunteers-then-draw": ("volunteers", ""),
    "agreed-then-lot": ("volunteers", "", "limited"),
    "panels": ("",),
}
"""For each order of call, the classes of a unit's roll in the order in which they are called; "" is everybody else's."""

PRINTED_AS = ("letters", "records")
ASKS = ("appearance", "answer")
"""What a notice asks for: that somebody comes on a day, or that somebody answers in a time that runs from service, and no day is named."""


@dataclass(frozen=True, slots=True)
class Undertaking:
    """A numbered promise of the decree, copied into each notice (safeguard G21)."""

    id: str
    text: str
    by: str
    on: date
    forbids_postings: tuple[str, ...] = ()
    forbids_extension: bool = False
    answer_days: int = 0
    """Days in which the authority answers a report that it was broken; 0: the decree names none."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """A named person who may sign acts (safeguard G7)."""

    name: str
    office: str
    key: str


@dataclass(frozen=True, slots=True)
class Watchdog:
    """A body through which a soldier may report: its name, how to reach it, and the key that signs its reports (safeguard G21)."""

    name: str
    contact: str
    key: str = ""
    """Ed25519, 64 hex digits; empty: it cannot report yet."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A witness of the logs: its name in the policy, its verifier key (C2SP tlog-cosignature), and where it answers."""

    name: str
    vkey: str
    url: str


@dataclass(frozen=True, slots=True)
class Decree:
    """The legal order that opens one call-up. Dates are inclusive; persons are whole numbers."""

    id: str
    jurisdiction: str
    title: str
    signed_on: date
    authority: str
    legal_basis: str
    opens_on: date
    closes_on: date
    key_date: date
    persons_to_enlist: int
    rehearsal: bool
    service_kind: str
    service_months: int
    undertakings: tuple[Undertaking, ...]
    quota_method: str
    quota_by: str
    quota_base: str
    order_method: Method
    order_basis: str
    order_file: str
    notice_yield: Fraction
    waves: int
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    places_file: str
    lead_days: int
    posting_categories: tuple[str, ...]
    receiving_body: str
    signatories: tuple[Signatory, ...]
    log_origin: str
    beacon: str
    beacon_round: int
    lead_hours: int
    secret_holders: tuple[str, ...]
    merge_below: int
    witnesses: tuple[Watcher, ...] = ()
    witness_quorum: int = 0
    printed_as: str = "letters"
    """``letters``: print files; ``records``: rows of words for a printer that composes the letters."""
    asks: str = "appearance"
    """``appearance``: a day and a place for everyone; ``answer``: neither, only the time to answer."""
    watchdogs: tuple[Watchdog, ...] = ()
    scale_note: str = ""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language, the decree's own texts to what it says in that language."""
    source: str = field(default="", repr=False)

    @property
    def listed(self) -> bool:
        """Whether the law's own list is the order, and no lot is drawn."""
        return self.order_method.startswith("list")

    def said(self, text: str, language: str) -> str:
        """One of the decree's own texts in a language; as it stands where the decree has no words for it."""
        return self.words.get(language, {}).get(text, text)

    @property
    def appoints(self) -> bool:
        """Whether its notices name a day and a place."""
        return self.asks == "appearance"

    @property
    def files(self) -> tuple[str, ...]:
        """The files that lie beside the decree; the last is sealed where it names persons."""
        places = (self.places_file,) if self.appoints else ()
        return (*places, self.order_file) if self.order_method != "draw" else places


def read_decree(table: Mapping[str, Any], source: str = "") -> Decree:
    """Read a parsed ``decree.toml``.

    Args:
        table: the parsed TOML.
        source: the exact text of the file; its digest is one of the six inputs.

    Raises:
        BadInput: all that is wrong with it, in ``params["problems"]`` as (key, what) pairs.
    """
    reader = _Reader(table)
    decree = _build(reader, source)
    _check(decree, reader)
    if reader.problems:
        listed = tuple(reader.problems)
        words = "; ".join(f"{key}: {what}" for key, what in listed)
        raise BadInput("decree-unusable", {"problems": listed, "words": words}, "mend each named key of decree.toml")
    return decree


class _Reader:
    """Takes typed values out of a table and gathers every problem instead of stopping at the first."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.problems: list[tuple[str, str]] = []

    def take(self, path: str, kind: type, default: Any = None) -> Any:
        value: Any = self.table
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        fallback = {int: 0, str: "", date: date.min, bool: False, list: [], dict: {}}[kind] if default is None else default
        if value is None:
            if default is None:
                self.problems.append((path, "is missing"))
            return fallback
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.problems.append((path, f"must be {_KINDS[kind]}, not {value!r}"))
            return fallback
        return value

    def rows(self, path: str, make: Callable[[_Reader], Any], *, default: list[Any] | None = None) -> tuple[Any, ...]:
        made = []
        for number, row in enumerate(self.take(path, list, default), 1):
            inner = _Reader(row if isinstance(row, Mapping) else {})
            made.append(make(inner))
            self.problems += [(f"{path}[{number}].{key}", what) for key, what in inner.problems]
        return tuple(made)

    def texts(self, path: str, default: list[str] | None = None) -> tuple[str, ...]:
        values = self.take(path, list, default)
        if not all(isinstance(value, str) for value in values):
            self.problems.append((path, "must be a list of texts"))
            return ()
        return tuple(values)


_KINDS = {
    int: "a whole number",
    float: "a decimal fraction",
    str: "a text",
    date: "a date",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def _undertaking(row: _Reader) -> Undertaking:
    forbids, longer = row.take("forbids.posting", list, []), row.take("forbids.extension", bool, False)
    said = (row.take("id", str), row.take("text", str), row.take("by", str), row.take("on", date))
    return Undertaking(*said, tuple(forbids), longer, row.take("answer_days", int, 0))


def _signatory(row: _Reader) -> Signatory:
    return Signatory(row.take("name", str), row.take("office", str), row.take("key", str))


def _watchdog(row: _Reader) -> Watchdog:
    return Watchdog(row.take("name", str), row.take("contact", str), row.take("key", str, ""))


def _watcher(row: _Reader) -> Watcher:
    return Watcher(row.take("name", str), row.take("vkey", str), row.take("url", str))


def _service(reader: _Reader) -> dict[str, Any]:
    return {"service_kind": reader.take("service.kind", str), "service_months": reader.take("service.months", int)}


def _promised(reader: _Reader) -> dict[str, Any]:
    """What is promised, who may report that it was broken, and both in other languages."""
    promised, reporting = reader.rows("undertakings", _undertaking, default=[]), reader.rows("watchdog", _watchdog, default=[])
    return {"undertakings": promised, "watchdogs": reporting, "words": _words(reader)}


def _watched(reader: _Reader) -> dict[str, Any]:
    """Who watches the logs, and how many of them are enough."""
    return {"witnesses": reader.rows("witness", _watcher, default=[]), "witness_quorum": reader.take("witnesses.quorum", int, 0)}


TRANSLATED = ("title", "authority", "legal_basis", "scale_note", "order.basis", "order.receiving_body")
"""What ``[words.<language>]`` may translate, beside ``undertakings.<id>.text`` and ``undertakings.<id>.by``."""


def _words(reader: _Reader) -> dict[str, dict[str, str]]:
    """Each language's table: the decree's own texts to those words."""
    texts = {path: _Reader(reader.table).take(path, str, "") for path in TRANSLATED}
    for row in reader.table.get("undertakings", []):
        texts |= {f"undertakings.{row.get('id')}.{key}": row.get(key, "") for key in ("text", "by")}
    found: dict[str, dict[str, str]] = {}
    for language, table in reader.take("words", dict, {}).items():
        said = _flat(table, "")
        reader.problems += [(f"words.{language}.{path}", "translates no text of the decree") for path in said if path not in texts]
        reader.problems += [(f"words.{language}.{path}", "must be a text") for path, words in said.items() if not isinstance(words, str)]
        found[language] = {texts[path]: words for path, words in said.items() if texts.get(path)}
    return found


def _flat(table: Any, path: str) -> dict[str, Any]:
    """A table of tables by dotted paths."""
    if not isinstance(table, Mapping):
        return {path.removeprefix("."): table}
    return {inner: words for key, value in table.items() for inner, words in _flat(value, f"{path}.{key}").items()}


def _notified(reader: _Reader) -> dict[str, Any]:
    """Which ways a notice goes, in which languages, and how it is handed to the printer."""
    printed_as = reader.take("notices.printed_as", str, PRINTED_AS[0])
    if printed_as not in PRINTED_AS:
        reader.problems.append(("notices.printed_as", f"must be one of {', '.join(PRINTED_AS)}"))
    asks = reader.take("notices.asks", str, ASKS[0])
    if asks not in ASKS:
        reader.problems.append(("notices.asks", f"must be one of {', '.join(ASKS)}"))
    for key in ("places", "lead_days") if asks == "answer" else ():
        if key in reader.take("notices", dict, {}):
            reader.problems.append((f"notices.{key}", "must not be there: a notice that asks for an answer names no day and no place"))
    ways = {"channels": reader.texts("notices.channels"), "languages": reader.texts("notices.languages")}
    return {**ways, "printed_as": printed_as, "asks": asks}


def _yield(reader: _Reader) -> Fraction:
    value = reader.take("notices.yield", float, 0.0)
    share = Fraction(str(value))
    if not 0 < share <= 1:
        reader.problems.append(("notices.yield", "must be a share above 0 and at most 1"))
        return Fraction(1)
    return share


def _build(reader: _Reader, source: str) -> Decree:
    take = reader.take
    return Decree(
        id=take("id", str),
        jurisdiction=take("jurisdiction", str),
        title=take("title", str),
        signed_on=take("signed_on", date),
        authority=take("authority", str),
        legal_basis=take("legal_basis", str),
        opens_on=take("opens_on", date),
        closes_on=take("closes_on", date),
        key_date=take("key_date", date),
        persons_to_enlist=take("persons_to_enlist", int),
        rehearsal=take("rehearsal", bool, False),
        **_service(reader),
        **_promised(reader),
        quota_method=take("quotas.method", str),
        quota_by=take("quotas.by", str, "region"),
        quota_base=take("quotas.base", str, "liable"),
        order_method=take("order.method", str),
        order_basis=take("order.basis", str),
        order_file=take("order.file", str, "order.csv"),
        notice_yield=_yield(reader),
        waves=take("notices.waves", int, 1),
        **_notified(reader),
        places_file=take("notices.places", str, "places.csv"),
        lead_days=take("notices.lead_days", int, 14),
        posting_categories=reader.texts("order.posting_categories", []),
        receiving_body=take("order.receiving_body", str, ""),
        signatories=reader.rows("signatory", _signatory),
        log_origin=take("log.origin", str),
        beacon=take("draw.beacon", str),
        beacon_round=take("draw.round", int),
        lead_hours=take("draw.lead_hours", int, 24),
        secret_holders=reader.texts("draw.secrets"),
        merge_below=take("draw.merge_below", int, 10),
        **_watched(reader),
        scale_note=take("scale_note", str, ""),
        source=source,
    )


def _check(decree: Decree, reader: _Reader) -> None:
    """What no type can say: dates in order, numbers in range, two signatories (G7)."""
    say = reader.problems.append
    _check_dates(decree, say)
    if decree.persons_to_enlist < 1:
        say(("persons_to_enlist", "must be at least 1"))
    if decree.order_method not in CLASSES:
        say(("order.method", f"must be one of {', '.join(CLASSES)}"))
    if not 1 <= decree.waves <= 99:
        say(("notices.waves", "must be from 1 to 99"))
    if len({signatory.name for signatory in decree.signatories}) < 2:
        say(("signatory", "two different people must be named: each wave and the freeze wait for both (G7)"))
    if decree.merge_below < 10:
        say(("draw.merge_below", "must be at least 10: smaller cells can point at a person (G5)"))
    _check_witnesses(decree, say)
    _check_undertakings(decree, say)
    for name in (decree.id, *decree.secret_holders):
        if not name or not all(c.isascii() and (c.isalnum() or c in "-.") for c in name):
            say(("id", f"{name!r} must be letters, digits, '-' and '.' only: it is hashed and used as a file name"))


def _check_undertakings(decree: Decree, say: Callable[[tuple[str, str]], None]) -> None:
    names = [one.id for one in decree.undertakings]
    if len(set(names)) < len(names):
        say(("undertakings", "each needs a number of its own: it is printed in every notice"))
    for one in decree.undertakings:
        unknown = sorted(set(one.forbids_postings) - set(decree.posting_categories))
        if unknown:
            say(("undertakings.forbids.posting", f"{', '.join(unknown)}: not in order.posting_categories, so nobody could report it"))
        if one.answer_days < 0:
            say(("undertakings.answer_days", "must be 0 or more days"))
    for body in decree.watchdogs:
        if body.key and not re.fullmatch("[0-9a-f]{64}", body.key):
            say(("watchdog.key", f"{body.name}: must be an Ed25519 public key, 64 hex digits"))


def _check_witnesses(decree: Decree, say: Callable[[tuple[str, str]], None]) -> None:
    names = [one.name for one in decree.witnesses]
    if len(set(names)) < len(names) or any(
        not name or name in ("none", "witnesses") or not name.isprintable() or " " in name for name in names
    ):
        say(("witness", "each needs a name of its own, without spaces"))
    if not (1 <= decree.witness_quorum <= len(names) or (not names and not decree.witness_quorum)):
        say(("witnesses.quorum", "must be from 1 to the number of witnesses: how many must have cosigned"))


def _check_dates(decree: Decree, say: Callable[[tuple[str, str]], None]) -> None:
    if not decree.signed_on <= decree.opens_on <= decree.closes_on:
        say(("opens_on", "dates out of order: signed_on, opens_on and closes_on must not go back"))
    if not decree.opens_on <= decree.key_date <= decree.closes_on:
        say(("key_date", "must lie in the window from opens_on to closes_on"))
