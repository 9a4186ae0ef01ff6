"""The tree of a law: what the parser makes of the notation, and what evaluator, SQL writer and page read.

A boolean node answers true, false or unknown; an operand has a type. Nothing here knows how to compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from callup.terms.errors import BadInput

Type = Literal["date", "text", "flag", "number"]
Value = date | str | bool | int
Effect = Literal["liable", "exempt", "disqualify", "defer"]
Held = Value | tuple[Value, ...] | None


@dataclass(frozen=True, slots=True)
class Col:
    """A column of the person."""

    name: str


@dataclass(frozen=True, slots=True)
class Day:
    """The day of the question."""


@dataclass(frozen=True, slots=True)
class Param:
    """A dated value of the law, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Lit:
    """A value written in the rule; a tuple only after ``in``."""

    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Age:
    """Whole years reached on a day; the age is reached on the birthday, for 29 February on 1 March of a common year."""

    born: Col
    on: Day | Param | Lit


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; ``op`` is one of ``== != < <= > >= in``."""

    op: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """Negation; unknown stays unknown."""

    of: Node


@dataclass(frozen=True, slots=True)
class Join:
    """``and`` or ``or`` of several."""

    op: Literal["and", "or"]
    parts: tuple[Node, ...]


Operand = Col | Day | Param | Lit | Age
Node = Col | Param | Lit | Compare | Not | Join
Anything = Operand | Node


@dataclass(frozen=True, slots=True)
class LawColumn:
    """A column the law reads: its kind (of the closed list), type, and whether absence means "no"."""

    name: str
    kind: str
    type: Type
    absent_no: bool
    line: int


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of a parameter, from a day on, with the act that set it; ``None`` is unknown."""

    since: date
    value: Held
    act: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, date, text or list that the law sets and later acts change."""

    name: str
    type: Type
    many: bool
    values: tuple[Dated, ...]
    unverified: bool
    line: int

    def at(self, day: date) -> Held:
        """The value on that day; ``None`` is unknown.

        Raises:
            BadInput: the law has no value for so early a day.
        """
        for dated in reversed(self.values):
            if dated.since <= day:
                return dated.value
        raise BadInput("law-parameter-without-value", {"parameter": self.name, "day": day}, "add the value that held on that day")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``since`` is its first day, ``ended`` the first day no longer in force."""

    number: int
    name: str
    effect: Effect
    citation: str
    unverified: bool
    words: str
    body: Node
    until: str
    unless: tuple[str, ...]
    since: date
    ended: date
    waivable: bool
    line: int

    def in_force(self, day: date) -> bool:
        """Whether it is law on that day."""
        return self.since <= day < self.ended


@dataclass(frozen=True, slots=True)
class Law:
    """A law as parsed and checked. ``digest`` is over the tree: comments and layout do not change it."""

    title: str
    columns: dict[str, LawColumn]
    parameters: dict[str, Parameter]
    rules: tuple[Rule, ...]
    digest: str
    path: str
    begins: date
    unverified: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def rule(self, name: str) -> Rule:
        """The rule of that name; ``KeyError`` if there is none."""
        for rule in self.rules:
            if rule.name == name:
                return rule
        raise KeyError(name)

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that a rule reads or ends with, in the law's order; not those that say that a right was given up."""
        read = {name for rule in self.rules for name in (*columns_read(rule.body), rule.until)}
        return tuple(name for name in self.columns if name in read)

    def waiver(self, rule: Rule) -> str:
        """The column that says the person gave this right up; empty where the law has none."""
        name = f"{rule.name}_waived"
        return name if rule.waivable and name in self.columns else ""


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a call-up, both included, and the key date within them."""

    first: date
    last: date
    key: date

    def __post_init__(self) -> None:
        if not self.first <= self.key <= self.last:
            raise BadInput("window-out-of-order", {"first": self.first, "last": self.last, "key": self.key}, "first <= key <= last")

    @property
    def days(self) -> tuple[date, ...]:
        """Each day, in order."""
        return tuple(self.first + timedelta(days=offset) for offset in range((self.last - self.first).days + 1))


def walk(node: Anything) -> Iterator[Anything]:
    """The node and everything under it, in reading order."""
    yield node
    match node:
        case Compare(left=left, right=right):
            yield from walk(left)
            yield from walk(right)
        case Not(of=inner):
            yield from walk(inner)
        case Join(parts=parts):
            for part in parts:
                yield from walk(part)
        case Age(born=born, on=on):
            yield from walk(born)
            yield from walk(on)


class _Itself:
    """A node as a key: found again where it is the same one in memory, without a walk through it."""

    __slots__ = ("node",)

    def __init__(self, node: Anything) -> None:
        self.node = node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.node is other.node


def columns_read(node: Anything) -> tuple[str, ...]:
    """The columns a node reads, each once, in reading order; found again for the last thousands, since a node never changes."""
    return _columns(_Itself(node))


@lru_cache(maxsize=4096)
def _columns(of: _Itself) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.name for part in walk(of.node) if isinstance(part, Col)))


def parameters_read(node: Anything) -> tuple[str, ...]:
    """The parameters a node reads, each once, in reading order."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Param)))


def spell(node: Anything) -> str:
    """The node in the notation, one spelling for one tree: what the digest is over and what the page shows."""
    match node:
        case Col(name=name):
            return f"p.{name}"
        case Day():
            return "day"
        case Param(name=name):
            return name
        case Lit(value=value):
            return _spell_value(value)
        case Age(born=born, on=on):
            return f"age({spell(born)}, {spell(on)})"
        case Compare(op=op, left=left, right=right):
            return f"({spell(left)} {op} {spell(right)})"
        case Not(of=inner):
            return f"(not {spell(inner)})"
    return f"({f' {node.op} '.join(spell(part) for part in node.parts)})"


def _spell_value(value: Held) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(_spell_value(part) for part in value)},)"
    return f'"{value.isoformat()}"' if isinstance(value, date) else repr(value)
