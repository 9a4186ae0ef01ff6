"""Terms and what makes them stand still, for all cases at once: intervals merged, then added where a term runs into them.

A term that starts on a day and has n days to run ends n days later; each interval that begins before that end moves it by
the days of the interval that lie after the start. Intervals of one clock are merged first, so that no day counts twice and
one pass in order is enough. Where working days count, the same is done on the numbers of working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from callup.cases.rules import DOWN, FIRST, LAST, STAYS, TOLLED, Rules

_SHIFT = 16_777_216
"""An interval is one whole number, its first day shifted by 24 bits, then its last; days count from 1970, below 2^24."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: by which rules, as of when, and of which kinds of facts.

    Args:
        kinds: the kinds that the facts can have, where that is known: what speaks of others is left out, so that a day on
            which little happened costs little. ``None``: any.
    """

    rules: Rules
    as_of: date
    known_at: date
    closing: date | None = None
    kinds: frozenset[str] | None = None

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

    def late(self, kind: str) -> str:
        """The table to look for a later step in."""
        return "late" if self.any(kind) else "nothing"

    def kept(self, *kinds: str) -> str:
        """How a table made of these kinds is written: made once, or, where it is empty, left out by the engine."""
        return "AS MATERIALIZED" if self.any(*kinds) else "AS NOT MATERIALIZED"

    @property
    def tolls(self) -> bool:
        """Whether any clock can have stood still."""
        return self.any(*DOWN, *STAYS, "tolled", "papers_asked")


def text(value: object) -> str:
    """A literal: text, date or whole number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def words(values: Iterable[str]) -> str:
    """A list of texts for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def values(name: str, columns: str, rows: Sequence[tuple[object, ...]], empty: str) -> str:
    """A table of constants; ``empty`` is a row of it that no fact can match."""
    shown = ", ".join("(" + ", ".join(text(value) for value in row) + ")" for row in rows) or empty
    return f"{name}({columns}) AS MATERIALIZED (VALUES {shown})"


def number(day: str) -> str:
    """A day as a whole number."""
    return f"datediff('day', DATE '1970-01-01', {day})::BIGINT"


_AHEAD = 1500
"""How many days ahead of the legal day the calendar of working days reaches."""
NEVER = "DATE '9999-12-31', DATE '0001-01-01'"


def clock_constants(rules: Rules) -> list[str]:
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


def _calendar(rules: Rules, as_of: date) -> str:
    """Every day from the first fact on, with the number of working days up to it."""
    calendar = rules.calendar
    closed, worked = sorted(calendar.holidays), sorted(calendar.working)
    extra = f"day IN ({', '.join(map(text, worked))}) OR " if worked else ""
    holiday = f" AND day NOT IN ({', '.join(map(text, closed))})" if closed else ""
    opens = f"{extra}(isodow(day) NOT IN ({', '.join(map(str, sorted(calendar.weekend)))}){holiday})"
    return f"""workdays AS MATERIALIZED (SELECT day, opens, sum(opens::INTEGER) OVER (ORDER BY day)::BIGINT AS n
  FROM (SELECT day, {opens} AS opens FROM (SELECT unnest(generate_series(coalesce((SELECT min(day) FROM known), {text(as_of)}),
    {text(as_of)} + {_AHEAD}, INTERVAL 1 DAY))::DATE AS day)))"""


def _merged(name: str, source: str, first: str, last: str) -> str:
    """Intervals of one case and clock, merged and packed; each is there once, or two runs over equal rows could part them."""
    return f"""{name} AS MATERIALIZED (SELECT case_id, toll, list(since * {_SHIFT} + until ORDER BY since) AS spans FROM (
    SELECT case_id, toll, min(since) AS since, max(until) AS until FROM (
      SELECT *, sum(begins) OVER (PARTITION BY case_id, toll ORDER BY since, until ROWS UNBOUNDED PRECEDING) AS island FROM (
        SELECT *, (since > coalesce(max(until) OVER (PARTITION BY case_id, toll ORDER BY since, until
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1))::INTEGER AS begins
        FROM (SELECT DISTINCT case_id, toll, {first} AS since, {last} AS until FROM {source}) WHERE since <= until))
    GROUP BY case_id, toll, island) GROUP BY case_id, toll)"""


def tolling(asked: Asked) -> list[str]:
    """The ledger: what makes which clock stand still, for everybody (case 0) and for one case."""
    rules, as_of = asked.rules, asked.as_of
    stays = [
        f"""stays {asked.kept(*STAYS)} (SELECT k.fact_id, k.case_id, k.ground, k.day AS since, min(l.day) AS lifted_on
  FROM {asked.rows(*STAYS)} k LEFT JOIN known l ON l.kind IN ('stay_lifted', 'case_stay_lifted') AND l.ref = k.fact_id
  WHERE k.kind IN ('stayed', 'case_stayed') GROUP BY ALL)""",
        f"""case_stays {asked.kept(*STAYS)} (SELECT case_id, since, lifted_on FROM stays WHERE case_id IS NOT NULL
  UNION ALL SELECT n.case_id, s.since, s.lifted_on FROM stays s JOIN cases n ON s.ground = 'unit ' || split_part(n.stratum, '+', 1)
  UNION ALL SELECT n.case_id, s.since, s.lifted_on FROM stays s, cases n WHERE s.ground = 'call-up')""",
        """stayed AS (SELECT case_id, bool_or(lifted_on IS NULL) AS stays, max(lifted_on) AS fresh_on FROM case_stays GROUP BY case_id)""",
    ]
    calendar = [_calendar(rules, as_of)] if rules.working else []
    if not asked.tolls:
        return stays + calendar
    parts = [
        f"""down AS MATERIALIZED (SELECT t.toll, k.day AS since, k.until FROM known k JOIN tolled_keys t
  ON t.toll = 'service:' || k.channel OR t.toll IN {words(TOLLED)} WHERE k.kind IN {words(DOWN)} AND k.until IS NOT NULL)""",
        f"""own_tolls AS MATERIALIZED (SELECT k.case_id, r.toll, k.day AS since, k.until FROM known k JOIN toll_rules r
  ON r.ground = k.ground AND k.day >= r.since AND k.day < r.ended WHERE k.kind = 'tolled' AND k.until IS NOT NULL
  UNION ALL SELECT s.case_id, t.toll, s.since, coalesce(s.lifted_on - 1, {text(as_of)}) FROM case_stays s, tolled_keys t
  UNION ALL SELECT k.case_id, 'decision:' || k.ref, k.day, least(k.until, min(g.day)) FROM known k
  LEFT JOIN known g ON g.kind = 'papers_given' AND g.ref = k.fact_id AND g.case_id = k.case_id
  WHERE k.kind = 'papers_asked' AND k.until IS NOT NULL AND k.ref IS NOT NULL GROUP BY k.case_id, k.ref, k.fact_id, k.day, k.until)""",
        """tolled AS MATERIALIZED (SELECT case_id, toll, since, until FROM own_tolls UNION ALL SELECT 0, toll, since, until FROM down
  UNION ALL SELECT DISTINCT o.case_id, d.toll, d.since, d.until FROM own_tolls o JOIN down d ON d.toll = o.toll)""",
        _merged("day_spans", "tolled", number("since"), number("until")),
    ]
    if rules.working:
        last = f"{text(as_of)} + {_AHEAD}"
        parts += [
            f"""tolled_work AS MATERIALIZED (SELECT t.case_id, t.toll, coalesce(a.n, 0) + 1 AS since, coalesce(b.n, 0) AS until
  FROM tolled t LEFT JOIN workdays a ON a.day = t.since - 1 LEFT JOIN workdays b ON b.day = least(t.until, {last}))""",
            _merged("work_spans", "tolled_work", "since", "until"),
        ]
    return [*stays, *calendar, *parts]


def ended(name: str, source: str, asked: Asked) -> list[str]:
    """A table ``name``: that of ``source`` (case_id, toll, start, days, working, ...) with ``ends``, the last day of each term."""
    if not asked.tolls:
        return [_ended_plainly(name, source, working=asked.rules.working)]
    own = "coalesce(o.spans, g.spans)"
    by_day = f"""CASE WHEN {own} IS NULL THEN t.start + t.days::INTEGER
    ELSE DATE '1970-01-01' + {_reduced(own, number("t.start"))}::INTEGER END"""
    joins = "LEFT JOIN day_spans o ON o.case_id = t.case_id AND o.toll = t.toll LEFT JOIN day_spans g ON g.case_id = 0 AND g.toll = t.toll"
    if not asked.rules.working:
        return [f"{name} AS MATERIALIZED (SELECT t.*, CASE WHEN t.days = 0 THEN t.start ELSE {by_day} END AS ends FROM {source} t {joins})"]
    at_work = "coalesce(p.spans, q.spans)"
    return [
        f"""{name}_n AS (SELECT t.*, CASE WHEN t.days = 0 THEN t.start WHEN NOT t.working THEN {by_day} END AS by_day,
    CASE WHEN t.working AND t.days > 0 THEN CASE WHEN {at_work} IS NULL THEN w.n + t.days ELSE {_reduced(at_work, "w.n")} END END AS by_n
  FROM {source} t {joins} LEFT JOIN workdays w ON w.day = t.start
  LEFT JOIN work_spans p ON t.working AND p.case_id = t.case_id AND p.toll = t.toll
  LEFT JOIN work_spans q ON t.working AND q.case_id = 0 AND q.toll = t.toll)""",
        f"""{name} AS MATERIALIZED (SELECT t.* EXCLUDE (by_day, by_n), coalesce(t.by_day, w.day) AS ends
  FROM {name}_n t LEFT JOIN workdays w ON w.opens AND w.n = t.by_n)""",
    ]


def _ended_plainly(name: str, source: str, *, working: bool) -> str:
    """As `ended`, where no clock ever stood still."""
    if not working:
        return f"{name} AS (SELECT t.*, t.start + t.days::INTEGER AS ends FROM {source} t)"
    return f"""{name} AS (SELECT t.*, CASE WHEN t.working AND t.days > 0 THEN e.day ELSE t.start + t.days::INTEGER END AS ends
  FROM {source} t LEFT JOIN workdays w ON t.working AND w.day = t.start LEFT JOIN workdays e ON e.opens AND e.n = w.n + t.days)"""


def _reduced(spans: str, start: str) -> str:
    """The end of a term, moved by each interval that it runs into."""
    since, until = f"s // {_SHIFT}", f"s % {_SHIFT}"
    return f"""list_reduce({spans}, lambda e, s: CASE WHEN {since} <= e AND {until} > {start}
    THEN e + {until} - greatest({since}, {start} + 1) + 1 ELSE e END, {start} + t.days)"""
