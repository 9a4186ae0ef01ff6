"""A peer of the bench ``plan``: the model as XMILE, compiled and run by BPTK-Py, in the peer's own environment.

Runs each draw by itself on the compiled model, keeps every step of every stock asked for, and prints one JSON line.

    python bptk_stocks.py MODEL.xmile DRAWS.npz STOCK,STOCK OUT.npz
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np


def compiled(model_path: str) -> Any:
    """The model as BPTK-Py's compiler writes it, loaded."""
    from BPTK_Py.sdcompiler import compile_xmile  # type: ignore[import-not-found]

    made = Path(model_path).with_suffix(".bptk.py")
    compile_xmile(model_path, str(made), "py")
    spec = importlib.util.spec_from_file_location("compiled_model", made)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulation_model()


def camel(name: str) -> str:
    """A name as BPTK-Py's compiler writes it: several words as one.

    Example:
        >>> camel("spring_quota")
        'springQuota'
    """
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)


def main(model_path: str, draws_path: str, stocks: str, out_path: str) -> None:
    """Run every draw; the model is compiled once, before the clock starts."""
    warnings.filterwarnings("ignore")
    sys.setrecursionlimit(100_000)
    model, draws, wanted = compiled(model_path), dict(np.load(draws_path)), stocks.split(",")
    times = [model.starttime + model.dt * step for step in range(round((model.stoptime - model.starttime) / model.dt) + 1)]
    rows: dict[str, list[object]] = {name: [] for name in wanted}
    start = time.process_time()
    for number in range(len(next(iter(draws.values())))):
        model.memo = {name: {} for name in model.equations}
        for name, values in draws.items():
            model.equations[camel(name)] = lambda _, value=float(values[number]): value
        for name in wanted:
            rows[name].append([model.equation(name, when) for when in times])
    spent = time.process_time() - start
    arrays: dict[str, Any] = {name: np.array(row).T for name, row in rows.items()}
    np.savez(out_path, **arrays)
    print(json.dumps({"version": version("bptk-py"), "seconds": spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
