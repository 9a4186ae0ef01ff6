"""A made-up decree and made-up letters for the tests of notices."""

import hashlib
from datetime import date
from fractions import Fraction

import pyarrow as pa

from callup.jurisdictions import load
from callup.notice import Ground, Imprint, Stamp, letter_texts
from callup.notice.forms import asked_by, read_form
from callup.terms.decree import Decree, Signatory, Undertaking

DAY = date(2025, 3, 31)
STAMP = Stamp("callup.example", 17012, b"k" * 32, DAY)
IMPRINT = Imprint("t-2025-1", "freedonia", "ab" * 32, "cd" * 32, 30)


def decree(*, rehearsal=True, method="draw", jurisdiction="freedonia", asks="appearance"):
    promise = Undertaking("U1", "Nobody is sent abroad.", "the Minister of Service", DAY)
    return Decree(
        id="t-2025-1",
        jurisdiction=jurisdiction,
        title="Call-up of spring 2025",
        signed_on=DAY,
        authority="Service Board (made up)",
        legal_basis="Service Act 2020, art. 3",
        opens_on=date(2025, 4, 1),
        closes_on=date(2025, 7, 15),
        key_date=date(2025, 4, 1),
        persons_to_enlist=10,
        rehearsal=rehearsal,
        service_kind="military",
        service_months=9,
        undertakings=(promise,),
        quota_method="hamilton",
        quota_by="region",
        quota_base="liable",
        order_method=method,
        order_basis="",
        order_file="",
        notice_yield=Fraction(1, 4),
        waves=1,
        channels=("mail",),
        languages=("en",),
        places_file="places.csv",
        lead_days=14,
        posting_categories=(),
        receiving_body="",
        signatories=(Signatory("A", "a", "k"), Signatory("B", "b", "k")),
        log_origin="callup.example/t",
        beacon="rehearsal",
        beacon_round=1,
        lead_hours=24,
        secret_holders=(),
        merge_below=10,
        asks=asks,
    )


def ground(code="freedonia", **changed):
    folder = load(code)
    legal = decree(jurisdiction=code, **changed)
    return Ground(legal, folder.procedure.at(legal.key_date), IMPRINT, "callup.example", ("Service Act 2020, art. 99",))


def texts(code="freedonia", language="en", **changed):
    forms = load(code).forms
    return letter_texts(forms, ground(code, **{"asks": asked_by(read_form(forms, language, "letter"))} | changed), language)


def letters(n, language="en", **changed):
    rows = []
    for i in range(n):
        digest = hashlib.sha256(str(i).encode()).hexdigest()
        document = (
            f"callup/notice/1\ncall-up: t-2025-1\nroll: north {i} {'5a' * 16}\nrank: {i + 1}\nperson: {digest[:32]}\nborn: 2004-05-06\n"
        )
        row = {
            "notice_id": digest[:32],
            "language": language,
            "name": f"Анна Ünsal-{i} O'Neil",
            "address_line": f"{i} Long Street <b>",
            "locality": "Fredville & Sons",
            "postal_code": "10100",
            "stratum": "north",
            "rank": i + 1,
            "position": 4813 + i,
            "place_id": "n-1",
            "place": "1 Example Street {made up}",
            "appear_on": date(2025, 4, 20),
            "appear_at": f"09:{i % 60:02}",
            "salt": digest[32:],
            "document": document
            + f"report: 2025-04-20 09:30 n-1\nlaw: freedonia {'ab' * 16}\nobject-by: 30 days from service\npromises: {'cd' * 16}\n",
            "entry": i,
            "sign_in": f"7K3QX0M2A{i:03}",
        }
        rows.append({**row, **changed})
    return pa.Table.from_pylist(rows)
