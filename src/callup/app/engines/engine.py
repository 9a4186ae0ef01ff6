"""What the stages over a whole register ask of an engine, on one machine or on many (ADR 0032)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from callup.law.dialects import Dialect
from callup.terms.query import Query
from callup.terms.schema import Schema
from callup.tlog import TileStore

Order = Iterator[tuple[str, npt.NDArray[np.int64]]]
"""Each stratum with the roll positions in the order of their ranks, rank 1 first."""


class Engine(Protocol):
    """Runs queries and the few kernels that look at everyone; every engine gives the same rows and the same digests."""

    @property
    def dialect(self) -> Dialect:
        """The words of its SQL."""

    def register(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Name a table for the next queries; a reader serves one query."""

    def table(self, query: Query | str) -> pa.Table:
        """Run a query; gives the whole table."""

    def run(self, query: Query) -> Iterable[pa.RecordBatch]:
        """Run a query; gives its rows batch by batch."""

    def run_in_parts(self, query: Query, name: str, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Run a query that looks at each row of one table by itself, part by part."""

    def digest(self, rows: pa.Table | pa.RecordBatchReader, schema: Schema) -> tuple[str, int]:
        """The table digest (design D11) as hex, and the number of rows."""

    def seal_roll(self, persons: pa.Table) -> pa.Table:
        """ROLL of the liable, as `callup.draw.seal_roll` says."""

    def order(self, seed: str, sizes: Mapping[str, int]) -> Order:
        """Tickets and ranks of every position of every stratum, strata in the order given."""

    def write_roll_trees(self, store: TileStore, roll: pa.Table) -> None:
        """Put the tree of each stratum as ``roll/STRATUM``; the caller syncs.

        Args:
            store: where the tiles go.
            roll: stratum, position and commitment, in any order.
        """

    def close(self) -> None:
        """End it, and remove what it spilled."""
