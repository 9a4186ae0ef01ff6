"""A rehearsal's days, one after another: what became known is recorded, and officials act on what has fallen due.

Each day is one transaction. Officials of a day see what was known on the evening before, so a day that is run again after
a crash gives the same facts, and the same fact is one fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course, nobody_listens
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.standing import PLAIN
from callup.app.supplements import whole_roll
from callup.cases import Moment, arrow_schema, with_liability
from callup.cases.desk import FEW, due_until, dues_of
from callup.channels.rehearsal import officials, read_rates, world
from callup.terms.query import Query

_READ = [
    "fact_id",
    "seq",
    "kind",
    "case_id",
    "notice_id",
    "happened_on",
    "known_on",
    "channel",
    "ref",
    "ground",
    "outcome",
    "until",
    "appear_on",
]
"""The columns of facts that a standing is computed from."""
WORTH_HALVING = 4_000
"""So many cases are read in one query in less time than two are planned in."""
AT_ONCE = 75_000
"""So many cases are read in one query at most."""
_NOBODY, _NEVER = -1, np.iinfo(np.int32).max
_Flags = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]
_Numbers = npt.NDArray[np.int32]


def run_world(course: Course, first_day: date, last_day: date, seed: int, recorded: Callable[[], None] = nobody_listens) -> None:
    """Live through the days from the first to the last, both included, and record what happens.

    Args:
        course: a rehearsal's run; its waves so far are entered.
        first_day: first day to live through; a day recorded before gives the same facts again, and they are not recorded twice.
        last_day: last day.
        seed: the rehearsal's seed.
        recorded: called after each day that was recorded.
    """
    notices = _entered(course)
    if notices.num_rows == 0:
        return
    rates = read_rates()
    to_come = world(seed, notices, rates)
    quotas = _quotas(course)
    roll = whole_roll(course, ["person_id", "liable_until"]).read_all()
    called = with_liability(notices.select(PLAIN), roll)
    days = list(_days(first_day, last_day))
    done = course.voice.part(f"what happened until {last_day}", len(days), "days")
    with course.facts.one_after_another(), _reader(course) as reader:
        docket = _Docket(course, reader, course.facts.all().select(_READ), called)
        for day in days:
            today = to_come.filter(pc.equal(to_come.column("known_on"), pa.scalar(day, pa.date32())))
            if day.weekday() < 5:
                left = docket.places_left(quotas, day)
                acts = officials(seed, docket.dues(day), day, closing=course.decree.closes_on, left=left, rates=rates)
                today = pa.concat_tables([today, acts])
            if today.num_rows:
                docket.record(today)
                recorded()
            done(1)
    docket.lay_out(course.engine)


@dataclass(frozen=True, slots=True)
class _Reader:
    """A second engine and the thread in which it reads."""

    engine: DuckDBEngine
    beside: ThreadPoolExecutor


@contextmanager
def _reader(course: Course) -> Iterator[_Reader]:
    with closing(DuckDBEngine(course.engine.temp_dir / "beside", "2GB", 1)) as engine, ThreadPoolExecutor(1) as beside:
        yield _Reader(engine, beside)


class _Docket:
    """What has fallen due in each case, read anew only where it may be another: after a new fact, or on the day that was named for it.

    A case is a number here, its place among all in order: which facts are of which cases is then a few array operations a day.
    """

    def __init__(self, course: Course, reader: _Reader, facts: pa.Table, notices: pa.Table) -> None:
        self.course, self.reader, self.facts, self.notices = course, reader, facts, notices
        self.kinds = set(facts.column("kind").unique().to_pylist())
        self.cases = pc.array_take(named := notices.column("case_id").unique(), pc.array_sort_indices(named))
        self._names = np.array([name.encode() for name in self.cases.to_pylist()])
        self._of_notice, self._of_fact = self._numbers(notices), self._numbers(facts)
        self._row = np.zeros(len(self.cases), np.int64)
        self._row[self._of_notice] = np.arange(notices.num_rows)
        self._stale = np.ones(len(self.cases), np.bool_)
        self._turns = np.full(len(self.cases), _NEVER, np.int32)
        self._waiting = arrow_schema(due_until(*course.proceeding, Moment(date.min, date.min)).gives).empty_table()
        self._of_waiting = np.zeros(0, np.int32)

    def record(self, today: pa.Table) -> None:
        """Record a day's facts in one transaction."""
        self.course.facts.record(today)
        self.facts = self.course.facts.all().select(_READ)
        new = self.facts.slice(len(self._of_fact))
        numbers = self._numbers(new)
        self._of_fact = np.concatenate([self._of_fact, numbers])
        self.kinds |= set(today.column("kind").unique().to_pylist())
        touched = numbers if new.num_rows == today.num_rows else self._numbers(today)
        self._stale[touched] = True
        if (touched == _NOBODY).any():  # e.g. a wave that is halted
            self._stale[:] = True

    def dues(self, day: date) -> pa.Table:
        """What has fallen due on the morning of a day, from what was known the evening before: rows of DUE_ROWS, in no order."""
        stale = self._stale | (self._turns <= _number(day))
        moment = Moment(day, day - timedelta(days=1), kinds=frozenset(self.kinds))
        self._stale = self._called_since(day)
        self._turns[stale] = _NEVER
        known = ~stale[self._of_waiting]
        fresh, numbers = self._read(stale, moment)
        self._waiting = pa.concat_tables([self._waiting.filter(pa.array(known)), fresh])
        self._of_waiting = np.concatenate([self._of_waiting[known], numbers])
        return self._waiting.drop_columns(["waits", "turns_on"])

    def _read(self, stale: _Flags, moment: Moment) -> tuple[pa.Table, _Numbers]:
        """Rows of DUE_UNTIL of those of these cases that wait, and the number of each."""
        if not stale.any():
            return self._waiting.slice(0, 0), self._of_waiting[:0]
        if np.count_nonzero(stale) <= FEW:
            fresh = self._one_by_one(stale, moment)
            self._stale |= stale
            return fresh, self._numbers(fresh)
        numbers = np.flatnonzero(stale)
        fresh = self._in_halves(numbers, due_until(*self.course.proceeding, moment))
        turns = fresh.column("turns_on")
        self._turns[numbers] = pc.fill_null(turns.cast(pa.int32()), _NEVER).to_numpy()
        waits = fresh.column("waits")
        return fresh.filter(waits), numbers[waits.to_numpy()]

    def _in_halves(self, numbers: _Places, query: Query) -> pa.Table:
        """The rows of these cases in order, many of them read in two halves at once: what is due in a case hangs on no other."""
        if len(numbers) <= WORTH_HALVING:
            return self._answers(self.course.engine, [numbers], query)
        each = -(-len(numbers) // (2 * AT_ONCE))
        parts = np.array_split(numbers, 2 * each)
        beside = self.reader.beside.submit(self._answers, self.reader.engine, parts[each:], query)
        return pa.concat_tables([self._answers(self.course.engine, parts[:each], query), beside.result()])

    def _answers(self, engine: DuckDBEngine, parts: Sequence[_Places], query: Query) -> pa.Table:
        """The rows of some cases, one part after the other, so that the memory of a query does not grow with all that are called."""
        found = []
        for part in parts:
            cases = np.zeros(len(self.cases), np.bool_)
            cases[part] = True
            self.lay_out(engine, cases)
            found.append(engine.table(query))
        return pa.concat_tables(found)

    def _one_by_one(self, stale: _Flags, moment: Moment) -> pa.Table:
        """As `_read` for few cases. No day is named on which they turn: they are read again the next day."""
        notices, facts = self._of(self.notices, self._of_notice, stale), self._of(self.facts, self._of_fact, stale)
        found = dues_of(*self.course.proceeding, notices, facts, moment)
        more = {"waits": pa.array([True] * found.num_rows, pa.bool_()), "turns_on": pa.nulls(found.num_rows, pa.date32())}
        return pa.table({**{name: found.column(name) for name in found.column_names}, **more}, self._waiting.schema)

    def _called_since(self, day: date) -> _Flags:
        """Cases of a wave entered on that day or later: on its morning nobody knows of them yet, and they are not forgotten."""
        called = pc.and_(pc.equal(self.facts.column("kind"), "called"), pc.greater_equal(self.facts.column("known_on"), day))
        found = np.zeros(len(self.cases), np.bool_)
        found[self._of_fact[called.to_numpy()]] = True
        return found

    def places_left(self, quotas: Mapping[str, int], day: date) -> Mapping[str, int]:
        """Persons still to be enlisted in each unit, as known the evening before."""
        before = pc.less(self.facts.column("known_on"), pa.scalar(day, pa.date32()))
        enlisted = self._of_fact[pc.and_(pc.equal(self.facts.column("kind"), "enlisted"), before).to_numpy()]
        taken = self.notices.column("stratum").take(pa.array(self._row[enlisted])).value_counts().to_pylist()
        left = dict(quotas)
        for one in taken:
            left[one["values"].split("+")[0]] -= one["counts"]
        return left

    def lay_out(self, engine: DuckDBEngine, only: _Flags | None = None) -> None:
        """Hand an engine facts and notices, of some cases or of all; facts about no person (a halt) always."""
        for name, table, numbers in (("facts", self.facts, self._of_fact), ("notices", self.notices, self._of_notice)):
            engine.register(name, table if only is None else self._of(table, numbers, only))

    def _of(self, table: pa.Table, numbers: _Numbers, cases: _Flags) -> pa.Table:
        """The rows of some cases, and those about no person."""
        return table.filter(pa.array(cases[numbers] | (numbers == _NOBODY)))

    def _numbers(self, table: pa.Table) -> _Numbers:
        """The case of each row as a number; few are looked up one by one, since an index of all cases takes a tenth of a second to make."""
        named = table.column("case_id")
        if table.num_rows > len(self.cases):
            found: _Numbers = pc.fill_null(pc.index_in(named, value_set=self.cases), _NOBODY).to_numpy()
            return found
        names = np.array([(name or "").encode() for name in named.to_pylist()], np.bytes_)
        places = np.minimum(np.searchsorted(self._names, names), len(self._names) - 1)
        return np.where(self._names[places] == names, places, _NOBODY).astype(np.int32)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _entered(course: Course) -> pa.Table:
    """The summonses handed over so far, each with the day of hand-over; facts of a later wave do not depend on it."""
    parts = []
    for wave in range(1, course.decree.waves + 1):
        if course.dossier.finished(f"dispatch-{wave}"):
            notices = course.read("50-notices", f"wave-{wave}", "notices.parquet", columns=PLAIN)
            notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
            handed = pa.array([course.clock.day(f"wave-{wave}")] * notices.num_rows, pa.date32())
            parts.append(notices.append_column("handed_on", handed))
    return pa.concat_tables(parts) if parts else pa.table({})


def _quotas(course: Course) -> Mapping[str, int]:
    from callup.app.stages.calling import read_quotas

    return {str(row["unit"]): int(row["quota"]) for row in read_quotas(course)}


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
