"""The checks that ``checks.toml`` may name: each sets one kind of claim beside what the record or the law folder has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

from callup.app.record import men_by_age, past_call_ups
from callup.app.record.carrying import table
from callup.app.record.matters import AGREES, AS_PRINTED, DEPENDS, DIFFERS, UNKNOWN, VERDICTS, Answer, Check, Matter
from callup.app.record.outcomes import promises, rounded
from callup.app.record.public import ANNOUNCEMENT
from callup.jurisdictions import Jurisdiction, load
from callup.law import explain
from callup.statistics import Standing, largest_since
from callup.terms.errors import BadInput

PublicClaim = Any
"""A claim of the registry; its class does not stand on the face of `planning`, which is full."""


@cache
def law_folder(code: str) -> Jurisdiction:
    """The law folder, loaded once."""
    return load(code)


def number(matter: Matter) -> Answer:
    """The number beside all others of its series and period."""
    mine = _first((claim for claim in matter.claims.all if claim.id == matter.row["id"]), "counts")
    others = [
        claim
        for claim in matter.claims.series(mine.quantity, mine.population)
        if claim.source != ANNOUNCEMENT and claim.period_until == mine.period_until and not claim.is_missing
    ]
    if not others:
        return Answer(AS_PRINTED, "No other source of the record prints this number.")
    voices = " and ".join(dict.fromkeys(claim.said_by for claim in others))
    printed = "; ".join(f"{_span(claim)} ({claim.source})" for claim in others)
    same = all(_same(claim, mine.point) for claim in others)
    return Answer(AGREES if same else DIFFERS, f"{len(others)} other sources, all quoting {voices}: {printed}.", _sources(others))


def window(matter: Matter) -> Answer:
    """The days printed beside those of the decree."""
    asked = str(matter.check["year"]), matter.check["season"]
    row = _first(
        (row for row in table(matter.record, "decrees.csv") if (row["year"], row["season"]) == asked), "that call-up in decrees.csv"
    )
    if not (row["starts"] and row["ends"]):
        return Answer(AS_PRINTED, "No source of the record prints the days of that call-up.")
    said = matter.row["about_from"], matter.row["about_to"]
    days = f"from {_day(row['starts'])} to {_day(row['ends'])}"
    same = said == (row["starts"], row["ends"])
    finding = f"The decree has it {days}." if same else f"The decree has it {days}, not to {_day(said[1])}."
    return Answer(AGREES if same else DIFFERS, finding, (row["source_2"] or row["source_1"],))


def since(matter: Matter) -> Answer:
    """Largest since: by four measures, each with its own year."""
    found = largest_since(past_call_ups(matter.record), men_by_age(matter.record), matter.check["year"], matter.check["season"])
    said = matter.check["said"]
    hold = [one for one in found if one.since.endswith(said)]
    fail = [one for one in found if one not in hold]
    verdict = DEPENDS if hold and fail else AGREES if hold else DIFFERS
    parts = (
        [f"{'Holds' if hold else 'Holds by no measure'}{''.join(f' {one.measure}' for one in hold[:1])}: {_standing(hold[0])}."]
        if hold
        else []
    )
    parts += [f"Does not hold {one.measure}: {_standing(one)}." for one in fail]
    return Answer(verdict, " ".join(parts), ("ru/decrees.csv, two sources a row", "ru/men_by_age5.csv, World Population Prospects 2024"))


def _standing(one: Standing) -> str:
    there = f"; {one.since} had {_short(one.since_value)}" if one.since else ""
    return f"{_short(one.value)} {one.unit}, {one.sentence}{there}"


def posts(matter: Matter) -> Answer:
    """A strength announced beside posts by decree, and apart from it persons in service: two populations, never one."""
    check, said = matter.check, Fraction(matter.row["point"])
    decree = _one(matter, check["population"], period_from=check["from"])
    persons = [
        claim
        for claim in matter.claims.series("strength", check["persons"])
        if str(claim.period_until) == check["persons_until"] and not claim.is_missing
    ]
    value = decree.point or Fraction(0)
    same = rounded(value, said) == said
    first = (
        f"As {decree.population} it is {_number(value)} from {_day(decree.period_from)}, by the decree of {_day(decree.published_on)}: "
        "posts, filled or not."
    )
    second = f" As persons in service no source prints it; {_voices(persons)}." if persons else " As persons in service nothing is printed."
    return Answer(DEPENDS if same else DIFFERS, first + second, _sources([decree, *persons]))


def step(matter: Matter) -> Answer:
    """An increase announced over some time beside the step between two decrees."""
    check, said = matter.check, Fraction(matter.row["point"])
    after, before = (_one(matter, check["population"], period_from=check[name]) for name in ("from", "before"))
    grown = (after.point or Fraction(0)) - (before.point or Fraction(0))
    at_once = str(after.period_from) == matter.row["about_from"]
    finding = (
        f"{_number(after.point)} less {_number(before.point)} is {_number(grown)}: a decree of posts of {_day(after.published_on)}, "
        f"all of it in force from {_day(after.period_from)}, and so before the announcement. It names no {_years(matter.row)}."
    )
    return Answer(AGREES if at_once and grown == said else DIFFERS, finding, _sources([after, before]))


def _years(row: Mapping[str, str]) -> str:
    return f"{int(row['about_to'][:4]) - int(row['about_from'][:4])} years"


def band(matter: Matter) -> Answer:
    """An age band as printed beside the law: on which birthday it ends, shown on a person who is no one."""
    check, law, day = matter.check, law_folder(matter.record.code).law, date.fromisoformat(matter.check["day"])
    first, last = (int(str(law.parameters[check[name]].at(day))) for name in ("first", "last"))
    birthday = date.fromisoformat(check["proof"]["birthday"])
    person = check["person"] | {"born_on": birthday.replace(year=birthday.year - last)}
    eve, on = (explain(law, person, one) for one in (birthday - timedelta(days=1), birthday))
    ages = [age for age in range(first - 1, last + 2) if _someone(law, check["person"], day, age)]
    ends = str(eve.finding) == "LIABLE" and str(on.finding) == "NOT_LIABLE"
    below, through = _edges(matter, first, last)
    act = ", ".join(on.because)
    finding = (
        f"The law says from the {first}th birthday to the {last}th ({act}): the same man is liable on the eve of his {last}th birthday "
        f"and not on it, so the last age is {last - 1}. Men of {first} to {last - 1} are {below:,}, of {first} to {last} {through:,}: "
        f"the edge alone is {100 * (through - below) / below:.0f} in 100. On {_day(day)} the ages called were {min(ages)} to {max(ages)}, "
        "since who was 27 by the end of 2023 is left out (a reading that is not verified)."
    )
    return Answer(DEPENDS if ends else DIFFERS, finding, (f"{matter.record.code}/law.py: {act}", check["table"]))


def _someone(law: Any, person: Mapping[str, Any], day: date, age: int) -> bool:
    births = [date(day.year - age, day.month, day.day), date(day.year - age - 1, day.month, day.day) + timedelta(days=1)]
    return any(str(explain(law, {**person, "born_on": born}, day).finding) == "LIABLE" for born in births)


def _edges(matter: Matter, first: int, last: int) -> tuple[int, int]:
    men = {row["age"]: int(row["men"]) for row in table(matter.record, matter.check["table"])}
    below = sum(men[str(age)] for age in range(first, last))
    return below, below + men[str(last)]


def amendment(matter: Matter) -> Answer:
    """A change of law as printed beside the law folder: which act, of which day, in force from when."""
    values = law_folder(matter.record.code).law.parameters[matter.check["value"]].values
    before, after = _first((pair for pair in pairwise(values) if pair[0].value == matter.check["from"]), "that change in the law folder")
    year = re.findall(r"\b\d{4}\b", after.act)
    same = year == [str(matter.check["year_said"])]
    said = "" if same else f", not of {matter.check['year_said']}"
    finding = (
        f"From {before.value} to {after.value} it was raised by {after.act}, in force from {_day(after.since)}: "
        f"the law is of {year[-1] if year else 'a year not given'}{said}."
    )
    return Answer(AGREES if same else DIFFERS, finding, (f"{matter.record.code}/law.py: {after.act}",))


def channels(matter: Matter) -> Answer:
    """Ways of notice as printed beside the procedure."""
    day = date.fromisoformat(matter.check["day"])
    there = {one.name: one for one in law_folder(matter.record.code).procedure.channels if one.in_force(day)}
    wanted = matter.check["wanted"]
    lacking = [name for name in wanted if name not in there]
    more = sorted(set(there) - set(wanted))
    finding = f"The procedure has on {_day(day)}: {', '.join(there)}. The announcement leaves out: {', '.join(more) or 'none'}."
    verdict = DIFFERS if lacking else DEPENDS if matter.check.get("open") else AGREES
    cited = dict.fromkeys(one.citation for one in there.values())
    return Answer(
        verdict, f"{finding} {matter.check.get('open', '')}".strip(), tuple(f"{matter.record.code}/procedure.py: {one}" for one in cited)
    )


def level(matter: Matter) -> Answer:
    """A level that no other source prints, beside a later level of the same series less what came between."""
    found = number(matter)
    if found.verdict != AS_PRINTED:
        return found
    later, change = (_one(matter, quantity="losses", **matter.check[name]) for name in ("later", "change"))
    before = (later.point or Fraction(0)) - (change.point or Fraction(0))
    said = Fraction(matter.row["low"] or matter.row["point"])
    lies = "lies between the two" if before <= said <= (later.point or said) else "does not lie between the two"
    between = f"{_day(change.period_from)} to {_day(change.period_until)}"
    finding = (
        f"{found.finding} Beside it: {_number(later.point)} on {_day(later.period_until)} ({later.said_by}) less "
        f"{_number(change.point)} from {between} is {_number(before)}; what is printed {lies}. {matter.check.get('rests', '')}"
    )
    return Answer(AS_PRINTED, finding.strip(), _sources([later, change]))


def spread(matter: Matter) -> Answer:
    """Totals of departures and failures to appear, which differ by who counts and what: shown, never averaged."""
    rows = [row for row in table(matter.record, matter.check["file"]) if not row["measure"].startswith("share")]
    told = "; ".join(f"{row['estimated_by']}: {_ends(row)} {row['measure']}, {row['period_start']} to {row['period_end']}" for row in rows)
    found = [
        row
        for row in table(matter.record, "funnel.csv")
        if row["country"] == matter.record.code.upper() and row["stage"] in matter.check["stages"]
    ]
    absent = "; ".join(f"{row['place']} {row['period']}: {int(row['value']):,} {row['stage']}" for row in found)
    last = max((row["period"][:4] for row in found), default="the record begins")
    finding = (
        f"Estimates differ with who counts, whom and when: {told}. "
        f"Failures to appear, in the words of the sources: {absent}; nothing after {last}."
    )
    return Answer(DEPENDS, finding, tuple(dict.fromkeys(row["source"] for row in rows)))


def _ends(row: Mapping[str, str]) -> str:
    return " to ".join(f"{int(row[name]):,}" for name in ("low", "high") if row[name]) or f"{int(row['point']):,}"


def promise(matter: Matter) -> Answer:
    """An assurance, with what became of it and of the same assurance before."""
    found = promises(matter.record, matter.as_of)
    mine = _first((one for one in found if one.id == matter.check["promise"]), "that promise in undertakings.csv")
    verdict = {"broken": DIFFERS}.get(mine.status, UNKNOWN)
    before = [f"{one.id} of {one.on} ({one.said_by}): {one.status}" for one in found if one.on < mine.on and one.forbids == mine.forbids]
    told = f" The same was said before: {'; '.join(before)}." if before else ""
    finding = f"An undertaking, kept here as {mine.id}: {mine.status}, since {mine.why}.{told}"
    return Answer(verdict, finding, (mine.source,))


def reading(matter: Matter) -> Answer:
    """A verdict written by a person, with the numbered entries that it rests on."""
    verdict, wanted = matter.check["verdict"], matter.check.get("rests_on", [])
    rows = {row["id"]: row for name in ("outcomes.csv", "reactions.csv", "undertakings.csv") for row in table(matter.record, name)}
    if verdict not in VERDICTS or (missing := [one for one in wanted if one not in rows]):
        what = {"claim": matter.row["id"], "verdict": verdict, "unknown": ", ".join(missing) if verdict in VERDICTS else ""}
        raise BadInput("reading-without-ground", what, f"one of {', '.join(VERDICTS)}; rests_on names entries of the record")
    rests = f" Rests on {', '.join(wanted)}." if wanted else ""
    return Answer(verdict, matter.check["words"] + rests, (*(rows[one]["source"] for one in wanted), *matter.check.get("sources", [])))


CHECKS: Mapping[str, Check] = {
    one.__name__: one for one in (number, window, since, posts, step, band, amendment, channels, level, spread, promise, reading)
}


def _first(found: Iterable[Any], what: str) -> Any:
    for one in found:
        return one
    raise KeyError(what)


def _one(matter: Matter, population: str, *, quantity: str = "strength", period_from: str = "", period_until: str = "") -> PublicClaim:
    for claim in matter.claims.series(quantity, population):
        if period_from in ("", str(claim.period_from)) and period_until in ("", str(claim.period_until)) and not claim.is_missing:
            return claim
    raise KeyError(f"{population} {period_from} {period_until}".strip())


def _same(claim: PublicClaim, point: Fraction | None) -> bool:
    low, high = claim.span
    return point is not None and (low is None or low <= point) and (high is None or point <= high)


def _sources(claims: Iterable[PublicClaim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(claim.source for claim in claims if claim.source != ANNOUNCEMENT))


def _voices(claims: Sequence[PublicClaim]) -> str:
    said = dict.fromkeys(f"{claim.said_by} prints {_span(claim)} for {claim.population}, {_day(claim.period_until)}" for claim in claims)
    return "; ".join(said)


def _span(claim: PublicClaim) -> str:
    low, high = claim.span
    return _number(low) if low == high else f"{_number(low)} to {_number(high)}"


def _number(value: Fraction | None) -> str:
    return "no figure" if value is None else f"{int(value):,}"


def _short(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.1f}"


def _day(when: date | str | None) -> str:
    """A day in words.

    Example:
        >>> _day("2024-12-01")
        '1 December 2024'
    """
    day = date.fromisoformat(when) if isinstance(when, str) else when
    return "a day not given" if day is None else f"{day.day} {day:%B %Y}"
