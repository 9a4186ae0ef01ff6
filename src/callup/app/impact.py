"""A law impact study: whom does the law of one day move that the law of another did not, by article and age (safeguard G2).

It runs on synthetic registers and on counts only, in one scan, and gives counts only.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.synthetic import require_synthetic
from callup.law import DuckDB, Law
from callup.law.comparing import compare, law_as_of
from callup.terms.errors import BadInput, NotLawful

COUNTED = "persons"
FEWEST = 10
"""A row of counts stands for at least so many persons: fewer could be found (design D15)."""
_TYPES = {"date": pa.date32(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}


@dataclass(frozen=True, slots=True)
class Study:
    """What is studied: rows with the law's columns, how many persons, and the column that counts them (empty: a row is one)."""

    rows: pa.Table | ds.Dataset
    persons: int
    counted: str

    @property
    def words(self) -> str:
        """What it is, in words."""
        return f"{self.persons:,} {'persons in a table of counts' if self.counted else 'synthetic persons'}"


@dataclass(frozen=True, slots=True)
class Days:
    """The two days of the law, and the day on which each is asked about the persons."""

    laws: tuple[date, date]
    asked: tuple[date, date]


@dataclass(frozen=True, slots=True)
class Move:
    """Persons of one age whom the second law gives another finding, or another reason; age on the second day asked, -1 if not known."""

    finding_before: str
    rule_before: int
    finding_after: str
    rule_after: int
    age: int
    persons: int

    @property
    def other_finding(self) -> bool:
        """Whether the finding differs, not only its reason."""
        return self.finding_before != self.finding_after


def open_study(path: Path, code: str, law: Law) -> Study:
    """Open what may be studied.

    Args:
        path: a synthetic register (Parquet), or counts (Parquet or CSV): columns of the law and ``persons``.
        code: the jurisdiction.
        law: its law.

    Raises:
        BadInput: no such file, or not readable, or columns that a table of counts does not have.
        NotLawful: a register of persons that is not synthetic; a count below `FEWEST`.
    """
    if not path.is_file():
        raise BadInput("register-missing", {"path": str(path)}, "name a synthetic register or a table of counts")
    try:
        names = pq.read_schema(path).names if _is_parquet(path) else _header(path)
        if COUNTED in names:
            return _counts(path, law, names)
        return Study(ds.dataset(path), require_synthetic(path, code), "")
    except (OSError, pa.ArrowException, UnicodeDecodeError) as broken:
        why = {"path": str(path), "why": str(broken).splitlines()[0]}
        raise BadInput("register-not-readable", why, "give a synthetic register, or counts with one header line") from None


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1" or path.suffix == ".parquet"


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return file.readline().strip().split(",")


def _counts(path: Path, law: Law, names: list[str]) -> Study:
    strange = [name for name in names if name != COUNTED and name not in law.columns]
    if strange or len(set(names)) < len(names):
        hint = f"a table of counts has the column {COUNTED} and of the law's columns {', '.join(law.columns)}"
        raise BadInput("counts-columns", {"path": str(path), "columns": ", ".join(strange) or "one stands twice"}, hint)
    shape = pa.schema([(name, pa.int64() if name == COUNTED else _TYPES[law.columns[name].type]) for name in names])
    convert = pacsv.ConvertOptions(column_types=shape, null_values=[""], strings_can_be_null=True, true_values=["t"], false_values=["f"])
    rows = pq.read_table(path).cast(shape) if _is_parquet(path) else pacsv.read_csv(path, convert_options=convert)
    persons = rows.column(COUNTED)
    small = persons.null_count + (pc.sum(pc.less(persons, FEWEST)).as_py() or 0)
    if small:
        where = {"path": str(path), "rows": small, "law": "safeguard G2: a person must not be found in what is studied"}
        raise NotLawful("counts-too-small", where, f"merge rows until each counts {FEWEST} persons or more")
    for name in ("born_on", *law.columns):
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(len(rows), _TYPES[law.columns[name].type] if name in law.columns else pa.date32()))
    return Study(rows, pc.sum(persons).as_py() or 0, COUNTED)


def moves(law: Law, study: Study, days: Days) -> list[Move]:
    """Whom the law of the second day moves, in one scan: groups by finding and rule before and after, and single age.

    Raises:
        BadInput: a day lies before the law.
    """
    laws = (law_as_of(law, days.laws[0]), law_as_of(law, days.laws[1]))
    query = compare(laws, days.asked, DuckDB(), counted=study.counted)
    with tempfile.TemporaryDirectory(prefix="callup-") as spill:
        engine = DuckDBEngine(Path(spill) / "engine")
        try:
            engine.register("snapshot", study.rows)
            found = engine.table(query).to_pylist()
        finally:
            engine.close()
    groups: dict[tuple[str, int, str, int, int], int] = {}
    for row in found:
        pair = (row["finding_before"], row["rule_before"], row["finding_after"], row["rule_after"])
        if pair[:2] != pair[2:]:
            key = (*pair, _age(row["born_on"], days.asked[1]))
            groups[key] = groups.get(key, 0) + row["persons"]
    return [Move(*key, persons) for key, persons in sorted(groups.items())]


def _age(born: date | None, day: date) -> int:
    return -1 if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
