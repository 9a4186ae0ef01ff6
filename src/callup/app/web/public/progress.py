"""How the call-up goes, while it runs: numbers of the whole country, once a week, after the same suppression as in the report.

Once a week and by stages only: whoever reads it every day must not see single people move from one number to another.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from callup.app.doors import door_counts
from callup.app.report.changes import CLOSED, read_tables, since
from callup.app.report.clocks import equality_on
from callup.app.report.shapes import Table
from callup.app.report.tables import kept_so_far, stage_of, stages_on
from callup.app.report.words import languages, speech_of
from callup.app.report_model import decision_clocks, reached, states_alone, states_on, unit_names, waiting_ages
from callup.app.report_tables import called_by_group
from callup.app.stages.calling import read_quotas
from callup.app.standing import lay_tables, summonses
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.undertakings import sheet
from callup.app.web.public.releases import Files, files_of, units_table
from callup.app.web.public.weekly import KEYS, clocks_on, doors_on, funnel_on, undertakings_on
from callup.app.web.site import Site
from callup.cases import Moment
from callup.terms.decree import Decree

_BROKEN = ("outage", "strike")


@dataclass(frozen=True, slots=True)
class Seen:
    """What everyone may know on one day.

    Args:
        as_of: the Sunday before, up to which cases are counted; none in the first week.
        table: cases by stage, week by week; empty in the first week.
        charts: the same as SVG, by language; none in the first week.
        units: each unit with what is to be called there and the notices entered so far.
        files: the tables and the map as files, with what changed since the week before.
        more: the other tables of the week by name: funnel, clocks, undertakings, doors, equality.
        waves: number, first day and notices of each wave entered.
        outages: channel, first and last day of what was down.
    """

    as_of: date | None
    table: Table
    charts: Mapping[str, bytes]
    units: Table
    files: Files
    more: Mapping[str, Table]
    waves: tuple[tuple[int, date, int], ...]
    outages: tuple[tuple[str, date, date], ...]


@dataclass(frozen=True, slots=True)
class Week:
    """One Sunday: cases by stage, and persons by the steps that they had reached."""

    stages: Mapping[str, int]
    reached: Mapping[str, int]


@dataclass(slots=True)
class Progress:
    """The page's numbers, made once a day and kept; the weeks before are made once.

    Args:
        site: the portal.
        made_here: whether this process makes them; else it shows what another one has made (`keep`), until there is anything newer.
    """

    site: Site
    made_here: bool = True
    _weeks: dict[date, Week] = field(default_factory=dict)
    _groups: dict[int, pa.Table] = field(default_factory=dict)
    _seen: tuple[date, Seen] | None = None

    def seen(self) -> Seen:
        """What everyone may know today."""
        today = self.site.today()
        with self.site.alone, looking_as(SERVICE):
            if self._seen is None or self._seen[0] != today:
                self._seen = self._taken(today) or (today, self._made(today))
            return self._seen[1]

    def _taken(self, today: date) -> tuple[date, Seen] | None:
        """What another process has made; nothing where this one makes them, or nobody has made any yet."""
        day = "" if self.made_here else self.site.store.week_of()
        if not day:
            return None
        if self._seen is not None and self._seen[0].isoformat() == day:
            return self._seen
        return date.fromisoformat(day), msgspec.json.decode(self.site.store.week(), type=Seen)

    def keep(self) -> bool:
        """Make today's numbers and keep them for the processes that only show them; whether that was to be done."""
        day = self.site.today().isoformat()
        if self.site.store.week_of() == day:
            return False
        self.site.store.keep_week(day, msgspec.json.encode(self.seen()))
        return True

    def _made(self, today: date) -> Seen:
        course = self.site.course
        decree, waves = course.decree, self._waves()
        last = min(today, decree.closes_on) - timedelta(days=1)
        last -= timedelta(days=(last.weekday() + 1) % 7)
        first = min((day for _, day, _ in waves), default=today)
        sundays = [last - timedelta(days=7 * week) for week in range((last - first).days // 7 + 1)][::-1] if waves and last >= first else []
        for sunday in sundays:
            if sunday not in self._weeks:
                self._weeks[sunday] = self._week(sunday)
        table, units, more = self._stages(sundays), self._units(last), self._more(sundays, last)
        earlier = last - timedelta(days=7)
        before = (self._stages(sundays[:-1]), self._units(earlier), *self._more(sundays[:-1], earlier))
        shown = [one for one in (table, units, *more) if one.rows]
        return Seen(
            sundays[-1] if sundays else None,
            table,
            _drawn(table, decree),
            units,
            {**files_of(decree, sundays[-1] if sundays else None, shown, before), **self._report_changes(shown)},
            {one.name: one for one in more},
            tuple(one for one in waves if one[1] <= today),
            tuple(
                (str(row["channel"]), row["happened_on"], row["until"])
                for row in self.site.facts.rows_that_touch()
                if row["kind"] in _BROKEN and row["happened_on"] <= today
            ),
        )

    def _report_changes(self, last: Sequence[Table]) -> Files:
        """Once there is the final report: what it says otherwise than the last week's tables, with the reason."""
        folder = self.site.course.dossier.open / "90-report"
        if not (folder / "datapackage.json").exists():
            return {}
        told = since(last, read_tables(folder), KEYS, self.site.course.decree.merge_below, CLOSED)
        return {"report-changes.json": ("application/json", (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())}

    def _stages(self, sundays: Sequence[date]) -> Table:
        below = self.site.course.decree.merge_below
        days = {day.isoformat(): self._weeks[day].stages for day in sundays}
        return stages_on(days, kept_so_far(days, below), below, "Cases by stage, week by week.")

    def _more(self, sundays: Sequence[date], day: date) -> tuple[Table, ...]:
        """The other tables as of a day, the last of these Sundays where there are any."""
        course, below = self.site.course, self.site.course.decree.merge_below
        groups = [self._called(wave) for wave, entered, _ in self._waves() if entered <= day]
        lay_tables(course, day)
        decided, waiting = (table.to_pylist() for table in (decision_clocks(course), waiting_ages(course, day)))
        return (
            funnel_on({sunday: self._weeks[sunday].reached for sunday in sundays}, below),
            clocks_on(decided, waiting, below),
            undertakings_on(sheet(course, day, day), below),
            doors_on(door_counts(course.facts.all(day))),
            equality_on(groups, below),
        )

    def _called(self, wave: int) -> pa.Table:
        """The called by group once a wave is entered; made once."""
        if wave not in self._groups:
            course = self.site.course
            notices = summonses(course)
            self._groups[wave] = called_by_group(course, notices.filter(pc.less_equal(notices.column("wave"), wave)))
        return self._groups[wave]

    def _units(self, day: date) -> Table:
        """The units as of a day."""
        course, out = self.site.course, Counter[str]()
        for wave, entered, _ in self._waves():
            if entered <= day:
                notices = course.read("50-notices", f"wave-{wave}", "notices.parquet").select(["kind", "stratum"]).to_pylist()
                out.update(str(row["stratum"]).partition("+")[0] for row in notices if row["kind"] == "summons")
        return units_table(read_quotas(course), unit_names(course), out, course.decree.merge_below)

    def _waves(self) -> tuple[tuple[int, date, int], ...]:
        course = self.site.course
        numbers = [wave for wave in range(1, course.decree.waves + 1) if course.dossier.finished(f"enter-{wave}")]
        notices = {wave: course.read("50-notices", f"wave-{wave}", "notices.parquet").column("kind").to_pylist() for wave in numbers}
        return tuple((wave, course.day_of(wave), notices[wave].count("summons")) for wave in numbers)

    def _week(self, sunday: date) -> Week:
        """The cases by state, and how many had reached each step, as it was known on a Sunday."""
        course, moment = self.site.course, Moment(sunday, sunday)
        lay_tables(course, sunday)
        stages: dict[str, int] = {}
        for state, cases in states_alone(states_on(course, moment, summonses(course))).items():
            stage = stage_of(state, course.decree)
            stages[stage] = stages.get(stage, 0) + cases
        steps = {row["step"]: row["persons"] for row in reached(course, moment).to_pylist()}
        called = sum(notices for _, entered, notices in self._waves() if entered <= sunday)
        return Week(stages, steps | {"called": called})


def _drawn(table: Table, decree: Decree) -> Mapping[str, bytes]:
    """The chart in each language of the report; what draws is loaded when somebody first asks."""
    from callup.app.report.charts import progress_chart

    enough, asks = decree.persons_to_enlist, decree.asks
    return {language: progress_chart(table, enough, speech_of(language, asks=asks)) for language in languages()} if table.rows else {}
