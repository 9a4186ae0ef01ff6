"""A whole small call-up in Freedonia, made by hand: 300 synthetic persons, 3 regions, 2 waves.

Run as a program it prints the digests of every stage. To renew the pinned ones after a change that is meant:

    PYTHONPATH=tests python tests/replay/freedonia_line.py > tests/replay/digests.json

Read the difference first: each changed digest is a changed act of a call-up.
"""

import contextlib
import json
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from callup.app.demo import signed_by_stand_ins
from callup.app.dossier import Dossier
from callup.app.known import jurisdiction
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.sealed import arrow_schema, seal_bytes
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.law import register_schema

KEY, SEED = bytes(range(32)), 11
QUIET = Voice(quiet=True)
REGIONS = ("FR-E", "FR-N", "FR-S")
FIRST, LAST = date(2025, 4, 1), date(2025, 7, 15)
DECREE = """\
id = "freedonia-2025"
jurisdiction = "freedonia"
title = "Call-up of 2025 (REHEARSAL)"
signed_on = 2025-03-31
authority = "Assembly of Freedonia (REHEARSAL)"
legal_basis = "Service Act 2020, art. 2"
opens_on = 2025-04-01
closes_on = 2025-07-15
key_date = 2025-04-01
persons_to_enlist = 12
rehearsal = true

[service]
kind = "military"
months = 9

[[undertakings]]
id = "U1"
text = "Nobody called by this decree is sent abroad."
by = "Assembly of Freedonia"
on = 2025-03-31

[quotas]
method = "hamilton"

[order]
method = "draw"
basis = "Service Act 2020, art. 12"

[notices]
yield = 0.4
waves = 2
channels = ["mail", "portal"]
languages = ["en"]
lead_days = 21

[[signatory]]
name = "Stand-in One"
office = "chair (REHEARSAL)"
key = ""

[[signatory]]
name = "Stand-in Two"
office = "secretary (REHEARSAL)"
key = ""

[log]
origin = "rehearsal.callup.example/freedonia-2025"

[draw]
beacon = "rehearsal"
round = 1
secrets = ["assembly", "ombudsman"]
"""


def a_person(number):
    """One synthetic person: ages 16 to 30, every ninth a student, every eleventh unfit, every thirteenth of no known birth date."""
    return {
        "person_id": f"F{number:05}",
        "born_on": None if number % 13 == 12 else date(1995, 1, 15) + timedelta(days=number * 37 % 5000),
        "sex": "mf"[number % 2],
        "citizenship": "FR",
        "unit": REGIONS[number * number % 7 % 3],
        "languages": "en",
        "portal": number % 3 != 0,
        "name": f"Example Person-{number:05}",
        "address_line": f"Sample Street {number + 1000}",
        "locality": "Exampleton",
        "postal_code": f"{10000 + number}",
        "country": "FR",
        "is_resident": number % 17 != 16,
        "health": "unfit" if number % 11 == 10 else "fit",
        "student_until": date(2026, 6, 30) if number % 9 == 8 else None,
    }


def the_people(count=300):
    """All of them, in the order of the register."""
    return [a_person(number) for number in range(count)]


def the_places():
    """One board in each region, six appointments on each weekday."""
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    lines = [f"{unit}-1,{unit},Town Hall of {unit},09:00,17:00,{day},6\n" for unit in REGIONS for day in days if day.weekday() < 5]
    return "place_id,unit,address,opens,closes,day,capacity\n" + "".join(lines)


@contextlib.contextmanager
def freedonia(root, *, people=None, places="", decree=DECREE, seed=SEED, order="", engine="duckdb"):
    """The course of a dossier at ``root/dossier``, not yet run; ``order`` is the text of the order's file."""
    schema = register_schema(jurisdiction("freedonia").law)
    root.mkdir(parents=True, exist_ok=True)
    rows = [{name: row.get(name) for name in schema.names} for row in people or the_people()]
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(schema)), root / "register.parquet")
    text = signed_by_stand_ins(decree, RehearsalRandomness(seed))
    extra = {"places.csv": (places or the_places()).encode()}
    if order:
        extra["order.csv.sealed"] = seal_bytes(order.encode(), KEY, b"order.csv")
    dossier = Dossier.create(root / "dossier", KEY, text, extra, jurisdiction("freedonia").version)
    course = course_of(dossier, QUIET, root / "register.parquet", seed, engine=engine)
    with contextlib.closing(course):
        yield course


def digests_of(dossier):
    """The artefacts of each finished stage with their digests, and how many facts were known, in the order of the line."""
    lines = [line for line in dossier.lines() if "stage" in line]
    return {line["stage"]: {entry["name"]: entry["digest"] for entry in line["artefacts"]} | {"facts": line["facts"]} for line in lines}


def run_to(root, to="", **changed):
    """Run the line to a stage, or to its end; gives the digests of every stage."""
    with freedonia(root, **changed) as course:
        run_line(course, to)
        return digests_of(course.dossier)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(run_to(Path(folder) / "line"), indent=1) + "\n")
