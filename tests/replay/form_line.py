"""The first mailing of a federal jury, made by hand: 240 synthetic persons, 2 divisions, 2 waves, a form that names no day."""

import contextlib
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from replay.freedonia_line import KEY, QUIET

from callup.app.demo import signed_by_stand_ins
from callup.app.dossier import Dossier
from callup.app.known import jurisdiction
from callup.app.randomness import RehearsalRandomness
from callup.app.sealed import arrow_schema
from callup.app.wire import course_of
from callup.law import register_schema

SEED = 7
DECREE = """\
id = "wheel-2027"
jurisdiction = "us-jury-form"
title = "Forms of the master wheel, 2027 (REHEARSAL)"
signed_on = 2027-01-04
authority = "Clerk of the District Court of Example (REHEARSAL)"
legal_basis = "28 U.S.C. 1864(a)"
opens_on = 2027-01-04
closes_on = 2027-04-30
key_date = 2027-01-04
persons_to_enlist = 60
rehearsal = true

[service]
kind = "jury"
months = 0

[quotas]
method = "hamilton"

[order]
method = "draw"
basis = "28 U.S.C. 1864(a)"

[notices]
asks = "answer"
yield = 0.6
waves = 2
channels = ["mail", "portal"]
languages = ["en"]

[[signatory]]
name = "Stand-in One"
office = "chief judge (REHEARSAL)"
key = ""

[[signatory]]
name = "Stand-in Two"
office = "clerk (REHEARSAL)"
key = ""

[log]
origin = "rehearsal.callup.example/wheel-2027"

[draw]
beacon = "rehearsal"
round = 1
secrets = ["clerk", "bar"]
"""


def a_person(number):
    """One synthetic voter; of every fifteenth nobody wrote down whether the name is in the wheel."""
    return {
        "person_id": f"V{number:05}",
        "born_on": date(1950, 1, 15) + timedelta(days=number * 97 % 19000),
        "unit": ("EX-1", "EX-2")[number % 5 == 0],
        "languages": "en",
        "portal": number % 3 == 0,
        "name": f"Example Voter-{number:05}",
        "address_line": f"{number + 100} Sample Road",
        "locality": "Exampleton",
        "postal_code": f"{10000 + number}",
        "country": "US",
        "in_wheel": None if number % 15 == 14 else number % 10 != 3,
    }


def the_wheel(count=240):
    """All of them, in the order of the register."""
    return [a_person(number) for number in range(count)]


@contextlib.contextmanager
def the_form(root, *, seed=SEED):
    """The course of a dossier at ``root/dossier``, not yet run; no places lie beside the decree."""
    schema = register_schema(jurisdiction("us-jury-form").law)
    root.mkdir(parents=True, exist_ok=True)
    rows = [{name: row.get(name) for name in schema.names} for row in the_wheel()]
    pq.write_table(pa.Table.from_pylist(rows, arrow_schema(schema)), root / "register.parquet")
    text = signed_by_stand_ins(DECREE, RehearsalRandomness(seed))
    dossier = Dossier.create(root / "dossier", KEY, text, {}, jurisdiction("us-jury-form").version)
    with contextlib.closing(course_of(dossier, QUIET, root / "register.parquet", seed)) as course:
        yield course
