"""A watchdog signs what it reports; nobody can speak for it, and nobody for a person who named nobody (safeguard G21)."""

import shutil
from contextlib import closing
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from replay.freedonia_line import DECREE, KEY

from callup.app.acts import add_fact
from callup.app.dossier import Dossier
from callup.app.reporting import kept_report, read_report, take_report
from callup.app.wire import facts_of
from callup.terms.errors import BadInput, Tampered

MINE, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
PUBLIC = MINE.public_key().public_bytes_raw().hex()
CASED = "case=" + "c" * 24
SAID = ("--watchdog", "Mothers", "--kind", "posted", "--month", "2025-09", "--field", "ground=abroad", "--field", CASED)
TOOK = date(2025, 9, 20)
CASE = {"case_id": "c" * 24, "ground": "abroad", "evidence": "0" * 64}


@pytest.fixture
def dossier(tmp_path, open_line):
    """A call-up whose decree forbids a posting, names two watchdogs, and the key of one of them."""
    shutil.copytree(open_line, tmp_path / "line")
    root = next(path.parent for path in (tmp_path / "line").rglob("dossier.toml"))
    decree = DECREE.replace("on = 2025-03-31\n\n[quotas]", 'on = 2025-03-31\nforbids.posting = ["abroad"]\nanswer_days = 30\n\n[quotas]')
    decree = decree.replace("[order]\n", '[order]\nposting_categories = ["garrison", "abroad"]\n')
    watchdogs = (
        f'''[[watchdog]]\nname = "Mothers"\ncontact = "tel."\nkey = "{PUBLIC}"\n\n[[watchdog]]\nname = "Silent"\ncontact = "tel."\n'''
    )
    (root / "decree.toml").write_text(decree + watchdogs, encoding="utf-8")
    (root / "dossier.key").write_text(KEY.hex())
    for name, key in (("mine", MINE), ("other", OTHER)):
        (tmp_path / f"{name}.key").write_text(key.private_bytes_raw().hex())
    return Dossier.at(root, KEY)


def test_a_signed_report_is_taken_once_and_kept_as_the_evidence_of_its_fact(dossier, call, tmp_path):
    report = tmp_path / "r.txt"
    code, _, _ = call("fact", "report", dossier.root / "decree.toml", "--to", report, *SAID, "--signing-key", tmp_path / "mine.key")
    assert code == 0
    for said in ("recorded", "was recorded already"):
        assert call("fact", "take", dossier.root, report, "--known-on", "2025-09-20")[:2] == (0, f"{said}\n")
    with closing(facts_of(dossier)) as store:
        (row,) = store.rows_of_case("c" * 24)
    assert (row["kind"], row["actor"], row["ground"], row["happened_on"]) == ("posted", "watchdog: Mothers", "abroad", date(2025, 9, 1))
    assert kept_report(dossier, row["evidence"]) == report.read_bytes()
    assert read_report(dossier.decree(), kept_report(dossier, row["evidence"]))["case_id"] == "c" * 24
    (sealed,) = (dossier.sealed / "60-facts" / "reports").iterdir()
    assert b"Mothers" not in sealed.read_bytes()
    sealed.unlink()
    with pytest.raises(Tampered, match="signed-report-missing"):
        kept_report(dossier, row["evidence"])


@pytest.mark.parametrize("changed", [("2025-09", "2025-10"), ("abroad", "garrison"), ("c" * 24, "d" * 24), ("posted", "assigned")])
def test_what_the_watchdog_did_not_sign_is_refused(dossier, call, tmp_path, changed):
    report = tmp_path / "r.txt"
    call("fact", "report", dossier.root / "decree.toml", "--to", report, *SAID, "--signing-key", tmp_path / "mine.key")
    with closing(facts_of(dossier)) as store:
        with pytest.raises(Tampered, match="signed-report-not-theirs"):
            take_report(dossier, store, report.read_bytes().replace(*(one.encode() for one in changed)), TOOK)
        assert store.rows_of_case("c" * 24) == []


@pytest.mark.parametrize(
    ("changed", "key", "code"),
    [
        ({}, "other", "signed-report-not-theirs"),
        ({"--watchdog": "Silent"}, "mine", "signed-report-of-another"),
        ({"--watchdog": "Nobody"}, "mine", "signed-report-of-another"),
        ({"--kind": "breach_answered"}, "mine", "signed-report-of-another"),
        ({"--kind": "did_not_come"}, "mine", "signed-report-of-another"),
        ({"--month": "2025-09-14"}, "mine", "signed-report-days"),
        ({CASED: "case=c\nkind: posted"}, "mine", "signed-report-field"),
    ],
)
def test_a_report_that_cannot_be_believed_is_not_written(dossier, call, tmp_path, changed, key, code):
    words = [
        part for name, value in zip(SAID[::2], SAID[1::2], strict=True) for part in (name, changed.get(name, changed.get(value, value)))
    ]
    to = tmp_path / "r.txt"
    left, _, said = call("fact", "report", dossier.root / "decree.toml", "--to", to, *words, "--signing-key", tmp_path / f"{key}.key")
    assert (left != 0, to.exists()) == (True, False)
    assert code.replace("-", " ") in said


def test_a_place_instead_of_a_category_is_refused_though_it_is_signed(dossier, call, tmp_path):
    report = tmp_path / "r.txt"
    said = [word.replace("=abroad", "=Unit 7, North Street") for word in SAID]
    call("fact", "report", dossier.root / "decree.toml", "--to", report, *said, "--signing-key", tmp_path / "mine.key")
    code, _, refused = call("fact", "take", dossier.root, report, "--known-on", "2025-09-20")
    assert (code, "a category of the decree" in refused) == (2, True)


def test_nobody_speaks_for_a_watchdog_or_for_a_person_who_named_nobody(dossier):
    with closing(facts_of(dossier)) as store:

        def said(kind, actor, day=date(2025, 9, 1), **more):
            return add_fact(store, kind, actor, (day, TOOK), CASE | more, dossier.decree())

        with pytest.raises(BadInput, match="watchdog-unsigned"):
            said("posted", "watchdog: Mothers")
        with pytest.raises(BadInput, match="agent-not-named"):
            said("posted", "agent: A. B.")
        assert said("represented", "person", ground="A. B.") == 1
        assert said("posted", "agent: A. B.") == 1
