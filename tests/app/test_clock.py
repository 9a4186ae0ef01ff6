"""Which legal day a moment is, and how soon a letter may ask somebody to come."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from replay.freedonia_line import DECREE

from callup.app.clock import WallClock
from callup.app.dossier import parse_decree
from callup.app.lead import check_lead, latest_appearance, least_lead
from callup.app.wire import check_lawful
from callup.jurisdictions import load
from callup.terms.errors import NotLawful

FRIDAY = date(2025, 6, 6)
RIGA = replace(load("lv").calendar, cutoff=16)


@pytest.mark.parametrize(
    ("hour", "authority", "person"),
    [
        (12, FRIDAY, FRIDAY),
        (13, date(2025, 6, 9), FRIDAY),  # 16:00 in Riga: Monday for the authority, though Sunday is Pentecost and Saturday is free
        (20, date(2025, 6, 9), FRIDAY),
        (22, date(2025, 6, 7), date(2025, 6, 7)),  # 01:00 on Saturday in Riga, when it is still Friday in UTC
    ],
)
def test_what_the_authority_does_after_the_cut_off_counts_on_the_next_working_day(hour, authority, person):
    moment = datetime(2025, 6, 6, hour, 0, tzinfo=UTC)
    assert WallClock(RIGA, lambda: moment).day("wave-1") == authority
    assert RIGA.day_of(moment, by_person=True) == person
    assert WallClock(now=lambda: moment).day("wave-1") == FRIDAY


def decreed(**changed):
    return replace(parse_decree(DECREE, Path("decree.toml")), **changed)


@pytest.mark.parametrize(
    ("code", "channels", "days"),
    [
        ("freedonia", ("mail", "portal"), 21),  # presumed on the seventh day after posting, then fourteen
        ("freedonia", ("portal",), 14),
        ("ch-civil-protection", ("mail",), 42),
        ("dk", ("portal", "mail"), 42),  # presumed fourteen days after it lay in the box, then twenty-eight
        ("lv", ("mail",), 7),
        ("lv", ("portal",), 7),  # two working days from 30 April 2025: after five days off they are 6 and 7 May
        ("ru", ("mail", "portal", "counter"), 0),
        ("us-jury", ("mail",), 0),
    ],
)
def test_nobody_is_asked_to_come_before_service_and_lead_time_are_over(code, channels, days):
    """Invariant 2: the day of appearance lies after the latest possible day of service and the lead time."""
    assert least_lead(load(code), decreed(channels=channels)) == days


@pytest.mark.parametrize("rehearsal", [False, True])
def test_a_decree_with_too_little_time_is_refused(rehearsal):
    """Of a rehearsal too: what it shows is what a real call-up would be."""
    given = decreed(rehearsal=rehearsal, order_method="list-with-objections", lead_days=20)
    with pytest.raises(NotLawful, match=r"lead-too-short: lead_days 20, least 21"):
        check_lawful(given)
    with pytest.raises(NotLawful, match="advice") if not rehearsal else nullcontext():
        check_lawful(replace(given, lead_days=21))  # on to what comes after: Freedonia has no address of advice, and is no country


def test_russia_from_2026_calls_nobody_for_a_day_more_than_thirty_after_the_letter():
    """412-FZ of 4 November 2025, art. 1(2)(a); the days in between are the office's, none of the person's deadlines."""
    found = load("ru")
    assert [latest_appearance(found, date(2025, 12, 31)), latest_appearance(found, FRIDAY.replace(year=2026))] == [None, date(2026, 7, 6)]
    dates = {"opens_on": date(2026, 4, 1), "closes_on": date(2026, 7, 15), "key_date": date(2026, 4, 1)}
    check_lead(decreed(jurisdiction="ru", lead_days=30, **dates))
    check_lead(decreed(jurisdiction="ru", lead_days=31))
    with pytest.raises(NotLawful, match=r"lead-too-long: lead_days 31, greatest 30"):
        check_lead(decreed(jurisdiction="ru", lead_days=31, **dates))
