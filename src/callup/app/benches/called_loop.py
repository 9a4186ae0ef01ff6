"""The called list of ``ru`` as a loop in C over flat columns: the floor of the decision itself."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import time
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import numpy as np

from callup.law import Law
from callup.terms.errors import Unavailable

RUNS = 5
_FLAGS = (
    "sex = 'm'", "citizenship = 'RU'", "is_resident", "in_reserve", "served", "alternative_service", "served_abroad", "degree",
    "degree_waived", "kin_died_in_service", "kin_died_waived", "under_investigation", "student_waived", "residency_waived",
    "raises_child_alone", "child_and_pregnancy", "special_service", "far_north", "farm_worker", "teacher", "unit IN ($UNITS)",
    "health_category IN ('A', 'B', 'V', 'G', 'D')", "health_category = 'G'", "health_category NOT IN ('V', 'D')",
)  # fmt: skip
"""The bits of ``flags``, lowest first, as in the C file; unknown is a bit that is not set."""
_DATES = (
    "health_until", "student_until", "residency_until", "carer_until", "guardian_until", "disabled_child_until", "elected_until",
    "it_until", "sentence_until",
)  # fmt: skip
_EPOCH = date(1970, 1, 1)


def compiler() -> str | None:
    """The machine's C compiler."""
    return shutil.which("cc")


def loop(base: duckdb.DuckDBPyConnection, law: Law, days: tuple[date, date, date, date], folder: Path) -> tuple[float, int]:
    """Compile the loop and run it over the table ``snapshot``.

    Args:
        base: where the table lies; reading it into flat columns is not counted.
        law: the law, for its list of places.
        days: the day asked, and the latest births of those 18, 30, and 27 by the end of 2023.
        folder: where the library goes.

    Returns:
        Seconds of processor, the best of some runs, and how many are called.

    Raises:
        Unavailable: the compiler failed.
    """
    source, made = folder / "called.c", folder / "called.so"
    source.write_bytes(files("callup.app.benches").joinpath("peers/ru_called.c").read_bytes())
    command = [str(compiler()), "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable("peer-failed", {"peer": "cc", "why": done.stderr[-300:]}, "mend what the compiler says")
    called = ctypes.CDLL(str(made)).called
    called.restype = ctypes.c_size_t
    columns = _columns(base, law)
    listed = np.zeros(len(columns[0]), dtype=np.uint32)
    arrays = [ctypes.c_void_p(column.ctypes.data) for column in columns]
    numbers = [ctypes.c_int32((day - _EPOCH).days) for day in days]
    best, found = float("inf"), 0
    for _ in range(RUNS):
        start = time.process_time()
        found = called(ctypes.c_size_t(len(listed)), *arrays, *numbers, ctypes.c_void_p(listed.ctypes.data))
        best = min(best, time.process_time() - start)
    return best, found


def _columns(base: duckdb.DuckDBPyConnection, law: Law) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    """Flags, births, children and dates, as the C file names them."""
    units = law.parameters["recognised"].values[-1].value
    listed = ", ".join(f"'{unit}'" for unit in units) if isinstance(units, tuple) else ""
    bits = [f"CASE WHEN {flag} THEN {1 << place} ELSE 0 END" for place, flag in enumerate(_FLAGS)]
    shown = [f"CAST({' + '.join(bits)} AS INT) AS flags".replace("$UNITS", listed), _days("born_on", 2**31 - 1)]
    shown += ["CAST(coalesce(children, 0) AS INT) AS children", *(_days(name, -(2**31)) for name in _DATES)]
    found = base.execute(f"SELECT {', '.join(shown)} FROM snapshot").fetchnumpy()
    return [np.ascontiguousarray(found[name], dtype=np.int32) for name in ("flags", "born_on", "children", *_DATES)]


def _days(name: str, none: int) -> str:
    return f"CAST(coalesce({name} - DATE '1970-01-01', {none}) AS INT) AS {name}"
