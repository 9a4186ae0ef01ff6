"""Typed stubs of the law and procedure notation: for editors, ruff and mypy only. Importing this module raises.

A law file (``law.py``) holds, in any order, only:
    ``register = {"column": "kind: type[, absent = no]"}``   kind of terms.tables.COLUMN_KINDS; type date, text, flag, number
    ``name = dated({"2024-01-01": (30, "amending act")})``   value from that day on; a number, text, flag, date or tuple; None: not known
    ``name = blank("number", "citation")``                   a value nobody sourced: whoever needs it is UNDETERMINED (G20)
    ``@liable(citation, ...)``, ``@exempt``, ``@disqualify``, ``@defer`` over ``def rule(p, day): "words" return expression``
An expression is made of ``p.column``, ``day``, parameters, literals (a text of the form YYYY-MM-DD is a date), ``and``, ``or``,
``not``, ``== != < <= > >=`` (chains too), ``in`` and ``not in`` a tuple, and ``age(p.born_on, day)``, where ``day`` may also be a date.
Nothing else. ``since`` is the first day in force, ``ended`` the first day no longer in force.
``waivable=True``: if the register declares the flag column ``<rule>_waived``, a person who gave the right up does not have it.
"""

# ruff: noqa: D103
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rule = Callable[[Any, Any], object]
Decorator = Callable[[Rule], Rule]
Value = int | str | bool | tuple[Any, ...] | None


class _Columns:
    def __getattr__(self, name: str) -> Any: ...


p = _Columns()


class Unverified(str):
    """A citation not yet checked against the official text."""


def unverified(citation: str) -> Unverified: ...  # type: ignore[empty-body]
def dated(values: Mapping[str, tuple[Value, str]]) -> Any: ...
def blank(what: str, cite: str) -> Any: ...
def age(born_on: Any, day: Any) -> int: ...  # type: ignore[empty-body]
def liable(cite: str, *, unless: Sequence[str] = (), since: str = "", ended: str = "") -> Decorator: ...  # type: ignore[empty-body]
def exempt(  # type: ignore[empty-body]
    cite: str, *, until: Any = None, unless: Sequence[str] = (), since: str = "", ended: str = "", waivable: bool = False
) -> Decorator: ...
def disqualify(  # type: ignore[empty-body]
    cite: str, *, until: Any = None, unless: Sequence[str] = (), since: str = "", ended: str = ""
) -> Decorator: ...
def defer(  # type: ignore[empty-body]
    cite: str, *, until: Any = None, unless: Sequence[str] = (), since: str = "", ended: str = "", waivable: bool = False
) -> Decorator: ...


# procedure.py: module-level calls; every one but advice and duty takes cite=, and all take since= and ended=
def duty(kind: str) -> None: ...  # military (the default), jury, polling, civil-protection, civil
def channel(name: str, *, cite: str, since: str = "", ended: str = "") -> None: ...
def service(
    channel: str, *, start: str, days: int, on_expiry: str, cite: str, **more: str | int | bool
) -> None: ...  # rebuttable="closing" or days, working=False, acts=True, since, ended
def clock(name: str, *, starts: str, days: int, cite: str, working: bool = False, since: str = "", ended: str = "") -> None: ...
def claim(
    kind: str,
    *,
    papers: Sequence[str],
    cite: str,
    within: int = 0,
    before: int = 0,
    working: bool = False,
    since: str = "",
    ended: str = "",
) -> None: ...
def tolls(ground: str, *, clocks: Sequence[str], cite: str, since: str = "", ended: str = "") -> None: ...
def suspends(claim: str, *, what: str, until: str, cite: str, since: str = "", ended: str = "") -> None: ...
def remedy(against: str, *, body: str, days: int, cite: str, since: str = "", ended: str = "") -> None: ...
def consequence(
    key: str, *, imposed_by: str, from_clock: str, days: int, fight: str, cite: str, since: str = "", ended: str = ""
) -> None: ...
def advice(*, unit: str, key: str, since: str = "", ended: str = "") -> None: ...
def term(*, months: int, cite: str, since: str = "", ended: str = "") -> None: ...
def conscience(*, cite: str, until_days_before: int = 0, since: str = "", ended: str = "") -> None: ...
def order(method: str, *, cite: str, since: str = "", ended: str = "") -> None: ...


raise ImportError("law and procedure files are notation: callup.law reads their text and never imports them")
