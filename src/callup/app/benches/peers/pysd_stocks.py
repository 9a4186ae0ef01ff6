"""A peer of the bench ``plan``: the model as XMILE, read and run by PySD, in the peer's own environment.

Runs each draw by itself, as an analyst does, keeps every step of every stock asked for, and prints one JSON line.

    python pysd_stocks.py MODEL.xmile DRAWS.npz STOCK,STOCK OUT.npz
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version
from typing import Any

import numpy as np


def main(model_path: str, draws_path: str, stocks: str, out_path: str) -> None:
    """Run every draw; the model is read once, before the clock starts."""
    warnings.filterwarnings("ignore")
    np.set_printoptions(precision=17)  # PySD writes tables into its module as they print: with eight digits, another model
    import pysd  # type: ignore[import-not-found]

    model, draws, wanted = pysd.read_xmile(model_path), dict(np.load(draws_path)), stocks.split(",")
    rows: dict[str, list[object]] = {name: [] for name in wanted}
    start = time.process_time()
    for number in range(len(next(iter(draws.values())))):
        given = {name: float(values[number]) for name, values in draws.items()}
        found = model.run(params=given, return_columns=wanted)
        for name in wanted:
            rows[name].append(found[name].to_numpy())
    spent = time.process_time() - start
    arrays: dict[str, Any] = {name: np.array(row).T for name, row in rows.items()}
    np.savez(out_path, **arrays)
    print(json.dumps({"version": version("pysd"), "seconds": spent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
