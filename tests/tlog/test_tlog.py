"""Trees, tiles, proofs and notes against printed vectors, and against every flipped bit."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.terms.errors import OutOfOrder, Tampered
from callup.tlog import (
    Checkpoint,
    Head,
    Log,
    MemoryStore,
    Signer,
    Tree,
    merkle_root,
    open_note,
    verify_consistency,
    verify_inclusion,
    write_tree,
)
from callup.tlog.hashes import leaf_hash
from callup.tlog.tiles import tile_name

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tlog.json").read_text(encoding="utf-8"))
SIGNER = Signer("example.org/acts", Ed25519PrivateKey.from_private_bytes(sha256(b"a test key").digest()))


def entries_of(count, salt=b""):
    return [sha256(salt + bytes([index % 251, index // 251 % 251, index // 63001])).digest() for index in range(count)]


def plain_root(entries):
    """RFC 6962 section 2.1 as it is printed."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    cut = 1
    while cut * 2 < len(entries):
        cut *= 2
    return sha256(b"\1" + plain_root(entries[:cut]) + plain_root(entries[cut:])).digest()


def planted(entries):
    store = MemoryStore()
    return Tree(store, "t", write_tree(store, "t", entries))


@pytest.mark.parametrize("size", range(9))
def test_printed_roots(size):
    leaves = [bytes.fromhex(leaf) for leaf in VECTORS["trees"]["leaves"]]
    tree = planted(leaves[:size])
    assert tree.root().hex() == tree.check().hex() == VECTORS["trees"]["roots"][size]


@pytest.mark.parametrize(("level", "index", "width", "name"), VECTORS["names"])
def test_printed_tile_names(level, index, width, name):
    assert tile_name(level, index, width) == name


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 16383, 16384, 16385, 50000])
def test_streamed_root_is_the_plain_root(size):
    digests = entries_of(size)
    expected = plain_root(digests)
    assert merkle_root(iter(digests)) == merkle_root(b"".join(digests)) == expected
    assert planted(digests).root() == expected


@pytest.mark.parametrize("wrong", [b"x", [b"short"], [bytes(32), bytes(33)]])
def test_a_digest_has_32_bytes(wrong):
    with pytest.raises(ValueError, match="32"):
        merkle_root(wrong)


@settings(max_examples=60)
@given(st.data())
def test_proofs_hold_and_a_flipped_bit_does_not(data):
    size = data.draw(st.integers(1, 700))
    entries = entries_of(size)
    tree, index = planted(entries), data.draw(st.integers(0, size - 1))
    path, root, leaf = tree.inclusion(index), tree.root(), leaf_hash(entries[index])
    head = Head(size, root)
    assert verify_inclusion(leaf, index, head, path)
    assert not verify_inclusion(leaf, (index + 1) % size, head, path) or size == 1
    assert not verify_inclusion(leaf, index, head, [*path, bytes(32)])
    for at in range(len(path)):
        bad = [bytes([step[0] ^ 1]) + step[1:] if place == at else step for place, step in enumerate(path)]
        assert not verify_inclusion(leaf, index, head, bad)
    old = data.draw(st.integers(0, size))
    proof, before = tree.consistency(old), tree.root(old)
    assert before == plain_root(entries[:old])
    assert verify_consistency(Head(old, before), head, proof) is (old > 0)
    assert not verify_consistency(Head(old, before[::-1]), head, proof)
    for at in range(len(proof)):
        bad = [step[:-1] + bytes([step[-1] ^ 128]) if place == at else step for place, step in enumerate(proof)]
        assert not verify_consistency(Head(old, before), head, bad)


def test_consistency_refuses_nonsense():
    tree = planted(entries_of(9))
    root = tree.root()
    assert not verify_consistency(Head(9, root), Head(8, root), [])
    assert not verify_consistency(Head(3, tree.root(3)), Head(9, root), [])
    assert not verify_consistency(Head(0, root), Head(0, root), [])
    assert not verify_consistency(Head(), Head(9, root), [])
    assert not verify_consistency(Head(), Head(9, root), [root])
    assert verify_consistency(Head(), Head(), [])
    with pytest.raises(IndexError):
        tree.inclusion(9)
    with pytest.raises(IndexError):
        tree.consistency(10)


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_a_log_in_parts_is_the_log_at_once(parts):
    store, whole = MemoryStore(), entries_of(sum(parts))
    log, at = Log(store, "acts", SIGNER), 0
    for part in parts:
        assert log.append(whole[at : at + part]) == range(at, at + part)
        at += part
        log.checkpoint()
    assert log.tree().root() == plain_root(whole) == log.check().root
    assert log.tree().entries() == whole
    signed = Checkpoint.read(open_note(store.files["acts/checkpoint"], [SIGNER.vkey]).text) if parts else log.checkpoint()
    assert signed == Checkpoint("example.org/acts", Head(at, plain_root(whole)))
    assert all(f"acts/checkpoints/{sum(parts[: cut + 1])}" in store.files for cut in range(len(parts)))


def test_a_changed_file_is_found_before_anything_is_signed():
    store = MemoryStore()
    log = Log(store, "acts", SIGNER)
    log.append(entries_of(1300))
    for name, content in dict(store.files).items():
        store.files[name] = content[:-1] + bytes([content[-1] ^ 1])
        with pytest.raises(Tampered):
            log.check()
        del store.files[name]
        with pytest.raises(Tampered, match="tile-missing"):
            log.check()
        store.files[name] = content
    assert log.check().size == 1300


class TornStore(MemoryStore):
    """A store whose disk gives back other bytes once."""

    def __init__(self, torn):
        super().__init__()
        self.torn = torn

    def read(self, name):
        content = super().read(name)
        return content[:-1] + bytes([content[-1] ^ 1]) if name == self.torn else content


@pytest.mark.parametrize("torn", ["acts/tile/entries/000.p/5", "acts/tile/0/000.p/5"])
def test_a_torn_write_moves_no_head(torn):
    store = TornStore(torn)
    log = Log(store, "acts", SIGNER)
    with pytest.raises(Tampered):
        log.append(entries_of(5))
    assert log.size == 0
    store.torn = ""
    assert log.append(entries_of(5, b"other")) == range(5)
    assert log.check().size == 5


def test_a_log_has_one_writer():
    store = MemoryStore()
    log = Log(store, "acts", SIGNER)

    class Meanwhile(MemoryStore):
        def sync(self):
            self.heads["acts"] = Head(1, bytes(32))

    other = Meanwhile()
    with pytest.raises(OutOfOrder):
        Log(other, "acts", SIGNER).append(entries_of(2))
    log.append(entries_of(2))
    store.heads["acts"] = Head(2, bytes(32))
    with pytest.raises(Tampered, match="root-does-not-hold"):
        log.checkpoint()
    with pytest.raises(Tampered):
        log.append(entries_of(1))


def test_printed_note():
    vector = VECTORS["note"]
    note = open_note(vector["note"].encode(), [vector["vkey"]])
    assert note.signers == ("PeterNeumann",)
    assert note.text.startswith("If you think")


def test_every_flipped_byte_of_a_checkpoint_is_refused():
    message = SIGNER.sign(Checkpoint("example.org/acts", Head(7, sha256(b"root").digest())).text())
    assert open_note(message, [SIGNER.vkey]).signers == ("example.org/acts",)
    for at in range(len(message)):
        for flip in (1, 32, 128):
            changed = message[:at] + bytes([message[at] ^ flip]) + message[at + 1 :]
            with pytest.raises(Tampered):
                open_note(changed, [SIGNER.vkey])


def test_unknown_lines_are_skipped_and_a_bad_known_one_is_not():
    other = Signer("example.org/other", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    text = Checkpoint("example.org/acts", Head()).text()
    mine, theirs = SIGNER.sign(text), other.sign(text).split(b"\n\n")[1]
    assert open_note(mine + theirs, [SIGNER.vkey]).signers == ("example.org/acts",)
    assert open_note(mine + theirs, [SIGNER.vkey, other.vkey]).signers == ("example.org/acts", "example.org/other")
    wrong = other.sign("another text\n").split(b"\n\n")[1]
    with pytest.raises(Tampered, match="signature-wrong"):
        open_note(mine + wrong, [SIGNER.vkey, other.vkey])
    with pytest.raises(Tampered, match="no-trusted-signature"):
        open_note(mine, [other.vkey])


@pytest.mark.parametrize(
    "text", ["o\n1\nx\n", "o\n01\n" + "A" * 43 + "=\n", "o\n1\n" + "A" * 43 + "=\nmore\n", "\n1\n" + "A" * 43 + "=\n", "o\n1\nAAAA\n", "o"]
)
def test_a_malformed_checkpoint_is_refused(text):
    with pytest.raises(Tampered):
        Checkpoint.read(text)
