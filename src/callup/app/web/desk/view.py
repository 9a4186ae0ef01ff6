"""What the pages of the desk say, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callup.app.standing import state_counts
from callup.app.web.desk.acting import CHOICES, GRANTS, UNDO, Desk
from callup.app.web.desk.handing import ENTERED, SERVED_BY, SPEAKS, answered, unserved
from callup.app.web.desk.recording import law_of
from callup.app.web.desk.roles import Officer
from callup.app.web.desk.store import Proposal
from callup.app.web.doors import unit_of
from callup.app.web.pages import form_of, long_date
from callup.app.web.person.view import CLAIMS, happened, looked, state_words, why_me
from callup.cases.desk import TASKS, article_of
from callup.notice.decisions import TOLD
from callup.terms.facts import STATES

_SENT = ("person", "agent", "desk")


def case_page(desk: Desk, who: Officer, case: str, words: Mapping[str, str]) -> dict[str, Any]:
    """One page a case: facts, rules, what was sent, history, what is due, and the proposal that waits."""
    site, day = desk.site, desk.site.today()
    held = site.store.held(case)
    found, own = site.standing(held, day)
    due = desk.store.due(case) or {"step": "nothing", "by_on": None, "overdue": 0}
    waiting = [one for one in desk.store.proposals("case_id = ?", (case,)) if one.state in ("open", "accepted", "sent back")]
    unit = unit_of(held)
    return {
        "case": case,
        "unit": unit,
        "address": held["address"],
        "born": held["register"].get("born_on"),
        "state": words.get(f"state {found.state}") or STATES[found.state],
        "step": due["step"],
        "by_on": due["by_on"],
        "overdue": due["overdue"],
        "article": article_of(site.course.jurisdiction.procedure, due["step"], day),
        "law": law_of(site),
        "needs": TASKS[due["step"]].needs if due["step"] in TASKS else "",
        "steps": [(step.words, step.citation) for step in found.steps],
        "why": why_me(site, held, words["lang"]),
        "letter_in": str(form_of(site, held["notice"]["language"], "letter").get("language_name", held["notice"]["language"])),
        "gone_on": next((row["happened_on"] for row in own if row["kind"] in ("handed_over", "available")), None),
        "sent": [one for one in site.store.sent_by(case) if one.fact["actor"] in _SENT],
        "papers": site.store.papers.of_case(case),
        "happened": happened(own, words["lang"]),
        "looked": looked(own, day, words["lang"]),
        "proposals": [proposal_line(desk, who, one, words) for one in waiting],
        "choices": _choices(who, unit, due["step"]) if not any(one.state in ("open", "accepted") for one in waiting) else [],
        "prepared": prepared(desk, day),
        "entries": ENTERED if who.may("enter", unit) else (),
        "grounds": (*CLAIMS, *SPEAKS),
        "about": _about(own, words) if who.may("enter", unit) else [],
        "unserved": _told(unserved(own), words) if who.may("enter", unit) else [],
        "ways": SERVED_BY,
        "today": day.isoformat(),
    }


def _about(own: list[dict[str, Any]], words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What may be handed in about something in the case: its number, and a line that names it."""
    return _told([row for kind in ENTERED for row in answered(own, kind)], words)


def _told(rows: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> list[tuple[str, str]]:
    """The number and a line of each fact."""
    return [(str(row["fact_id"]), f"{row['happened_on']}: {_named(row, words)}") for row in rows]


def _named(row: Mapping[str, Any], words: Mapping[str, str]) -> str:
    kind, ground = str(row["kind"]), str(row["ground"] or "").partition(":")[0]
    what = words.get(f"act {kind} {row['outcome'] or ''}") or words.get(f"what_{kind}") or kind
    return f"{what} ({words.get(f'ground {ground}', ground)})" if ground else what


def _choices(who: Officer, unit: str, step: str) -> list[tuple[str, str]]:
    return [(kind, outcome) for kind, outcome in CHOICES.get(step, ()) if who.may("propose", unit, board=kind == "assessed")]


def prepared(desk: Desk, day: date) -> list[str]:
    """Reasons with their article, from the law itself: each rule in force, in its own words."""
    return [f"{rule.citation}: {rule.words}" for rule in desk.site.course.jurisdiction.law.rules if rule.in_force(day)]


def proposal_line(desk: Desk, who: Officer, one: Proposal, words: Mapping[str, str]) -> dict[str, Any]:
    """A proposal as the page of its case and the list of proposals show it."""
    zone: Any = ZoneInfo(desk.site.course.jurisdiction.calendar.zone)
    settled = datetime.fromtimestamp((one.second_at or one.at) + UNDO, UTC).astimezone(zone)
    return {
        "one": one,
        "what": words.get(f"act {one.kind} {one.outcome}", one.kind),
        "mine": one.first == who.name,
        "alike": desk.store.like_reasons(one),
        "may_decide": one.state == "open" and one.first != who.name and who.may("decide", one.unit, board=one.kind == "assessed"),
        "may_undo": one.state == "accepted" and one.second == who.name,
        "grant": (one.kind, one.outcome) in GRANTS,
        "letter": _letter(desk, who, one, words),
        "opened": desk.sees(who, one.case_id),
        "recorded_at": f"{settled:%H:%M}",
    }


def _letter(desk: Desk, who: Officer, one: Proposal, words: Mapping[str, str]) -> str:
    """What the button of a decision's letter says; empty where there is none, or who asks may not look."""
    if one.kind not in TOLD or one.state != "accepted" or not desk.sees(who, one.case_id):
        return ""
    return words["decision_letter"].format(date=long_date(desk.site.today(), words["lang"]))


def watching(desk: Desk, words: Mapping[str, str]) -> dict[str, Any]:
    """Who opened how many cases, who proposed and who decided: counts by official, for the auditor."""
    site, day = desk.site, desk.site.today()
    reads = site.facts.reading_counts()
    whole, today = Counter[str](), Counter[str]()
    for actor, known_on, count in reads:
        whole[actor] += count
        today[actor] += count if known_on == day else 0
    acted = desk.store.proposals("case_id NOT LIKE 'role %'")
    firsts, seconds, back = (Counter(getattr(one, name) for one in acted if keep(one)) for name, keep in _COUNTED)
    alike = Counter(one.first for one in acted if desk.store.like_reasons(one))
    names = sorted({*firsts, *seconds} - {None})
    return {
        "reads": [(actor.partition(": ")[2], today[actor], whole[actor]) for actor in sorted(whole)],
        "acted": [(name, firsts[name], seconds[name], back[name], alike[name]) for name in names],
    }


_COUNTED = (
    ("first", lambda one: True),
    ("second", lambda one: one.state in ("accepted", "recorded")),
    ("first", lambda one: one.state == "sent back"),
)


def ombudsman(desk: Desk, words: Mapping[str, str]) -> dict[str, Any]:
    """Counts of all cases, complaints by unit, and which cases may be opened: small cells are the console's own, never published."""
    site, day = desk.site, desk.site.today()
    with site.alone:
        states = {state_words(site, state, words): count for state, count in state_counts(site.course, day, day).items()}
    complaints = Counter[str]()
    for case, kind in site.facts.complaints():
        held = site.store.held_if(case)
        if held is not None:
            complaints[f"{unit_of(held)}: {words[f'what_{kind}']}"] += 1
    told = [one for one in site.store.about_nobody() if one.fact["kind"] == "pressure_reported"]
    pressure = [(one.fact["happened_on"], one.fact["ground"], one.words) for one in told]
    found = {"states": states, "complaints": sorted(complaints.items()), "sample": sorted(desk.opened_to_ombudsman())}
    return found | {"pressure": pressure}


def horizon(day: date, closes: date) -> date:
    """The last day that a new role may hold: a quarter from now, within the call-up."""
    return min(closes, day + timedelta(days=90))
