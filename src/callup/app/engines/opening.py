"""Which engine a name means."""

from __future__ import annotations

from pathlib import Path

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.engines.engine import Engine

DUCKDB = "duckdb"
"""The name of the engine that callup carries with it."""


def open_engine(name: str, private: Path, memory_limit: str = "3GB") -> Engine:
    """Open an engine; whoever opens it closes it.

    Args:
        name: duckdb, local-spark, or spark://HOST:PORT.
        private: a private folder for spilling.
        memory_limit: of DuckDB; a cluster has its own settings.

    Raises:
        BadInput: no such engine.
        Unavailable: what Spark needs is not installed, or nobody answers there.
    """
    if name == DUCKDB:
        return DuckDBEngine(private, memory_limit)
    from callup.app.engines.spark.engine import SparkEngine

    return SparkEngine(name, private)
