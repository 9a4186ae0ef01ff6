"""What the pages of a person say, as plain values: computed for the day, never stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from callup.app.exports.held import explained_on
from callup.app.exports.telling import telling
from callup.app.stages.calling import read_quotas
from callup.app.web.doors import notice_of
from callup.app.web.pages import form_of, long_date
from callup.app.web.person.deadlines import by_when, comes, duty_now, may_follow
from callup.app.web.seats import read_ground
from callup.app.web.site import Site
from callup.app.web.store import Sent, Whole
from callup.app.web.words import words_of
from callup.law import explain
from callup.notice.codes import letter_number
from callup.notice.decisions import stated
from callup.notice.law_words import LawWords
from callup.terms.facts import DOORS, STATES

MOVES_IN = ("called", "served", "answered")
"""States in which there is an appointment to move."""
CLAIMS = ("deferral", "exemption", "alternative-service", "other-date", "correction")
_ANSWERS = {"True": "yes", "False": "no"}


def my_notice(site: Site, one: Whole, forms: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Everything on the page of one's own notice.

    Args:
        site: the portal.
        one: the case, read whole.
        forms: the parsed form ``procedure`` of the country in this language.
        language: of the page.
    """
    words, day, held, own = words_of(language), site.today(), one.held, one.own
    notice, found = notice_of(held), site.standing_of(one, day)
    procedure = site.course.jurisdiction.procedure.at(day)
    told = next((one.days for one in procedure.remedies if one.against == "decision"), 0)
    where = meeting_place(site, held, own, found) | {"state": state_words(site, found.state, words)}
    return {
        "name": held["address"].get("name", ""),
        "number": letter_number(notice["notice_id"]),
        "notice": notice,
        **where,
        "standing": found,
        "must": duty_now(found, day, where, words),
        "by_when": by_when(found, own, day, words, told),
        "follows": may_follow(found, own, (procedure.consequences, forms), words),
        "comes": comes(found),
        "movable": found.state in MOVES_IN and found.appear_on is not None and found.appear_on > day,
        "asks": site.course.decree.asks,
        "decisions": refused(own),
        "pending": [{"ref": row["fact_id"], "text": _claim_words(row, forms)} for row in pending(own)],
        "sent": sent_lines(one.sent, words),
    }


def state_words(site: Site, state: str, words: Mapping[str, str]) -> str:
    """How a case stands; whoever answered a notice without a day has no appointment."""
    dayless = words.get("state answered to a form", "") if state == "answered" and not site.course.decree.appoints else ""
    return dayless or words.get(f"state {state}") or STATES[state]


def fixed_words(procedure: Any, forms: Mapping[str, Any], unit: str = "") -> dict[str, Any]:
    """What a notice's page says to everybody of a unit: what others may do, where one may go against it, who helps."""
    return {"others": _others(procedure, forms), "remedies": _remedies(procedure, forms), "advice": advice_lines(procedure, forms, unit)}


def advice_lines(procedure: Any, forms: Mapping[str, Any], unit: str = "", part: str = "text") -> list[str]:
    """Who helps free of charge: those of a unit first, then those of the country; without a unit these only."""
    keyed = forms.get("advice", {})
    return [str(keyed[one.key][part]) for one in procedure.advice_for(unit) if one.key in keyed]


def meeting_place(site: Site, held: Mapping[str, Any], own: list[dict[str, Any]], found: Any) -> dict[str, str]:
    """Where and at what time to come: as the letter says, or as moved since; no time where the day was moved by a decision."""
    moved = [row for row in own if row["kind"] == "appointment_moved" and row["appear_on"] == found.appear_on and row["ground"]]
    if moved:
        at, _, place = read_ground(moved[-1]["ground"])
        return {"at": at, "place": site.store.seats.address(place) or place}
    as_told = found.appear_on == notice_of(held)["appear_on"]
    return {"at": held["notice"]["appear_at"] if as_told else "", "place": held["place"]}


def why_me(site: Site, held: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Each rule that was tried with its article and its answer, for the day on which it decided, and the facts that were used.

    Args:
        site: the portal.
        held: what is kept of the case.
        language: one of the decree's; of another, the decree's first is taken.
    """
    said = site.law_words.get(language) or next(iter(site.law_words.values()))
    day = explained_on(site.course.decree, held["finding"])
    told = explain(site.course.jurisdiction.law, _typed(held["register"]), day)
    steps = [
        {"words": said.rules[one.name], "article": str(one.citation), "answer": _ANSWERS.get(str(one.answer), "unknown")}
        for one in told.steps
    ]
    facts = {said.label(name): _shown(said, name, value) for name, value in held["register"].items() if name != "person_id"}
    return {"steps": steps, "explained_on": day, "facts": facts, "notice": notice_of(held)}


def _shown(said: LawWords, name: str, value: Any) -> Any:
    """A value for people; truth values stay, the page has words for them."""
    return value if value is None or isinstance(value, bool) else said.shown(name, value)


def _typed(register: Mapping[str, Any]) -> dict[str, Any]:
    """Days as days again: they were kept as text."""
    return {name: _day(value) for name, value in register.items()}


def _day(value: Any) -> Any:
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    return value


def _others(procedure: Any, forms: Mapping[str, Any]) -> list[dict[str, str]]:
    keyed = forms.get("consequences", {})
    found = [(keyed.get(one.key, {}), str(one.citation)) for one in procedure.consequences]
    parts = ("imposed_by", "fight")  # sentences in the forms, parts of a line here
    return [
        {name: str(words.get(name, "")).removesuffix(".") for name in parts} | {"text": str(words.get("text", "")), "article": cite}
        for words, cite in found
    ]


def _remedies(procedure: Any, forms: Mapping[str, Any]) -> list[dict[str, str]]:
    keyed = forms.get("remedies", {})
    found = [(keyed.get(one.against, {}), one) for one in procedure.remedies]
    return [
        {"text": str(words.get("text", "")), "body": str(words.get("body", "")), "days": str(one.days), "article": str(one.citation)}
        for words, one in found
    ]


def claims_of(procedure: Any, forms: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What may be asked for, with the papers that count for it and whether it stops the duty."""
    keyed, stops = forms.get("claims", {}), {one.claim for one in procedure.suspensions}
    return [
        {
            "kind": one.kind,
            "text": keyed.get(one.kind, {}).get("text", one.kind),
            "papers": keyed.get(one.kind, {}).get("papers", ", ".join(one.papers)),
            "stops": one.kind in stops,
            "article": str(one.citation),
        }
        for one in procedure.claims
        if one.kind in CLAIMS
    ]


def refused(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The decisions against which one may go: those that refused something, first those that nobody has challenged, the newest first."""
    challenged = {row["ref"] for row in facts if row["kind"] == "appealed"}
    found = [row for row in reversed(facts) if row["kind"] == "decided" and row["outcome"] == "refused"]
    return sorted(found, key=lambda row: row["fact_id"] in challenged)


def pending(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The claims that were neither decided nor taken back: those that one may still take back."""
    settled = {row["ref"] for row in facts if row["kind"] in ("decided", "claim_withdrawn")}
    return [row for row in facts if row["kind"] == "claimed" and row["fact_id"] not in settled]


def _claim_words(row: Mapping[str, Any], forms: Mapping[str, Any]) -> str:
    kind = str(row["ground"]).partition(":")[0]
    return str(forms.get("claims", {}).get(kind, {}).get("text", kind))


def sent_lines(sent: list[Sent], words: Mapping[str, str]) -> list[dict[str, str]]:
    """What a person has sent, the oldest first, also what the desk entered from their paper; what officials do is none of it."""
    return [sent_line(one, words) for one in sent if one.fact["actor"] in ("person", "agent", "desk")]


def sent_line(sent: Sent, words: Mapping[str, str]) -> dict[str, str]:
    """One thing that was sent, as a receipt says it."""
    kind = sent.fact["kind"]
    received = long_date(date.fromisoformat(sent.fact["known_on"]), words["lang"])
    told = {"date": received, "time": f"{datetime.fromtimestamp(sent.at, UTC):%H:%M:%S}"}
    return {"what": words.get(f"what_{kind}", kind), "number": sent.number, "digest": sent.fact["evidence"]} | told


def first_asked(site: Site, language: str, unit: str = "") -> dict[str, Any]:
    """What a person asks first, in the words of the letter: whether it is real, and who helps; the rest stands in the case."""
    asked = form_of(site, language, "letter")["questions"]
    return {"asks": [one["ask"] for one in asked], "real": general_answer(site, language, asked[0]), "helps": _helps(site, language, unit)}


def _helps(site: Site, language: str, unit: str = "") -> str:
    """Who helps free of charge, in a line."""
    procedure = site.course.jurisdiction.procedure.at(site.today())
    return "; ".join(advice_lines(procedure, form_of(site, language, "procedure"), unit, "short"))


def general_answer(site: Site, language: str, question: Mapping[str, Any]) -> str:
    """An answer that is right for everybody; one that speaks of a single letter keeps its braces."""
    decree = site.course.decree
    said: str = question["rehearsal"] if decree.rehearsal and "rehearsal" in question else question["answer"]
    return said.replace("{mirror}", decree.log_origin.partition("/")[0]).replace("{advice}", _helps(site, language))


def general_days(site: Site, language: str) -> list[str]:
    """By when, for everybody who is called: between which days one comes, how long one may answer and contest, with articles."""
    words, decree, procedure = words_of(language), site.course.decree, site.course.jurisdiction.procedure.at(site.today())
    first, last = (long_date(one, words["lang"]) for one in (decree.opens_on, decree.closes_on))
    told = [stated(words["start_days"], first=first, last=last)]
    clock = procedure.clock("response")
    if clock is not None:
        key = "start_answer_working" if clock.working else "start_answer"
        told.append(stated(words[key], days=clock.days, article=str(clock.citation)))
    against = [one for one in procedure.remedies if one.against == "notice"]
    keyed = form_of(site, language, "procedure").get("remedies", {}).get("notice", {})
    told += [stated(words["start_object"], days=one.days, body=keyed.get("body", one.body), article=str(one.citation)) for one in against]
    return [*told, words["start_own_days"]]


def units_of(site: Site) -> list[str]:
    """The units of the call-up."""
    return sorted(str(row["unit"]) for row in read_quotas(site.course))


def looked(facts: list[dict[str, Any]], day: date, language: str) -> list[dict[str, str]]:
    """Who opened the record, and the three doors, as far as the person may be told on that day."""
    say = telling(language)
    told = [row for row in facts if row["kind"] in ("read", *DOORS) and not (row["until"] and row["until"] > day)]
    return [
        {"date": str(row["known_on"]), "who": say.actor(str(row["actor"])), "reason": str(row["reason"] or row["ground"])} for row in told
    ]


def happened(facts: list[dict[str, Any]], language: str) -> list[dict[str, str]]:
    """Every fact of the case in words of the language, in the order of recording."""
    say = telling(language)
    kept = [row for row in facts if row["kind"] not in ("read", *DOORS)]
    return [{"date": str(row["happened_on"]), "what": say.kind(row["kind"]), "who": say.actor(str(row["actor"]))} for row in kept]
