"""Changes the law and the cases one small way at a time and asks whether a test notices (decision D27): the nightly figure.

A mutant is one comparison turned, one `and` made `or`, one `not` taken away, one number moved by one, one condition made true or false, one
result made None. It dies if any test of `tests/law`, `tests/cases` or `tests/jurisdictions` fails or takes far too long. A seed picks
a sample; the whole takes days. Prints what lived, which is what a person should look at.

    python scripts/mutants.py --sample 100 --seed 1
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("law", "cases")
STAGES = (
    ("tests/cases/test_stories.py", "tests/cases/test_facts.py", "tests/cases/test_undertakings.py", "tests/cases/test_callup_state.py"),
    ("tests/law", "tests/jurisdictions", "tests/cases/test_readers_agree.py", "tests/cases/test_invariants.py"),
    ("tests/cases/test_any_order.py", "tests/cases/test_walk.py"),
)
"""The quick tests first: most mutants die there."""
LONGEST = 600
TURNED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


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
    if isinstance(node, ast.If | ast.IfExp):
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


def mutants(path: Path) -> Iterator[tuple[int, str, str]]:
    """Of one file: the line, what was changed, and the whole new text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    order: list[ast.AST] = []

    class _Count(ast.NodeVisitor):
        def visit(self, node: ast.AST) -> None:
            order.append(node)
            super().generic_visit(node)

    _Count().visit(tree)
    for number, node in enumerate(order):
        for what, other in changes(node):
            made = ast.fix_missing_locations(_At(number, other).visit(copy.deepcopy(tree)))
            yield getattr(node, "lineno", 0), f"{what}: {ast.unparse(node)[:80]}", ast.unparse(made)


def end(where: Path, text: str, folder: Path) -> str:
    """How the file with this text ends, in a copy of the package: "died" if a test notices, "too long" if it never ends, else "lived"."""
    package = folder / "callup"
    shutil.copytree(ROOT / "src" / "callup", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / where.relative_to(ROOT / "src" / "callup")).write_text(text, encoding="utf-8")
    paths = os.pathsep.join([str(folder), str(ROOT / "tests")])
    for tests in STAGES:
        asked = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "2", "-p", "no:cacheprovider", *tests]
        try:
            done = subprocess.run(
                asked, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return "too long"
        if done.returncode:
            return "died"
    return "lived"


def main() -> int:
    """Print each mutant that lived or took too long, then the share that did not live.

    The code as it stands is tried first: if the tests fail on it, no figure would mean anything, and the end is 1.
    """
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sample", type=int, default=100, help="how many mutants")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    files = [path for package in PACKAGES for path in sorted((ROOT / "src" / "callup" / package).glob("*.py"))]
    whole = [(path, *one) for path in files for one in mutants(path)]
    picked = random.Random(given.seed).sample(whole, min(given.sample, len(whole)))
    print(f"{len(whole)} mutants of {len(files)} files; {len(picked)} picked with seed {given.seed}", flush=True)
    untouched = files[0]
    with tempfile.TemporaryDirectory(prefix="callup-mutant-") as folder:
        if (first := end(untouched, untouched.read_text(encoding="utf-8"), Path(folder))) != "lived":
            print(f"the tests do not pass on the code as it stands: {first}")
            return 1
    lived = 0
    for number, (path, line, what, text) in enumerate(picked, 1):
        with tempfile.TemporaryDirectory(prefix="callup-mutant-") as folder:
            how = end(path, text, Path(folder))
            lived += how == "lived"
            if how != "died":
                print(f"{how}: {path.relative_to(ROOT)}:{line} {what}", flush=True)
        if number % 10 == 0:
            print(f"{number} of {len(picked)}: {lived} lived", flush=True)
    print(f"{100 * (len(picked) - lived) / len(picked):.1f} % did not live")
    return 0


if __name__ == "__main__":
    sys.exit(main())
