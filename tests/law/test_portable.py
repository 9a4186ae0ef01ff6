"""What the page in a browser is given of a law is the whole of it: read back, it is the same tree, values, periods and rights."""

import json
from datetime import date
from typing import Any

import pytest
from law.corpus import CODES, cases

from callup.law import Window, load_law
from callup.law.logic import blockers
from callup.law.portable import portable
from callup.law.tree import Age, Anything, Col, Compare, Day, Join, Lit, Not, Param


def value(told: Any) -> Any:
    if isinstance(told, list):
        return tuple(value(one) for one in told)
    return date.fromisoformat(told) if isinstance(told, str) and told[4:5] == told[7:8] == "-" else told


def node(told: list[Any]) -> Anything:
    """The tree that a body as lists says."""
    word, *parts = told
    match word:
        case "col":
            return Col(*parts)
        case "value":
            return Param(*parts)
        case "lit":
            return Lit(value(*parts))
        case "day":
            return Day()
        case "age":
            born, on = map(node, parts)
            return Age(born, on)  # type: ignore[arg-type]
        case "not":
            return Not(node(*parts))  # type: ignore[arg-type]
        case "and" | "or":
            return Join(word, tuple(map(node, parts)))  # type: ignore[arg-type]
    return Compare(word, *map(node, parts))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", CODES)
def test_read_back_it_is_the_law(code: str) -> None:
    for case in cases(code):
        law, window = case.law, case.window
        told = json.loads(json.dumps(portable(law, window)))
        assert [told[name] for name in ("first", "last", "key")] == [str(one) for one in (window.first, window.last, window.key)]
        assert told["absent_no"] == {name: column.absent_no for name, column in law.columns.items()}
        dated = {name: [(one.since, one.value) for one in held.values] for name, held in law.parameters.items()}
        assert {name: [(date.fromisoformat(since), value(held)) for since, held in rows] for name, rows in told["values"].items()} == dated
        asked = [rule for rule in law.rules if any(rule.in_force(day) for day in window.days)]
        assert [one["number"] for one in told["rules"]] == [rule.number for rule in asked]
        for one, rule in zip(told["rules"], asked, strict=True):
            assert node(one["body"]) == rule.body
            assert (one["name"], one["effect"], one["article"], one["until"]) == (rule.name, rule.effect, rule.citation, rule.until)
            assert (one["since"], one["ended"]) == (rule.since.isoformat(), rule.ended.isoformat())
            assert (one["waiver"], one["blockers"]) == (law.waiver(rule), list(blockers(law, rule)))


def test_a_rule_counts_from_its_first_day_to_the_day_before_its_end() -> None:
    head = '"""T: Act."""\nregister = {"born_on": "birth date: date"}\n'
    bound = '@liable("Act 1", since="2025-04-10", ended="2025-05-01")\ndef bound(p, day):\n    return age(p.born_on, day) >= 18\n'
    other = '@liable("Act 2")\ndef other(p, day):\n    return age(p.born_on, day) >= 60\n'
    law = load_law(head + bound + other, "t/law.py")
    for first, last, wanted in (("04-01", "04-09", 1), ("04-01", "04-10", 2), ("04-30", "05-09", 2), ("05-01", "05-09", 1)):
        days = [date.fromisoformat(f"2025-{one}") for one in (first, last)]
        assert len(portable(law, Window(*days, days[0]))["rules"]) == wanted, (first, last)
