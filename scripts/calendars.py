"""Writes a folder's calendar.toml from the library `holidays`: ``python scripts/calendars.py CODE COUNTRY ZONE [SUBDIVISION]``.

The library's names are in English where it has them. Working days that lie in a weekend are those that it gives for the country.
What a person filed counts until midnight of the zone; a cut-off hour for the authority's own acts is written by hand where sourced.
"""

import sys
from pathlib import Path

import holidays

YEARS = range(2023, 2028)
JURISDICTIONS = Path(__file__).parents[1] / "src" / "callup" / "jurisdictions"
SOURCES = {
    "freedonia": "",
    "ru": "Labour Code of the Russian Federation, art. 112, and the yearly transfers of days off",
    "lt": "Labour Code of the Republic of Lithuania, art. 123",
    "lv": "Law on Holidays, Commemorative Days and Celebratory Days of the Republic of Latvia",
    "dk": "the Danish public holidays",
    "us-jury": "5 U.S.C. 6103",
    "us-jury-form": "5 U.S.C. 6103",
    "es-polls": "the national holidays of Spain; those of regions and towns are not entered",
    "ch-civil-protection": "the Swiss national holiday and those common to most cantons; those of one canton are not entered",
}


def calendar(code: str, country: str, zone: str) -> str:
    """The file's text."""
    made = holidays.country_holidays(country, years=YEARS, language="en_US")
    weekend = sorted(day + 1 for day in made.weekend)
    lines = [
        f"# Days on which working-day clocks do not run, {YEARS[0]} to {YEARS[-1]}, written by scripts/calendars.py.",
        f'source = "{SOURCES[code]}, as the library holidays (MIT) has them for {country}"',
        f"weekend = {weekend}",
        f'zone = "{zone}"',
    ]
    for day, name in sorted(made.items()):
        said = name.replace('"', "'")
        lines += ["", "[[holiday]]", f"day = {day}", f'name = "{said}"']
    for day in sorted(getattr(made, "weekend_workdays", ())):
        lines += ["", "[[working]]", f"day = {day}", 'name = "day of work for a transferred day off"']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    code, country, zone = sys.argv[1:4]
    path = JURISDICTIONS / code.replace("-", "_") / "calendar.toml"
    path.write_text(calendar(code, country, zone), encoding="utf-8")
    print(f"wrote {path}")
