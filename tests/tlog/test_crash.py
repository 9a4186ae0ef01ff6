"""The writer is killed at each of its steps, and what was not synced is kept or lost; no size is ever signed with two roots.

The world's failures as a table: which step failed (a put, a sync, a moved head), before or after it took effect, and which of
the unsynced files outlived it. After every crash the log is resumed, with other entries than the lost ones, and then
read again whole through its public files.
"""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.terms.errors import OutOfOrder
from callup.tlog import Checkpoint, Log, MemoryStore, Signer, Tree, open_note

SIGNER = Signer("example.org/acts", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BATCHES = (3, 250, 4, 300, 1)
KEPT = {
    "lost": lambda number: False,
    "kept": lambda number: True,
    "first": lambda number: number == 0,
    "odd": lambda number: number % 2 == 1,
    "even": lambda number: number % 2 == 0,
}


class Crash(Exception):
    """The machine stops."""


class FrailStore(MemoryStore):
    """A store that loses what was not synced when it stops, at a step that can be chosen."""

    def __init__(self, at=0, before=False):
        super().__init__()
        self.at, self.before, self.steps = at, before, 0
        self.unsynced = []
        self.signed = {}

    def step(self, effect):
        self.steps += 1
        if self.steps == self.at and self.before:
            raise Crash
        found = effect()
        if self.steps == self.at:
            raise Crash
        return found

    def read(self, name):
        return next((content for put, content in reversed(self.unsynced) if put == name), None) or super().read(name)

    def put(self, name, content):
        if "/checkpoint" in name:
            head = Checkpoint.read(open_note(content, [SIGNER.vkey]).text).head
            assert self.signed.setdefault(head.size, head.root) == head.root, "two roots are signed for one size"
        self.step(lambda: self.unsynced.append((name, content)))

    def sync(self):
        self.step(lambda: self.fall(lambda number: True))

    def fall(self, kept):
        """Keep some of the unsynced files, forget the others; whoever held the lock is gone."""
        self.files.update(one for number, one in enumerate(self.unsynced) if kept(number))
        self.unsynced = []
        self._writing.clear()

    def compare_and_set(self, log, old, new):
        return self.step(lambda: MemoryStore.compare_and_set(self, log, old, new))


def entries_of(count, salt):
    return [sha256(f"{salt} {number}".encode()).digest() for number in range(count)]


def go_on(store, life):
    """Append what is missing, batch by batch, each with its checkpoint; entries differ from one life to the next."""
    ends = [sum(BATCHES[: number + 1]) for number in range(len(BATCHES))]
    log = Log(store, "acts", SIGNER)
    log.checkpoint()
    for end in ends:
        if log.size < end:
            log.append(entries_of(end - log.size, life))
            log.checkpoint()
    return log


def whole(store):
    log = Log(store, "acts", SIGNER)
    assert log.check() == store.head("acts")
    for size, root in store.signed.items():
        assert Tree(store, "acts", log.size).root(size) == root, "what was signed is no beginning of the log"


def all_steps():
    store = FrailStore()
    go_on(store, 0)
    return store.steps


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("before", [True, False])
def test_a_crash_at_each_step(kept, before):
    assert all_steps() > 30
    for at in range(1, all_steps() + 1):
        store = FrailStore(at, before)
        with pytest.raises(Crash):
            go_on(store, 0)
        store.fall(KEPT[kept])
        go_on(store, 1)
        assert store.head("acts").size == sum(BATCHES)
        whole(store)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.integers(0, 2**16)), min_size=2, max_size=5))
def test_a_machine_that_stops_again_and_again(crashes):
    store = FrailStore()
    for life, (after, before, kept) in enumerate(crashes):
        store.at, store.before = store.steps + after, before
        try:
            go_on(store, life)
        except Crash:
            store.fall(lambda number, kept=kept: kept >> (number % 16) & 1)
    store.at = 0
    go_on(store, -1)
    whole(store)


def test_a_second_writer_is_refused_while_the_first_writes():
    class Twice(FrailStore):
        def sync(self):
            with pytest.raises(OutOfOrder, match="log-has-a-writer"):
                Log(self, "acts", SIGNER).append(entries_of(2, "second"))
            super().sync()

    store = Twice()
    log = Log(store, "acts", SIGNER)
    log.append(entries_of(5, "first"))
    whole(store)
    assert log.tree().entries() == entries_of(5, "first")
