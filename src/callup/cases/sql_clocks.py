"""Terms and what makes them stand still, for all cases at once: intervals merged, then added where a term runs into them.

A term that starts on a day and has n days to run ends n days later; each interval that begins before that end moves it by
the days of the interval that lie after the start. Intervals of one clock are merged first, so that no day counts twice and
one pass in order is enough. Where working days count, the same is done on the numbers of working days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from callup.cases.rules import DOWN, FIRST, LAST, STAYS, TOLLED, Rules
from callup.cases.sql_words import Words, text, values, words
from callup.terms.query import Table

_SHIFT = 16_777_216
"""An interval is one whole number, its first day shifted by 24 bits, then its last; days count from 1970, below 2^24."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: by which rules, as of when, and of which kinds of facts.

    Args:
        kinds: the kinds that the facts can have, where that is known: what speaks of others is left out, so that a day on
            which little happened costs little. ``None``: any.
        said: the words of the engine.
    """

    rules: Rules
    as_of: date
    known_at: date
    closing: date | None = None
    kinds: frozenset[str] | None = None
    said: Words = field(default_factory=Words)

    @property
    def over(self) -> bool:
        """Whether the call-up is closed."""
        return self.closing is not None and self.as_of >= self.closing

    def any(self, *kinds: str) -> bool:
        """Whether there can be a fact of these kinds."""
        return self.kinds is None or not self.kinds.isdisjoint(kinds)

    def rows(self, *kinds: str) -> str:
        """The table to look for these kinds in."""
        return "known" if self.any(*kinds) else "nothing"

    def among(self, *kinds: str) -> str:
        """These kinds as a list for IN, without those that no fact can have: the shorter the list, the faster it is looked through."""
        return words([kind for kind in dict.fromkeys(kinds) if self.any(kind)] or [""])

    def late(self, kind: str) -> str:
        """The table to look for a later step in."""
        return "late" if self.any(kind) else "nothing"

    def table(self, name: str, kinds: tuple[str, ...], select: str) -> Table:
        """A table made of facts of these kinds: made once, or, where it is empty, left out by the engine."""
        return Table(name, select, kept=self.any(*kinds))

    @property
    def tolls(self) -> bool:
        """Whether any clock can have stood still."""
        return self.any(*DOWN, *STAYS, "tolled", "papers_asked")


_AHEAD = 1500
"""How many days ahead of the legal day the calendar of working days reaches."""
NEVER = "DATE '9999-12-31', DATE '0001-01-01'"


def clock_constants(rules: Rules) -> list[Table]:
    """The procedure's filing times and grounds of tolling."""
    filings = [(one.claim, one.within, one.before, one.working, one.since, one.ended) for one in rules.filings]
    channels = sorted({line.channel for line in rules.service})
    tolls = [
        (one.ground, key, one.since, one.ended)
        for one in rules.tolls
        for key in ([f"service:{channel}" for channel in channels] if one.clock == "service" else [one.clock])
    ]
    keys = [(f"service:{channel}",) for channel in channels] + [(clock,) for clock in TOLLED]
    return [
        values("filings", "kind, within_days, before_days, working, since, ended", filings, f"('', 0, 0, false, {NEVER})"),
        values("toll_rules", "ground, toll, since, ended", tolls, f"('', '', {NEVER})"),
        values("tolled_keys", "toll", keys, "('')"),
    ]


def term(asked: Asked, clock: str, day: str) -> tuple[str, str]:
    """How many days a clock runs that starts on a day, and whether working days count; 0 where the law names none."""
    days, working = "0", "false"
    for one in (term for term in reversed(asked.rules.terms) if term.clock == clock):
        if (one.since, one.ended) == (date.min, date.max) or (one.since, one.ended) == (FIRST, LAST):
            days, working = str(one.days), text(one.working)
            continue
        within = f"{day} >= {text(one.since)} AND {day} < {text(one.ended)}"
        days = f"CASE WHEN {within} THEN {one.days} ELSE {days} END"
        working = f"CASE WHEN {within} THEN {text(one.working)} ELSE {working} END"
    return days, working


def _calendar(asked: Asked) -> Table:
    """Every day from the first fact on, with the number of working days up to it. The day 1 January 1970 was a Thursday."""
    calendar, now = asked.rules.calendar, text(asked.as_of)
    closed, worked = sorted(calendar.holidays), sorted(calendar.working)
    extra = f"day IN ({', '.join(map(text, worked))}) OR " if worked else ""
    holiday = f" AND day NOT IN ({', '.join(map(text, closed))})" if closed else ""
    opens = f"{extra}(({asked.said.number('day')} + 3) % 7 + 1 NOT IN ({', '.join(map(str, sorted(calendar.weekend)))}){holiday})"
    days = asked.said.days("first", f"{now} + {_AHEAD}")
    select = f"""SELECT day, opens, (sum(opens::INTEGER) OVER (ORDER BY day))::BIGINT AS n FROM (SELECT day, {opens} AS opens FROM (
    SELECT {days} AS day FROM (SELECT coalesce(min(day), {now}) AS first FROM known)))"""
    return Table("workdays", select, kept=True)


def _merged(asked: Asked, name: str, source: str, first: str, last: str) -> Table:
    """Intervals of one case and clock, merged and packed; each is there once, or two runs over equal rows could part them."""
    select = f"""SELECT case_id, toll, {asked.said.sorted(f"since * {_SHIFT} + until")} AS spans FROM (
    SELECT case_id, toll, min(since) AS since, max(until) AS until FROM (
      SELECT *, sum(begins) OVER (PARTITION BY case_id, toll ORDER BY since, until ROWS UNBOUNDED PRECEDING) AS island FROM (
        SELECT *, (since > coalesce(max(until) OVER (PARTITION BY case_id, toll ORDER BY since, until
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1))::INTEGER AS begins
        FROM (SELECT DISTINCT case_id, toll, {first} AS since, {last} AS until FROM {source}) WHERE since <= until))
    GROUP BY case_id, toll, island) GROUP BY case_id, toll"""
    return Table(name, select, kept=True)


def tolling(asked: Asked) -> list[Table]:
    """The ledger: what makes which clock stand still, for everybody (case 0) and for one case."""
    stays = [
        asked.table(
            "stays",
            STAYS,
            f"""SELECT k.fact_id, k.case_id, k.ground, k.day AS since, min(l.day) AS lifted_on
  FROM {asked.rows(*STAYS)} k LEFT JOIN known l ON l.kind IN ('stay_lifted', 'case_stay_lifted') AND l.ref = k.fact_id
  WHERE k.kind IN ('stayed', 'case_stayed') GROUP BY k.fact_id, k.case_id, k.ground, k.day""",
        ),
        asked.table(
            "case_stays",
            STAYS,
            """SELECT case_id, since, lifted_on FROM stays WHERE case_id IS NOT NULL
  UNION ALL SELECT n.case_id, s.since, s.lifted_on FROM stays s JOIN cases n ON s.ground = 'unit ' || n.unit
  UNION ALL SELECT n.case_id, s.since, s.lifted_on FROM stays s CROSS JOIN cases n WHERE s.ground = 'call-up'""",
        ),
        Table("stayed", "SELECT case_id, bool_or(lifted_on IS NULL) AS stays, max(lifted_on) AS fresh_on FROM case_stays GROUP BY case_id"),
    ]
    calendar = [_calendar(asked)] if asked.rules.working else []
    return [*stays, *calendar, *(_tolls(asked) if asked.tolls else ())]


def _tolls(asked: Asked) -> list[Table]:
    """Every interval in which a clock stood still, in days and, where the law counts these, in working days."""
    number, now = asked.said.number, text(asked.as_of)
    parts = [
        Table(
            "down",
            f"""SELECT t.toll, k.day AS since, k.until FROM known k JOIN tolled_keys t
  ON t.toll = 'service:' || k.channel OR t.toll IN {words(TOLLED)} WHERE k.kind IN {words(DOWN)} AND k.until IS NOT NULL""",
            kept=True,
        ),
        Table(
            "own_tolls",
            f"""SELECT k.case_id, r.toll, k.day AS since, k.until FROM known k JOIN toll_rules r
  ON r.ground = k.ground AND k.day >= r.since AND k.day < r.ended WHERE k.kind = 'tolled' AND k.until IS NOT NULL
  UNION ALL SELECT s.case_id, t.toll, s.since, coalesce(s.lifted_on - 1, {now}) FROM case_stays s CROSS JOIN tolled_keys t
  UNION ALL SELECT k.case_id, 'decision:' || k.ref, k.day, least(k.until, min(g.day)) FROM known k
  LEFT JOIN known g ON g.kind = 'papers_given' AND g.ref = k.fact_id AND g.case_id = k.case_id
  WHERE k.kind = 'papers_asked' AND k.until IS NOT NULL AND k.ref IS NOT NULL GROUP BY k.case_id, k.ref, k.fact_id, k.day, k.until""",
            kept=True,
        ),
        Table(
            "tolled",
            """SELECT case_id, toll, since, until FROM own_tolls UNION ALL SELECT 0, toll, since, until FROM down
  UNION ALL SELECT DISTINCT o.case_id, d.toll, d.since, d.until FROM own_tolls o JOIN down d ON d.toll = o.toll""",
            kept=True,
        ),
        _merged(asked, "day_spans", "tolled", number("since"), number("until")),
    ]
    if asked.rules.working:
        work = f"""SELECT t.case_id, t.toll, coalesce(a.n, 0) + 1 AS since, coalesce(b.n, 0) AS until
  FROM tolled t LEFT JOIN workdays a ON a.day = t.since - 1 LEFT JOIN workdays b ON b.day = least(t.until, {now} + {_AHEAD})"""
        parts += [Table("tolled_work", work, kept=True), _merged(asked, "work_spans", "tolled_work", "since", "until")]
    return parts


def ended(name: str, source: str, asked: Asked, working: str) -> list[Table]:
    """A table ``name``: that of ``source`` (case_id, toll, start, days, working, ...) with ``ends``, the last day of each term.

    Args:
        name: the table.
        source: its rows; one without a start has no end.
        asked: what is asked.
        working: what ``working`` is made of: ``false`` where no term of these counts working days.
    """
    at_work = asked.rules.working and working != "false"
    if not asked.tolls:
        return [_ended_plainly(name, source, at_work=at_work)]
    own = "coalesce(o.spans, g.spans)"
    moved = f"DATE '1970-01-01' + ({_reduced(asked, own, asked.said.number('t.start'))})::INTEGER"
    by_day = f"CASE WHEN t.days > 0 AND {own} IS NOT NULL THEN {moved} ELSE t.start + t.days::INTEGER END"
    joins = "LEFT JOIN day_spans o ON o.case_id = t.case_id AND o.toll = t.toll LEFT JOIN day_spans g ON g.case_id = 0 AND g.toll = t.toll"
    if not at_work:
        return [Table(name, f"SELECT t.*, {by_day} AS ends FROM {source} t {joins}", kept=True)]
    spans = "coalesce(p.spans, q.spans)"
    by_n = f"CASE WHEN {spans} IS NULL THEN w.n + t.days ELSE {_reduced(asked, spans, 'w.n')} END"
    return [
        Table(
            f"{name}_n",
            f"""SELECT t.*, CASE WHEN NOT t.working OR t.days = 0 THEN {by_day} END AS by_day,
    CASE WHEN t.working AND t.days > 0 THEN {by_n} END AS by_n FROM {source} t {joins} LEFT JOIN workdays w ON w.day = t.start
  LEFT JOIN work_spans p ON t.working AND p.case_id = t.case_id AND p.toll = t.toll
  LEFT JOIN work_spans q ON t.working AND q.case_id = 0 AND q.toll = t.toll""",
        ),
        Table(
            name,
            f"SELECT t.*, coalesce(t.by_day, w.day) AS ends FROM {name}_n t LEFT JOIN workdays w ON w.opens AND w.n = t.by_n",
            kept=True,
        ),
    ]


def _ended_plainly(name: str, source: str, *, at_work: bool) -> Table:
    """As `ended`, where no clock ever stood still."""
    if not at_work:
        return Table(name, f"SELECT t.*, t.start + t.days::INTEGER AS ends FROM {source} t")
    return Table(
        name,
        f"""SELECT t.*, CASE WHEN t.working AND t.days > 0 THEN e.day ELSE t.start + t.days::INTEGER END AS ends
  FROM {source} t LEFT JOIN workdays w ON t.working AND w.day = t.start LEFT JOIN workdays e ON e.opens AND e.n = w.n + t.days""",
    )


def _reduced(asked: Asked, spans: str, start: str) -> str:
    """The end of a term, moved by each interval that it runs into."""
    since, until = f"(s {asked.said.whole} {_SHIFT})", f"(s % {_SHIFT})"
    step = f"CASE WHEN {since} <= e AND {until} > {start} THEN e + {until} - greatest({since}, {start} + 1) + 1 ELSE e END"
    return asked.said.folded(spans, f"{start} + t.days", step)
