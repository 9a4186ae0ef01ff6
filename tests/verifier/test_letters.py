"""The second program on letters, slips, packets and proofs: the vectors that callup and the page read too, every cheat by its word."""

import base64
import functools
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sampling import some

from callup.app.checking.letters import read_code
from callup.app.checking.packets import Packet
from callup.tlog import Tree
from callup.tlog.witnessing import Proof

PROGRAM = Path(__file__).parents[2] / "verifier" / "verify.py"
SPEC = importlib.util.spec_from_file_location("verify_letters", PROGRAM)
verify = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(verify)
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "letters.json").read_text(encoding="utf-8"))
PINNED = VECTORS["pinned"]
HONEST = VECTORS["letters"][0]["code"]
ALSO = {"log-signature-missing": {"checkpoint"}, "letter-not-in-log": {"letter-malformed"}}
"""Words of its own for two refusals."""


def content(text):
    return base64.b64decode(text.removeprefix("base64:")) if text.startswith("base64:") else text.encode()


def held(row=None):
    row = row or VECTORS["letters"][0]
    return {name: content(text) for name, text in {**VECTORS["files"], **row["files"]}.items() if name not in row["gone"]}


def asked(files):
    rules = verify.Policy(PINNED["policy"].encode(), "policy")
    return verify.Asked(verify.Held(files), rules, PINNED["callUp"], PINNED["rehearsal"], PINNED["releases"])


def refusal(files, code, salt=""):
    try:
        asked(files).code(code, salt)
    except verify.Fails as failure:
        return failure.line["check"]
    return ""


@pytest.mark.parametrize("row", VECTORS["letters"], ids=lambda row: row["name"])
def test_a_letter_is_genuine_or_refused_by_its_word(row):
    found = refusal(held(row), row["code"])
    assert found == row["refused"] or found in ALSO.get(row["refused"], set())


def test_what_is_found_is_told():
    one = asked(held())
    one.code(HONEST, "")
    assert [line.partition(":")[0] for line in one.said] == ["text", "entry", "plan", "seed", "roll", "act", "promises"]


def read_by(files, code):
    names = set()

    class Seen(dict):
        def __getitem__(self, name):
            names.add(name)
            return dict.__getitem__(self, name)

    asked(Seen(files)).code(code, "")
    return names


def test_every_flipped_byte_of_what_is_read_is_refused(monkeypatch):
    """Design D29; what was answered for the same bytes is remembered, and the beacon's own bytes are flipped in test_beacon.py."""
    files = held()
    names = read_by(files, HONEST)
    for name in ("quicknet_holds", "ed25519_holds"):
        monkeypatch.setattr(verify, name, functools.cache(getattr(verify, name)))
    for name in sorted(names):
        for at in some(len(files[name]), name):
            flipped = bytearray(files[name])
            flipped[at] ^= 1
            try:
                found = refusal({**files, name: bytes(flipped)}, HONEST)
            except (ValueError, LookupError, TypeError, ArithmeticError):
                continue
            assert found, (name, at)


def test_a_slip_needs_its_salt():
    letter = read_code(HONEST)
    said = verify.NOTICE.fullmatch(letter.text)
    record = f"{said[6]}\n{said[7]}\n{said[2]}\n"
    code = f"2.{said[3]}.{base64.urlsafe_b64encode(record.encode()).decode().rstrip('=')}"
    assert refusal(held(), code, said[4]) == ""
    assert refusal(held(), code, "0" * 32) == "line-not-in-roll"
    assert refusal(held(), code, "") == "salt-malformed"


def run(*words):
    done = subprocess.run([sys.executable, str(PROGRAM), *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy"
    path.write_text(PINNED["policy"])
    return path


def test_a_packet_is_checked_from_its_file(tmp_path, policy):
    files = {name: held()[name] for name in read_by(held(), HONEST)}
    path = tmp_path / "my.packet"
    path.write_bytes(Packet(PINNED["callUp"], HONEST, "", "", "", "", {**files, "policy": PINNED["policy"].encode()}).text())
    code, said = run(path)
    assert (code, said.splitlines()[0]) == (0, "the policy was taken from what is checked: compare it with the gazette")
    assert "and its act is this letter" in said
    assert run(path, "--policy", policy)[1].splitlines()[0].startswith("text: ")
    whole = json.loads(path.read_text())
    whole["files"]["acts/checkpoint"] = whole["files"]["acts/checkpoint"].replace("\n5\n", "\n4\n")
    path.write_text(json.dumps(whole))
    code, said = run(path)
    assert (code, json.loads(said)["check"]) == (1, "log-signature-missing")
    path.write_text("{}")
    assert run(path)[0] == 1


def test_a_proof_file_is_checked_against_the_policy(tmp_path, policy):
    letter, files = read_code(HONEST), held()

    class Store:
        def read(self, name):
            return files[name]

    size = int(files["acts/checkpoint"].split(b"\n")[1])
    carried = f"{letter.salt}\n{letter.text}".encode()
    proof = Proof(letter.index, tuple(Tree(Store(), "acts", size).inclusion(letter.index)), files["acts/checkpoint"], carried)
    path = tmp_path / "mine.tlog-proof"
    path.write_bytes(proof.text())
    code, said = run(path, "--policy", policy)
    assert (code, said.splitlines()[-1]) == (0, "everything checks")
    assert run(path)[0] == 1
    path.write_bytes(proof.text().replace(f"index {letter.index}".encode(), f"index {letter.index + 1}".encode()))
    code, said = run(path, "--policy", policy)
    assert (code, json.loads(said)["check"]) == (1, "letter-not-in-log")


WITNESSED = json.loads((Path(__file__).parents[1] / "vectors" / "tlog_witnessing.json").read_text(encoding="utf-8"))["proofs"]


@pytest.mark.parametrize("row", [row for row in WITNESSED if row["name"].startswith("policy: ")], ids=lambda row: row["name"])
def test_a_policy_is_refused_as_by_callup(row):
    with pytest.raises(verify.Fails):
        verify.Policy(row["policy"].encode(), "policy")
