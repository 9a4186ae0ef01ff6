"""Two named people sign each freeze and wave (safeguard G7): nobody else, nothing else, and not one alone."""

import csv

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.demo import scaled_decree, signed_by_stand_ins
from callup.app.dossier import Dossier
from callup.app.randomness import RehearsalRandomness
from callup.app.signing import WaitsForSignatures, act_text, require_two, sign_act, signatures_path, stand_in_key, valid_signatures
from callup.terms.errors import BadInput

RANDOM = RehearsalRandomness(7)
ONE, TWO = "Stand-in One", "Stand-in Two"
DIGEST, OTHER = "ab" * 32, "cd" * 32


def laid(root, rehearsal):
    text = signed_by_stand_ins(scaled_decree("ru", 200_000), RANDOM)
    if not rehearsal:
        text = text.replace("rehearsal = true", "rehearsal = false")
    return Dossier.create(root, bytes(32), text, {}, "ab" * 32)


@pytest.fixture
def dossier(tmp_path):
    return laid(tmp_path / "d", rehearsal=False)


def key_of(name):
    return stand_in_key(RANDOM, name)


def test_two_signatures_let_the_run_go_on_and_one_does_not(dossier):
    with pytest.raises(WaitsForSignatures) as waits:
        require_two(dossier, RANDOM, "freeze", DIGEST)
    assert waits.value.params["signed"] == "nobody yet"
    sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    with pytest.raises(WaitsForSignatures) as waits:
        require_two(dossier, RANDOM, "freeze", DIGEST)
    assert waits.value.params["signed"] == ONE
    assert TWO in str(waits.value.params["may still sign"])
    assert waits.value.exit_code == 0
    assert DIGEST in waits.value.hint
    sign_act(dossier, TWO, key_of(TWO), "freeze", DIGEST)
    assert require_two(dossier, RANDOM, "freeze", DIGEST) == {ONE, TWO}


def test_one_person_signing_twice_is_one_signature(dossier):
    for _ in range(2):
        sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    rows = signatures_path(dossier).read_text().splitlines()
    assert len(rows) == 2
    copied = rows[1]
    signatures_path(dossier).write_text("\n".join([*rows, copied, copied.replace(ONE, TWO)]) + "\n")
    assert valid_signatures(dossier, "freeze", DIGEST) == {ONE}


@pytest.mark.parametrize(("act", "digest"), [("freeze", OTHER), ("size-1", DIGEST), ("freeze ", DIGEST), ("", "")])
def test_a_signature_holds_for_its_act_and_digest_only(dossier, act, digest):
    sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    assert valid_signatures(dossier, act, digest) == set()


@pytest.mark.parametrize(
    ("name", "key"), [(ONE, TWO), ("Nobody", ONE), ("", ONE)], ids=["another's key", "a name not in the decree", "no name"]
)
def test_only_people_and_keys_of_the_decree_sign(dossier, name, key):
    with pytest.raises(BadInput, match="not-a-signatory"):
        sign_act(dossier, name, key_of(key), "freeze", DIGEST)
    assert not signatures_path(dossier).exists()


def test_a_signature_under_a_key_of_ones_own_is_refused(dossier):
    with pytest.raises(BadInput, match="not-a-signatory"):
        sign_act(dossier, ONE, Ed25519PrivateKey.from_private_bytes(bytes(32)), "freeze", DIGEST)


@pytest.mark.parametrize("column", ["act", "digest", "name", "key", "signature"])
def test_a_changed_field_of_the_file_is_no_signature(dossier, column):
    sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    path = signatures_path(dossier)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    value = rows[0][column]
    rows[0][column] = TWO if column == "name" else ("0" if value[-1] != "0" else "1").join(["", value[:-1]][::-1])
    assert rows[0][column] != value
    path.write_text("\n".join([",".join(rows[0]), ",".join(rows[0].values())]) + "\n")
    assert valid_signatures(dossier, "freeze", DIGEST) == set()


def test_a_torn_signature_is_none_and_can_be_given_again(dossier):
    sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    path = signatures_path(dossier)
    path.write_bytes(path.read_bytes()[:-10])
    assert valid_signatures(dossier, "freeze", DIGEST) == set()
    sign_act(dossier, ONE, key_of(ONE), "freeze", DIGEST)
    assert valid_signatures(dossier, "freeze", DIGEST) == {ONE}


def test_in_a_rehearsal_stand_ins_sign_and_only_there(tmp_path):
    rehearsal = laid(tmp_path / "rehearsal", rehearsal=True)
    assert require_two(rehearsal, RANDOM, "freeze", DIGEST) == {ONE, TWO}
    assert "REHEARSAL" in signatures_path(rehearsal).read_text()


def test_what_is_signed_names_call_up_act_and_digest(dossier):
    assert act_text(dossier.decree(), "size-2", DIGEST) == f"callup/act/1\nru-2025-spring\nsize-2\n{DIGEST}\n".encode()
