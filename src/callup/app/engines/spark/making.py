"""Rows that are made on the executors: our own Python there, and the same function as here, part by part and in order (ADR 0061).

What each executor then needs is Python, callup and what makes rows, in the versions of this machine; it is asked before anything is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from callup.terms.errors import Unavailable

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import SparkSession

NEEDED = ("callup", "numpy", "pyarrow")
"""What an executor needs beside Python."""

AT_ONCE = 16
"""Ranges whose rows the driver holds at once: half a gigabyte of a register, half of what Spark lets come back in one answer."""

_OTHER = re.compile(
    r"(?<=RuntimeError: callup-executor: )[^\n]*|(?:PYTHON_VERSION_MISMATCH|Cannot run program|No module named|No package metadata)[^\n]*"
)


def made_on_executors(
    session: SparkSession, make: Callable[[range], pa.RecordBatch], ranges: list[range], shape: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The batches that a function makes of ranges of row numbers, in the order of the ranges.

    Args:
        session: an open session.
        make: a function of a module of callup, or a `functools.partial` of one: what it is called with travels, its text does not.
        ranges: the rows of each batch.
        shape: the schema of the batches.

    Raises:
        Unavailable: an executor has no Python, or not our versions.
    """
    context = session.sparkContext
    here = versions()

    def made(rows: range) -> bytes:
        from callup.app.engines.spark.making import versions as there

        if there() != here:
            raise RuntimeError(f"callup-executor: {there()}")
        return bytes(make(rows).serialize().to_pybytes())

    for first in range(0, len(ranges), AT_ONCE):
        part = ranges[first : first + AT_ONCE]
        for rows in _collected(context.parallelize(part, len(part)).map(made), here):
            yield pa.ipc.read_record_batch(pa.py_buffer(rows), shape)


def versions() -> str:
    """Python and what makes rows, as one line."""
    import platform
    from importlib.metadata import version

    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in NEEDED)])


def _collected(asked: RDD[bytes], here: str) -> list[bytes]:
    """What the executors made, in order; what they lack in our words."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        return asked.collect()
    except (PySparkException, Py4JError) as failure:
        why = str(failure)
        other = _OTHER.search(why)
        if other is None:
            raise
        hint = "install the same Python and callup on each machine of the cluster, and name it: PYSPARK_PYTHON=/path/to/python"
        raise Unavailable("executor-python", {"needed": here, "there": other[0][:200]}, hint) from failure
