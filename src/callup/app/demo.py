"""The demo's inputs: the reference decree scaled to the register's size, and a calendar of made-up places."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from callup.app.dossier import Dossier, parse_decree
from callup.app.keys import read_dossier_key, write_dossier_key
from callup.app.known import jurisdiction
from callup.app.randomness import RehearsalRandomness
from callup.app.signing import stand_in_key
from callup.app.synthetic import write_register
from callup.app.voice import Voice
from callup.jurisdictions import resource
from callup.terms.errors import BadInput

FULL_REGISTER = 10_000_000
SLOTS_A_PLACE = 60
LIMITS = {200_000: (60, 4_096), 1_000_000: (300, 4_096), FULL_REGISTER: (600, 6_144)}
"""What a whole call-up may take on two cores: by rows of the register the seconds, and MB of all processes together."""


def scaled_decree(code: str, persons: int, enlist: int = 0) -> str:
    """The jurisdiction's reference decree with its number scaled to the size of the register (design D18).

    Args:
        code: the jurisdiction.
        persons: rows of the register; 10,000,000 is the full size.
        enlist: another number, to see what a larger or smaller call-up takes; 0 for the decree's own share.
    """
    text = resource(code, "data/decree.toml").decode()
    found = re.search(r"^persons_to_enlist = ([\d_]+)", text, re.M)
    assert found is not None, "the template names the number of its decree"
    whole = int(found[1].replace("_", ""))
    number = enlist or max(1, round(Fraction(whole * persons, FULL_REGISTER)))
    note = f"scaled: {number:,} of {whole:,}, for a synthetic register of {persons:,} rows where the full size is {FULL_REGISTER:,}"
    scaled = re.sub(r"^persons_to_enlist = [\d_]+", f"persons_to_enlist = {number}", text, flags=re.M)
    for name, value in {"{number}": number, "{whole}": whole, "{persons}": persons, "{full}": FULL_REGISTER}.items():
        scaled = scaled.replace(name, f"{value:,}".replace(",", "\u00a0"))
    return f'scale_note = "{note}"\n{scaled}'


def of_the_limits(persons: int, seconds: float, megabytes: float) -> str:
    """How much of what it may take a demo took: the limits of the next size that has any."""
    rows = min(size for size in LIMITS if size >= persons)
    most, memory = LIMITS[rows]
    share = f"{100 * seconds / most:.0f} % of the {most} s, {100 * megabytes / memory:.0f} % of the {memory:,} MB"
    return f"{seconds:.1f} s and {megabytes:,.0f} MB at most: {share} that {rows:,} rows may take on two cores"


def men_by_unit(code: str) -> dict[str, int]:
    """Men of the register's ages by unit, from the carried population table."""
    rows = csv.DictReader(io.StringIO(resource(code, "data/men_by_subject_age.csv").decode()))
    men: dict[str, int] = {}
    for row in rows:
        if 16 <= int(row["age"]) <= 31:
            men[row["iso_code"]] = men.get(row["iso_code"], 0) + int(row["men"])
    return men


def made_up_places(code: str, letters: int, first: date, last: date) -> str:
    """``places.csv`` with room for every wave: boards in each unit, open on weekdays.

    Args:
        code: the jurisdiction.
        letters: how many notices are expected in all.
        first: first day of the calendar.
        last: last day.
    """
    men = men_by_unit(code)
    whole = sum(men.values())
    towns = _largest_town(code)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["place_id", "unit", "address", "opens", "closes", "day", "capacity"])
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for unit, count in sorted(men.items()):
        a_day = max(6, -(-letters * count // (whole * 12)))
        boards = -(-a_day // SLOTS_A_PLACE)
        for board in range(1, boards + 1):
            where = f"{towns.get(unit, unit)}, ул. Примерная, {board} (вымышленный адрес)"
            for day in days:
                if day.weekday() < 5:
                    writer.writerow([f"{unit}-{board}", unit, where, "09:00", "17:00", day.isoformat(), -(-a_day // boards)])
    return out.getvalue()


def _largest_town(code: str) -> Mapping[str, str]:
    best: dict[str, tuple[int, str]] = {}
    for row in csv.DictReader(io.StringIO(resource(code, "data/cities.csv").decode())):
        size = int(row["population"] or 0)
        if size >= best.get(row["iso_code"], (-1, ""))[0]:
            best[row["iso_code"]] = (size, row["name"])
    return {unit: name for unit, (_, name) in best.items()}


def lay_demo(code: str, persons: int, seed: int, out: Path, voice: Voice, *, enlist: int = 0) -> tuple[Dossier, Path]:
    """Make the demo's register, decree, places and key, and lay its dossier; what is there already is kept.

    Raises:
        BadInput: persons outside 1,000 to 10,000,000, more to enlist than persons, or a folder that holds another demo.
    """
    if not 1_000 <= persons <= FULL_REGISTER:
        raise BadInput("persons-out-of-range", {"persons": persons}, "choose from 1,000 to 10,000,000")
    if not 0 <= enlist <= persons:
        raise BadInput(
            "enlist-out-of-range", {"enlist": enlist}, "choose fewer than the register has persons, or 0 for the decree's own share"
        )
    randomness = RehearsalRandomness(seed)
    text = signed_by_stand_ins(scaled_decree(code, persons, enlist), randomness)
    decree = parse_decree(text, out / "decree.toml")
    register = out / f"register-{persons}-{seed}.parquet"
    if not register.exists():
        words = f"making a synthetic register of {persons:,} rows"
        with voice.stage("synth", words) as spent:
            write_register(code, persons, seed, register, voice.part(words, persons, "persons"))
            spent.rows = persons
    letters = round(decree.persons_to_enlist / decree.notice_yield)
    places = made_up_places(code, letters, decree.opens_on, decree.closes_on)
    key_path = out / "keys" / f"{decree.id}.key"
    if not key_path.exists():
        write_dossier_key(key_path, randomness.key("dossier"))
    extra = {decree.places_file: places.encode()}
    return Dossier.create(out / "dossier", read_dossier_key(key_path), text, extra, jurisdiction(code).version), register


def signed_by_stand_ins(text: str, randomness: RehearsalRandomness) -> str:
    """Put the stand-ins' public keys into a rehearsal's decree, in the order of its signatories."""
    names = iter(re.findall(r'^name = "([^"]+)"', text[text.index("[[signatory]]") :], re.M))

    def key_line(_: re.Match[str]) -> str:
        return f'key = "{stand_in_key(randomness, next(names)).public_key().public_bytes_raw().hex()}"'

    head, tail = text[: text.index("[[signatory]]")], text[text.index("[[signatory]]") :]
    return head + re.sub(r'^key = "[^"]*"', key_line, tail, flags=re.M)
