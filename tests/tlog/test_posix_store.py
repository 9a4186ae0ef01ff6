"""The store on a disk keeps the protocol, whole files only, and heads apart."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.stores.tiles import PosixTileStore
from callup.terms.errors import OutOfOrder, Tampered, Unavailable
from callup.tlog import Head, Log, MemoryStore, Signer

SIGNER = Signer("example.org/acts", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ENTRIES = [f"callup/1 call {index:064x}\n".encode() for index in range(600)]


@pytest.fixture
def store(tmp_path):
    return PosixTileStore(tmp_path / "open", tmp_path / "heads")


def test_it_writes_the_bytes_that_memory_holds(store):
    memory = MemoryStore()
    for target in (store, memory):
        log = Log(target, "acts", SIGNER)
        for part in (ENTRIES[:10], ENTRIES[10:300], ENTRIES[300:]):
            log.append(part)
            log.checkpoint()
    written = {path.relative_to(store.folder).as_posix(): path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    assert written == memory.files
    assert store.head("acts") == memory.head("acts")


def test_a_head_moves_only_from_where_it_was(store):
    first, second = Head(1, bytes(32)), Head(2, bytes([1] * 32))
    assert store.head("acts") == Head()
    assert store.compare_and_set("acts", Head(), first)
    assert not store.compare_and_set("acts", Head(), second)
    assert store.compare_and_set("acts", first, second)
    assert PosixTileStore(store.folder, store.heads).head("acts") == second
    assert store.head("public") == Head()


def test_files_restored_to_an_earlier_state_sign_nothing(store):
    log = Log(store, "acts", SIGNER)
    log.append(ENTRIES[:5])
    log.append(ENTRIES[5:9])
    (store.folder / "acts/tile/0/000.p/9").unlink()
    with pytest.raises(Tampered):
        log.checkpoint()


def test_a_spoilt_head_stops_the_log(store):
    store.compare_and_set("acts", Head(), Head(3, bytes(32)))
    next(store.heads.glob("*.head")).write_text("3 half", encoding="ascii")
    with pytest.raises(Tampered, match="head-unreadable"):
        store.head("acts")


def test_a_disk_that_fails_is_unavailable(tmp_path):
    (tmp_path / "open").write_text("a file where a folder must be", encoding="ascii")
    with pytest.raises(Unavailable):
        PosixTileStore(tmp_path / "open", tmp_path / "heads").put("acts/checkpoint", b"")


def test_a_second_writer_is_refused_and_a_gone_one_is_not_waited_for(store):
    other = PosixTileStore(store.folder, store.heads)
    with store.alone("acts"):
        with pytest.raises(OutOfOrder, match="log-has-a-writer"):
            Log(other, "acts", SIGNER).append(ENTRIES[:1])
        Log(other, "public", SIGNER).append(ENTRIES[:1])
    assert Log(other, "acts", SIGNER).append(ENTRIES[:1]) == range(1)


def test_after_a_failed_write_the_store_looks_anew(store):
    store.put("acts/a", b"1")
    (store.folder / "acts" / "a").unlink()
    (store.folder / "acts").rmdir()
    with pytest.raises(Unavailable):
        store.put("acts/b", b"2")
    store.put("acts/b", b"2")
    assert store.read("acts/b") == b"2"
