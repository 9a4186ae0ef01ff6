"""All cases by one query: the same reading as the fold, written as hash joins and group-bys over `facts` and `notices`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from callup.cases.rules import APPOINTS, CONDUCT, CONTESTS, EXEMPTING, LAST, LOSSES, RECEIPTS, STARTS, Rules
from callup.cases.step import ENDED
from callup.terms.facts import TERMINAL


def text(value: object) -> str:
    """A literal: text, date or whole number."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def words(values: Iterable[str]) -> str:
    """A list of texts for IN."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def _values(name: str, columns: str, rows: Sequence[tuple[object, ...]], empty: str) -> str:
    """A table of constants; ``empty`` is a row of it that no fact can match."""
    shown = ", ".join("(" + ", ".join(text(value) for value in row) + ")" for row in rows) or empty
    return f"{name}({columns}) AS MATERIALIZED (VALUES {shown})"


def _constants(rules: Rules) -> list[str]:
    lines = [(n, r.channel, r.start, r.days, r.expiry, r.since, r.ended, r.citation) for n, r in enumerate(rules.service)]
    rests = [(r.claim, r.until, r.since, r.ended) for r in rules.rests]
    never = "DATE '9999-12-31', DATE '0001-01-01'"
    return [
        _values("lines", "rule, channel, kind, days, expiry, since, ended, citation", lines, f"(0, '', '', 0, '', {never}, '')"),
        _values("rest_rules", "kind, until, since, ended", rests, f"('', '', {never})"),
    ]


def _known(as_of: date, known_at: date) -> str:
    """Facts that had happened and were recorded; ``ord`` is the order in which later ones hold over earlier ones."""
    return f"""known AS MATERIALIZED (SELECT fact_id, kind, case_id, coalesce(notice_id, '') AS notice_id, happened_on AS day,
  coalesce(channel, '') AS channel, ref, ground, outcome, until, appear_on,
  datediff('day', DATE '1970-01-01', happened_on)::BIGINT * 4294967296 + seq AS ord
  FROM facts WHERE happened_on <= {text(as_of)} AND known_on <= {text(known_at)})"""


def _service(rules: Rules, as_of: date) -> list[str]:
    """Attempts, what undid them, and the service rules that speak of what still stands."""
    return [
        """rulings AS MATERIALIZED (SELECT case_id, ref, kind, max_by(fact_id, ord) AS fact_id, max_by(outcome, ord) AS outcome,
  max_by(day, ord) AS day, min(day) AS first_day, arg_max_null(until, ord) AS until
  FROM known WHERE kind IN ('decided', 'decision_served', 'appealed', 'appeal_decided', 'claim_withdrawn') AND ref IS NOT NULL
  GROUP BY case_id, ref, kind)""",
        f"""contests AS MATERIALIZED (SELECT k.case_id, k.notice_id, k.day, r.ref IS NULL AS pending, k.fact_id
  FROM known k LEFT JOIN rulings r ON r.kind = 'decided' AND r.case_id = k.case_id AND r.ref = k.fact_id
  WHERE k.kind IN {words(CONTESTS)} AND r.outcome IS DISTINCT FROM 'refused')""",
        """contested AS (SELECT case_id, max(day) AS day, bool_or(pending) AS pending,
  min(fact_id) FILTER (pending) AS contest_ref FROM contests GROUP BY case_id)""",
        """voids AS (SELECT case_id, notice_id, max(day) AS day FROM (SELECT case_id, notice_id, day FROM contests
  UNION ALL SELECT case_id, notice_id, day FROM known WHERE kind = 'withdrawn') GROUP BY case_id, notice_id)""",
        f"""lost AS (SELECT case_id, notice_id, channel, max(day) AS day FROM known WHERE kind IN {words(LOSSES)}
  GROUP BY case_id, notice_id, channel)""",
        f"""starts AS MATERIALIZED (SELECT k.case_id, k.kind, k.channel, k.day,
  (l.day IS NULL OR k.day > l.day) AND (v.day IS NULL OR k.day > v.day) AS standing
  FROM known k LEFT JOIN lost l ON l.case_id = k.case_id AND l.notice_id = k.notice_id AND l.channel = k.channel
  LEFT JOIN voids v ON v.case_id = k.case_id AND v.notice_id = k.notice_id WHERE k.kind IN {words(STARTS)})""",
        f"""counted AS MATERIALIZED (SELECT s.case_id, s.kind, s.channel, s.day, l.rule, l.expiry, s.day + l.days::INTEGER AS ends
  FROM starts s JOIN lines l ON l.channel = s.channel AND l.kind = s.kind AND s.day >= l.since AND s.day < l.ended
  WHERE s.standing AND s.day + l.days::INTEGER <= {text(as_of)})""",
        """by_rule AS (SELECT case_id, min(datediff('day', DATE '1970-01-01', ends)::BIGINT * 1000 + rule) AS first_rule,
  min(ends) AS ends, min(ends) FILTER (expiry = 'confirm') AS sure_on FROM counted WHERE expiry <> 'fail' GROUP BY case_id)""",
        "expired AS (SELECT DISTINCT case_id, kind, channel, day FROM counted WHERE expiry = 'fail')",
        f"""tries AS (SELECT case_id, channel, bool_or(live) AS live, bool_or(came_back) AS came_back, max(start_on) AS start_on,
  min(receipt_on) AS receipt_on, bool_or(opened) AS opened, bool_or(reached) AS reached
  FROM (SELECT s.case_id, s.channel, s.standing AND e.case_id IS NULL AS live, false AS came_back,
    CASE WHEN s.standing THEN s.day END AS start_on, CASE WHEN s.standing AND s.kind IN {words(RECEIPTS)} THEN s.day END AS receipt_on,
    s.standing AND s.kind = 'opened' AS opened, s.standing AND s.kind IN ('delivered', 'available') AS reached
    FROM starts s LEFT JOIN expired e ON e.case_id = s.case_id AND e.kind = s.kind AND e.channel = s.channel AND e.day = s.day
    UNION ALL SELECT case_id, channel, false, kind = 'returned', NULL, NULL, false, false FROM known WHERE kind IN {words(LOSSES)})
  GROUP BY case_id, channel)""",
        """tried AS (SELECT case_id, count(*) AS channels, bool_or(live) AS live, bool_or(came_back) AS came_back,
  max(start_on) AS start_on, min(receipt_on) AS receipt_on, bool_or(opened) AS opened, bool_or(reached) AS reached
  FROM tries GROUP BY case_id)""",
    ]


def _claims(rules: Rules, as_of: date) -> list[str]:
    """Each claim with where it stands and until when the duty rests by it."""
    last, days = text(LAST), rules.appeal_days
    exempting = words(EXEMPTING)
    return [
        f"""claims AS MATERIALIZED (SELECT *, CASE WHEN rest IS NULL THEN NULL WHEN status = 'pending' THEN {last}
    WHEN rest = 'decided' THEN CASE WHEN status = 'withdrawn' THEN settled_on ELSE decided_on END
    WHEN status = 'appealed' THEN {last}
    WHEN status = 'refused' AND NOT ruled THEN coalesce(told_on + {days + 1}, {last}) ELSE settled_on END AS rests_to
  FROM (SELECT k.case_id, k.fact_id, k.ord, split_part(coalesce(k.ground, ''), ':', 1) AS kind, k.day AS filed_on, p.until AS rest,
    CASE WHEN w.ref IS NOT NULL THEN 'withdrawn' WHEN d.ref IS NULL THEN 'pending' WHEN a.ref IS NOT NULL AND h.ref IS NULL THEN 'appealed'
      WHEN (d.outcome = 'granted') <> (h.outcome IS NOT DISTINCT FROM 'changed') THEN 'granted' ELSE 'refused' END AS status,
    coalesce(w.day, h.day, d.day) AS settled_on, h.ref IS NOT NULL AS ruled, d.day AS decided_on, s.first_day AS told_on,
    CASE WHEN d.ref IS NOT NULL THEN coalesce(h.until, d.until) END AS until,
    d.fact_id AS decision, d.ref IS NOT NULL AND s.ref IS NULL AS untold, a.fact_id AS appeal
    FROM known k
    LEFT JOIN rulings w ON w.kind = 'claim_withdrawn' AND w.case_id = k.case_id AND w.ref = k.fact_id
    LEFT JOIN rulings d ON d.kind = 'decided' AND d.case_id = k.case_id AND d.ref = k.fact_id
    LEFT JOIN rulings s ON s.kind = 'decision_served' AND s.case_id = k.case_id AND s.ref = d.fact_id
    LEFT JOIN rulings a ON a.kind = 'appealed' AND a.case_id = k.case_id AND a.ref = d.fact_id
    LEFT JOIN rulings h ON h.kind = 'appeal_decided' AND h.case_id = k.case_id AND h.ref = a.fact_id
    LEFT JOIN rest_rules p ON p.kind = split_part(coalesce(k.ground, ''), ':', 1) AND k.day >= p.since AND k.day < p.ended
    WHERE k.kind = 'claimed'))""",
        f"""claimed AS (SELECT case_id,
  min(CASE status WHEN 'pending' THEN 1 WHEN 'appealed' THEN 2 WHEN 'granted' THEN 3 WHEN 'refused' THEN 4 ELSE 5 END) AS rank,
  coalesce(bool_or(filed_on <= {text(as_of)} AND {text(as_of)} < rests_to), false) AS resting,
  min(settled_on) FILTER (status = 'granted' AND kind IN {exempting}) AS exempt_on,
  min(settled_on) FILTER (status = 'granted' AND kind = 'deferral' AND (until IS NULL OR {text(as_of)} <= until)) AS deferred_on,
  bool_or(untold AND status <> 'withdrawn') AS untold,
  min_by(fact_id, ord) FILTER (status = 'pending') AS pending_ref,
  min_by(decision, ord) FILTER (untold AND status <> 'withdrawn') AS untold_ref,
  max_by(decision, ord) FILTER (status = 'refused') AS refused_ref,
  min_by(appeal, ord) FILTER (status = 'appealed') AS appeal_ref, min_by(kind, ord) FILTER (status = 'pending') AS pending_kind
  FROM claims GROUP BY case_id)""",
    ]


def _course() -> list[str]:
    """Later steps; what was entered while the duty rested is left out (invariant 8)."""
    return [
        """late AS MATERIALIZED (SELECT k.* FROM known k WHERE k.kind IN ('assessed', 'enlisted', 'did_not_come') AND NOT EXISTS
  (SELECT 1 FROM claims c WHERE c.case_id = k.case_id AND c.filed_on <= k.day AND k.day < c.rests_to))""",
        f"""seen AS MATERIALIZED (SELECT k.case_id,
  min(k.day) FILTER (kind IN {words(CONDUCT)} AND (c.day IS NULL OR k.day > c.day)) AS conduct_on,
  max_by(appear_on, ord) FILTER (kind IN {words(APPOINTS)} AND appear_on IS NOT NULL) AS set_on,
  min(k.day) FILTER (kind = 'appeared') AS appeared_on, min(k.day) FILTER (kind = 'released') AS released_on,
  max(ord) FILTER (kind = 'called') AS called_ord, max(ord) FILTER (kind = 'withdrawn') AS withdrawn_ord,
  max_by(k.day, ord) FILTER (kind = 'withdrawn') AS withdrawn_on, max(k.day) FILTER (kind = 'excused') AS excused_on,
  max(k.day) FILTER (kind = 'courtesy_sent') AS reminded_on
  FROM known k LEFT JOIN contested c USING (case_id) WHERE case_id IS NOT NULL GROUP BY k.case_id)""",
        """board AS (SELECT l.case_id, max_by(outcome, ord) AS outcome, max_by(l.day, ord) AS day, arg_max_null(until, ord) AS until
  FROM late l JOIN seen s USING (case_id) WHERE l.kind = 'assessed' AND s.appeared_on <= l.day GROUP BY l.case_id)""",
        """taken AS (SELECT l.case_id, min(l.day) AS day FROM late l JOIN board b USING (case_id)
  WHERE l.kind = 'enlisted' AND b.outcome = 'fit' AND b.day <= l.day GROUP BY l.case_id)""",
        """halts AS (SELECT DISTINCT ground FROM known WHERE kind = 'halted')""",
        """cases AS (SELECT case_id, min(wave) AS wave, min(stratum) AS stratum, min(rank) AS rank, min(appear_on) AS appear_on,
  min(notice_id) AS notice_id,
  min(liable_until) AS liable_until FROM notices WHERE kind = 'summons' GROUP BY case_id)""",
    ]


def _joined(rules: Rules) -> list[str]:
    """One row a case, with all that the reading needs."""
    lead = rules.lead_days
    return [
        """joined AS (SELECT n.case_id, split_part(n.stratum, '+', 1) AS unit, n.wave, n.rank, n.liable_until,
  coalesce(s.set_on, n.appear_on) AS appear_on, least(r.ends, s.conduct_on) AS served_on,
  CASE WHEN least(r.ends, s.conduct_on) IS NOT NULL THEN least(r.sure_on, t.receipt_on, s.conduct_on) END AS confirmed_on,
  CASE WHEN s.conduct_on IS NULL OR r.ends <= s.conduct_on THEN (r.first_rule % 1000)::INTEGER END AS rule,
  coalesce(g.pending, false) AS contest_open, t.channels, coalesce(t.live, false) AS live, coalesce(t.came_back, false) AS came_back,
  t.start_on, coalesce(t.opened, false) AS opened, coalesce(t.reached, false) AS reached,
  CASE c.rank WHEN 1 THEN 'pending' WHEN 2 THEN 'appealed' WHEN 3 THEN 'granted' WHEN 4 THEN 'refused' WHEN 5 THEN 'withdrawn'
    ELSE 'none' END AS claim, coalesce(c.resting, false) AS resting, c.exempt_on, c.deferred_on, coalesce(c.untold, false) AS untold,
  c.pending_ref, c.untold_ref, c.appeal_ref, c.refused_ref, c.pending_kind, g.contest_ref, n.notice_id,
  s.conduct_on, s.appeared_on, s.released_on, s.excused_on, s.reminded_on,
  CASE WHEN s.called_ord IS NULL OR s.withdrawn_ord > s.called_ord THEN s.withdrawn_on END AS withdrawn_on,
  b.outcome AS board, b.day AS board_on, b.until AS board_until, e.day AS enlisted_on,
  h.ground IS NOT NULL OR u.ground IS NOT NULL AS halted
  FROM cases n LEFT JOIN seen s USING (case_id) LEFT JOIN by_rule r USING (case_id) LEFT JOIN tried t USING (case_id)
  LEFT JOIN contested g USING (case_id) LEFT JOIN claimed c USING (case_id) LEFT JOIN board b USING (case_id)
  LEFT JOIN taken e USING (case_id) LEFT JOIN halts h ON h.ground = 'wave ' || n.wave
  LEFT JOIN halts u ON u.ground = 'unit ' || split_part(n.stratum, '+', 1))""",
        f"""absences AS (SELECT l.case_id, min(l.day) AS absent_on FROM late l JOIN joined j USING (case_id)
  WHERE l.kind = 'did_not_come' AND l.appear_on = j.appear_on AND l.day > l.appear_on AND j.confirmed_on <= l.appear_on
  AND j.served_on + {lead} <= l.appear_on AND (j.excused_on IS NULL OR j.excused_on <= l.appear_on) GROUP BY l.case_id)""",
    ]


def _read(rules: Rules, as_of: date) -> list[str]:
    """The finding of service, the state and the term to answer."""
    now = text(as_of)
    respond = f"served_on + {rules.response_days}"
    if rules.response_working:
        monday, days = "least(isodow(served_on) - 1, 4)", rules.response_days
        respond = f"(served_on - (isodow(served_on) - 1 - {monday})::INTEGER + ({days} + 2 * (({monday} + {days}) // 5))::INTEGER)"
    states = f"""CASE WHEN enlisted_on IS NOT NULL AND (liable_until IS NULL OR enlisted_on < liable_until) THEN 'enlisted'
    WHEN withdrawn_on IS NOT NULL THEN 'withdrawn' WHEN released_on IS NOT NULL THEN 'released'
    WHEN liable_until <= {now} THEN 'liability ended' WHEN exempt_on IS NOT NULL THEN 'exempt'
    WHEN deferred_on IS NOT NULL THEN 'deferred' WHEN board = 'unfit' THEN 'unfit'
    WHEN board = 'deferred' AND (board_until IS NULL OR {now} <= board_until) THEN 'deferred by board'
    WHEN resting THEN 'claim pending' WHEN board = 'fit' THEN 'fit' WHEN appeared_on IS NOT NULL THEN 'appeared'
    WHEN absent_on IS NOT NULL THEN 'did not come' WHEN claim IN ('pending', 'appealed') THEN 'claim pending'
    WHEN conduct_on IS NOT NULL THEN 'answered' WHEN served_on IS NOT NULL THEN 'served' ELSE 'called' END"""
    since = """CASE course WHEN 'enlisted' THEN enlisted_on WHEN 'withdrawn' THEN withdrawn_on WHEN 'released' THEN released_on
    WHEN 'liability ended' THEN liable_until WHEN 'exempt' THEN exempt_on WHEN 'deferred' THEN deferred_on
    WHEN 'appeared' THEN appeared_on WHEN 'did not come' THEN absent_on WHEN 'answered' THEN conduct_on WHEN 'served' THEN served_on
    WHEN 'called' THEN NULL WHEN 'claim pending' THEN NULL ELSE board_on END"""
    return [
        f"""found AS (SELECT j.*, a.absent_on, {respond} AS respond_by, {states} AS course,
  CASE WHEN served_on IS NOT NULL THEN CASE WHEN confirmed_on IS NULL THEN 'presumed' ELSE 'confirmed' END
    WHEN contest_open THEN 'contested' WHEN channels IS NOT NULL AND NOT live THEN
    CASE WHEN channels > 1 THEN 'unreachable' ELSE 'failed' END ELSE 'none' END AS service
  FROM joined j LEFT JOIN absences a USING (case_id))""",
        f"""read AS (SELECT *, CASE course WHEN 'deferred by board' THEN 'deferred' ELSE course END AS open_state, {since} AS stands_from
  FROM found)""",
    ]


def _next(rules: Rules, as_of: date) -> str:
    now = text(as_of)
    again = "WHEN service = 'failed' THEN 'try-other-channel'"
    if rules.second_attempt_days:
        again += f" WHEN start_on + {rules.second_attempt_days} <= {now} THEN 'try-other-channel'"
    return f"""CASE WHEN halted OR open_state IN {words(ENDED)} THEN 'nothing' WHEN contest_open THEN 'resolve-contest'
  WHEN untold THEN 'serve-decision' WHEN open_state IN {words(TERMINAL)} THEN 'nothing' WHEN claim = 'pending' THEN 'decide-claim'
  WHEN claim = 'appealed' OR resting THEN 'await-appeal' WHEN open_state = 'did not come' THEN 'ask-why'
  WHEN open_state = 'appeared' THEN 'assess' WHEN open_state = 'fit' THEN 'enlist-or-release'
  WHEN open_state = 'answered' THEN 'await-appearance'
  WHEN open_state = 'served' THEN CASE WHEN respond_by < {now} AND (reminded_on IS NULL OR reminded_on <= respond_by) THEN 'remind'
    ELSE 'await-appearance' END
  WHEN channels IS NULL THEN 'enter-notice' {again} ELSE 'nothing' END"""


def reading(rules: Rules, as_of: date, known_at: date, closing: date | None) -> str:
    """The WITH part: its last table ``judged`` has one row a case, with all that standings, dues and outcomes show."""
    over = closing is not None and as_of >= closing
    lapsed = f"""CASE WHEN open_state IN {words(TERMINAL)} THEN open_state WHEN open_state = 'called' THEN 'lapsed (never served)'
    WHEN open_state IN ('served', 'did not come') THEN 'lapsed (no answer, not referred)' ELSE 'released' END"""
    stands = f"CASE WHEN open_state IN {words(TERMINAL)} THEN stands_from ELSE {text(closing)} END" if over else "stands_from"
    diagnosis = """CASE WHEN open_state = 'claim pending' THEN 'claim pending' WHEN open_state NOT IN ('called', 'served') THEN NULL
    WHEN channels IS NULL THEN 'never handed over' WHEN service = 'unreachable' THEN 'unreachable'
    WHEN service = 'failed' AND came_back THEN 'returned' WHEN opened THEN 'opened, no answer'
    WHEN reached THEN 'delivered, not known to be opened' ELSE 'not known to be delivered' END"""
    judged = f"""judged AS (SELECT r.case_id, r.unit, r.wave, r.rank, {lapsed if over else "open_state"} AS state, {stands} AS since,
  r.served_on, r.confirmed_on, r.service, l.channel AS service_channel, l.citation AS service_rule, r.respond_by, r.appear_on, r.claim,
  r.resting OR r.halted AS suspended, {diagnosis} AS diagnosis, {"'nothing'" if over else _next(rules, as_of)} AS next_step,
  r.pending_ref, r.untold_ref, r.appeal_ref, r.refused_ref, r.contest_ref, r.pending_kind, r.notice_id, r.excused_on
  FROM read r LEFT JOIN lines l ON l.rule = r.rule)"""
    parts = [*_constants(rules), _known(as_of, known_at), *_service(rules, as_of), *_claims(rules, as_of), *_course()]
    return "WITH " + ",\n".join([*parts, *_joined(rules), *_read(rules, as_of), judged])
