"""An append-only log as static files: RFC 6962 trees in C2SP tiles, signed notes and checkpoints.

Does: hashes leaves and nodes, writes tiles and entry bundles, proves inclusion and consistency, signs and opens checkpoints.
In: entries as bytes, a store (the ``TileStore`` protocol), a signing key as an object.
Out: tiles through the store, roots, proofs, signed checkpoints; ``Tampered`` where the store's bytes do not hold.
Never: touches a disk, a clock or a network; knows what an entry means; signs a root that it did not recompute from the store.
Follows: RFC 6962 section 2.1, RFC 8032, C2SP tlog-tiles, tlog-checkpoint and signed-note.
"""

from callup.tlog.hashes import merkle_root
from callup.tlog.log import Log
from callup.tlog.note import Checkpoint, Signer, open_note
from callup.tlog.proofs import verify_consistency, verify_inclusion
from callup.tlog.store import Head, MemoryStore, TileStore
from callup.tlog.tree import Tree, write_tree

__all__ = [
    "Checkpoint",
    "Head",
    "Log",
    "MemoryStore",
    "Signer",
    "TileStore",
    "Tree",
    "merkle_root",
    "open_note",
    "verify_consistency",
    "verify_inclusion",
    "write_tree",
]
