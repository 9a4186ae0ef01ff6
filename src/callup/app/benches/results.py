"""What benches found, kept as JSON: medians of several runs, and which ratio fell since the last that was kept."""

from __future__ import annotations

import json
import os
import re
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callup.app import clock, durable
from callup.app.benches import Bench, Figure, Measured, Setting, machine
from callup.terms.errors import BadInput

FALL = 0.2
"""A ratio that fell by this part is flagged."""
_TARGET = re.compile(r"(at most|under|below|at least) ([\d.,]*\d)$")


@dataclass(frozen=True, slots=True)
class Fall:
    """A ratio that fell: of which bench, what was measured, before and now."""

    bench: str
    what: str
    before: float
    now: float


def measured_often(bench: Bench, setting: Setting, runs: int, folder: Callable[[], Path]) -> dict[str, Any]:
    """Run a bench several times; gives what is kept: each figure's median with its least and most.

    Args:
        bench: the bench.
        setting: how large it runs.
        runs: how often, an odd number, so that each median is a figure that was measured.
        folder: a new empty folder for each run.
    """
    started, cpu, load = time.perf_counter(), _processor(), _load()
    found = [bench.run(setting, folder()) for _ in range(runs)]
    figures = [_middle(same) for same in zip(*(one.figures for one in found), strict=True)]
    return {
        "bench": bench.name,
        "question": bench.question,
        "measured": datetime.fromtimestamp(clock.seconds(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "runs": runs,
        "setting": asdict(setting),
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(_processor() - cpu, 1),
        "load": [load, _load()],
        "machine": machine(),
        "figures": figures,
        "remarks": list(found[-1].remarks),
    }


def _middle(same: Sequence[Figure]) -> dict[str, Any]:
    by_value = sorted(same, key=lambda figure: figure.value)
    return {**asdict(by_value[len(same) // 2]), "least": by_value[0].value, "most": by_value[-1].value}


def _processor() -> float:
    """Seconds of processor of this process and of those it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _load() -> float:
    """How many tasks wanted a processor in the last minute; what else runs on the machine shows here."""
    return round(os.getloadavg()[0], 1)


def shown_of(kept: dict[str, Any]) -> Measured:
    """The figures of a result, as a bench gives them."""
    names = ("what", "value", "unit", "target", "kept")
    return Measured(tuple(Figure(**{name: one[name] for name in names}) for one in kept["figures"]), tuple(kept["remarks"]))


def name_of(result: dict[str, Any]) -> str:
    """Bench and size of a result: ``demo``, ``demo-10000000``, ``letters-large``."""
    persons, large = result["setting"]["persons"], result["setting"]["large"]
    return f"{result['bench']}{f'-{persons}' if persons else ''}{'-large' if large else ''}"


def keep(result: dict[str, Any], folder: Path) -> None:
    """Write a result as ``<bench and size>.json``, whole or not at all."""
    durable.write_bytes(folder / f"{name_of(result)}.json", (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())


def read_kept(folder: Path) -> list[dict[str, Any]]:
    """The results in a folder, by name.

    Raises:
        BadInput: there is none, or a file is not one.
    """
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            shown_of(result)
        except (ValueError, KeyError, TypeError) as problem:
            raise BadInput(
                "bench-result-unreadable", {"path": str(path), "why": str(problem)[:200]}, "measure it again: callup bench"
            ) from None
        found.append(result)
    if not found:
        raise BadInput("bench-results-missing", {"folder": str(folder)}, "measure first: callup bench --out FOLDER")
    return found


def target_of(target: str) -> tuple[bool, float] | None:
    """Whether more is better, and the number that should be reached; none where the words say no such thing.

    Example:
        >>> target_of("at most 1.6"), target_of("at least 1,500"), target_of("")
        ((False, 1.6), (True, 1500.0), None)
    """
    said = _TARGET.fullmatch(target)
    return (said[1] == "at least", float(said[2].replace(",", ""))) if said else None


def fallen(before: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> tuple[list[Fall], list[str]]:
    """Ratios with a target that fell by a fifth or more; what cannot be compared: a bench not kept in this size, a ratio that is gone."""
    kept = {name_of(result): result for result in before}
    falls, strange = [], []
    for result in now:
        last = kept.get(name_of(result))
        if last is None or last["setting"] != result["setting"]:
            strange.append(name_of(result))
            continue
        found = {figure["what"]: figure["value"] for figure in result["figures"]}
        for what, target, value in ((one["what"], one["target"], one["value"]) for one in last["figures"] if one["unit"] == "x"):
            if what not in found:
                strange.append(f"{result['bench']}: {what}")
            elif _fell(target, value, found[what]):
                falls.append(Fall(result["bench"], what, value, found[what]))
    return falls, strange


def _fell(target: str, before: float, now: float) -> bool:
    aim = target_of(target)
    if aim is None or before <= 0 or now <= 0:
        return False
    return (now / before if aim[0] else before / now) <= 1 - FALL
