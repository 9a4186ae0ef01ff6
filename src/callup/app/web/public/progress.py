"""How the call-up goes, while it runs: numbers of the whole country, once a week, after the same suppression as in the report.

Once a week and by stages only: whoever reads it every day must not see single people move from one number to another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from callup.app.doors import door_counts
from callup.app.report.shapes import Table
from callup.app.report.tables import OTHERWISE, STAGES, Days, kept_so_far, stages_on
from callup.app.report.words import languages, speech_of
from callup.app.report_model import decision_clocks, states_alone, states_on, unit_names
from callup.app.stages.calling import read_quotas
from callup.app.standing import lay_tables, summonses
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.public.releases import Files, files_of, units_table
from callup.app.web.site import Site
from callup.cases import Moment

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
        waves: number, first day and notices of each wave entered.
        clocks: what is decided, the middle of the days it took (none where few were), and the days that the law gives.
        doors: uses of each door out by body; a door never used has no body and zero uses.
        outages: channel, first and last day of what was down.
    """

    as_of: date | None
    table: Table
    charts: Mapping[str, bytes]
    units: Table
    files: Files
    waves: tuple[tuple[int, date, int], ...]
    clocks: tuple[tuple[str, int | None, int], ...]
    doors: tuple[tuple[str, str, int], ...]
    outages: tuple[tuple[str, date, date], ...]


@dataclass(slots=True)
class Progress:
    """The page's numbers, made once a day and kept; the weeks before are made once."""

    site: Site
    _weeks: dict[date, Mapping[str, int]] = field(default_factory=dict)
    _seen: tuple[date, Seen] | None = None

    def seen(self) -> Seen:
        """What everyone may know today."""
        today = self.site.today()
        with self.site.alone, looking_as(SERVICE):
            if self._seen is None or self._seen[0] != today:
                self._seen = (today, self._made(today))
            return self._seen[1]

    def _made(self, today: date) -> Seen:
        course = self.site.course
        decree, waves = course.decree, self._waves()
        last = min(today, decree.closes_on) - timedelta(days=1)
        last -= timedelta(days=(last.weekday() + 1) % 7)
        lay_tables(course, last)
        clocks = decision_clocks(course).to_pylist()
        first = min((day for _, day, _ in waves), default=today)
        sundays = [last - timedelta(days=7 * week) for week in range((last - first).days // 7 + 1)][::-1] if waves and last >= first else []
        for sunday in sundays:
            if sunday not in self._weeks:
                self._weeks[sunday] = self._week(sunday)
        days = {day.isoformat(): self._weeks[day] for day in sundays}
        table, units = self._stages(days), self._units(last)
        before = (self._stages(dict(list(days.items())[:-1])), self._units(last - timedelta(days=7)))
        shown = [table, units] if table.rows else [units]
        return Seen(
            sundays[-1] if sundays else None,
            table,
            _drawn(table, decree.persons_to_enlist),
            units,
            files_of(decree, sundays[-1] if sundays else None, shown, before),
            tuple(one for one in waves if one[1] <= today),
            tuple((row["what"], None if row["decided"] < decree.merge_below else row["median_days"], row["law_days"]) for row in clocks),
            tuple((door, body, uses) for (door, body), uses in door_counts(course.facts.all()).items()),
            tuple(
                (str(row["channel"]), row["happened_on"], row["until"])
                for row in self.site.facts.rows_that_touch()
                if row["kind"] in _BROKEN and row["happened_on"] <= today
            ),
        )

    def _stages(self, days: Days) -> Table:
        below = self.site.course.decree.merge_below
        return stages_on(days, kept_so_far(days, below), below, "Cases by stage, week by week.")

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

    def _week(self, sunday: date) -> Mapping[str, int]:
        """The cases by state on a Sunday, as they were known on it."""
        course = self.site.course
        lay_tables(course, sunday)
        stages: dict[str, int] = {}
        for state, cases in states_alone(states_on(course, Moment(sunday, sunday), summonses(course))).items():
            stage = STAGES.get(state, OTHERWISE)
            stages[stage] = stages.get(stage, 0) + cases
        return stages


def _drawn(table: Table, enough: int) -> Mapping[str, bytes]:
    """The chart in each language of the report; what draws is loaded when somebody first asks."""
    from callup.app.report.charts import progress_chart

    return {language: progress_chart(table, enough, speech_of(language)) for language in languages()} if table.rows else {}
