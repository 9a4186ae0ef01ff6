"""The supplementary rolls of a dossier: which there are, where they lie, and the roll and snapshot of all together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from callup.app import sealed
from callup.app.course import Course
from callup.app.dossier import Dossier

_STAGE = "supplement-"


@dataclass(frozen=True, slots=True)
class Supplement:
    """One supplementary roll, as ``dossier.log`` says of it.

    Args:
        number: from 1.
        round: the beacon's round that its plan names; 0 where no beacon is asked.
        reason: why these persons were left out.
        by: the two who sign.
        day: the legal day on which its plan is committed.
    """

    number: int
    round: int
    reason: str
    by: tuple[str, str]
    day: str

    @property
    def suffix(self) -> str:
        """What stands behind a unit in the names of its strata."""
        return f"+s{self.number}"

    def open_folder(self, dossier: Dossier) -> Path:
        """Where its plan, its seed and its order lie."""
        return dossier.open / "46-supplements" / f"s{self.number}"

    def sealed_folder(self, dossier: Dossier) -> Path:
        """Where its persons lie."""
        return dossier.sealed / "31-supplements" / f"s{self.number}"


def supplements(dossier: Dossier) -> list[Supplement]:
    """Every supplementary roll that was taken in, in order."""
    lines = [line for line in dossier.lines() if str(line.get("stage", "")).startswith(_STAGE)]
    return [supplement_of(line) for line in lines]


def supplement_of(line: dict[str, Any]) -> Supplement:
    """The supplement that a line of ``dossier.log`` tells of."""
    first, second = line["by"]
    return Supplement(int(line["stage"].removeprefix(_STAGE)), int(line["round"]), line["reason"], (first, second), line["day"])


def cast_supplements(dossier: Dossier) -> list[Supplement]:
    """Those whose order is known."""
    return [one for one in supplements(dossier) if dossier.finished(f"cast-s{one.number}")]


def order_file(course: Course, stratum: str) -> Path:
    """The published order of a stratum, main or supplementary."""
    suffix = stratum.partition("+")[2]
    if suffix.startswith("s"):
        return course.dossier.open / "46-supplements" / suffix / f"{stratum}.csv"
    return course.dossier.open / "45-draw" / f"{stratum}.csv"


def whole_roll(course: Course, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
    """The main roll and every supplementary roll whose plan stands, batch by batch; some columns, or all where none are named."""
    return _whole(course, "30-roll", "roll.parquet", columns)


def whole_snapshot(course: Course, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
    """The snapshot and those of the supplementary rolls, batch by batch; some columns, or all where none are named."""
    return _whole(course, "10-snapshot", "snapshot.parquet", columns)


def _whole(course: Course, folder: str, name: str, columns: Sequence[str] | None) -> pa.RecordBatchReader:
    dossier = course.dossier
    found = sealed.read_sealed(course.table_path(folder, name), dossier.key, columns)
    more = [one.sealed_folder(dossier) / name for one in supplements(dossier) if _stands(dossier, one)]
    if not more:
        return found
    return pa.RecordBatchReader.from_batches(found.schema, chain(found, _batches(more, dossier.key, columns)))


def _stands(dossier: Dossier, supplement: Supplement) -> bool:
    """Whether its plan is committed and not dead."""
    number = supplement.number
    return dossier.finished(f"commit-s{number}") is not None and dossier.finished(f"void-s{number}") is None


def _batches(paths: list[Path], key: bytes, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    for path in paths:
        yield from sealed.read_sealed(path, key, columns)
