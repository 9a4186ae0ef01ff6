"""docs/constraints.md holds the ten promises and each safeguard in force with its tests; every test named exists."""

import ast
import re

import pytest
from house.tree import ROOT, SOURCE

PAGE = (ROOT / "docs" / "constraints.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = dict(re.findall(r"^\| (G\d+|P\d+) \| (.+) \|$", PAGE, re.M))


def names_in(path):
    """Names of the tests of a file; none where there is no such file."""
    if not (ROOT / path).exists():
        return set()
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_ten_promises_are_those_of_the_release():
    promised = (SOURCE / "app" / "promises.txt").read_text(encoding="utf-8").strip().splitlines()
    listed = re.findall(r"^\d+\. .+$", PAGE.partition("## The ten promises")[2].partition("\n## ")[0], re.M)
    assert len(promised) == 10
    assert [re.sub(r"\*\*", "", line) for line in listed] == promised


def test_every_safeguard_is_in_force_or_said_not_to_be():
    later = set(re.findall(r"^- \*\*(G\d+)\*\*", PAGE.partition("## Not yet in force")[2].partition("\n## ")[0], re.M))
    assert {row for row in ROWS if row.startswith("G")} | later == {f"G{number}" for number in range(1, 23)}
    assert {row for row in ROWS if row.startswith("P")} == {f"P{number}" for number in range(1, 11)}


def test_each_of_the_eighteen_invariants_has_a_test():
    rows = dict(re.findall(r"^\| (\d+) \| .+? \| (.+) \|$", PAGE.partition("## The eighteen invariants")[2], re.M))
    assert list(rows) == [str(number) for number in range(1, 19)]
    assert all(NAMED.findall(row) for row in rows.values())


@pytest.mark.parametrize("row", ROWS)
def test_every_promise_and_safeguard_in_force_has_a_test(row):
    assert NAMED.findall(ROWS[row]), f"{row} names no test"


def test_every_threat_has_what_stands_against_it_and_a_test():
    rows = dict(re.findall(r"^\| (T\d+) .+? \| .+? \| .+? \| (.+) \|$", THREATS, re.M))
    assert list(rows) == [f"T{number}" for number in range(1, 19)]
    assert all(NAMED.findall(row) for row in rows.values())


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED.findall(PAGE + THREATS))), ids=lambda value: value)
def test_every_test_named_exists(path, name):
    assert name in names_in(path)
