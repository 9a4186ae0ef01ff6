"""Stocks and flows beside PySD and BPTK-Py on the same model and the same draws; then the regions of a country."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.plan_model import STOCKS, WEEKS, draws, model_text
from callup.app.benches.plan_parts import region_figures
from callup.planning import Model, forecast, read_model, xmile
from callup.terms.errors import Tampered, Unavailable

RUNS, TIMES = 10_000, 5
MOST_SECONDS, LEAST_RATIO, APART = 0.2, 1_500, 1e-9
PEERS = {"pysd": ("PySD", 20), "bptk": ("BPTK-Py", 6)}
"""Each peer's name and how many of the draws it is asked for."""
KEPT = ("conscripts", "contract")
"""What is kept of a run, here and by the peers: what active strength is made of."""
TIMEOUT = 280

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """What a peer found: its version, CPU seconds a run, and how far from ours its courses are, as a share."""

    version: str
    seconds: float
    apart: float


def run(setting: Setting, folder: Path) -> Measured:
    """Run the model ours and the peers' way.

    Raises:
        Unavailable: a peer's environment is missing, or a peer failed.
        Tampered: a peer finds another course of a stock.
    """
    model, runs = read_model(model_text()), setting.persons or RUNS
    drawn = draws(runs, setting.seed)
    ours, wall = best_of(lambda: forecast(model, drawn, runs, keep=KEPT))
    peers = {peer: ask(peer, model, first_of(drawn, PEERS[peer][1]), folder) for peer in PEERS}
    ratio = peers["pysd"].seconds / (ours / runs)
    figures = [
        Figure(f"{runs:,} runs of {WEEKS} weeks, {len(STOCKS)} stocks, the course of {len(KEPT)} kept", ours, "s of CPU",
               f"under {MOST_SECONDS:g}", ours < MOST_SECONDS),
        Figure("the same on the clock", wall, "s"),
        *(Figure(f"{PEERS[peer][0]} {found.version}: a run", found.seconds, "s of CPU") for peer, found in peers.items()),
        Figure("PySD's seconds a run of ours", ratio, "x", f"at least {LEAST_RATIO:,}", ratio >= LEAST_RATIO),
        Figure("BPTK-Py's seconds a run of ours", peers["bptk"].seconds / (ours / runs), "x"),
    ]  # fmt: skip
    figures += region_figures(setting.seed)
    apart = max(found.apart for found in peers.values())
    same = f"every step of {' and '.join(KEPT)} agrees with both peers within {apart:.0e} of its size; refused from {APART:.0e} on"
    how = "the peers read the same model as XMILE, conveyors written as delays, and compute each draw by itself"
    return Measured(tuple(figures), (same, how))


def best_of(work: Callable[[], Any]) -> tuple[float, float]:
    """The median CPU seconds and the least seconds on the clock over some turns."""
    spent, passed = [], []
    for _ in range(TIMES):
        cpu, clock = time.process_time(), time.perf_counter()
        work()
        spent.append(time.process_time() - cpu)
        passed.append(time.perf_counter() - clock)
    return median(spent), min(passed)


def first_of(drawn: Mapping[str, Floats], runs: int) -> dict[str, Floats]:
    """The first draws of each constant."""
    return {name: values[:runs] for name, values in drawn.items()}


def ask(peer: str, model: Model, drawn: Mapping[str, Floats], folder: Path) -> Found:
    """Let a peer run a model and compare every step.

    Args:
        peer: of `PEERS`; its environment is in the folder that the command runs in.
        model: it gets the model as XMILE.
        drawn: constants, ``[runs]`` by name.
        folder: for files.

    Raises:
        Unavailable: it is not there or failed.
        Tampered: it finds another course.
    """
    name, runs = PEERS[peer][0], len(next(iter(drawn.values())))
    python = Path(f".venv-bench-{peer}/bin/python")
    if not python.exists():
        raise Unavailable("peer-missing", {"peer": name, "where": str(python)}, "run: make bench")
    (folder / "model.xmile").write_text(xmile(model, conveyors=False), encoding="utf-8")
    np.savez(folder / f"{peer}-draws.npz", **drawn)  # type: ignore[arg-type] # every array is named
    found = folder / f"{peer}-found.npz"
    program = Path(__file__).with_name("peers") / f"{peer}_stocks.py"
    said = subprocess.run(
        [python.absolute(), program, folder / "model.xmile", folder / f"{peer}-draws.npz", ",".join(KEPT), found],
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip
    if said.returncode:
        raise Unavailable("peer-failed", {"peer": name, "error": said.stderr[-400:]}, "see its own messages")
    told = json.loads(said.stdout.splitlines()[-1])
    ours = forecast(model, drawn, runs, keep=KEPT).stocks
    apart = max(float(np.max(np.abs(values / ours[key] - 1))) for key, values in np.load(found).items())
    if apart > APART:
        raise Tampered("peer-disagrees", {"peer": name, "apart": apart}, "neither may be believed before the reason is found")
    return Found(told["version"], told["seconds"] / runs, apart)


BENCH = Bench("plan", "how fast are forecasts of strength, and do other programs find the same?", run)
