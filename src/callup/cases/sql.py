"""All cases by one query: the same reading as the fold, written as hash joins and group-bys over `facts` and `notices`.

Its tables are steps: DuckDB is given them as one WITH, Spark one after another.
"""

from __future__ import annotations

from datetime import date

from callup.cases.rules import APPOINTS, CONDUCT, CONTESTS, LAST, RULINGS, STAYS
from callup.cases.sql_clocks import Asked, ended, term, tolling
from callup.cases.sql_facts import attempts, claims, constants, known_facts, service
from callup.cases.sql_words import text, words
from callup.cases.step import ENDED
from callup.terms.facts import TERMINAL
from callup.terms.query import Table

_LATER = ("assessed", "enlisted", "did_not_come", "inquired", "referred")
_SEEN = (*CONDUCT, *APPOINTS, "released", "withdrawn", "inquired", "courtesy_sent")
"""Kinds of which only the first or the last counts."""


def _course(asked: Asked) -> list[Table]:
    """Later steps; what was entered while the duty rested, a stay held, or after a halt, is left out (invariant 8)."""
    return [
        Table("halts", f"SELECT ground, min(day) AS day FROM {asked.rows('halted')} WHERE kind = 'halted' GROUP BY ground"),
        asked.table(
            "stopped",
            ("claimed", "halted", *STAYS),
            f"""SELECT case_id, filed_on AS since, rests_to AS until FROM claims WHERE rests_to IS NOT NULL
  UNION ALL SELECT case_id, since, coalesce(lifted_on, {text(LAST)}) FROM case_stays
  UNION ALL SELECT n.case_id, h.day, {text(LAST)} FROM cases n JOIN halts h ON h.ground = 'wave ' || n.wave
  UNION ALL SELECT n.case_id, h.day, {text(LAST)} FROM cases n JOIN halts h ON h.ground = 'unit ' || n.unit""",
        ),
        asked.table(
            "late",
            _LATER,
            f"""SELECT k.* FROM {asked.rows(*_LATER)} k WHERE k.kind IN {asked.among(*_LATER)} AND NOT EXISTS
  (SELECT 1 FROM stopped c WHERE c.case_id = k.case_id AND c.since <= k.day AND k.day < c.until)""",
        ),
        Table(
            "undone",
            f"""SELECT case_id, max(day) AS day, max(day) FILTER (WHERE back) AS back_on
  FROM (SELECT case_id, day, false AS back FROM contested
  UNION ALL SELECT case_id, day, true FROM {asked.rows("withdrawn")} WHERE kind = 'withdrawn'
  UNION ALL SELECT case_id, day, true FROM recalls) GROUP BY case_id""",
        ),
        _seen(asked),
        Table(
            "board",
            f"""SELECT l.case_id, max_by(l.outcome, l.ord) FILTER (WHERE l.outcome IS NOT NULL) AS outcome, max(l.day) AS day,
  {asked.said.last}(l.until, l.ord) AS until
  FROM {asked.late("assessed")} l JOIN seen s ON s.case_id = l.case_id WHERE l.kind = 'assessed' AND s.appeared_on <= l.day
  GROUP BY l.case_id""",
        ),
        _first("taken", asked.late("enlisted"), "enlisted", "board", "b.outcome = 'fit' AND b.day <= l.day"),
        _first("served_out", asked.rows("fulfilled"), "fulfilled", "seen", "b.appeared_on <= l.day"),
        _first("assigned", asked.rows("alternative_assigned"), "alternative_assigned", "claimed", "b.conscience_on <= l.day"),
    ]


def _seen(asked: Asked) -> Table:
    """Of each case the first and the last of what counts once; conduct before a letter was taken back or contested does not count."""
    taken_back = asked.any("recalled", "withdrawn", *CONTESTS)
    no_conduct_before = " AND (c.day IS NULL OR k.day > c.day)" if taken_back else ""
    undone = " LEFT JOIN undone c ON c.case_id = k.case_id" if taken_back else ""
    return Table(
        "seen",
        f"""SELECT k.case_id, min(k.day) FILTER (WHERE k.kind IN {asked.among(*CONDUCT)}{no_conduct_before}) AS conduct_on,
  max_by(k.appear_on, k.ord) FILTER (WHERE k.kind IN {asked.among(*APPOINTS)} AND k.appear_on IS NOT NULL) AS set_on,
  max(k.day) FILTER (WHERE k.kind IN {asked.among(*APPOINTS)} AND k.appear_on IS NOT NULL) AS set_day,
  max_by(k.kind, k.ord) FILTER (WHERE k.kind IN {asked.among(*APPOINTS)} AND k.appear_on IS NOT NULL) AS set_by,
  max_by(coalesce(k.fact_id, ''), k.ord) FILTER (WHERE k.kind IN {asked.among(*APPOINTS)} AND k.appear_on IS NOT NULL) AS set_fact,
  min(k.day) FILTER (WHERE k.kind = 'appeared') AS appeared_on, min(k.day) FILTER (WHERE k.kind = 'released') AS released_on,
  max(k.ord) FILTER (WHERE k.kind = 'called') AS called_ord, max(k.ord) FILTER (WHERE k.kind = 'withdrawn') AS withdrawn_ord,
  max(k.day) FILTER (WHERE k.kind = 'withdrawn') AS withdrawn_on,
  max(k.day) FILTER (WHERE k.kind = 'excused' OR (k.kind = 'inquired' AND k.outcome = 'innocent-cause')) AS excused_on,
  max(k.day) FILTER (WHERE k.kind = 'courtesy_sent') AS reminded_on
  FROM known k{undone} WHERE k.case_id IS NOT NULL AND k.kind IN {asked.among(*_SEEN)} GROUP BY k.case_id""",
        kept=True,
    )


def _first(name: str, among: str, kind: str, after: str, holds: str) -> Table:
    """The first day of a kind of fact that counts only after something else."""
    select = f"SELECT l.case_id, min(l.day) AS day FROM {among} l JOIN {after} b ON b.case_id = l.case_id"
    return Table(name, f"{select} WHERE l.kind = '{kind}' AND {holds} GROUP BY l.case_id")


def _joined() -> Table:
    """One row a case, with all that the reading needs."""
    tables = ["seen s", "by_rule r", "tried t", "contested g", "claimed c", "board b", "taken e", "recalls x", "stayed y"]
    tables += ["undone o", "served_out f", "assigned a"]
    joins = " ".join(f"LEFT JOIN {one} ON {one[-1]}.case_id = n.case_id" for one in tables)
    select = f"""SELECT n.case_id, n.case_name, n.unit, n.wave, n.rank, n.liable_until,
  CASE WHEN n.appear_on IS NOT NULL THEN coalesce(s.set_on, n.appear_on) END AS appear_on, least(r.ends, s.conduct_on) AS served_on,
  CASE WHEN least(r.ends, s.conduct_on) IS NOT NULL THEN least(r.sure_on, t.receipt_on, s.conduct_on) END AS confirmed_on,
  CASE WHEN s.conduct_on IS NULL OR r.ends <= s.conduct_on THEN (r.first_rule % 1000)::INTEGER END AS rule,
  coalesce(g.pending, false) AS contest_open, t.several, coalesce(t.live, false) AS live, coalesce(t.came_back, false) AS came_back,
  t.start_on, coalesce(t.opened, false) AS opened, coalesce(t.refused, false) AS refused, coalesce(t.reached, false) AS reached,
  CASE c.rank WHEN 1 THEN 'pending' WHEN 2 THEN 'appealed' WHEN 3 THEN 'granted' WHEN 4 THEN 'refused' WHEN 5 THEN 'withdrawn'
    ELSE 'none' END AS claim, coalesce(c.resting, false) AS resting, c.exempt_on, c.deferred_on, coalesce(c.untold, false) AS untold,
  c.pending_ref, c.untold_ref, c.appeal_ref, c.refused_ref, c.pending_kind, g.contest_ref, n.notice_id,
  s.conduct_on, s.appeared_on, s.released_on, s.excused_on, s.reminded_on, o.back_on, s.set_by, s.set_fact, s.set_day,
  CASE WHEN s.called_ord IS NULL OR greatest(s.withdrawn_ord, x.ord) > s.called_ord
    THEN CASE WHEN s.withdrawn_ord IS NULL OR x.ord > s.withdrawn_ord THEN x.day ELSE s.withdrawn_on END END AS withdrawn_on,
  s.called_ord IS NOT NULL AS was_called, r.deemed_on, c.decide_by, g.contest_by, y.fresh_on, coalesce(y.stays, false) AS stays,
  f.day AS fulfilled_on, a.day AS alternative_on, b.outcome AS board, b.day AS board_on, b.until AS board_until, e.day AS enlisted_on,
  h.ground IS NOT NULL OR u.ground IS NOT NULL AS halted
  FROM cases n {joins} LEFT JOIN halts h ON h.ground = 'wave ' || n.wave LEFT JOIN halts u ON u.ground = 'unit ' || n.unit"""
    return Table("joined", select)


def _later(asked: Asked) -> list[Table]:
    """What rests on service: the time to answer, absence, inquiry, referral, and whether a claim came late."""
    from_on = "CASE WHEN j.served_on IS NOT NULL THEN greatest(j.served_on, j.fresh_on) END"
    days, working = term(asked, "response", from_on)
    lead, again = term(asked, "lead", "j.served_on")[0], term(asked, "second_attempt", "j.start_on")[0]
    set_in_time = f"""CASE WHEN j.set_by IS NULL THEN true WHEN j.set_day > j.appear_on THEN false
    WHEN j.set_by = 'called' THEN j.set_day <= j.confirmed_on WHEN j.set_by NOT IN {words(RULINGS)} THEN true
    ELSE v.day + ({lead})::INTEGER <= j.appear_on END"""
    bound = f"""o.case_id IS NULL AND NOT j.stays AND j.confirmed_on <= j.appear_on AND {from_on} + ({lead})::INTEGER <= j.appear_on
    AND (j.excused_on IS NULL OR j.excused_on <= j.appear_on) AND {set_in_time}"""
    return [
        *_let_off(asked),
        Table(
            "answerable",
            f"""SELECT j.*, {lead} AS lead, CASE WHEN {again} > 0 THEN j.start_on + ({again})::INTEGER END AS again_on,
  {from_on} AS from_on, {from_on} AS start, {days} AS days, {working} AS working, 'response' AS toll, coalesce({bound}, false) AS bound
  FROM joined j LEFT JOIN let_off o ON o.case_id = j.case_id
  LEFT JOIN each_decision_served v ON v.case_id = j.case_id AND v.ref = j.set_fact""",
        ),
        *ended("led", "answerable", asked, working),
        Table(
            "absences",
            f"""SELECT l.case_id, min(l.day) AS absent_on FROM {asked.late("did_not_come")} l JOIN led j ON j.case_id = l.case_id
  WHERE l.kind = 'did_not_come' AND l.appear_on = j.appear_on AND l.day > l.appear_on AND j.bound
  AND (j.back_on IS NULL OR l.day > j.back_on) GROUP BY l.case_id""",
        ),
        _first("inquiries", asked.late("inquired"), "inquired", "absences", "l.outcome = 'none-found' AND b.absent_on <= l.day"),
        Table(
            "referrals",
            f"""SELECT l.case_id, min(l.day) AS day
  FROM {asked.late("referred")} l JOIN inquiries i ON i.case_id = l.case_id JOIN led j ON j.case_id = l.case_id
  WHERE l.kind = 'referred' AND i.day <= l.day AND j.several AND j.confirmed_on + j.lead::INTEGER <= j.appear_on GROUP BY l.case_id""",
        ),
        *_late_claims(asked),
    ]


def _let_off(asked: Asked) -> list[Table]:
    """Cases in which one need not come on the day of appearance, as one could read it then: whoever relied on it missed nothing."""
    last = text(LAST)
    return [
        asked.table(
            "reliefs",
            ("claimed", "halted", "tolled", *STAYS, *CONTESTS),
            f"""SELECT case_id, since, until FROM stopped
  UNION ALL SELECT k.case_id, k.day, greatest(d.day, coalesce(v.day, {last})) FROM {asked.rows(*CONTESTS)} k
    LEFT JOIN each_decided d ON d.case_id = k.case_id AND d.ref = k.fact_id
    LEFT JOIN each_decision_served v ON v.case_id = k.case_id AND v.ref = d.fact_id WHERE k.kind IN {asked.among(*CONTESTS)}
  UNION ALL SELECT case_id, day, until + 1 FROM {asked.rows("tolled")} WHERE kind = 'tolled' AND until IS NOT NULL
  UNION ALL SELECT case_id, filed_on, coalesce(until + 1, {last}) FROM claims WHERE granted AND kind = 'deferral'""",
        ),
        Table(
            "let_off",
            """SELECT n.case_id FROM cases n LEFT JOIN seen s ON s.case_id = n.case_id JOIN reliefs r ON r.case_id = n.case_id
  WHERE r.since <= coalesce(s.set_on, n.appear_on) AND coalesce(s.set_on, n.appear_on) < r.until
  UNION SELECT c.case_id FROM claims c LEFT JOIN seen s ON s.case_id = c.case_id
  WHERE c.granted AND c.kind = 'other-date' AND (s.set_day IS NULL OR s.set_day < c.settled_on)""",
        ),
    ]


def _late_claims(asked: Asked) -> list[Table]:
    """Of each claim for which the law sets a time, whether it came after it."""
    if not asked.rules.filings:
        return [Table("late_claims", "SELECT case_id, fact_id, false AS late FROM nothing", kept=False)]
    working = "true" if any(one.working for one in asked.rules.filings) else "false"
    return [
        Table(
            "filed",
            """SELECT c.case_id, c.fact_id, c.filed_on, j.served_on AS start, f.within_days AS days, f.working, 'filing' AS toll,
  CASE WHEN f.before_days > 0 THEN j.appear_on - f.before_days::INTEGER END AS before_on FROM claims c
  JOIN led j ON j.case_id = c.case_id JOIN filings f ON f.kind = c.kind AND c.filed_on >= f.since AND c.filed_on < f.ended""",
        ),
        *ended("filed_ends", "filed", asked, working),
        Table(
            "late_claims",
            """SELECT case_id, fact_id, bool_or(filed_on > greatest(CASE WHEN days > 0 THEN ends END, before_on)) AS late
  FROM filed_ends GROUP BY case_id, fact_id""",
        ),
    ]


def _states(now: str) -> tuple[tuple[str, str, str], ...]:
    """The first that holds, in this order: condition, state, the day from which it stands."""
    return (
        ("enlisted_on IS NOT NULL AND (liable_until IS NULL OR enlisted_on < liable_until)", "enlisted", "enlisted_on"),
        ("fulfilled_on IS NOT NULL", "fulfilled", "fulfilled_on"),
        ("withdrawn_on IS NOT NULL", "withdrawn", "withdrawn_on"),
        ("released_on IS NOT NULL", "released", "released_on"),
        (f"liable_until <= {now}", "liability ended", "liable_until"),
        ("alternative_on IS NOT NULL", "alternative service", "alternative_on"),
        ("exempt_on IS NOT NULL", "exempt", "exempt_on"),
        ("deferred_on IS NOT NULL", "deferred", "deferred_on"),
        ("board = 'unfit'", "unfit", "board_on"),
        (f"board = 'deferred' AND (board_until IS NULL OR {now} <= board_until)", "deferred by board", "board_on"),
        ("resting", "claim pending", "NULL"),
        ("board = 'fit'", "fit", "board_on"),
        ("appeared_on IS NOT NULL", "appeared", "appeared_on"),
        ("referred_on IS NOT NULL", "referred outside", "referred_on"),
        ("absent_on IS NOT NULL", "did not come", "absent_on"),
        ("claim IN ('pending', 'appealed')", "claim pending", "NULL"),
        ("conduct_on IS NOT NULL", "answered", "conduct_on"),
        ("served_on IS NOT NULL", "served", "served_on"),
    )


def _read(as_of: date) -> list[Table]:
    """The finding of service, the state and the term to answer."""
    now = text(as_of)
    states = " ".join(f"WHEN {holds} THEN '{state}'" for holds, state, _ in _states(now))
    since = " ".join(f"WHEN '{state}' THEN {day}" for _, state, day in _states(now))
    return [
        Table(
            "found",
            """SELECT j.*, a.absent_on, i.day AS inquired_on, z.day AS referred_on, j.ends AS respond_by
  FROM led j LEFT JOIN absences a ON a.case_id = j.case_id LEFT JOIN inquiries i ON i.case_id = j.case_id
  LEFT JOIN referrals z ON z.case_id = j.case_id""",
        ),
        Table(
            "stated",
            f"""SELECT *, CASE {states} WHEN was_called THEN 'called' ELSE 'not called' END AS course,
  CASE WHEN served_on IS NOT NULL THEN CASE WHEN confirmed_on IS NULL THEN 'presumed' ELSE 'confirmed' END
    WHEN contest_open THEN 'contested' WHEN several IS NOT NULL AND NOT live THEN
    CASE WHEN several THEN 'unreachable' ELSE 'failed' END ELSE 'none' END AS service FROM found""",
        ),
        Table(
            "read_out",
            f"""SELECT *, CASE course WHEN 'deferred by board' THEN 'deferred' ELSE course END AS open_state,
  CASE course {since} END AS stands_from FROM stated""",
        ),
    ]


def _next(as_of: date) -> str:
    now = text(as_of)
    return f"""CASE WHEN halted OR stays OR open_state IN {words(ENDED)} THEN 'nothing' WHEN contest_open THEN 'resolve-contest'
  WHEN untold THEN 'serve-decision' WHEN open_state IN {words(TERMINAL)} THEN 'nothing' WHEN claim = 'pending' THEN 'decide-claim'
  WHEN claim = 'appealed' OR resting THEN 'await-appeal'
  WHEN open_state = 'did not come' THEN CASE WHEN inquired_on IS NULL THEN 'ask-why' ELSE 'nothing' END
  WHEN open_state = 'appeared' THEN 'assess' WHEN open_state = 'fit' THEN 'enlist-or-release'
  WHEN open_state = 'served' AND respond_by < {now} AND (reminded_on IS NULL OR reminded_on <= respond_by) THEN 'remind'
  WHEN open_state IN ('served', 'answered') THEN CASE WHEN appear_on IS NULL THEN 'nothing' ELSE 'await-appearance' END
  WHEN several IS NULL THEN 'enter-notice' WHEN service = 'failed' THEN 'try-other-channel'
  WHEN again_on <= {now} THEN 'try-other-channel' ELSE 'nothing' END"""


def reading(asked: Asked) -> tuple[Table, ...]:
    """The steps of the query: the last table ``judged`` has one row a case, with all that standings, dues and outcomes show."""
    as_of, closing, over = asked.as_of, asked.closing, asked.over
    lapsed = f"""CASE WHEN open_state IN {words(TERMINAL)} THEN open_state WHEN open_state = 'called' THEN 'lapsed (never served)'
    WHEN open_state IN ('served', 'did not come') THEN 'lapsed (no answer, not referred)' ELSE 'released' END"""
    stands = f"CASE WHEN open_state IN {words(TERMINAL)} THEN stands_from ELSE {text(closing)} END" if over else "stands_from"
    diagnosis = """CASE WHEN open_state = 'claim pending' THEN 'claim pending' WHEN open_state NOT IN ('called', 'served') THEN NULL
    WHEN several IS NULL THEN 'never handed over' WHEN service = 'unreachable' THEN 'unreachable'
    WHEN service = 'failed' AND came_back THEN 'returned' WHEN opened THEN 'opened, no answer' WHEN refused THEN 'receipt refused'
    WHEN reached THEN 'delivered, not known to be opened' ELSE 'not known to be delivered' END"""
    judged = f"""SELECT r.case_name AS case_id, r.unit, r.wave, r.rank,
  {lapsed if over else "open_state"} AS state, {stands} AS since,
  r.served_on, r.confirmed_on, r.service, l.channel AS service_channel, l.citation AS service_rule, r.respond_by, r.appear_on, r.claim,
  r.resting OR r.halted OR r.stays AS suspended, r.deemed_on, r.decide_by, coalesce(r.decide_by < {text(as_of)}, false) AS overdue,
  {diagnosis} AS diagnosis, {"'nothing'" if over else _next(as_of)} AS next_step, r.contest_by, r.again_on,
  r.stays, r.bound, r.case_id AS number, r.liable_until, r.board_until,
  r.pending_ref, r.untold_ref, r.appeal_ref, r.refused_ref, r.contest_ref, r.pending_kind, r.notice_id, r.back_on,
  coalesce(f.late, false) AS late
  FROM read_out r LEFT JOIN lines l ON l.rule = r.rule LEFT JOIN late_claims f ON f.case_id = r.case_id AND f.fact_id = r.pending_ref"""
    parts = [*constants(asked.rules), *known_facts(asked), *tolling(asked), *attempts(asked), *service(asked), *claims(asked)]
    return (*parts, *_course(asked), _joined(), *_later(asked), *_read(as_of), Table("judged", judged))


def turning(as_of: date, known_at: date) -> str:
    """What follows ``FROM judged``: ``turns_on``, the first day after ``as_of`` on which a case may read otherwise with no new fact.

    Each comparison of a day with ``as_of`` in these queries has its line here. A clock under an open stay grows with the day.
    """
    now, lag = text(as_of), (as_of - known_at).days
    ahead = [f"CASE WHEN {day} > {now} THEN {day} END" for day in ("liable_until", "again_on")]
    ahead += [
        f"CASE WHEN {day} >= {now} THEN {day} + 1 END" for day in ("board_until", "respond_by", "decide_by", "contest_by", "appear_on")
    ]
    comes = f"min(greatest(happened_on, known_on + {lag})) AS comes_on FROM facts"
    unseen = f"(happened_on > {now} OR known_on > {text(known_at)})"
    ahead += [f"CASE WHEN stays THEN {now} + 1 END", "ends_on", "rests_to", "eased_to", "comes_on", "all_on"]
    return f"""LEFT JOIN (SELECT case_id AS number, min(ends) AS ends_on FROM all_counted WHERE ends > {now} GROUP BY 1) USING (number)
  LEFT JOIN (SELECT case_id AS number, min(rests_to) FILTER (rests_to > {now}) AS rests_to,
    min(until + 1) FILTER (until >= {now}) AS eased_to FROM claims GROUP BY 1) USING (number)
  LEFT JOIN (SELECT case_id, {comes} WHERE case_id IS NOT NULL AND {unseen} GROUP BY 1) USING (case_id),
  (SELECT comes_on AS all_on FROM (SELECT {comes} WHERE case_id IS NULL AND {unseen})),
  LATERAL (SELECT least({", ".join(ahead)}) AS turns_on)"""
