"""All cases by one query: the same reading as the fold, written as hash joins and group-bys over `facts` and `notices`."""

from __future__ import annotations

from datetime import date

from callup.cases.rules import APPOINTS, CONDUCT, CONTESTS, EXEMPTING, LAST, LOSSES, RECEIPTS, STARTS, STAYS, Rules
from callup.cases.sql_clocks import NEVER, Asked, clock_constants, ended, term, text, tolling, values, words
from callup.cases.step import ENDED
from callup.terms.facts import DOORS, TERMINAL, UNDERTAKEN, VOCABULARY

_ANSWERS = ("decided", "decision_served", "appealed", "appeal_decided", "claim_withdrawn")
_NAMED = ("claimed", *CONTESTS, "decided", "appealed", "appeal_decided", *STAYS, "papers_asked")
"""Kinds to which another fact refers by number; the numbers of all others are not carried along."""
_OF_A_NOTICE = (*STARTS, *LOSSES, *CONTESTS, "withdrawn")
"""Kinds for which it counts of which notice they speak."""
_ASIDE = (
    *("read", "recused", "signed", "print_accepted", "erased", "ruled", "represented", "role_granted", "role_ended", "pressure_reported"),
    *(*UNDERTAKEN, *DOORS),
)
"""Kinds that change no standing."""
_LATER = ("assessed", "enlisted", "did_not_come", "inquired", "referred")


def _constants(rules: Rules) -> list[str]:
    lines = [
        (n, r.channel, r.start, r.days, r.expiry, r.since, r.ended, r.citation, r.working, r.acts) for n, r in enumerate(rules.service)
    ]
    rests = [(r.claim, r.until, r.since, r.ended) for r in rules.rests]
    shape = "rule, channel, kind, days, expiry, since, ended, citation, working, acts"
    return [
        values("lines", shape, lines, f"(0, '', '', 0, '', {NEVER}, '', false, true)"),
        values("rest_rules", "kind, until, since, ended", rests, f"('', '', {NEVER})"),
        *clock_constants(rules),
    ]


def _cases() -> str:
    """One row a case. Within the query a case is a number from 1: joins and groups by text would cost most of the time."""
    return """cases AS MATERIALIZED (SELECT row_number() OVER () AS case_id, case_id AS case_name,
  min(wave) AS wave, min(stratum) AS stratum, min(rank) AS rank,
  min(appear_on) AS appear_on, min(notice_id) AS notice_id, min(liable_until) AS liable_until
  FROM notices WHERE kind = 'summons' GROUP BY case_id)"""


def _known(asked: Asked) -> list[str]:
    """Facts that had happened and were recorded; ``ord`` is the order in which later ones hold over earlier ones."""
    known = f"""known AS MATERIALIZED (SELECT CASE WHEN f.kind IN {words(_NAMED)} THEN f.fact_id END AS fact_id,
  f.kind::ENUM{words(VOCABULARY)} AS kind, n.case_id,
  CASE WHEN f.kind IN {words(_OF_A_NOTICE)} THEN coalesce(f.notice_id, '') END AS notice_id, f.happened_on AS day,
  coalesce(f.channel, '') AS channel, f.ref, f.ground, f.outcome, f.until, f.appear_on,
  datediff('day', DATE '1970-01-01', happened_on)::BIGINT * 4294967296 + seq AS ord
  FROM facts f LEFT JOIN cases n ON n.case_name = f.case_id
  WHERE f.kind NOT IN {words(_ASIDE)} AND (f.case_id IS NULL OR n.case_id IS NOT NULL)
  AND happened_on <= {text(asked.as_of)} AND known_on <= {text(asked.known_at)})"""
    return [known, "nothing AS NOT MATERIALIZED (SELECT * FROM known WHERE false)"]


def _recalls(asked: Asked) -> str:
    """A wave taken back as one, seen from each of its cases (safeguard G14)."""
    return f"""recalls AS (SELECT n.case_id, max(k.day) AS day, max(k.ord) AS ord, arg_max(k.day, k.ord) AS last_on
  FROM {asked.rows("recalled")} k JOIN cases n ON k.ground = 'wave ' || n.wave WHERE k.kind = 'recalled' GROUP BY n.case_id)"""


def _attempts(asked: Asked) -> list[str]:
    """What was decided, what was contested, which attempts were made, and what undid them."""
    days, working = term(asked, "decision", "k.day")
    return [
        f"""rulings {asked.kept(*_ANSWERS)} (SELECT case_id, ref, kind, max_by(fact_id, ord) AS fact_id, max_by(outcome, ord) AS outcome,
  max_by(day, ord) AS day, min(day) AS first_day, arg_max_null(until, ord) AS until
  FROM {asked.rows(*_ANSWERS)} WHERE kind IN {words(_ANSWERS)} AND ref IS NOT NULL
  GROUP BY case_id, ref, kind)""",
        f"""awaited AS (SELECT * FROM (SELECT k.case_id, k.fact_id, k.day AS start, {days} AS days, {working} AS working,
    'decision:' || k.fact_id AS toll
  FROM {asked.rows("claimed", *CONTESTS)} k WHERE k.kind IN {words(("claimed", *CONTESTS))}) WHERE days > 0)""",
        *ended("awaited_ends", "awaited", asked),
        f"""contests {asked.kept(*CONTESTS)} (SELECT k.case_id, k.notice_id, k.day, r.ref IS NULL AS pending, k.fact_id
  FROM {asked.rows(*CONTESTS)} k LEFT JOIN rulings r ON r.kind = 'decided' AND r.case_id = k.case_id AND r.ref = k.fact_id
  WHERE k.kind IN {words(CONTESTS)} AND r.outcome IS DISTINCT FROM 'refused')""",
        """contested AS (SELECT case_id, max(day) AS day, bool_or(pending) AS pending,
  min(fact_id) FILTER (pending) AS contest_ref, min(e.ends) FILTER (pending) AS contest_by
  FROM contests LEFT JOIN awaited_ends e USING (case_id, fact_id) GROUP BY case_id)""",
        f"""voids AS (SELECT case_id, notice_id, max(day) AS day FROM (SELECT case_id, notice_id, day FROM contests
  UNION ALL SELECT case_id, notice_id, day FROM {asked.rows("withdrawn")} WHERE kind = 'withdrawn') GROUP BY case_id, notice_id)""",
        f"""lost AS (SELECT case_id, notice_id, channel, max(day) AS day FROM {asked.rows(*LOSSES)} WHERE kind IN {words(LOSSES)}
  GROUP BY case_id, notice_id, channel)""",
        f"""starts AS MATERIALIZED (SELECT k.case_id, k.kind, k.channel, k.day,
  (l.day IS NULL OR k.day > l.day) AND (v.day IS NULL OR k.day > v.day) AND (c.day IS NULL OR k.day > c.day) AS standing
  FROM known k LEFT JOIN lost l ON l.case_id = k.case_id AND l.notice_id = k.notice_id AND l.channel = k.channel
  LEFT JOIN voids v ON v.case_id = k.case_id AND v.notice_id = k.notice_id
  LEFT JOIN recalls c ON c.case_id = k.case_id WHERE k.kind IN {words(STARTS)})""",
    ]


def _service(asked: Asked) -> list[str]:
    """What the service rules make of the attempts that still stand."""
    return [
        """started AS (SELECT s.case_id, s.kind, s.channel, s.day AS start, l.rule, l.expiry, l.acts, l.days, l.working,
  'service:' || s.channel AS toll
  FROM starts s JOIN lines l ON l.channel = s.channel AND l.kind = s.kind AND s.day >= l.since AND s.day < l.ended WHERE s.standing)""",
        *ended("all_counted", "started", asked),
        f"counted AS MATERIALIZED (SELECT *, start AS day FROM all_counted WHERE ends <= {text(asked.as_of)})",
        """by_rule AS (SELECT case_id, min(datediff('day', DATE '1970-01-01', ends)::BIGINT * 1000 + rule) FILTER (acts) AS first_rule,
  min(ends) FILTER (acts) AS ends, min(ends) FILTER (acts AND expiry = 'confirm') AS sure_on, min(ends) FILTER (NOT acts) AS deemed_on
  FROM counted WHERE expiry <> 'fail' OR NOT acts GROUP BY case_id)""",
        "expired AS (SELECT DISTINCT case_id, kind, channel, day FROM counted WHERE expiry = 'fail' AND acts)",
        f"""tries AS (SELECT case_id, channel, bool_or(live) AS live, bool_or(came_back) AS came_back, max(start_on) AS start_on,
  min(receipt_on) AS receipt_on, bool_or(opened) AS opened, bool_or(refused) AS refused, bool_or(reached) AS reached
  FROM (SELECT s.case_id, s.channel, s.standing AND e.case_id IS NULL AS live, false AS came_back,
    CASE WHEN s.standing THEN s.day END AS start_on, CASE WHEN s.standing AND s.kind IN {words(RECEIPTS)} THEN s.day END AS receipt_on,
    s.standing AND s.kind = 'opened' AS opened, s.standing AND s.kind = 'receipt_refused' AS refused,
    s.standing AND s.kind IN ('delivered', 'available') AS reached
    FROM starts s LEFT JOIN expired e ON e.case_id = s.case_id AND e.kind = s.kind AND e.channel = s.channel AND e.day = s.day
    UNION ALL SELECT case_id, channel, false, kind = 'returned', NULL, NULL, false, false, false
    FROM {asked.rows(*LOSSES)} WHERE kind IN {words(LOSSES)})
  GROUP BY case_id, channel)""",
        """tried AS (SELECT case_id, count(*) AS channels, bool_or(live) AS live, bool_or(came_back) AS came_back,
  max(start_on) AS start_on, min(receipt_on) AS receipt_on, bool_or(opened) AS opened, bool_or(refused) AS refused,
  bool_or(reached) AS reached FROM tries GROUP BY case_id)""",
    ]


def _claims(asked: Asked) -> list[str]:
    """Each claim with where it stands and until when the duty rests by it."""
    last, now = text(LAST), text(asked.as_of)
    days, working = term(asked, "appeal", "s.first_day")
    return [
        f"""told AS (SELECT s.case_id, s.ref, s.first_day AS start, {days} AS days, {working} AS working, 'appeal' AS toll
  FROM rulings s WHERE s.kind = 'decision_served')""",
        *ended("told_ends", "told", asked),
        f"""claims {asked.kept("claimed")} (SELECT *, CASE WHEN rest IS NULL THEN NULL WHEN status = 'pending' THEN {last}
    WHEN rest = 'decided' THEN CASE WHEN status = 'withdrawn' THEN settled_on ELSE decided_on END
    WHEN status = 'appealed' THEN {last}
    WHEN status = 'refused' AND NOT ruled THEN coalesce(appeal_by + 1, {last}) ELSE settled_on END AS rests_to
  FROM (SELECT k.case_id, k.fact_id, k.ord, split_part(coalesce(k.ground, ''), ':', 1) AS kind, k.day AS filed_on, p.until AS rest,
    CASE WHEN w.ref IS NOT NULL THEN 'withdrawn' WHEN d.ref IS NULL THEN 'pending' WHEN a.ref IS NOT NULL AND h.ref IS NULL THEN 'appealed'
      WHEN (d.outcome = 'granted') <> (h.outcome IS NOT DISTINCT FROM 'changed') THEN 'granted' ELSE 'refused' END AS status,
    coalesce(w.day, h.day, d.day) AS settled_on, h.ref IS NOT NULL AS ruled, d.day AS decided_on, s.ends AS appeal_by, e.ends AS decide_by,
    CASE WHEN d.ref IS NOT NULL THEN coalesce(h.until, d.until) END AS until,
    d.fact_id AS decision, d.ref IS NOT NULL AND s.ref IS NULL AS untold, a.fact_id AS appeal
    FROM {asked.rows("claimed")} k
    LEFT JOIN rulings w ON w.kind = 'claim_withdrawn' AND w.case_id = k.case_id AND w.ref = k.fact_id
    LEFT JOIN rulings d ON d.kind = 'decided' AND d.case_id = k.case_id AND d.ref = k.fact_id
    LEFT JOIN told_ends s ON s.case_id = k.case_id AND s.ref = d.fact_id
    LEFT JOIN awaited_ends e ON e.case_id = k.case_id AND e.fact_id = k.fact_id
    LEFT JOIN rulings a ON a.kind = 'appealed' AND a.case_id = k.case_id AND a.ref = d.fact_id
    LEFT JOIN rulings h ON h.kind = 'appeal_decided' AND h.case_id = k.case_id AND h.ref = a.fact_id
    LEFT JOIN rest_rules p ON p.kind = split_part(coalesce(k.ground, ''), ':', 1) AND k.day >= p.since AND k.day < p.ended
    WHERE k.kind = 'claimed'))""",
        f"""claimed AS (SELECT case_id,
  min(CASE status WHEN 'pending' THEN 1 WHEN 'appealed' THEN 2 WHEN 'granted' THEN 3 WHEN 'refused' THEN 4 ELSE 5 END) AS rank,
  coalesce(bool_or(filed_on <= {now} AND {now} < rests_to), false) AS resting,
  min(settled_on) FILTER (status = 'granted' AND kind IN {words(EXEMPTING)}) AS exempt_on,
  min(settled_on) FILTER (status = 'granted' AND kind = 'deferral' AND (until IS NULL OR {now} <= until)) AS deferred_on,
  bool_or(untold AND status <> 'withdrawn') AS untold,
  min_by(fact_id, ord) FILTER (status = 'pending') AS pending_ref, min(decide_by) FILTER (status = 'pending') AS decide_by,
  min(settled_on) FILTER (status = 'granted' AND kind = 'alternative-service') AS conscience_on,
  min_by(decision, ord) FILTER (untold AND status <> 'withdrawn') AS untold_ref,
  max_by(decision, ord) FILTER (status = 'refused') AS refused_ref,
  min_by(appeal, ord) FILTER (status = 'appealed') AS appeal_ref, min_by(kind, ord) FILTER (status = 'pending') AS pending_kind
  FROM claims GROUP BY case_id)""",
    ]


def _course(asked: Asked) -> list[str]:
    """Later steps; what was entered while the duty rested, a stay held, or after a halt, is left out (invariant 8)."""
    return [
        f"""halts AS (SELECT ground, min(day) AS day FROM {asked.rows("halted")} WHERE kind = 'halted' GROUP BY ground)""",
        f"""stopped {asked.kept("claimed", "halted", *STAYS)} (SELECT case_id, filed_on AS since, rests_to AS until
  FROM claims WHERE rests_to IS NOT NULL
  UNION ALL SELECT case_id, since, coalesce(lifted_on, {text(LAST)}) FROM case_stays
  UNION ALL SELECT n.case_id, h.day, {text(LAST)} FROM cases n JOIN halts h ON h.ground = 'wave ' || n.wave
  UNION ALL SELECT n.case_id, h.day, {text(LAST)} FROM cases n JOIN halts h ON h.ground = 'unit ' || split_part(n.stratum, '+', 1))""",
        f"""late {asked.kept(*_LATER)} (SELECT k.* FROM {asked.rows(*_LATER)} k WHERE k.kind IN {words(_LATER)} AND NOT EXISTS
  (SELECT 1 FROM stopped c WHERE c.case_id = k.case_id AND c.since <= k.day AND k.day < c.until))""",
        """undone AS (SELECT case_id, max(day) AS day, max(day) FILTER (back) AS back_on
  FROM (SELECT case_id, day, false AS back FROM contested
  UNION ALL SELECT case_id, day, true FROM known WHERE kind = 'withdrawn' UNION ALL SELECT case_id, day, true FROM recalls)
  GROUP BY case_id)""",
        f"""seen AS MATERIALIZED (SELECT k.case_id,
  min(k.day) FILTER (kind IN {words(CONDUCT)} AND (c.day IS NULL OR k.day > c.day)) AS conduct_on,
  max_by(appear_on, ord) FILTER (kind IN {words(APPOINTS)} AND appear_on IS NOT NULL) AS set_on,
  max_by(k.day, ord) FILTER (kind IN {words(APPOINTS)} AND appear_on IS NOT NULL) AS set_day,
  min(k.day) FILTER (kind = 'appeared') AS appeared_on, min(k.day) FILTER (kind = 'released') AS released_on,
  max(ord) FILTER (kind = 'called') AS called_ord, max(ord) FILTER (kind = 'withdrawn') AS withdrawn_ord,
  max_by(k.day, ord) FILTER (kind = 'withdrawn') AS withdrawn_on,
  max(k.day) FILTER (kind = 'excused' OR (kind = 'inquired' AND outcome = 'innocent-cause')) AS excused_on,
  list(k.day) FILTER (kind = 'fulfilled') AS done_on, list(k.day) FILTER (kind = 'alternative_assigned') AS assigned_on,
  max(k.day) FILTER (kind = 'courtesy_sent') AS reminded_on, max(c.back_on) AS back_on
  FROM known k LEFT JOIN undone c USING (case_id) WHERE case_id IS NOT NULL GROUP BY k.case_id)""",
        f"""board AS (SELECT l.case_id, max_by(outcome, ord) AS outcome, max_by(l.day, ord) AS day, arg_max_null(until, ord) AS until
  FROM {asked.late("assessed")} l JOIN seen s USING (case_id) WHERE l.kind = 'assessed' AND s.appeared_on <= l.day GROUP BY l.case_id)""",
        f"""taken AS (SELECT l.case_id, min(l.day) AS day FROM {asked.late("enlisted")} l JOIN board b USING (case_id)
  WHERE l.kind = 'enlisted' AND b.outcome = 'fit' AND b.day <= l.day GROUP BY l.case_id)""",
    ]


def _joined() -> str:
    """One row a case, with all that the reading needs."""
    return """joined AS (SELECT n.case_id, n.case_name, split_part(n.stratum, '+', 1) AS unit, n.wave, n.rank, n.liable_until,
  coalesce(s.set_on, n.appear_on) AS appear_on, least(r.ends, s.conduct_on) AS served_on,
  CASE WHEN least(r.ends, s.conduct_on) IS NOT NULL THEN least(r.sure_on, t.receipt_on, s.conduct_on) END AS confirmed_on,
  CASE WHEN s.conduct_on IS NULL OR r.ends <= s.conduct_on THEN (r.first_rule % 1000)::INTEGER END AS rule,
  coalesce(g.pending, false) AS contest_open, t.channels, coalesce(t.live, false) AS live, coalesce(t.came_back, false) AS came_back,
  t.start_on, coalesce(t.opened, false) AS opened, coalesce(t.refused, false) AS refused, coalesce(t.reached, false) AS reached,
  CASE c.rank WHEN 1 THEN 'pending' WHEN 2 THEN 'appealed' WHEN 3 THEN 'granted' WHEN 4 THEN 'refused' WHEN 5 THEN 'withdrawn'
    ELSE 'none' END AS claim, coalesce(c.resting, false) AS resting, c.exempt_on, c.deferred_on, coalesce(c.untold, false) AS untold,
  c.pending_ref, c.untold_ref, c.appeal_ref, c.refused_ref, c.pending_kind, g.contest_ref, n.notice_id,
  s.conduct_on, s.appeared_on, s.released_on, s.excused_on, s.reminded_on, s.back_on, s.set_day,
  CASE WHEN s.called_ord IS NULL OR greatest(s.withdrawn_ord, x.ord) > s.called_ord
    THEN CASE WHEN s.withdrawn_ord IS NULL OR x.ord > s.withdrawn_ord THEN x.last_on ELSE s.withdrawn_on END END AS withdrawn_on,
  s.called_ord IS NOT NULL AS was_called, r.deemed_on, c.decide_by, g.contest_by, y.fresh_on, coalesce(y.stays, false) AS stays,
  list_min(list_filter(s.done_on, lambda d: d >= s.appeared_on)) AS fulfilled_on,
  list_min(list_filter(s.assigned_on, lambda d: d >= c.conscience_on)) AS alternative_on,
  b.outcome AS board, b.day AS board_on, b.until AS board_until, e.day AS enlisted_on,
  h.ground IS NOT NULL OR u.ground IS NOT NULL AS halted
  FROM cases n LEFT JOIN seen s USING (case_id) LEFT JOIN by_rule r USING (case_id) LEFT JOIN tried t USING (case_id)
  LEFT JOIN contested g USING (case_id) LEFT JOIN claimed c USING (case_id) LEFT JOIN board b USING (case_id)
  LEFT JOIN taken e USING (case_id) LEFT JOIN recalls x USING (case_id) LEFT JOIN stayed y USING (case_id)
  LEFT JOIN halts h ON h.ground = 'wave ' || n.wave
  LEFT JOIN halts u ON u.ground = 'unit ' || split_part(n.stratum, '+', 1))"""


def _later(asked: Asked) -> list[str]:
    """What rests on service: the time to answer, absence, inquiry, referral, and whether a claim came late."""
    days, working = term(asked, "response", "j.from_on")
    lead, again = term(asked, "lead", "j.served_on")[0], term(asked, "second_attempt", "j.start_on")[0]
    return [
        f"""led AS MATERIALIZED (SELECT j.*, {lead} AS lead, CASE WHEN {again} > 0 THEN j.start_on + ({again})::INTEGER END AS again_on,
  CASE WHEN j.served_on IS NOT NULL THEN greatest(j.served_on, j.fresh_on) END AS from_on FROM joined j)""",
        f"""absences AS (SELECT l.case_id, min(l.day) AS absent_on FROM {asked.late("did_not_come")} l JOIN led j USING (case_id)
  WHERE l.kind = 'did_not_come' AND l.appear_on = j.appear_on AND l.day > l.appear_on AND j.confirmed_on <= l.appear_on AND NOT j.stays
  AND j.from_on + j.lead::INTEGER <= l.appear_on AND (j.excused_on IS NULL OR j.excused_on <= l.appear_on)
  AND (j.back_on IS NULL OR l.day > j.back_on) AND (j.set_day IS NULL OR j.set_day <= l.appear_on) GROUP BY l.case_id)""",
        f"""inquiries AS (SELECT l.case_id, min(l.day) AS inquired_on FROM {asked.late("inquired")} l JOIN absences a USING (case_id)
  WHERE l.kind = 'inquired' AND l.outcome = 'none-found' AND a.absent_on <= l.day GROUP BY l.case_id)""",
        f"""referrals AS (SELECT l.case_id, min(l.day) AS referred_on
  FROM {asked.late("referred")} l JOIN inquiries i USING (case_id) JOIN led j USING (case_id)
  WHERE l.kind = 'referred' AND i.inquired_on <= l.day
  AND j.channels > 1 AND j.confirmed_on + j.lead::INTEGER <= j.appear_on GROUP BY l.case_id)""",
        f"""answers AS (SELECT j.case_id, j.from_on AS start, {days} AS days, {working} AS working, 'response' AS toll
  FROM led j WHERE j.from_on IS NOT NULL)""",
        *ended("answer_ends", "answers", asked),
        """filed AS (SELECT c.case_id, c.fact_id, c.filed_on, j.served_on AS start, f.within_days AS days, f.working, 'filing' AS toll,
  CASE WHEN f.before_days > 0 THEN j.appear_on - f.before_days::INTEGER END AS before_on
  FROM claims c JOIN led j USING (case_id) JOIN filings f ON f.kind = c.kind AND c.filed_on >= f.since AND c.filed_on < f.ended)""",
        *ended("filed_ends", "filed", asked),
        """late_claims AS (SELECT case_id, fact_id, bool_or(filed_on > greatest(CASE WHEN days > 0 THEN ends END, before_on)) AS late
  FROM filed_ends GROUP BY case_id, fact_id)""",
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


def _read(as_of: date) -> list[str]:
    """The finding of service, the state and the term to answer."""
    now = text(as_of)
    states = " ".join(f"WHEN {holds} THEN '{state}'" for holds, state, _ in _states(now))
    since = " ".join(f"WHEN '{state}' THEN {day}" for _, state, day in _states(now))
    return [
        f"""found AS (SELECT j.*, a.absent_on, i.inquired_on, z.referred_on, p.ends AS respond_by,
  CASE {states} WHEN was_called THEN 'called' ELSE 'not called' END AS course,
  CASE WHEN served_on IS NOT NULL THEN CASE WHEN confirmed_on IS NULL THEN 'presumed' ELSE 'confirmed' END
    WHEN contest_open THEN 'contested' WHEN channels IS NOT NULL AND NOT live THEN
    CASE WHEN channels > 1 THEN 'unreachable' ELSE 'failed' END ELSE 'none' END AS service
  FROM led j LEFT JOIN absences a USING (case_id) LEFT JOIN inquiries i USING (case_id) LEFT JOIN referrals z USING (case_id)
  LEFT JOIN answer_ends p USING (case_id))""",
        f"""read AS (SELECT *, CASE course WHEN 'deferred by board' THEN 'deferred' ELSE course END AS open_state,
  CASE course {since} END AS stands_from
  FROM found)""",
    ]


def _next(as_of: date) -> str:
    now = text(as_of)
    return f"""CASE WHEN halted OR stays OR open_state IN {words(ENDED)} THEN 'nothing' WHEN contest_open THEN 'resolve-contest'
  WHEN untold THEN 'serve-decision' WHEN open_state IN {words(TERMINAL)} THEN 'nothing' WHEN claim = 'pending' THEN 'decide-claim'
  WHEN claim = 'appealed' OR resting THEN 'await-appeal'
  WHEN open_state = 'did not come' THEN CASE WHEN inquired_on IS NULL THEN 'ask-why' ELSE 'nothing' END
  WHEN open_state = 'appeared' THEN 'assess' WHEN open_state = 'fit' THEN 'enlist-or-release'
  WHEN open_state = 'answered' THEN 'await-appearance'
  WHEN open_state = 'served' THEN CASE WHEN respond_by < {now} AND (reminded_on IS NULL OR reminded_on <= respond_by) THEN 'remind'
    ELSE 'await-appearance' END
  WHEN channels IS NULL THEN 'enter-notice' WHEN service = 'failed' THEN 'try-other-channel'
  WHEN again_on <= {now} THEN 'try-other-channel' ELSE 'nothing' END"""


def reading(asked: Asked) -> str:
    """The WITH part: its last table ``judged`` has one row a case, with all that standings, dues and outcomes show."""
    as_of, closing, over = asked.as_of, asked.closing, asked.over
    lapsed = f"""CASE WHEN open_state IN {words(TERMINAL)} THEN open_state WHEN open_state = 'called' THEN 'lapsed (never served)'
    WHEN open_state IN ('served', 'did not come') THEN 'lapsed (no answer, not referred)' ELSE 'released' END"""
    stands = f"CASE WHEN open_state IN {words(TERMINAL)} THEN stands_from ELSE {text(closing)} END" if over else "stands_from"
    diagnosis = """CASE WHEN open_state = 'claim pending' THEN 'claim pending' WHEN open_state NOT IN ('called', 'served') THEN NULL
    WHEN channels IS NULL THEN 'never handed over' WHEN service = 'unreachable' THEN 'unreachable'
    WHEN service = 'failed' AND came_back THEN 'returned' WHEN opened THEN 'opened, no answer' WHEN refused THEN 'receipt refused'
    WHEN reached THEN 'delivered, not known to be opened' ELSE 'not known to be delivered' END"""
    judged = f"""judged AS (SELECT r.case_name AS case_id, r.unit, r.wave, r.rank,
  {lapsed if over else "open_state"} AS state, {stands} AS since,
  r.served_on, r.confirmed_on, r.service, l.channel AS service_channel, l.citation AS service_rule, r.respond_by, r.appear_on, r.claim,
  r.resting OR r.halted OR r.stays AS suspended, r.deemed_on, r.decide_by, coalesce(r.decide_by < {text(as_of)}, false) AS overdue,
  {diagnosis} AS diagnosis, {"'nothing'" if over else _next(as_of)} AS next_step, r.contest_by, r.from_on, r.lead, r.again_on,
  r.stays, r.set_day, r.case_id AS number, r.liable_until, r.board_until,
  r.pending_ref, r.untold_ref, r.appeal_ref, r.refused_ref, r.contest_ref, r.pending_kind, r.notice_id, r.excused_on,
  coalesce(f.late, false) AS late
  FROM read r LEFT JOIN lines l ON l.rule = r.rule LEFT JOIN late_claims f ON f.case_id = r.case_id AND f.fact_id = r.pending_ref)"""
    parts = [*_constants(asked.rules), _cases(), *_known(asked), _recalls(asked), *tolling(asked)]
    parts += [*_attempts(asked), *_service(asked), *_claims(asked), *_course(asked), _joined(), *_later(asked), *_read(as_of), judged]
    return "WITH " + ",\n".join(parts)


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
