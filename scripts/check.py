"""What CI runs, part by part, with the seconds of each beside its budget. Standard library only: it sets the machine up."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = "out/check"
CALLUP = ".venv/bin/callup"
PERSONS = "2000"
"""A smaller register than `make demo` has by itself: the same stages, letters and replay, in less time."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the check: its name, its budget in seconds, its command."""

    name: str
    budget: int
    command: tuple[str, ...]


PARTS = (
    Part("set-up", 240, ("make", "-s", ".venv/dev")),
    Part("lint", 60, ("make", "-s", "lint")),
    Part("tests", 600, ("make", "-s", "test")),
    Part("demo", 60, (CALLUP, "demo", "--persons", PERSONS, "--out", OUT)),
    Part("verify", 15, (".venv/bin/python", "verifier/verify.py", f"{OUT}/dossier/open")),
    Part("replay", 60, (CALLUP, "replay", f"{OUT}/dossier")),
)
REFEREES = ("make", "-s", ".venv-bench-pysd/ready", ".venv-bench-bptk/ready", ".oidc-provider/ready")
"""Programs that run our models in the tests: set up beside set-up and lint, and there before the tests begin (ADR 0041)."""
WHOLE = 900
"""Fifteen minutes on two cores (design D26)."""


def main() -> int:
    """Run every part, stop at the first that fails, print the budget in any case."""
    shutil.rmtree(ROOT / OUT, ignore_errors=True)
    spent: list[tuple[Part, float]] = []
    failed = ""
    referees = subprocess.Popen(REFEREES, cwd=ROOT)
    for part in PARTS:
        print(f"== {part.name}", flush=True)
        if part.name == "tests" and referees.wait() != 0:
            failed = "set-up of the referees"
            break
        start = time.monotonic()
        code = subprocess.run(part.command, cwd=ROOT, check=False).returncode
        spent.append((part, time.monotonic() - start))
        if code != 0:
            failed = part.name
            break
    referees.wait()
    print_budget(spent)
    if failed:
        print(f"check: {failed} failed", file=sys.stderr)
        return 1
    return 0


def print_budget(spent: list[tuple[Part, float]]) -> None:
    """Print one line a part: seconds, budget, and whether it went over."""
    print(f"\n{'part':<10}{'seconds':>9}{'budget':>9}")
    for part, seconds in spent:
        print(f"{part.name:<10}{seconds:>9.1f}{part.budget:>9}{'  over' if seconds > part.budget else ''}")
    whole = sum(seconds for _, seconds in spent)
    print(f"{'all':<10}{whole:>9.1f}{WHOLE:>9}{'  over' if whole > WHOLE else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
