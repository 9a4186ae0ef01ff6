"""Changes the law and the cases one small way at a time and asks whether a test notices (decision D27): the nightly figure.

A mutant is one comparison turned, one `and` made `or`, one `not` taken away, one number moved by one, one condition made true or false,
one result made None. It dies if any test of `tests/law`, `tests/cases` or `tests/jurisdictions` fails, or if one takes ten times the
CPU seconds that it took without the change, and twenty more. The tests run once as the code stands, to see which of them enter which
function, and how long each takes; then each mutant meets those that enter its function, the quickest first. A seed picks a sample; the
whole takes days. Prints what lived, which is what a person should look at.

    python scripts/mutants.py --sample 100 --seed 1
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "callup"
PACKAGES = ("law", "cases")
TESTS = ("tests/law", "tests/cases", "tests/jurisdictions")
ASIDE = "each_guard_taken_away or without_its_guard"
"""Tests that look for a guard's own words in the source: they would fail on a mutant because it is written otherwise, whatever it does."""
SEEN = "seen.json"
TURNED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
Place = tuple[str, int]
"""A function: its file's path in the package, and its first line; 0 for what stands outside every function."""


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every small change of one node: its name, and the node to stand there instead."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in TURNED:
        made = copy.deepcopy(node)
        made.ops[0] = TURNED[type(node.ops[0])]()
        yield "turned", made
    if isinstance(node, ast.BoolOp):
        made = copy.deepcopy(node)
        made.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and for or", made
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not taken away", node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield "moved by one", ast.Constant(node.value + 1)
    if (
        isinstance(node, ast.If | ast.IfExp) and ast.unparse(node.test) != "TYPE_CHECKING"
    ):  # what stands there is read by no program that runs
        for value in (True, False):
            made = copy.deepcopy(node)
            made.test = ast.Constant(value)
            yield f"always {value}".lower(), made
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield "gives nothing", ast.Return(ast.Constant(None))


class _At(ast.NodeTransformer):
    """Puts another node in the place of the n-th."""

    def __init__(self, number: int, other: ast.AST) -> None:
        self.left, self.other = number, other

    def visit(self, node: ast.AST) -> ast.AST:
        self.left -= 1
        return self.other if self.left == -1 else super().generic_visit(node)


class _Count(ast.NodeVisitor):
    """The nodes in the order in which `_At` meets them, each with the first line of the function around it."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.AST, int]] = []
        self.function = 0

    def visit(self, node: ast.AST) -> None:
        self.found.append((node, self.function))
        outer = self.function
        if isinstance(node, ast.FunctionDef) and not outer:
            self.function = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        super().generic_visit(node)
        self.function = outer


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change: the file, the function around it, its line, the node's place in the file's order, what stands there instead."""

    path: Path
    place: Place
    line: int
    number: int
    what: str
    other: ast.AST

    def text(self) -> str:
        """The whole file with the change."""
        tree = _At(self.number, self.other).visit(ast.parse(self.path.read_text(encoding="utf-8")))
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants(path: Path) -> Iterator[Mutant]:
    """Of one file."""
    count = _Count()
    count.visit(ast.parse(path.read_text(encoding="utf-8")))
    for number, (node, function) in enumerate(count.found):
        for what, other in changes(node):
            said = f"{what}: {ast.unparse(node)[:80]}"
            yield Mutant(path, (str(path.relative_to(SOURCE)), function), getattr(node, "lineno", 0), number, said, other)


class Seen:
    """A plugin of pytest: which functions each test enters, and its CPU seconds. What is entered between tests counts for every test.

    To look costs as much again as to run, so of each test the first calls are looked at; the rest is more of the same.
    """

    CALLS = 300_000

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder / "callup")
        self.entered: dict[str, set[Place]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.test, self.left = "", self.CALLS

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Another test begins."""
        self.test, self.left, self.seconds[nodeid] = nodeid, self.CALLS, -time.process_time()
        sys.settrace(self.note)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """It has ended."""
        self.seconds[nodeid] += time.process_time()
        self.test, self.left = "", self.CALLS
        sys.settrace(self.note)

    def note(self, frame: FrameType, event: str, arg: object) -> None:
        """A function is entered."""
        self.left -= 1
        if self.left < 0:
            sys.settrace(None)
        path = frame.f_code.co_filename
        if path.startswith(self.folder):
            self.entered[self.test].add((path[len(self.folder) + 1 :], frame.f_code.co_firstlineno))


class Bounded:
    """A plugin of pytest: a test that takes ten times its CPU seconds and twenty more ends the process."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        self.seconds = seconds

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Another test begins."""
        most = int(time.process_time() + 10 * self.seconds.get(nodeid, 0) + 20)
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def run(folder: Path, tests: list[str], plugin: Seen | Bounded) -> int:
    """The exit code of these tests on the package in the folder, in a process of its own: negative if a test used up its CPU seconds."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    os.chdir(ROOT)
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "tests")])}
    sys.path[:0] = [str(folder), str(ROOT / "tests")]
    looks = isinstance(plugin, Seen)
    sys.dont_write_bytecode = not looks  # a changed file is newer than what was compiled of it, and is compiled again
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    import pytest
    from hypothesis import settings

    settings.register_profile("mutants", deadline=None)  # tests/conftest.py says so otherwise; without it no fixture of a process is made
    settings.load_profile("mutants")
    if looks:
        sys.settrace(plugin.note)
    code = pytest.main(["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "-k", f"not ({ASIDE})", *tests], plugins=[plugin])
    sys.settrace(None)
    if looks:
        entered = {test: sorted(places) for test, places in plugin.entered.items()}
        (folder / SEEN).write_text(json.dumps({"seconds": plugin.seconds, "entered": entered}))
    os._exit(int(code))


class Copy:
    """A copy of the package, in which one file at a time is changed; the tests that enter each function, and their seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SOURCE, folder / "callup", ignore=shutil.ignore_patterns("__pycache__"))
        if run(folder, list(TESTS), Seen(folder)):
            raise SystemExit("the tests do not pass on the code as it stands")
        found = json.loads((folder / SEEN).read_text())
        self.seconds = found["seconds"]
        self.by_place: dict[Place, set[str]] = defaultdict(set)
        for test, places in found["entered"].items():
            for path, line in places:
                self.by_place[path, line].add(test)

    def tests_of(self, place: Place) -> list[str]:
        """The tests that enter a function, the quickest first; then the others of its package, for which what it gave may be kept.

        What stands outside every function is entered by none: all tests are asked, also those that only read a table.
        """
        found = self.by_place.get(place, set())
        package = place[0].partition("/")[0]
        near = {test for (path, _), tests in self.by_place.items() if path.startswith(f"{package}/") for test in tests}
        rest = (near if place[1] else set(self.seconds)) - found
        return [test for tests in (found, rest) for test in sorted(tests & set(self.seconds), key=lambda one: (self.seconds[one], one))]

    def end(self, place: Place, text: str) -> str:
        """How the function's file ends with this text: "no test", "died", "too long" or "lived"."""
        tests = self.tests_of(place)
        if not tests:
            return "no test"
        path = self.folder / "callup" / place[0]
        whole = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        code = run(self.folder, tests, Bounded(self.seconds))
        path.write_text(whole, encoding="utf-8")
        return "too long" if code < 0 else "died" if code else "lived"


def main() -> int:
    """Print each mutant that lived or took too long, then the share that did not live.

    The code as it stands is tried first: if the tests fail on it, no figure would mean anything, and the end is 1.
    """
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sample", type=int, default=100, help="how many mutants")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    files = [path for package in PACKAGES for path in sorted((SOURCE / package).glob("*.py"))]
    whole = [one for path in files for one in mutants(path)]
    picked = random.Random(given.seed).sample(whole, min(given.sample, len(whole)))
    print(f"{len(whole)} mutants of {len(files)} files; {len(picked)} picked with seed {given.seed}", flush=True)
    lived = 0
    with tempfile.TemporaryDirectory(prefix="callup-mutant-") as folder:
        tried = Copy(Path(folder))
        print(f"{len(tried.seconds)} tests of {sum(tried.seconds.values()):.0f} CPU seconds", flush=True)
        for number, one in enumerate(picked, 1):
            how = tried.end(one.place, one.text())
            lived += how in ("lived", "no test")
            if how != "died":
                print(f"{how}: src/callup/{one.place[0]}:{one.line} {one.what}", flush=True)
            if number % 10 == 0:
                print(f"{number} of {len(picked)}: {lived} lived", flush=True)
    print(f"{100 * (len(picked) - lived) / len(picked):.1f} % did not live")
    return 0


if __name__ == "__main__":
    sys.exit(main())
