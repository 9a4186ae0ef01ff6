"""How soon and how late a letter may ask somebody to come, or in which time to answer: what decree and law must agree on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from callup.app.known import jurisdiction
from callup.terms.decree import Decree
from callup.terms.errors import NotLawful

if TYPE_CHECKING:
    from callup.jurisdictions import Jurisdiction


def least_lead(found: Jurisdiction, decree: Decree) -> int:
    """Days from posting to the earliest lawful appearance: the latest day on which a rule presumes service, and the lead time after it.

    Args:
        found: the folder.
        decree: its window and its ways of service.

    Law: invariant 2 of the design; the lead time counts from service and not from posting.
    """

    def after(day: date, days: int, working: bool) -> date:
        return found.calendar.add_working(day, days) if working else day + timedelta(days=days)

    longest = 0
    for day in _window(decree):
        procedure = found.procedure.at(day)
        lead = procedure.clock("lead")
        rules = [one for one in procedure.services if one.acts and one.on_expiry == "presume" and one.channel in decree.channels]
        served = max([day, *(after(day, one.days, one.working) for one in rules)])
        longest = max(longest, ((after(served, lead.days, lead.working) if lead else served) - day).days)
    return longest


def latest_appearance(found: Jurisdiction, posted: date) -> date | None:
    """The last day on which a letter posted on a day may ask somebody to come; ``None`` where the law names none."""
    clock = found.procedure.at(posted).clock("greatest_lead")
    if clock is None:
        return None
    return found.calendar.add_working(posted, clock.days) if clock.working else posted + timedelta(days=clock.days)


def answer_time(found: Jurisdiction, decree: Decree) -> str:
    """The time to answer as the notices say it, ``10 days from service``; empty where they ask for an appearance.

    Raises:
        NotLawful: ``no-time-to-answer``: the law gives none that runs from service.
    """
    if decree.appoints:
        return ""
    clock = found.procedure.at(decree.key_date).clock("response")
    if clock is None or not clock.days or clock.starts != "served":
        raise NotLawful("no-time-to-answer", {"law": found.code}, "the law of this country names no time to answer that runs from service")
    return f"{clock.days} {'working ' if clock.working else ''}days from service"


def check_lead(decree: Decree) -> None:
    """No letter asks anybody to come before service and lead time are over, or later than the law allows; no rehearsal's either.

    Raises:
        NotLawful: ``lead-too-short`` or ``lead-too-long``, with the number of days that the law sets; as `answer_time`.
    """
    found = jurisdiction(decree.jurisdiction)
    if not decree.appoints:
        answer_time(found, decree)
        return
    least = least_lead(found, decree)
    if decree.lead_days < least:
        words: dict[str, object] = {"lead_days": decree.lead_days, "least": least}
        raise NotLawful(
            "lead-too-short", words, f"set notices.lead_days = {least}: the days of service presumed, and the lead time after it"
        )
    ends = ((day, latest_appearance(found, day)) for day in _window(decree))
    greatest = min(((latest - day).days for day, latest in ends if latest is not None), default=decree.lead_days)
    if decree.lead_days > greatest:
        words = {"lead_days": decree.lead_days, "greatest": greatest}
        raise NotLawful("lead-too-long", words, f"set notices.lead_days = {greatest} or less: the law lets nobody be called for later")


def _window(decree: Decree) -> Iterator[date]:
    return (decree.opens_on + timedelta(days=number) for number in range((decree.closes_on - decree.opens_on).days + 1))
