"""What a person must do, by when, and what may follow by law if nothing is done: sentences with the exact days, from the standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from callup.app.web.pages import long_date
from callup.notice.decisions import stated
from callup.terms.facts import TERMINAL

DUTY = ("called", "served", "answered", "claim pending")
"""States in which there is a day on which to come, unless the duty rests."""
_UNANSWERED = ("called", "served")


def comes(found: Any) -> bool:
    """Whether the person has a day on which to come, passed or not."""
    return found.state in DUTY and not found.suspended and found.appear_on is not None


def duty_now(found: Any, day: date, where: Mapping[str, str], words: Mapping[str, str]) -> list[str]:
    """What is to be done now, in a sentence; else how it stands.

    Args:
        found: the standing of the case.
        day: today.
        where: ``at`` and ``place`` of the appointment, and ``state`` in words for the person.
        words: of the page's language.
    """
    on, told = found.appear_on, [words["rests"]] if found.suspended else [where["state"]]
    if comes(found) and on is not None:
        shown = long_date(on, words["lang"])
        come = stated(words["come"], date=shown, time=where["at"], place=where["place"]) if where["at"] else ""
        told = (
            [come or stated(words["come_day"], date=shown, place=where["place"])]
            if on >= day
            else [stated(words["day_passed"], date=shown)]
        )
    if found.state in TERMINAL:
        return told
    served = found.served_on
    return [*told, stated(words["served_on"], date=long_date(served, words["lang"])) if served else words["not_served"]]


def by_when(found: Any, own: Sequence[Mapping[str, Any]], day: date, words: Mapping[str, str], told: int = 0) -> list[str]:
    """Every day by which something is to be done or can be done, the earliest first.

    Args:
        found: the standing of the case.
        own: its facts, in order of recording.
        day: today.
        words: of the page's language.
        told: the days that the letter of a decision names to challenge it; where fewer than callup waits, the page names them too.
    """
    days = [*_answering(found, day, words), *_papers(own, day, words), *_challenging(found, own, words, told)]
    if comes(found) and found.appear_on is not None and found.appear_on >= day:
        days.append((found.appear_on, words["when_come"]))
    said = [stated(text, date=long_date(on, words["lang"])) for on, text in sorted(days)]
    waits = found.served_on is None and found.state not in TERMINAL
    return said or [words["not_served" if waits else "nothing_due"]]


def _answering(found: Any, day: date, words: Mapping[str, str]) -> list[tuple[date, str]]:
    """By when to answer, as long as nobody has; also who is late may answer."""
    if found.state not in _UNANSWERED or found.respond_by is None:
        return []
    article = next((clock.citation for clock in found.clocks if clock.name == "response"), "")
    return [(found.respond_by, _by_article(words["answer_by" if found.respond_by >= day else "answer_late"], article, words))]


def _papers(own: Sequence[Mapping[str, Any]], day: date, words: Mapping[str, str]) -> list[tuple[date, str]]:
    """By when a paper is wanted that was asked for and is not there."""
    given = {row["ref"] for row in own if row["kind"] == "papers_given"}
    asked = [row for row in own if row["kind"] == "papers_asked" and not given & {row["ref"], row["fact_id"]}]
    return [(row["until"], words["papers_by"]) for row in asked if row["until"] is not None and row["until"] >= day]


def _challenging(found: Any, own: Sequence[Mapping[str, Any]], words: Mapping[str, str], told_days: int) -> list[tuple[date, str]]:
    """By when a refusal that has arrived can be challenged, where nobody has challenged it."""
    challenged = {row["ref"] for row in own if row["kind"] == "appealed"}
    refused = {row["fact_id"] for row in own if (row["kind"], row["outcome"]) == ("decided", "refused")} - challenged
    told = {_arrived(own, fact) for fact in refused}
    open_ones = [clock for clock in found.clocks if clock.name == "appeal" and not clock.over and clock.starts_on in told]
    return [(_told_end(clock, told_days), _by_article(words["appeal_until"], clock.citation, words)) for clock in open_ones]


def _told_end(clock: Any, told_days: int) -> date:
    """The last day as told: a month of the law is told as its shortest, and callup waits for its longest."""
    spare = clock.days - told_days if told_days and not clock.working else 0
    end: date = clock.ends_on
    return end - timedelta(days=max(spare, 0))


def _arrived(own: Sequence[Mapping[str, Any]], decision: str) -> date | None:
    """The day on which a decision first reached the person; none where it has not."""
    return min((row["happened_on"] for row in own if row["kind"] == "decision_served" and row["ref"] == decision), default=None)


def _by_article(text: str, article: str, words: Mapping[str, str]) -> str:
    """A sentence and its article, with the day still in braces."""
    shown = stated(words["rights_article"], article=article.replace("{", "").replace("}", ""))
    return f"{text} {shown}" if article else text


def may_follow(
    found: Any, own: Sequence[Mapping[str, Any]], law: tuple[Iterable[Any], Mapping[str, Any]], words: Mapping[str, str]
) -> list[str]:
    """What others may do by law to whoever has not answered, each with the day from which it may be done.

    Args:
        found: the standing of the case.
        own: its facts.
        law: the consequences in force, and the parsed form ``procedure`` in the page's language.
        words: of the page's language.
    """
    if found.state not in _UNANSWERED or found.suspended:
        return []
    posted = min((row["happened_on"] for row in own if row["kind"] == "handed_over"), default=None)
    starts, (consequences, forms) = {"served": found.served_on, "posted": posted}, law
    told = []
    for one in consequences:
        start, said = starts.get(one.from_clock), forms.get("consequences", {}).get(one.key)
        if start is not None and said:
            on = long_date(start + timedelta(days=one.days), words["lang"])
            told.append(stated(words["follows_line"], date=on, text=said["text"], article=str(one.citation)))
    return told
