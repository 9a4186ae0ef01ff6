"""The runner finds wrong examples and names what lacks one (design D28)."""

import tomllib
from pathlib import Path

import pytest

from callup.jurisdictions import load
from callup.law import load_law, run_examples
from callup.law.examples import read_examples
from callup.terms.errors import BadInput

FREEDONIA = load("freedonia")
ACT = (
    '"""T: Act."""\nregister = {"born_on": "birth date: date"}\n'
    'age_from = dated({"2020-01-01": (18, "A1"), "2025-01-01": (19, "A2")})\n'
    '@liable("Act 1")\ndef bound(p, day):\n    return age(p.born_on, day) >= age_from\n'
)


def example(born: str, day: str, finding: str, more: str = "") -> str:
    given = f"given = {{ {f'born_on = {born}, ' if born else ''}day = {day} }}"
    return f'[[example]]\nname = "n"\nlaw = "l"\n{more}\n{given}\nexpect = {{ finding = "{finding}", because = ["Act 1"] }}\n'


def report(*texts: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    told = run_examples(load_law(ACT, "t/law.py"), FREEDONIA.procedure, read_examples(tomllib.loads("\n".join(texts)), "t.toml"))
    assert told.ran == len(texts)
    assert told.passed == (not told.failures and not told.lacking)
    return told.failures, told.lacking


COMPLETE = (
    example("2002-01-01", "2021-01-01", "LIABLE"),
    example("2006-07-01", "2024-07-01", "LIABLE", 'rule = "bound"\nkind = "edge"'),
    example("2006-07-01", "2025-01-01", "NOT_LIABLE", 'rule = "bound"\nkind = "fails"'),
    example("", "2025-01-01", "UNDETERMINED", 'rule = "bound"\nkind = "unknown"'),
)


def test_complete() -> None:
    assert report(*COMPLETE) == ((), ())


@pytest.mark.parametrize(
    ("kept", "lacking"),
    [
        ((0, 3), "bound: no example on its edge day"),
        ((0, 1, 2), "bound: no example in which it is unknown"),
        ((0, 1), "bound: no example in which it fails"),
        ((0, 1), "age_from: no example from 2025-01-01"),
        ((2, 3), "age_from: no example before 2025-01-01"),
        ((2, 3), "bound: no example in which it holds"),
    ],
)
def test_what_lacks(kept: tuple[int, ...], lacking: str) -> None:
    assert lacking in report(*(COMPLETE[number] for number in kept))[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (example("2002-01-01", "2021-01-01", "NOT_LIABLE"), "finding is LIABLE, expected NOT_LIABLE"),
        (example("2002-01-01", "2021-01-01", "LIABLE").replace("Act 1", "Act 9"), "not because of Act 9, but of Act 1"),
        (example("2002-01-01", "2021-01-01", "LIABLE", 'rule = "bound"\nkind = "edge"'), "bound does not show edge"),
        (example("2002-01-01", "2021-01-01", "LIABLE", 'rule = "bound"\nkind = "fails"'), "bound does not show fails"),
        (example("2002-01-01", "2021-01-01", "LIABLE", 'rule = "bond"\nkind = "fails"'), "no rule bond"),
        (example("2002-01-01", "2021-01-01", "LIABLE").replace("born_on =", "born ="), "born is "),
        (example("'x'", "2021-01-01", "LIABLE"), "born_on is 'x'"),
        (example("", "2021-01-01", "UNDETERMINED").replace("because", 'missing = ["sex"], because'), "missing is ('born_on',)"),
    ],
)
def test_what_fails(text: str, said: str) -> None:
    assert said in report(text)[0][0]


@pytest.mark.parametrize(
    "text",
    [
        "other = 1",
        example("", "2021-01-01", "LIABLE", "colour = 1"),
        example("", "2021-01-01", "MAYBE"),
        example("", "2021-01-01", "LIABLE", 'kind = "edge"'),
        example("", "'soon'", "LIABLE"),
        example("", "2021-01-01", "LIABLE").replace('["Act 1"]', "[]"),
        example("", "2021-01-01", "LIABLE").replace('name = "n"', ""),
        example("", "2021-01-01", "LIABLE").replace('law = "l"', ""),
    ],
)
def test_unusable(text: str) -> None:
    with pytest.raises(BadInput, match="example-unusable"):
        read_examples(tomllib.loads(text), "t.toml")


def test_the_style_guide_example_holds() -> None:
    names = [Path(one.path).name for one in FREEDONIA.examples]
    assert "age.toml" in names
    assert run_examples(FREEDONIA.law, FREEDONIA.procedure, FREEDONIA.examples).passed


def test_a_wrong_example_shows_nothing() -> None:
    assert "bound: no example in which it is unknown" in report(*COMPLETE[:3], example("'x'", "2021-01-01", "LIABLE"))[1]


@pytest.mark.parametrize(
    ("mark", "body", "edge"),
    [
        ("", "p.ill", False),
        (', since="2021-01-01"', "p.ill", True),
        (', ended="2031-01-01"', "p.ill", True),
        ("", 'p.born_on <= "2002-01-01"', False),
        ("", "p.born_on <= day", True),
        ("", 'age(p.born_on, "2021-01-01") >= 18', False),
        ("", "p.ill or not age(p.born_on, day) >= 60", True),
    ],
)
def test_an_example_on_an_edge_is_asked_where_a_rule_has_one(mark: str, body: str, edge: bool) -> None:
    text = '"""T: Act."""\nregister = {"born_on": "birth date: date", "ill": "ground: flag"}\n'
    text += '@liable("Act 1")\ndef any(p, day):\n    return p.ill\n'
    law = load_law(f'{text}@exempt("Act 2"{mark})\ndef other(p, day):\n    return {body} and p.born_on > "1900-01-01"\n', "t/law.py")
    lacking = run_examples(law, FREEDONIA.procedure, ()).lacking
    assert ("other: no example on its edge day" in lacking) == edge
    assert "any: no example on its edge day" not in lacking
