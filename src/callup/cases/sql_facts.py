"""The first steps of the query of all cases: what is known, which attempts at service stand, and where each claim stands."""

from __future__ import annotations

from callup.cases.rules import CONTESTS, EXEMPTING, LAST, LOSSES, RECEIPTS, STARTS, STAYS, Rules
from callup.cases.sql_clocks import NEVER, Asked, clock_constants, ended, term
from callup.cases.sql_words import text, values, words
from callup.terms.facts import DOORS, UNDERTAKEN
from callup.terms.query import Table

_NAMED = ("claimed", *CONTESTS, "decided", "excused", "appealed", "appeal_decided", *STAYS, "papers_asked")
"""Kinds to which another fact refers by number; the numbers of all others are not carried along."""
_OF_A_NOTICE = (*STARTS, *LOSSES, *CONTESTS, "withdrawn")
"""Kinds for which it counts of which notice they speak."""
_ASIDE = (
    *("read", "recused", "signed", "print_accepted", "erased", "ruled", "represented", "role_granted", "role_ended", "pressure_reported"),
    *(*UNDERTAKEN, *DOORS),
)
"""Kinds that change no standing."""
_DAY = 4_294_967_296
"""What a day counts in the order of facts: later days first, then later numbers."""


def constants(rules: Rules) -> list[Table]:
    """What the procedure says, as tables."""
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


def known_facts(asked: Asked) -> list[Table]:
    """Cases, and the facts that had happened and were recorded; ``ord`` is the order in which later ones hold over earlier ones.

    Within the query a case is a number from 1: joins and groups by text would cost most of the time.
    """
    cases = f"""SELECT {asked.said.numbered} AS case_id, case_id AS case_name, min(wave) AS wave, min(stratum) AS stratum,
  split_part(min(stratum), '+', 1) AS unit, min(rank) AS rank,
  min(appear_on) AS appear_on, min(notice_id) AS notice_id, min(liable_until) AS liable_until
  FROM notices WHERE kind = 'summons' GROUP BY case_id"""
    known = f"""SELECT CASE WHEN f.kind IN {asked.among(*_NAMED)} THEN f.fact_id END AS fact_id,
  {asked.said.kind("f.kind")} AS kind, n.case_id,
  CASE WHEN f.kind IN {asked.among(*_OF_A_NOTICE)} THEN coalesce(f.notice_id, '') END AS notice_id, f.happened_on AS day,
  coalesce(f.channel, '') AS channel, f.ref, f.ground, f.outcome, f.until, f.appear_on,
  {asked.said.number("f.happened_on")} * {_DAY} + f.seq AS ord
  FROM facts f LEFT JOIN cases n ON n.case_name = f.case_id
  WHERE f.kind NOT IN {asked.among(*_ASIDE)} AND (f.case_id IS NULL OR n.case_id IS NOT NULL)
  AND f.happened_on <= {text(asked.as_of)} AND f.known_on <= {text(asked.known_at)}"""
    recalls = f"""SELECT n.case_id, max(k.day) AS day, max(k.ord) AS ord
  FROM {asked.rows("recalled")} k JOIN cases n ON k.ground = 'wave ' || n.wave WHERE k.kind = 'recalled' GROUP BY n.case_id"""
    return [
        Table("cases", cases, kept=True),
        Table("known", known, kept=True),
        Table("nothing", "SELECT * FROM known WHERE false", kept=False),
        Table("recalls", recalls),  # a wave taken back as one, seen from each of its cases (safeguard G14)
    ]


def _answers(asked: Asked) -> list[Table]:
    """What answers another fact, the last of each kind for each: a table a kind, as there is mostly one answer, and many kinds are rare."""
    last = f"max(day) AS day, max_by(fact_id, ord) AS fact_id, {asked.said.last}(until, ord) AS until"
    outcome = "max_by(outcome, ord) FILTER (WHERE outcome IS NOT NULL) AS outcome"
    shown = {
        "decided": f"{last}, {outcome}",
        "decision_served": "min(day) AS day",
        "appealed": "max_by(fact_id, ord) AS fact_id",
        "appeal_decided": f"{last}, {outcome}",
        "claim_withdrawn": "max(day) AS day",
    }
    return [
        asked.table(
            f"each_{kind}",
            (kind,),
            f"SELECT case_id, ref, {values} FROM {asked.rows(kind)} WHERE kind = '{kind}' AND ref IS NOT NULL GROUP BY case_id, ref",
        )
        for kind, values in shown.items()
    ]


def attempts(asked: Asked) -> list[Table]:
    """What was asked and answered, what was contested, which attempts were made, and what undid them."""
    days, working = term(asked, "decision", "k.day")
    return [
        *_answers(asked),
        Table(
            "awaited",
            f"""SELECT k.*, k.day AS start, {days} AS days, {working} AS working, 'decision:' || k.fact_id AS toll
  FROM {asked.rows("claimed", *CONTESTS)} k WHERE k.kind IN {asked.among("claimed", *CONTESTS)}""",
        ),
        *ended("awaited_ends", "awaited", asked, working),
        asked.table(
            "contests",
            CONTESTS,
            f"""SELECT k.case_id, k.notice_id, k.day, r.ref IS NULL AS pending, k.fact_id, CASE WHEN k.days > 0 THEN k.ends END AS ends
  FROM {"awaited_ends" if asked.any(*CONTESTS) else "(SELECT *, 0 AS days, day AS ends FROM nothing)"} k
  LEFT JOIN each_decided r ON r.case_id = k.case_id AND r.ref = k.fact_id
  WHERE k.kind IN {asked.among(*CONTESTS)} AND r.outcome IS DISTINCT FROM 'refused'""",
        ),
        Table(
            "contested",
            """SELECT case_id, max(day) AS day, bool_or(pending) AS pending, min(fact_id) FILTER (WHERE pending) AS contest_ref,
  min(ends) FILTER (WHERE pending) AS contest_by FROM contests GROUP BY case_id""",
        ),
        Table(
            "voids",
            f"""SELECT case_id, notice_id, max(day) AS day FROM (SELECT case_id, notice_id, day FROM contests
  UNION ALL SELECT case_id, notice_id, day FROM {asked.rows("withdrawn")} WHERE kind = 'withdrawn') GROUP BY case_id, notice_id""",
        ),
        Table(
            "lost",
            f"""SELECT case_id, notice_id, channel, max(day) AS day FROM {asked.rows(*LOSSES)} WHERE kind IN {asked.among(*LOSSES)}
  GROUP BY case_id, notice_id, channel""",
        ),
        _starts(asked),
    ]


def _starts(asked: Asked) -> Table:
    """Attempts at service, and whether each still stands."""
    return Table(
        "starts",
        f"""SELECT k.case_id, k.kind, k.channel, k.day, k.ord,
  (l.day IS NULL OR k.day > l.day) AND (v.day IS NULL OR k.day > v.day) AND (c.day IS NULL OR k.day > c.day) AS standing
  FROM known k LEFT JOIN lost l ON l.case_id = k.case_id AND l.notice_id = k.notice_id AND l.channel = k.channel
  LEFT JOIN voids v ON v.case_id = k.case_id AND v.notice_id = k.notice_id
  LEFT JOIN recalls c ON c.case_id = k.case_id WHERE k.kind IN {asked.among(*STARTS)}""",
        kept=True,
    )


def service(asked: Asked) -> list[Table]:
    """What the service rules make of the attempts that still stand."""
    working = "true" if any(line.working for line in asked.rules.service) else "false"
    return [
        Table(
            "started",
            """SELECT s.case_id, s.ord, s.day AS start, l.rule, l.expiry, l.acts, l.days, l.working, 'service:' || s.channel AS toll
  FROM starts s JOIN lines l ON l.channel = s.channel AND l.kind = s.kind AND s.day >= l.since AND s.day < l.ended WHERE s.standing""",
        ),
        *ended("all_counted", "started", asked, working),
        Table("counted", f"SELECT * FROM all_counted WHERE ends <= {text(asked.as_of)}", kept=True),
        Table(
            "by_rule",
            f"""SELECT case_id, min({asked.said.number("ends")} * 1000 + rule) FILTER (WHERE acts) AS first_rule,
  min(ends) FILTER (WHERE acts) AS ends, min(ends) FILTER (WHERE acts AND expiry = 'confirm') AS sure_on,
  min(ends) FILTER (WHERE NOT acts) AS deemed_on FROM counted WHERE expiry <> 'fail' OR NOT acts GROUP BY case_id""",
        ),
        Table("expired", "SELECT ord FROM counted WHERE expiry = 'fail' AND acts"),
        Table(
            "tried",
            f"""SELECT case_id, min(channel) <> max(channel) AS several, bool_or(live) AS live, bool_or(kind = 'returned') AS came_back,
  max(day) FILTER (WHERE standing) AS start_on, min(day) FILTER (WHERE standing AND kind IN {asked.among(*RECEIPTS)}) AS receipt_on,
  bool_or(standing AND kind = 'opened') AS opened, bool_or(standing AND kind = 'receipt_refused') AS refused,
  bool_or(standing AND kind IN ('delivered', 'available')) AS reached
  FROM (SELECT s.case_id, s.channel, s.kind, s.day, s.standing, s.standing AND e.ord IS NULL AS live
    FROM starts s LEFT JOIN expired e ON e.ord = s.ord
    UNION ALL SELECT case_id, channel, kind, day, false, false FROM {asked.rows(*LOSSES)} WHERE kind IN {asked.among(*LOSSES)})
  GROUP BY case_id""",
        ),
    ]


def claims(asked: Asked) -> list[Table]:
    """Each claim with where it stands and until when the duty rests by it."""
    last, now = text(LAST), text(asked.as_of)
    days, working = term(asked, "appeal", "s.day")
    return [
        Table("told", f"SELECT s.*, s.day AS start, {days} AS days, {working} AS working, 'appeal' AS toll FROM each_decision_served s"),
        *ended("told_ends", "told", asked, working),
        asked.table(
            "claims",
            ("claimed",),
            f"""SELECT *, CASE WHEN rest IS NULL THEN NULL WHEN status = 'pending' THEN {last}
    WHEN rest = 'decided' THEN CASE WHEN status = 'withdrawn' THEN settled_on WHEN favoured THEN decided_on
      ELSE greatest(decided_on, coalesce(told_on, {last})) END
    WHEN status = 'appealed' THEN {last}
    WHEN status = 'refused' AND NOT ruled THEN coalesce(appeal_by + 1, {last}) ELSE settled_on END AS rests_to
  FROM (SELECT *, status = 'granted' OR (status = 'appealed' AND favoured) AS granted
  FROM (SELECT k.case_id, k.fact_id, k.ord, split_part(coalesce(k.ground, ''), ':', 1) AS kind, k.day AS filed_on, p.until AS rest,
    CASE WHEN w.ref IS NOT NULL THEN 'withdrawn' WHEN d.ref IS NULL THEN 'pending' WHEN a.ref IS NOT NULL AND h.ref IS NULL THEN 'appealed'
      WHEN d.outcome = 'granted' OR h.outcome = 'changed' THEN 'granted' ELSE 'refused' END AS status,
    d.outcome IS NOT DISTINCT FROM 'granted' AS favoured, s.day AS told_on,
    coalesce(w.day, h.day, d.day) AS settled_on, h.ref IS NOT NULL AS ruled, d.day AS decided_on, s.ends AS appeal_by,
    CASE WHEN k.days > 0 THEN k.ends END AS decide_by, CASE WHEN d.ref IS NOT NULL THEN coalesce(h.until, d.until) END AS until,
    d.fact_id AS decision, d.ref IS NOT NULL AND s.ref IS NULL AS untold, a.fact_id AS appeal
    FROM awaited_ends k LEFT JOIN each_claim_withdrawn w ON w.case_id = k.case_id AND w.ref = k.fact_id
    LEFT JOIN each_decided d ON d.case_id = k.case_id AND d.ref = k.fact_id
    LEFT JOIN told_ends s ON s.case_id = k.case_id AND s.ref = d.fact_id
    LEFT JOIN each_appealed a ON a.case_id = k.case_id AND a.ref = d.fact_id
    LEFT JOIN each_appeal_decided h ON h.case_id = k.case_id AND h.ref = a.fact_id
    LEFT JOIN rest_rules p ON p.kind = split_part(coalesce(k.ground, ''), ':', 1) AND k.day >= p.since AND k.day < p.ended
    WHERE k.kind = 'claimed'))""",
        ),
        _claimed(now),
    ]


def _claimed(now: str) -> Table:
    """All claims of a case together."""
    return Table(
        "claimed",
        f"""SELECT case_id,
  min(CASE status WHEN 'pending' THEN 1 WHEN 'appealed' THEN 2 WHEN 'granted' THEN 3 WHEN 'refused' THEN 4 ELSE 5 END) AS rank,
  coalesce(bool_or(filed_on <= {now} AND {now} < rests_to), false) AS resting,
  min(settled_on) FILTER (WHERE granted AND kind IN {words(EXEMPTING)}) AS exempt_on,
  min(settled_on) FILTER (WHERE granted AND kind = 'deferral' AND (until IS NULL OR {now} <= until)) AS deferred_on,
  bool_or(untold AND status <> 'withdrawn') AS untold,
  min_by(fact_id, ord) FILTER (WHERE status = 'pending') AS pending_ref, min(decide_by) FILTER (WHERE status = 'pending') AS decide_by,
  min(settled_on) FILTER (WHERE granted AND kind = 'alternative-service') AS conscience_on,
  min_by(decision, ord) FILTER (WHERE untold AND status <> 'withdrawn') AS untold_ref,
  max_by(decision, ord) FILTER (WHERE status = 'refused') AS refused_ref,
  min_by(appeal, ord) FILTER (WHERE status = 'appealed') AS appeal_ref, min_by(kind, ord) FILTER (WHERE status = 'pending') AS pending_kind
  FROM claims GROUP BY case_id""",
    )
