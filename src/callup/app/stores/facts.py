"""The append-only table of facts: SQLite with encrypted pages, written down before anything rests on it (design D10).

One call of `FactStore.record` is one transaction, synced: after a crash a batch is there whole or not at all, and
recording it again adds nothing, because a fact's number is computed from the fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.durable import after_write
from callup.app.stores.database import Database, SqliteDatabase
from callup.cases import arrow_schema, fact_problems, whole_facts
from callup.cases.rows import is_fact, row_fact_id
from callup.terms.errors import BadInput
from callup.terms.tables import FACTS

_SEQ = itemgetter(FACTS.names.index("seq"))
_OTHERS = tuple(name for name in FACTS.names if name != "seq")
_EPOCH = date(1970, 1, 1)
_EPOCH_DAYS = _EPOCH.toordinal()
_DAYS = tuple(column.name for column in FACTS.columns if column.type == "date")
_SHOWN = 20
_CHUNKS = 64
_AT_ONCE = 100_000
"""So many facts are read from the file at once."""
_KIBIBYTES = 262_144
"""Memory for pages while many facts are recorded."""
_TOUCHING = ("outage", "strike", "stayed", "stay_lifted", "halted", "recalled")
_TOUCHES = f"case_id IS NULL AND kind IN ({', '.join('?' * len(_TOUCHING))})"
_SELECT = f"SELECT {', '.join(FACTS.names)} FROM facts"
_ROW = pa.schema([one for one in arrow_schema(FACTS) if one.name not in ("fact_id", "seq")])
_FIELDS = ", ".join(f"{name} {'INTEGER' if FACTS[name].type == 'date' else 'TEXT'}" for name in _OTHERS)
_BY_CASE = "CREATE INDEX IF NOT EXISTS facts_of_case ON facts (case_id);"
TABLES = f"""
CREATE TABLE IF NOT EXISTS facts (seq INTEGER PRIMARY KEY, {_FIELDS});
CREATE UNIQUE INDEX IF NOT EXISTS one_fact ON facts (fact_id);
{_BY_CASE}
CREATE INDEX IF NOT EXISTS readings ON facts (actor, known_on) WHERE kind = 'read';
CREATE INDEX IF NOT EXISTS recusals ON facts (actor) WHERE kind = 'recused';
CREATE INDEX IF NOT EXISTS representations ON facts (ground) WHERE kind = 'represented';
"""
_GUARDS = """
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
"""


class Problems(tuple[dict[str, Any], ...]):
    """All problems of a batch; as text only their number, since there may be as many as rows."""

    def __str__(self) -> str:
        return f"({len(self)})"


class FactStore:
    """The facts of one call-up.

    Args:
        path: the database file; its folder is made.
        key: 32 bytes; without them the file shows nothing.

    Raises:
        Tampered: the key is not this file's, or the file was changed.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        if len(key) != 32:
            raise BadInput("fact-key-length", {"bytes": len(key)}, "give 32 bytes")
        self._on(SqliteDatabase(path, key, TABLES + _GUARDS), path)

    def _on(self, base: Database, path: Path) -> None:
        self._base, self.path = base, path
        self._kept = arrow_schema(FACTS).empty_table()

    @classmethod
    def on(cls, base: Database, path: Path) -> FactStore:
        """The facts in a database that has their tables already; what is erased of them is remembered beside ``path``."""
        made = cls.__new__(cls)
        made._on(base, path)
        return made

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in."""
        self._base.close()

    def record(self, batch: pa.Table) -> int:
        """Append facts: all of the batch or none of it. The same fact is recorded once.

        Args:
            batch: rows of FACTS; ``fact_id`` and ``seq`` are made here and need not be there.

        Returns:
            How many were new.

        Raises:
            BadInput: every problem of the batch in ``params["problems"]``; nothing is recorded.
            Unavailable: the disk failed; nothing is recorded.
        """
        facts = whole_facts(batch)
        problems = fact_problems(facts)
        if problems.num_rows:
            listed = tuple(problems.slice(0, _SHOWN).to_pylist())
            words = "; ".join(f"row {row['row']}, {row['column']}: {row['code']} ({row['hint']})" for row in listed)
            raise BadInput(
                "facts-unusable",
                {"problems": Problems(problems.to_pylist()), "words": words},
                "mend each named row and record the whole batch again: nothing was recorded",
            )
        return self._append(facts)

    def record_rows(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """As `record`, for facts as rows with days as dates: what a portal sends, a few at a time.

        Raises:
            BadInput: as `record`; nothing is recorded.
        """
        if not all(is_fact(row) for row in rows):
            return self.record(pa.Table.from_pylist(list(rows), _ROW))
        new = self._base.append("facts", _OTHERS, [(row_fact_id(row), *(_kept(row.get(name)) for name in _OTHERS[1:])) for row in rows])
        after_write(str(self.path))
        return new

    def _append(self, facts: pa.Table) -> int:
        """Number what is new after what is there, in one transaction: the numbers have no gap, also where others write as well."""
        before = self.last_seq()
        new = self._base.append("facts", _OTHERS, zip(*(_stored(facts.column(name)) for name in _OTHERS), strict=True))
        after_write(str(self.path))
        if new == facts.num_rows and self.last_seq() == before + new and self._last_kept() == before:
            self._keep(facts.set_column(facts.column_names.index("seq"), "seq", pa.array(range(before + 1, before + new + 1), pa.int64())))
        return new

    @contextmanager
    def one_after_another(self) -> Iterator[None]:
        """While many batches come one after another, the index by case is left out, and the one by number is held in memory.

        Numbers and cases come in no order, so that each batch would read and write most of both anew. A crash leaves the file without the
        index by case; whoever opens the file next makes it again. Tables of another owner, as in PostgreSQL, stay as they are.
        """
        if self._base.dialect != "sqlite":
            yield
            return
        self._base.script(f"PRAGMA cache_size=-{_KIBIBYTES}; DROP INDEX IF EXISTS facts_of_case")
        try:
            yield
        finally:
            self._base.script(_BY_CASE)

    def erase(self, numbers: Sequence[int]) -> None:
        """Erase facts by number: the only way a fact goes (design D5). Their bytes are written over, in the log of writes too."""
        self._base.erase("facts", numbers)
        self.let_go()
        after_write(str(self.path))

    def let_go(self) -> None:
        """Keep none of the facts in memory: they are read again when somebody asks."""
        self._kept = arrow_schema(FACTS).empty_table()

    def take_over(self, other: FactStore) -> int:
        """Bring the facts of another store here, each with its number; gives how many were not here yet."""
        marks, facts = ", ".join("?" * len(FACTS.names)), other.since(self.last_seq())
        sql = f"INSERT INTO facts ({', '.join(FACTS.names)}) VALUES ({marks})"
        with self._base.transaction():
            return self._base.many(sql, zip(*(_stored(facts.column(name)) for name in FACTS.names), strict=True))

    def last_seq(self) -> int:
        """The number of the last fact recorded; 0 where there is none."""
        return int(self._base.value("SELECT coalesce(max(seq), 0) FROM facts"))

    def last_known_on(self) -> date | None:
        """The latest day on which a fact was recorded, or none."""
        days = self._base.value("SELECT max(known_on) FROM facts")
        return None if days is None else date.fromordinal(_EPOCH.toordinal() + days)

    def all(self, known_at: date | None = None) -> pa.Table:
        """The facts recorded by that day, in order of recording."""
        facts = self._whole()
        if known_at is None or not pc.any(pc.greater(facts.column("known_on"), known_at), min_count=0).as_py():
            return facts  # a copy of all of them would be the largest table in memory
        return facts.filter(pc.field("known_on") <= known_at)

    def _whole(self) -> pa.Table:
        """Every fact; what was read before is kept, since a fact never changes, and only the rest is read."""
        for piece in self._pieces(self._last_kept()):
            self._keep(piece)
        return self._kept

    def _pieces(self, after: int) -> Iterator[pa.Table]:
        """The facts recorded after a number, some at a time: a row that was read takes five times the memory of the same row kept."""
        last = self.last_seq()
        for first in range(after, last, _AT_ONCE):
            yield self._table("seq > ? AND seq <= ?", (first, min(first + _AT_ONCE, last)))

    def _last_kept(self) -> int:
        """The number of the last fact that is kept in memory."""
        return self._kept.column("seq")[-1].as_py() if self._kept.num_rows else 0

    def _keep(self, rest: pa.Table) -> None:
        """Keep in memory what was recorded after what is kept."""
        if rest.num_rows:
            whole = pa.concat_tables([self._kept, rest]) if self._kept.num_rows else rest
            self._kept = _in_fewer_chunks(whole) if whole.column("seq").num_chunks > _CHUNKS else whole

    def since(self, seq: int) -> pa.Table:
        """The facts recorded after number ``seq``: those in memory are not copied, the others are read and not kept."""
        kept = self._kept  # looked at once: another thread may record meanwhile
        known = kept.slice(pc.sum(pc.less_equal(kept.column("seq"), seq), min_count=0).as_py())
        last = known.column("seq")[-1].as_py() if known.num_rows else max(seq, kept.column("seq")[-1].as_py() if kept.num_rows else 0)
        return pa.concat_tables([known, *self._pieces(last)])

    def of_case(self, case_id: str) -> pa.Table:
        """The facts of one case."""
        return self._table("case_id = ?", (case_id,))

    def rows_of_case(self, case_id: str) -> list[dict[str, Any]]:
        """The facts of one case as rows: for a page, which wants few of them and wants them soon."""
        return self._rows("case_id = ?", (case_id,))

    def rows_of_nobody(self) -> list[dict[str, Any]]:
        """The facts about nobody in particular: stays, halts, outages, strikes."""
        return self._rows("case_id IS NULL", ())

    def cases_since(self, seq: int) -> list[str | None]:
        """The cases that facts after number ``seq`` are about; none stands for facts about nobody in particular."""
        return [case for (case,) in self._base.rows("SELECT DISTINCT case_id FROM facts WHERE seq > ?", (seq,))]

    def readings(self, actor: str, day: date) -> set[str]:
        """The cases that somebody opened on a day."""
        sql = "SELECT DISTINCT case_id FROM facts WHERE kind = 'read' AND actor = ? AND known_on = ?"
        return {case for (case,) in self._base.rows(sql, (actor, day.toordinal() - _EPOCH_DAYS))}

    def recusals(self, actor: str) -> set[str]:
        """The cases in which somebody does not act."""
        return {case for (case,) in self._base.rows("SELECT case_id FROM facts WHERE kind = 'recused' AND actor = ?", (actor,))}

    def in_sight(self, actor: str, day: date) -> set[str]:
        """The cases that somebody opened on a day and may see: not those in which they do not act."""
        return self.readings(actor, day) - self.recusals(actor)

    def reading_counts(self) -> list[tuple[str, date, int]]:
        """How many readings each official made on each day: actor, day, count."""
        sql = "SELECT actor, known_on, count(*) FROM facts WHERE kind = 'read' GROUP BY actor, known_on"
        return [(actor, date.fromordinal(_EPOCH_DAYS + day), count) for actor, day, count in self._base.rows(sql)]

    def complaints(self) -> list[tuple[str, str]]:
        """Cases with a contest of service or a challenge of a decision: case and kind, one row each."""
        sql = "SELECT case_id, kind FROM facts WHERE kind IN ('service_contested', 'appealed')"
        return [(case, kind) for case, kind in self._base.rows(sql)]

    def cases_represented_by(self, ground: str) -> set[str]:
        """The cases whose person named somebody of this kind to speak for them."""
        return {row[0] for row in self._base.rows("SELECT case_id FROM facts WHERE kind = 'represented' AND ground = ?", (ground,))}

    def _rows(self, where: str, bound: tuple[object, ...]) -> list[dict[str, Any]]:
        return as_rows(self._base.seen(f"{_SELECT} WHERE {where} ORDER BY seq", bound))

    def numbered(self, digits: str) -> list[dict[str, Any]]:
        """The facts whose number begins with these hex digits: by them the code on a letter leads to its decision."""
        return self._rows("fact_id >= ? AND fact_id < ?", (digits, f"{digits}g"))

    def rows_that_touch(self) -> list[dict[str, Any]]:
        """Of the facts about nobody those that may touch a case: outages, strikes, stays and their ends, halts, recalls."""
        return self._rows(_TOUCHES, _TOUCHING)

    def asked_of_case(self, case_id: str) -> tuple[str, tuple[object, ...]]:
        """The query for the facts of a case and those about nobody that may touch it; `as_rows` reads it and puts it in order."""
        return f"{_SELECT} WHERE case_id = ? OR ({_TOUCHES})", (case_id, *_TOUCHING)

    def is_in(self, base: Database) -> bool:
        """Whether the facts are read on this connection."""
        return base is self._base

    def rows_asked(self, asked: tuple[str, tuple[object, ...]]) -> list[dict[str, Any]]:
        """The rows of a query of `asked_of_case`."""
        return as_rows(self._base.seen(*asked))

    def cut_segment(self, after: int, upto: int) -> pa.Table:
        """A segment: the facts numbered from ``after`` + 1 to ``upto``, as they will always be.

        Raises:
            BadInput: the numbers are not there.
        """
        if not 0 <= after < upto <= self.last_seq():
            raise BadInput("segment-out-of-range", {"after": after, "upto": upto, "last": self.last_seq()}, "cut only what is recorded")
        return self._table("seq > ? AND seq <= ?", (after, upto))

    def _table(self, where: str, bound: tuple[object, ...]) -> pa.Table:
        rows = self._base.rows(f"SELECT {', '.join(FACTS.names)} FROM facts WHERE {where} ORDER BY seq", bound)
        schema = arrow_schema(FACTS)
        if not rows:
            return schema.empty_table()
        return pa.table([_read(values, field) for values, field in zip(zip(*rows, strict=True), schema, strict=True)], schema=schema)


def _in_fewer_chunks(facts: pa.Table) -> pa.Table:
    """The same facts, all but the largest chunks at the front made into one: those are seldom copied, never twice for a few more facts."""
    cut, rest = 0, facts.num_rows
    for chunk in facts.column("seq").chunks:
        if len(chunk) <= 2 * (rest - len(chunk)):
            break
        cut, rest = cut + len(chunk), rest - len(chunk)
    last = facts.slice(cut).combine_chunks()
    return pa.concat_tables([facts.slice(0, cut), last]) if cut else last


def as_rows(found: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Facts as they are stored, as rows with days as dates, in order of recording: for a few, a database's own sorting costs more."""
    rows = [dict(zip(FACTS.names, row, strict=True)) for row in sorted(found, key=_SEQ)]
    for row in rows:
        for name in _DAYS:
            if row[name] is not None:
                row[name] = date.fromordinal(_EPOCH_DAYS + row[name])
    return rows


def _stored(column: Any) -> Iterator[object]:
    """A column as SQLite holds it: dates as days since 1970."""
    return iter((column.cast(pa.int32()) if pa.types.is_date32(column.type) else column).to_pylist())


def _kept(value: Any) -> Any:
    """A value as it is stored: dates as days since 1970."""
    return value.toordinal() - _EPOCH_DAYS if isinstance(value, date) else value


def _read(values: tuple[object, ...], field: Any) -> Any:
    if pa.types.is_date32(field.type):
        return pa.array(values, pa.int32()).cast(pa.date32())
    return pa.array(values, field.type)
