"""One append-only log. It keeps nothing in memory between calls: each call starts from the store, so an error leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from callup.terms.errors import OutOfOrder, Tampered
from callup.tlog.note import Checkpoint, Signer
from callup.tlog.store import Head, TileStore
from callup.tlog.tree import Tree, write_tree


class Log:
    """A log in a folder of a store, with one writer.

    Args:
        store: where tiles, bundles and checkpoints go.
        prefix: folder of the log in the store, e.g. ``public``.
        signer: signs its checkpoints; the signer's name is the log's origin.
    """

    def __init__(self, store: TileStore, prefix: str, signer: Signer) -> None:
        self.store, self.prefix, self.signer = store, prefix, signer

    @property
    def size(self) -> int:
        """How many entries stand under the head."""
        return self.store.head(self.prefix).size

    def tree(self) -> Tree:
        """The log's tree under its head, for roots, proofs and entries."""
        return Tree(self.store, self.prefix, self.size)

    def append(self, entries: Sequence[bytes]) -> range:
        """Write entries, wait for the disk, read them back, recompute the root from what was read, then move the head.

        A crash before the head moves leaves files beyond it; the next append writes over them.

        Returns:
            The indexes of the entries.

        Raises:
            Tampered: what lies in the store does not hash to the head, or what was read back is not what was written.
            OutOfOrder: another writer is at work, or has moved the head.
        """
        with self.store.alone(self.prefix):
            return self._append(entries)

    def _append(self, entries: Sequence[bytes]) -> range:
        old = self.store.head(self.prefix)
        self._hold(old, Tree(self.store, self.prefix, old.size).root())
        size = write_tree(self.store, self.prefix, entries, after=old.size)
        self.store.sync()
        fresh = Tree(self.store, self.prefix, size)
        new = Head(size, fresh.check(old.size))
        self._hold(old, fresh.root(old.size))
        if not _same(fresh, old.size, entries):
            raise Tampered("entries-not-kept", {"log": self.prefix, "size": size}, "the store gave back other bytes: check the disk")
        if not self.store.compare_and_set(self.prefix, old, new):
            raise OutOfOrder("head-moved", {"log": self.prefix, "size": old.size}, "another writer is at work; a log has one")
        return range(old.size, size)

    def checkpoint(self, cosign: Callable[[bytes], bytes] = bytes) -> Checkpoint:
        """Recompute the root from the tiles, sign the head, have it cosigned, keep it under its size, and publish it as the newest.

        The head moves before anything is signed and the signature is a function of the head, so no size is signed twice
        with different roots, and a crash here is mended by calling it again.

        Args:
            cosign: gives the checkpoint with what witnesses added; whatever it raises leaves nothing published.
        """
        with self.store.alone(self.prefix):
            return self._sign(cosign)

    def _sign(self, cosign: Callable[[bytes], bytes]) -> Checkpoint:
        head = self.store.head(self.prefix)
        self._hold(head, Tree(self.store, self.prefix, head.size).root())
        signed = Checkpoint(self.signer.name, head)
        note = cosign(self.signer.sign(signed.text()))
        self.store.put(f"{self.prefix}/checkpoints/{head.size}", note)
        self.store.put(f"{self.prefix}/checkpoint", note)
        self.store.sync()
        return signed

    def check(self) -> Head:
        """Recompute everything from the first entry on; gives the head if it holds."""
        head = self.store.head(self.prefix)
        self._hold(head, Tree(self.store, self.prefix, head.size).check())
        return head

    def _hold(self, head: Head, root: bytes) -> None:
        if root != head.root:
            params = {"log": self.prefix, "size": head.size, "expected": head.root.hex(), "found": root.hex()}
            raise Tampered("root-does-not-hold", params, "sign nothing; restore the files from a mirror")


def _same(tree: Tree, first: int, entries: Sequence[bytes]) -> bool:
    """Whether the store gives back, from ``first`` on, the entries that were handed in."""
    at = 0
    for part in tree.bundles(first):
        if list(part) != list(entries[at : at + len(part)]):
            return False
        at += len(part)
    return at == len(entries)
