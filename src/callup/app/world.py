"""A rehearsal's days, one after another: what became known is recorded, and officials act on what has fallen due.

Each day is one transaction. Officials of a day see what was known on the evening before, so a day that is run again after
a crash gives the same facts, and the same fact is one fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from callup.app.course import Course
from callup.app.supplements import whole_roll
from callup.cases import Moment, arrow_schema, with_liability
from callup.cases.desk import FEW, due_until, dues_of
from callup.channels.rehearsal import officials, read_rates, world
from callup.terms.tables import NOTICES

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


def run_world(course: Course, first_day: date, last_day: date, seed: int) -> None:
    """Live through the days from the first to the last, both included, and record what happens.

    Args:
        course: a rehearsal's run; its waves so far are entered.
        first_day: first day to live through; a day recorded before gives the same facts again, and they are not recorded twice.
        last_day: last day.
        seed: the rehearsal's seed.
    """
    notices = _entered(course)
    if notices.num_rows == 0:
        return
    rates = read_rates()
    to_come = world(seed, notices, rates)
    quotas = _quotas(course)
    roll = whole_roll(course).read_all().select(["person_id", "liable_until"])
    units = dict(zip(notices.column("case_id").to_pylist(), _units(notices), strict=True))
    docket = _Docket(course, course.facts.all().select(_READ), with_liability(notices.select(list(NOTICES.names)), roll))
    for day in _days(first_day, last_day):
        today = to_come.filter(pc.equal(to_come.column("known_on"), pa.scalar(day, pa.date32())))
        if day.weekday() < 5:
            left = _places_left(quotas, docket.facts, units, day)
            acts = officials(seed, docket.dues(day), day, closing=course.decree.closes_on, left=left, rates=rates)
            today = pa.concat_tables([today, acts])
        if today.num_rows:
            docket.record(today)
    docket.lay_out()


class _Docket:
    """What has fallen due in each case, read anew only where it may be another: after a new fact, or on the day that was named for it."""

    def __init__(self, course: Course, facts: pa.Table, notices: pa.Table) -> None:
        self.course = course
        self.facts = facts
        self.notices = notices
        self.kinds = set(facts.column("kind").unique().to_pylist())
        self.read = arrow_schema(due_until(*course.proceeding, Moment(date.min, date.min)).gives).empty_table()
        self.stale = notices.column("case_id").unique()

    def record(self, today: pa.Table) -> None:
        """Record a day's facts in one transaction."""
        seq = self.course.facts.last_seq()
        self.course.facts.record(today)
        self.facts = pa.concat_tables([self.facts, self.course.facts.since(seq).select(_READ)])
        self.kinds |= set(today.column("kind").unique().to_pylist())
        cases = today.column("case_id").combine_chunks()
        about_all = cases.null_count > 0  # e.g. a wave that is halted
        self.stale = self.notices.column("case_id").unique() if about_all else pa.concat_arrays([self.stale, cases]).unique()

    def dues(self, day: date) -> pa.Table:
        """What has fallen due on the morning of a day, from what was known the evening before: rows of DUE_ROWS, sorted by case."""
        turned = pc.less_equal(self.read.column("turns_on"), pa.scalar(day, pa.date32()))
        stale = pa.concat_arrays([self.stale, self.read.column("case_id").filter(turned).combine_chunks()]).unique()
        moment = Moment(day, day - timedelta(days=1), kinds=frozenset(self.kinds))
        known = self.read.filter(pc.invert(pc.is_in(self.read.column("case_id"), value_set=stale)))
        self.stale = self._called_since(day)
        if len(stale) > FEW:
            self.lay_out(stale)
            fresh = self.course.engine.table(due_until(*self.course.proceeding, moment))
        else:
            fresh = self._one_by_one(stale, moment)
            self.stale = pa.concat_arrays([self.stale, stale]).unique()
        self.read = pa.concat_tables([known, fresh])
        return self.read.filter(self.read.column("waits")).drop_columns(["waits", "turns_on"]).sort_by("case_id")

    def _one_by_one(self, cases: pa.Array, moment: Moment) -> pa.Table:
        """Rows of DUE_UNTIL of the few of these cases that wait. No day is named on which they turn: they are read again the next day."""
        notices, facts = (self._of(table, cases) for table in (self.notices, self.facts))
        found = dues_of(*self.course.proceeding, notices, facts, moment)
        more = {"waits": pa.array([True] * found.num_rows, pa.bool_()), "turns_on": pa.nulls(found.num_rows, pa.date32())}
        return pa.table({**{name: found.column(name) for name in found.column_names}, **more}, self.read.schema)

    def _called_since(self, day: date) -> pa.Array:
        """Cases of a wave entered on that day or later: on its morning nobody knows of them yet, and they are not forgotten."""
        called = pc.and_(pc.equal(self.facts.column("kind"), "called"), pc.greater_equal(self.facts.column("known_on"), day))
        return self.facts.column("case_id").filter(called).combine_chunks()

    def lay_out(self, only: pa.Array | None = None) -> None:
        """Hand the engine facts and notices, of some cases or of all; facts about no person (a halt) always."""
        for name, table in (("facts", self.facts), ("notices", self.notices)):
            self.course.engine.register(name, table if only is None else self._of(table, only))

    def _of(self, table: pa.Table, cases: pa.Array) -> pa.Table:
        """The rows of some cases, and those about no person."""
        column = table.column("case_id")
        return table.filter(pc.or_(pc.is_in(column, value_set=cases), pc.is_null(column)))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _entered(course: Course) -> pa.Table:
    """The summonses handed over so far, each with the day of hand-over; facts of a later wave do not depend on it."""
    parts = []
    for wave in range(1, course.decree.waves + 1):
        if course.dossier.finished(f"dispatch-{wave}"):
            notices = course.read("50-notices", f"wave-{wave}", "notices.parquet")
            notices = notices.filter(pc.equal(notices.column("kind"), "summons"))
            handed = pa.array([course.clock.day(f"wave-{wave}")] * notices.num_rows, pa.date32())
            parts.append(notices.append_column("handed_on", handed))
    return pa.concat_tables(parts) if parts else pa.table({})


def _units(notices: pa.Table) -> list[str]:
    return [stratum.split("+")[0] for stratum in notices.column("stratum").to_pylist()]


def _quotas(course: Course) -> Mapping[str, int]:
    from callup.app.stages.calling import read_quotas

    return {str(row["unit"]): int(row["quota"]) for row in read_quotas(course)}


def _places_left(quotas: Mapping[str, int], facts: pa.Table, units: Mapping[str, str], day: date) -> Mapping[str, int]:
    """Persons still to be enlisted in each unit, as known the evening before."""
    before = pc.less(facts.column("known_on"), pa.scalar(day, pa.date32()))
    enlisted = facts.filter(pc.and_(pc.equal(facts.column("kind"), "enlisted"), before)).column("case_id").to_pylist()
    left = dict(quotas)
    for case in enlisted:
        left[units[case]] -= 1
    return left
