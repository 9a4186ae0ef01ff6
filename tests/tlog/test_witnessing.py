"""Cosignatures, policies and proof files as the C2SP texts say, and refused where they say so."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.terms.errors import BadInput, Tampered
from callup.tlog import Checkpoint, Head, Log, MemoryStore, Signer, open_note
from callup.tlog.witnessing import Cosigner, Proof, read_policy

ORIGIN = "log.example.org/acts"


def key(number):
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


SIGNER = Signer(ORIGIN, key(1))
A, B, C = (Cosigner(f"{name}.example.org/w", key(number)) for name, number in (("a", 2), ("b", 3), ("c", 4)))
POLICY = (
    f"log {SIGNER.vkey}\nwitness A {A.vkey}\nwitness B {B.vkey} https://b.example.org/\nwitness C {C.vkey}\ngroup G 2 A B C\nquorum G\n"
)
TEXT = Checkpoint(ORIGIN, Head(3, bytes(range(32)))).text()
NOTE = SIGNER.sign(TEXT)


def cosigned(*by):
    return NOTE + "".join(who.cosign(TEXT, time) for who, time in by).encode()


def test_the_bytes_of_a_cosignature():
    """C2SP tlog-cosignature: key id over type 0x04, then eight bytes of time and the signature over header, time and text."""
    line = A.cosign(TEXT, 1_679_315_147)
    dash, name, encoded = line.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    assert (dash, name, len(raw)) == ("\u2014", "a.example.org/w", 76)
    assert raw[4:12] == (1_679_315_147).to_bytes(8, "big")
    key(2).public_key().verify(raw[12:], f"cosignature/v1\ntime 1679315147\n{TEXT}".encode())
    assert base64.b64decode(A.vkey.rpartition("+")[2])[:1] == b"\x04"


def test_a_note_tells_signers_and_cosigners_apart():
    note = open_note(cosigned((A, 7), (B, 9)), [SIGNER.vkey, A.vkey])
    assert (note.signers, note.cosigned) == ((ORIGIN,), ((A.vkey, 7),))


@pytest.mark.parametrize("at", range(len(cosigned((A, 7))) - 107, len(cosigned((A, 7))) - 1, 3))
def test_no_byte_of_a_cosignature_can_be_changed(at):
    whole = bytearray(cosigned((A, 7)))
    whole[at] ^= 1
    policy = read_policy(POLICY.replace("quorum G", "quorum A").encode())
    try:
        found = policy.open(bytes(whole))
    except Tampered:
        return
    assert found.since is None, "a line by an unknown key counts for nobody"


@pytest.mark.parametrize(
    ("by", "since"),
    [((), None), (((A, 5),), None), (((A, 5), (B, 9)), 9), (((C, 3), (A, 5), (B, 9)), 5), (((A, 5), (A, 5)), None)],
)
def test_the_quorum_is_full_when_enough_have_seen_it(by, since):
    assert read_policy(POLICY.encode()).open(cosigned(*by)).since == since


@given(st.dictionaries(st.sampled_from("ABC"), st.integers(0, 99)))
@settings(max_examples=60)
def test_a_group_counts_from_its_nth_member(seen):
    policy = read_policy(POLICY.encode())
    times = sorted(seen.values())
    assert policy.since(seen) == (times[1] if len(times) > 1 else None)
    for text, members in (("any", 1), ("all", 3)):
        other = read_policy(POLICY.replace("group G 2", f"group G {text}").encode())
        assert other.since(seen) == (times[members - 1] if len(times) >= members else None)


def test_groups_of_groups_and_no_quorum():
    nested = read_policy(POLICY.replace("group G 2 A B C", "group H any A B\ngroup G all H C").encode())
    assert nested.since({"A": 4, "B": 2, "C": 9}) == 9
    assert nested.since({"A": 4, "B": 2}) is None
    assert read_policy(f"log {SIGNER.vkey}\nquorum none\n".encode()).open(NOTE).since == 0
    assert nested.addresses == {"B": "https://b.example.org/"}


BAD = {
    "no quorum": POLICY.replace("quorum G\n", ""),
    "two quorums": POLICY + "quorum G\n",
    "a quorum that stands nowhere": POLICY.replace("quorum G", "quorum X"),
    "a group before its members": "group G 1 A\n" + POLICY.replace("group G 2 A B C\n", ""),
    "a member twice": POLICY.replace("2 A B C", "2 A B B"),
    "a member of two groups": POLICY.replace("quorum G", "group H any A\nquorum H"),
    "none as a member": POLICY.replace("2 A B C", "2 A B none"),
    "more than there are": POLICY.replace("group G 2", "group G 4"),
    "none of them": POLICY.replace("group G 2", "group G 0"),
    "a number with a zero in front": POLICY.replace("group G 2", "group G 02"),
    "a name twice": POLICY.replace("witness B", "witness A"),
    "a name none": POLICY.replace("witness C", "witness none").replace("A B C", "A B"),
    "one key under two names": POLICY.replace(C.vkey, Cosigner("d.example.org/w", key(3)).vkey),
    "a log's key as a witness's": POLICY.replace(A.vkey, SIGNER.vkey),
    "a witness's key as a log's": POLICY.replace(SIGNER.vkey, Cosigner("e", key(9)).vkey),
    "an unknown word": POLICY + "monitor X\n",
    "too many words": POLICY.replace("https://b.example.org/", "https://b.example.org/ more"),
    "no end of line": POLICY[:-1],
    "a carriage return": POLICY.replace("\n", "\r\n"),
    "a control character": POLICY + "# \x07\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_a_policy_that_says_two_things_or_none_is_refused(text):
    with pytest.raises((BadInput, Tampered)):
        read_policy(text.encode())


def test_a_policy_may_have_comments_blanks_and_tabs():
    loose = "# of the call-up\n\n \t \n" + POLICY.replace("witness A ", "  witness\tA  ").replace("quorum G", "quorum G \t")
    assert read_policy(loose.encode()).quorum == "G"


def log_of(count):
    log = Log(MemoryStore(), "acts", SIGNER)
    entries = [f"entry {number}\n".encode() for number in range(count)]
    log.append(entries)
    log.checkpoint(lambda note: note + "".join(who.cosign(note.decode().rpartition("\n\n")[0] + "\n", 50) for who in (A, C)).encode())
    return log, entries


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (7, 6), (300, 0), (300, 255), (300, 299)])
def test_a_proof_file_is_read_as_it_was_written_and_holds(size, index):
    log, entries = log_of(size)
    proof = Proof(index, tuple(log.tree().inclusion(index)), log.store.read("acts/checkpoint"), b"salt")
    assert Proof.read(proof.text()) == proof
    found = Proof.read(proof.text()).verify(entries[index], read_policy(POLICY.encode()))
    assert (found.checkpoint.head.size, found.since) == (size, 50)
    with pytest.raises(Tampered, match="not-in-log"):
        proof.verify(entries[index] + b" ", read_policy(POLICY.encode()))


def test_no_byte_of_a_small_proof_file_can_be_changed():
    log, entries = log_of(5)
    whole = Proof(3, tuple(log.tree().inclusion(3)), log.store.read("acts/checkpoint")).text()
    policy = read_policy(POLICY.encode())
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= 1
        try:
            found = Proof.read(bytes(changed)).verify(entries[3], policy)
        except Tampered:
            continue
        assert found.since is None, at


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("@v1", "@v2"),
        ("index 3\n", ""),
        ("index 3\n", "extra AB==\nindex 3\n"),
        ("\n\n", "\n"),
    ],
)
def test_a_malformed_proof_file_is_refused(old, new):
    log, _ = log_of(5)
    text = Proof(3, tuple(log.tree().inclusion(3)), log.store.read("acts/checkpoint")).text().decode()
    with pytest.raises(Tampered):
        Proof.read(text.replace(old, new, 1).encode())


VECTORS = Path(__file__).parents[1] / "vectors" / "tlog_witnessing.json"


def test_the_vectors():
    """The same rows are read by the page's JavaScript."""
    for row in json.loads(VECTORS.read_text(encoding="utf-8"))["proofs"]:
        try:
            found = Proof.read(row["proof"].encode()).verify(row["entry"].encode(), read_policy(row["policy"].encode())).since
        except (BadInput, Tampered):
            found = "refused"
        assert found == row["since"], row["name"]
