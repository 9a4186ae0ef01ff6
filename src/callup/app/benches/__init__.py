"""The benchmarks of callup: one module each that exports ``BENCH``; a new one is found by itself.

A bench measures one thing beside its peer (another program that does the same) and beside its limit (what the machine
cannot beat), in the same run, and says the ratios. A bench whose peer gives another answer fails.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Args:
        what: what was measured.
        value: the number.
        unit: its unit, e.g. ``persons/s``, ``s``, ``MB``, ``x`` for a ratio.
        target: what it should be, in words; empty for none.
        kept: whether the target was kept; true where there is none.
    """

    what: str
    value: float
    unit: str
    target: str = ""
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """What one bench found, in the order in which it should be read, with remarks."""

    figures: tuple[Figure, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """How large a bench runs: rows of the register (0: the bench's own size), whether the large runs are wanted, the seed."""

    persons: int = 0
    large: bool = False
    seed: int = 2025


@dataclass(frozen=True, slots=True)
class Bench:
    """One benchmark: its name, the question it answers, and how it is run in a folder of its own."""

    name: str
    question: str
    run: Callable[[Setting, Path], Measured]


def benches() -> dict[str, Bench]:
    """Every bench, by name."""
    found: list[Bench] = []
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            bench = getattr(importlib.import_module(f"{__name__}.{module.name}"), "BENCH", None)
            if isinstance(bench, Bench):
                found.append(bench)
    return {bench.name: bench for bench in sorted(found, key=lambda bench: bench.name)}


def machine() -> dict[str, str]:
    """What the figures were measured on: processor, cores, memory, system, versions."""
    libraries = ("duckdb", "pyarrow", "numpy", "typst", "cryptography")
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("callup", *libraries)},
    }


def _first(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
