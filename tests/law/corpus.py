"""One corpus for every engine: the examples of all jurisdictions and random persons, with what the one-person evaluator finds.

Random persons stand on the corners of each column (birthdays on the cut-off and beside it, 29 February, dates at the edges of
the window), and a quarter of their facts are missing. The same seed gives the same persons on every machine.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from callup.jurisdictions import Jurisdiction, available, load
from callup.law import Law, Window, calendar_rows, interval, load_law
from callup.law.corners import _domain
from callup.law.tree import columns_read
from callup.register import arrow_schema
from callup.terms.canonical import row_text
from callup.terms.tables import FINDINGS

Person = Mapping[str, object]
LEAP = tuple(date(year, 2, 29) for year in (1992, 1996, 2000, 2004, 2008))
TYPES = {"date": pa.date32(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}
SPRING = Window(date(2025, 4, 1), date(2025, 7, 15), date(2025, 4, 1))
EVERYTHING = '''"""Everyland: every construct of the notation, with changes on most days of a spring."""
from callup.law.notation import *
register = {
    "born_on": "birth date: date", "sex": "sex: text", "unit": "unit: text", "is_resident": "residence: flag",
    "health": "ground: text", "children": "ground: number, absent = no", "served": "ground: flag, absent = no",
    "study_until": "ground: date, absent = no", "care_until": "ground: date", "free_from": "ground: date, absent = no",
    "level": "education level: text, absent = no", "student_waived": "ground: flag, absent = no",
}
age_from = dated({"2020-01-01": (18, "Act 1"), "2024-03-02": (19, "Act 2"), "2024-03-20": (18, "Act 3")})
age_to = dated({"2020-01-01": (27, "Act 1"), "2024-03-10": (30, "Act 2")})
enough = dated({"2020-01-01": (2, "Act 1"), "2024-03-05": (None, "Act 2"), "2024-03-15": (3, "Act 3")})
units = dated({"2020-01-01": (("A", "B"), "Act 1"), "2024-03-12": (("B", "C"), "Act 2")})
turned = dated({"2020-01-01": ("2023-12-31", "Act 1")})
opens = dated({"2020-01-01": ("2024-03-01", "Act 1"), "2024-03-18": ("2024-03-25", "Act 2")})
occupied = blank("flag", "GC IV art. 51")

@liable("Act 10", unless=["volunteer", "student"])
def of_age(p, day):
    return p.sex == "m" and age_from <= age(p.born_on, day) < age_to and not age(p.born_on, turned) > 27

@liable("Act 11", since="2024-03-03", ended="2024-03-22")
def volunteer(p, day):
    return p.is_resident and age(p.born_on, day) != 20 and 18 <= age(p.born_on, day) and day > opens

@disqualify("Act 12", until=p.free_from)
def barred(p, day):
    return p.free_from >= day and p.free_from != p.study_until

@exempt("Act 13", unless=["barred"])
def has_served(p, day):
    return p.served or p.level in ("doctor", "master")

@exempt("Act 14")
def parent(p, day):
    return p.children >= enough

@exempt("Act 15")
def elsewhere(p, day):
    return p.unit not in units and occupied

@exempt("Act 16", ended="2024-03-14")
def unfit(p, day):
    return not (p.health == "fit" or p.health == "fair")

@defer("Act 17", until=p.study_until, waivable=True)
def student(p, day):
    return day < p.study_until

@defer("Act 18", until=p.care_until)
def carer(p, day):
    return p.care_until > day or p.care_until == opens

@defer("Act 19", since="2024-03-08")
def father(p, day):
    return p.children == 1
'''
ORDINARY: dict[str, object] = {
    "born_on": date(2004, 2, 29),
    "sex": "m",
    "unit": "B",
    "is_resident": True,
    "health": "fit",
    "care_until": date(2023, 1, 1),
}
WINDOWS = (
    Window(date(2024, 2, 27), date(2024, 3, 28), date(2024, 3, 4)),
    Window(date(2024, 2, 28), date(2024, 3, 1), date(2024, 3, 1)),
    Window(date(2025, 2, 26), date(2025, 3, 6), date(2025, 2, 26)),
    Window(date(2024, 3, 13), date(2024, 3, 13), date(2024, 3, 13)),
)


@dataclass(frozen=True, eq=False)
class Case:
    """Persons who are asked one question: a law and a window, of one day or more.

    Args:
        name: e.g. ``ru 2024-01-01`` or ``ru 2025-04-01..2025-07-15``.
        law: the law.
        window: the days asked.
        people: column to value, in the order of their ids ``p0000``, ``p0001`` ...
    """

    name: str
    law: Law
    window: Window
    people: tuple[Person, ...]

    def snapshot(self) -> pa.Table:
        """The persons as the engines' table ``snapshot``, shape [persons]."""
        columns = {name: pa.array([one.get(name) for one in self.people], TYPES[kind.type]) for name, kind in self.law.columns.items()}
        columns["person_id"] = pa.array([f"p{number:04}" for number in range(len(self.people))])
        for name, kind in (("born_on", pa.date32()), ("unit", pa.string())):
            columns.setdefault(name, pa.nulls(len(self.people), kind))
        return pa.table(columns)

    def calendar(self) -> pa.Table:
        """The engines' table ``calendar``, shape [days]."""
        return calendar_rows(self.law, self.window)

    def findings(self) -> pa.Table:
        """What the evaluator finds, as FINDINGS by person."""
        return pa.Table.from_pylist([dict(zip(FINDINGS.names, row, strict=True)) for row in self.rows()], arrow_schema(FINDINGS))

    def row_texts(self) -> list[str]:
        """The same as canonical row texts (design D11)."""
        return [row_text(row, FINDINGS) for row in self.rows()]

    @functools.cache  # noqa: B019 a corpus is made once and kept
    def rows(self) -> list[tuple[object, ...]]:
        """The same as plain rows."""
        rows = []
        for number, one in enumerate(self.people):
            told = interval(self.law, one, self.window)
            shown = (told.finding, told.rule, told.mask, told.until, ",".join(told.missing) or None, told.liable_from, told.liable_until)
            rows.append((f"p{number:04}", one.get("born_on"), one.get("unit"), *shown))
        return rows


@functools.cache
def cases(code: str, few: int = 24, many: int = 240) -> tuple[Case, ...]:
    """The cases of a jurisdiction, or of ``everyland``, where each construct of the notation stands.

    Args:
        code: the jurisdiction.
        few: random persons beside the examples of each day, and in each window.
        many: random persons on the last of the days.
    """
    dice = random.Random(f"callup/corpus/{code}")
    if code == "everyland":
        law = load_law(EVERYTHING, "everyland/law.py")
        return tuple(_case(code, law, window, ((), (ORDINARY,)), many, dice) for window in WINDOWS)
    found = load(code)
    days = sorted({example.day for example in found.examples})
    made = [_on_day(found, day, many if day == days[-1] else few, dice) for day in days]
    likes = tuple(example.given for example in found.examples)
    made += [_case(code, found.law, window, ((), likes), few, dice) for window in _windows(found, days[-1])]
    return tuple(made)


CODES = (*available(), "everyland")


def _on_day(found: Jurisdiction, day: date, random_persons: int, dice: random.Random) -> Case:
    shown = tuple(example.given for example in found.examples if example.day == day)
    return _case(found.code, found.law, Window(day, day, day), (shown, shown), random_persons, dice)


def _windows(found: Jurisdiction, last: date) -> list[Window]:
    """A call-up's window, and three weeks about the last day on which the law changed."""
    changes = {dated.since for parameter in found.law.parameters.values() for dated in parameter.values}
    changes |= {rule.since for rule in found.law.rules} | {rule.ended for rule in found.law.rules}
    turn = max((day for day in changes if found.law.begins < day < date.max), default=last)
    first = max(turn - timedelta(days=9), found.law.begins)
    return [SPRING if found.code == "ru" else Window(last, last + timedelta(days=27), last), Window(first, turn + timedelta(days=12), turn)]


def _case(code: str, law: Law, window: Window, shown: tuple[tuple[Person, ...], ...], random_persons: int, dice: random.Random) -> Case:
    examples, likes = shown
    domains = {name: _values(law, name, window) for name in law.columns}
    people = [*examples, *(_person(domains, dice.choice(likes or ({},)), dice) for _ in range(random_persons))]
    asked = str(window.first) if window.first == window.last else f"{window.first}..{window.last}"
    return Case(f"{code} {asked}", law, window, tuple(people))


def _values(law: Law, name: str, window: Window) -> list[object]:
    """The corners of a column on the first, the key and the last day, and values of every day beside them."""
    column, found = law.columns[name], set[object]()
    for day in {window.first, window.key, window.last}:
        for rule in law.rules:
            if name in columns_read(rule.body) and rule.in_force(day):
                found |= _domain(law, rule, name, day)
    if column.type == "date":
        found |= {*LEAP, window.key + timedelta(days=400)} if column.kind == "birth date" else {window.first, window.last, LEAP[-1]}
    if column.type == "flag":
        found |= {True, False}
    if column.type == "number":
        found |= {0, 1}
    found -= {None, "\0", date.min, date.max}
    return sorted(found | ({"other"} if column.type == "text" else set()), key=repr)


def _person(domains: Mapping[str, list[object]], like: Person, dice: random.Random) -> Person:
    """A quarter of the facts missing, the others from a corner or from the example that the person resembles."""
    made: dict[str, object] = {}
    for name, values in domains.items():
        chance = dice.random()
        made[name] = None if chance < 0.25 else like.get(name) if chance < 0.8 else dice.choice(values)
    return made


def law_of_a_list() -> Law:
    """A law that frees whoever has a value of its list, which it leaves blank from 5 April 2025."""
    return load_law(
        '"""T: Act."""\nregister = {"born_on": "birth date: date", "health": "ground: text"}\n'
        'free_for = dated({"2020-01-01": (("unfit", "weak"), "A1"), "2025-04-05": (None, "A2")})\n'
        '@liable("Act 1")\ndef bound(p, day):\n    return age(p.born_on, day) >= 18\n'
        '@exempt("Act 2")\ndef ill(p, day):\n    return p.health in free_for\n',
        "t/law.py",
    )
