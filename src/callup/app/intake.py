"""A register at the door: everything that is wrong with it at once, or the clean register as Parquet, whole or not at all.

The file is read in blocks, three times at most, and never held: bytes first (line ends, encoding, length of lines), then
the columns, then the rows as text, each by a query of ``register``.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from callup.app import durable
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.engines.engine import Engine
from callup.app.engines.opening import open_engine
from callup.app.linewise import LONGEST_LINE, byte_problems
from callup.register import Problem, arrow_schema, column_problems, problem, repeated_ids, row_problems, typed_rows
from callup.terms.errors import BadInput
from callup.terms.schema import UNNORMAL, Schema

BATCH_ROWS = 16_384
_READ_ROWS = 122_880
LISTED = 10_000
"""As many problems are listed; the rest are counted."""

_PARQUET_TYPES: dict[str, Callable[[pa.DataType], bool]] = {
    "text": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "int": pa.types.is_integer,
    "date": pa.types.is_date32,
    "flag": pa.types.is_boolean,
}


@dataclass(slots=True)
class _Source:
    """A register that can be read again and again as text.

    Args:
        names: its columns that the schema declares.
        batches: gives its rows from the start, each column text.
        found: what was wrong before any row was looked at.
        skipped: rows left out of ``batches``, since their number of fields is wrong, from 1.
    """

    names: list[str]
    batches: Callable[[], Iterator[pa.RecordBatch]]
    found: list[Problem] = field(default_factory=list)
    skipped: set[int] = field(default_factory=set)


def check_register(path: Path, schema: Schema, out: Path | None, engine: str = "duckdb") -> tuple[list[Problem], int]:
    """Check a register, and write it where it is clean.

    Args:
        path: CSV (UTF-8, commas, one header line) or Parquet.
        schema: the register's schema: core columns and the law's own.
        out: where the clean register goes as Parquet, oldest person first; none writes nothing.
        engine: what looks at the rows: duckdb, local-spark, or spark://HOST:PORT; the clean register is sorted and written here.

    Returns:
        Rows of PROBLEMS by row, at most `LISTED` and one line that counts the rest; and how many persons were read.

    Raises:
        BadInput: there is no such file, or no such engine.
        Unavailable: ``out`` cannot be written; nothing is left of it.
    """
    _require_here(path)
    if not path.is_file():
        raise BadInput("register-missing", {"path": str(path)}, "name a CSV or Parquet file")
    with tempfile.TemporaryDirectory(prefix="callup-") as spill:
        with closing(open_engine(engine, Path(spill) / "looking", "1GB")) as looking:
            found, source = _open_parquet(path, schema) if _is_parquet(path) else _open_csv(path, schema)
            if source is None:
                return found, 0
            problems, rows = _look(looking, source, schema)
        if not problems and out is not None:
            with closing(DuckDBEngine(Path(spill) / "engine", memory_limit="1GB")) as writing:
                _write(writing, source, schema, out)
    return problems, rows


def read_register(path: Path, schema: Schema) -> Iterator[pa.RecordBatch]:
    """Read some columns of a clean register, batch by batch, in its own order.

    Args:
        path: Parquet, as `check_register` writes it.
        schema: the columns to read, with their types.

    Raises:
        BadInput: no such file, no whole Parquet, or columns missing or of other types.
    """
    hint = "make it with: callup register check FILE --out REGISTER"
    _require_here(path)
    try:
        file = pq.ParquetFile(path)
        shape = file.schema_arrow
        fit = [name for name in schema.names if shape.names.count(name) == 1 and _PARQUET_TYPES[schema[name].type](shape.field(name).type)]
        if len(fit) < len(schema.names):
            lacking = ", ".join(name for name in schema.names if name not in fit)
            raise BadInput("register-columns-unfit", {"path": str(path), "missing or of another type": lacking}, hint)
        for batch in file.iter_batches(batch_size=_READ_ROWS, columns=fit):
            yield pa.record_batch([batch.column(name) for name in schema.names], names=list(schema.names))
    except (OSError, pa.ArrowException) as failure:
        raise BadInput("register-not-readable", {"path": str(path), "why": str(failure)}, hint) from failure


def _require_here(path: Path) -> None:
    """Refuse an address in an object store: only the beacon's and the witnesses' modules speak to a network (safeguard G1)."""
    if re.match(r"[a-z][a-z0-9]+:/", str(path)) and not path.exists():
        raise BadInput(
            "register-not-here", {"path": str(path)}, "mount the store or copy the register: docs/guides/scale-out.md, section 4"
        )


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1" or path.suffix == ".parquet"


def _open_csv(path: Path, schema: Schema) -> tuple[list[Problem], _Source | None]:
    found, readable = byte_problems(path)
    if not readable:
        return found, None
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader([file.readline().rstrip("\r\n")]))
    found += column_problems(header, schema)
    if any(one["code"] == "column-twice" for one in found):
        return found, None
    source = _Source([name for name in header if name in schema.names], lambda: _csv_batches(path, header, source), found)
    return found, source


def _csv_batches(path: Path, header: list[str], source: _Source) -> Iterator[pa.RecordBatch]:
    def skip(row: pacsv.InvalidRow) -> str:
        source.skipped.add(row.number - 1)
        return "skip"

    # one thread: only then does the reader know the number of a row that it leaves out
    read = pacsv.ReadOptions(use_threads=False, column_names=header, skip_rows=1, block_size=4 * LONGEST_LINE)
    parse = pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip)
    convert = pacsv.ConvertOptions(
        column_types={name: pa.string() for name in header},
        include_columns=source.names,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    yield from pacsv.open_csv(path, read_options=read, parse_options=parse, convert_options=convert)


def _open_parquet(path: Path, schema: Schema) -> tuple[list[Problem], _Source | None]:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as failure:
        return [problem("parquet-not-readable", "the file is cut off or is no Parquet: fetch it again", value=str(failure))], None
    shape = file.schema_arrow
    found = column_problems(shape.names, schema)
    fit = []
    for column in schema.columns:
        if column.name not in shape.names or shape.names.count(column.name) > 1:
            continue
        kind = shape.field(column.name).type
        if _PARQUET_TYPES[column.type](kind):
            fit.append(column.name)
        else:
            wanted = arrow_schema(schema).field(column.name).type
            found.append(problem("column-type", f"write this column as {wanted}", column=column.name, value=str(kind)))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=BATCH_ROWS, columns=fit):
            yield pa.record_batch([_as_text(batch.column(name)) for name in fit], names=fit)

    return found, _Source(fit, batches, found)


def _as_text(column: pa.Array) -> pa.Array:
    """A column as a CSV would have it; an empty text is unknown, as there."""
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)


def _by_row(engine: Engine, rows: pa.RecordBatchReader, schema: Schema, names: list[str]) -> Iterator[pa.RecordBatch]:
    """What is wrong with each row by itself."""
    yield from engine.run_in_parts(row_problems(schema, names, engine.dialect.name), "raw", rows)


def _repeated(engine: Engine, rows: pa.RecordBatchReader, schema: Schema, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Further rows of an id that stood before."""
    engine.register("raw", rows)
    yield from engine.run(repeated_ids(engine.dialect.name))


def _look(engine: Engine, source: _Source, schema: Schema) -> tuple[list[Problem], int]:
    """All problems of all rows, and the number of rows."""
    counted = [0]
    problems = source.found[:LISTED]
    more = len(source.found) - len(problems)
    try:
        for looks in (_by_row, _repeated) if "person_id" in source.names else (_by_row,):
            counted[0] = 0
            for batch in looks(engine, _numbered(source, counted, look=looks is _by_row), schema, source.names):
                room = max(0, LISTED - len(problems))
                problems += batch.slice(0, room).to_pylist()
                more += max(0, batch.num_rows - room)
    except (OSError, pa.ArrowException) as failure:
        problems.append(problem("rows-not-readable", "the file is damaged or a quotation mark is not closed: mend it", value=str(failure)))
        return problems, counted[0]
    if not counted[0] and not source.skipped:
        problems.append(problem("no-rows", "give a register with at least one person"))
    return _in_order(problems, source.skipped, more), counted[0]


def _in_order(problems: list[Problem], skipped: set[int], more: int) -> list[Problem]:
    """Problems by row; numbers of rows count the rows left out."""
    skips = sorted(skipped)
    for one in problems:
        if isinstance(row := one["row"], int):
            for skip in skips:
                if skip > row:
                    break
                row += 1
            one["row"] = row
    ragged = "a row must have as many fields as the header: put text with commas in quotation marks"
    problems += [problem("row-length", ragged, row=row) for row in skips[:LISTED]]
    problems.sort(key=lambda one: (one["row"] or 0, str(one["column"]), str(one["code"])))
    if more:
        problems.append(problem("more-problems", "mend those listed and check again", value=f"{more} more are not listed"))
    return problems


def _numbered(source: _Source, counted: list[int], *, look: bool = False) -> pa.RecordBatchReader:
    """The rows as text with their number, counted on the way, and, to look at each, which of their texts are not in Unicode NFC."""
    names = ["row", *source.names, *([UNNORMAL] if look else [])]
    shape = pa.schema([("row", pa.int64()), *((name, pa.string()) for name in names[1:])])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in source.batches():
            first = counted[0] + 1
            counted[0] += batch.num_rows
            numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
            yield pa.record_batch([numbers, *batch.columns, *([_unnormal(batch)] if look else [])], names=names)

    return pa.RecordBatchReader.from_batches(shape, batches())


def _unnormal(batch: pa.RecordBatch) -> pa.Array:
    """Of each row the names of its columns that are not in Unicode NFC, each between commas; empty: none."""
    found = pa.array([""] * batch.num_rows, pa.string())
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pc.all(pc.string_is_ascii(column), min_count=0).as_py():
            unlike = pc.fill_null(pc.not_equal(column, pc.utf8_normalize(column, form="NFC")), False)
            found = pc.if_else(unlike, pc.binary_join_element_wise(found, f",{name},", ""), found)
    return found


def _write(engine: DuckDBEngine, source: _Source, schema: Schema, out: Path) -> None:
    part = out.with_name(out.name + ".part")
    shape = arrow_schema(schema)
    with durable.world_failures(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            engine.register("raw", _numbered(source, [0]))
            with pq.ParquetWriter(part, shape, compression="zstd") as writer:
                for batch in engine.run(typed_rows(schema)):
                    writer.write_batch(batch.cast(shape))
            part.replace(out)
            durable.sync_folder(out.parent)
        finally:
            part.unlink(missing_ok=True)
    durable.after_write(str(out))
