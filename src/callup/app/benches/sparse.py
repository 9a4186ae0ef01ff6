"""A published call-up of ten million acts of which only the files that one letter's check reads are made.

Every other subtree is a made-up hash, so the roots, signatures and files read are what they would be at that size, and nothing else is
there. It measures what a check reads; it says nothing about writing such a log.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.web.public.page import CheckPage
from callup.draw import call_document, commitment, entry, plan_text, ranks, rehearsal_beacon, seed_document, seed_of, tickets
from callup.tlog import Checkpoint, Head, MemoryStore, Signer, Tree, write_tree
from callup.tlog.witnessing import Cosigner

WIDTH = 256
ORIGIN, CALL_UP, STRATUM = "bench.example.org/large-1", "large-1", "unit-1"
WITNESSES = ("rehearsal-a", "rehearsal-b", "rehearsal-c")
_TIME = 1_800_000_000


def _made_up(*parts: object) -> bytes:
    return sha256("/".join(map(str, parts)).encode()).digest()


@dataclass(slots=True)
class SparseTree:
    """Tiles of a tree of a given size in which only some leaves are known.

    Args:
        prefix: where its files lie.
        size: entries.
        entries: the known entries by index.
        files: where the tiles and bundles go.
    """

    prefix: str
    size: int
    entries: Mapping[int, bytes]
    files: dict[str, bytes] = field(default_factory=dict)
    _known: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def make(self, sizes: Iterable[int]) -> None:
        """Make the tiles of the known leaves and those by which the roots of these sizes are computed; all sizes are those of this tree."""
        wanted = {(0, index // WIDTH) for index in self.entries}
        for size in (*sizes, self.size):
            wanted |= {(level, size // WIDTH**level // WIDTH) for level in range(4) if size // WIDTH**level % WIDTH}
        for level in range(4):
            for index in sorted({at for height, at in wanted if height == level}):
                if len(self._tile(level, index)) == 32 * WIDTH:
                    self._known[level + 1, index] = _root(self._tile(level, index))
                    wanted.add((level + 1, index // WIDTH))

    def _tile(self, level: int, index: int) -> bytes:
        width = min(WIDTH, self.size // WIDTH**level - WIDTH * index)
        shape = Tree(MemoryStore(), self.prefix, self.size)
        name = shape.name(level, index, width)
        if name not in self.files:
            first = index * WIDTH
            if level == 0:
                bundle = [self._entry(at) for at in range(first, first + width)]
                self.files[shape.name("entries", index, width)] = b"".join(len(one).to_bytes(2, "big") + one for one in bundle)
                hashes = [sha256(b"\0" + one).digest() for one in bundle]
            else:
                hashes = [self._known.get((level, at)) or _made_up(self.prefix, level, at) for at in range(first, first + width)]
            self.files[name] = b"".join(hashes)
        return self.files[name]

    def _entry(self, index: int) -> bytes:
        return self.entries.get(index) or entry("service", _made_up(self.prefix, index).hex())

    def root(self, size: int) -> bytes:
        """The root over the first entries, from the tiles made."""
        store = MemoryStore()
        store.files = self.files
        return Tree(store, self.prefix, self.size).root(size)


def _root(hashes: bytes) -> bytes:
    level = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    while len(level) > 1:
        level = [sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level), 2)]
    return level[0]


@dataclass(frozen=True, slots=True)
class LargeCallUp:
    """Files below ``log/``, the code of one letter, and what is to be ranked."""

    files: Mapping[str, bytes]
    fragment: str
    seed: str
    position: int


def large_call_up(acts: int, lines: int, wave: int) -> LargeCallUp:
    """Make the files of a check.

    Args:
        acts: entries of the acts log today.
        lines: lines of the roll.
        wave: in which wave the letter was called: so many call documents lead to it.
    """
    position, salt, person = lines // 3, _made_up("roll salt").hex()[:32], _made_up("person").hex()[:32]
    record = commitment("roll", salt, f"{person}\n2005-05-05\n{STRATUM}\n")
    roll = SparseTree(f"roll/{STRATUM}", lines, {position: bytes.fromhex(record)})
    roll.make([])
    plan = _plan(lines, roll.root(lines))
    seed_text = seed_document(plan, {"authority": _made_up("secret").hex()}, rehearsal_beacon(CALL_UP, 7))
    seed = seed_of(seed_text)
    rank = int(ranks(tickets(seed, STRATUM, lines))[position])
    text = (
        f"callup/notice/1\ncall-up: {CALL_UP}\nroll: {STRATUM} {position} {salt}\nrank: {rank}\nperson: {person}\nborn: 2005-05-05\n"
        f"report: 2027-03-01 09:00 {STRATUM}-1\nlaw: bench {'a' * 32}\nobject-by: 30 days from service\npromises: {'b' * 32}\n"
    )
    edges = [*(rank * at // wave for at in range(wave)), min(lines, rank + lines // 20)]
    index = acts // 2
    starts = [index - edges[-2] + edge for edge in edges[:-1]]
    calls = [call_document(seed, [(STRATUM, first + 1, last, start)]) for first, last, start in zip(edges, edges[1:], starts, strict=False)]
    mine, size = index + rank - 1 - edges[-2], index + edges[-1] - edges[-2]
    act_salt = _made_up("act salt").hex()[:32]
    log = SparseTree("acts", acts, {mine: entry("call", commitment("open", act_salt, text))})
    log.make([size])
    made = _Signed()
    files = {**roll.files, **log.files}
    files["acts/checkpoint"] = made.checkpoint("acts", Head(acts, log.root(acts)))
    files[f"acts/checkpoints/{size}"] = made.checkpoint("acts", Head(size, log.root(size)))
    files |= made.public(
        [[("decree", ""), ("law", ""), ("counts", ""), ("plan", plan)], [("seed", seed_text)], *([("call", one)] for one in calls)]
    )
    files["v"] = CheckPage(CALL_UP, ORIGIN, made.policy(), True, ("en", "ru"), {"b" * 64: "bench"}).html()
    code = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    return LargeCallUp(files, f"1.{size}.{mine}.{act_salt}.{code}", seed, position)


class _Signed:
    """Signs as both logs and as three witnesses, as a rehearsal does."""

    def __init__(self) -> None:
        self.logs = {name: Signer(f"{ORIGIN}/{name}", _key(name)) for name in ("public", "acts")}
        self.witnesses = [Cosigner(f"{ORIGIN}/{name}", _key(name)) for name in WITNESSES]

    def policy(self) -> str:
        logs = [f"log {one.vkey}" for one in self.logs.values()]
        witnesses = [f"witness {name} {one.vkey}" for name, one in zip(WITNESSES, self.witnesses, strict=True)]
        return "\n".join([*logs, *witnesses, f"group all-three 2 {' '.join(WITNESSES)}", "quorum all-three", ""])

    def checkpoint(self, name: str, head: Head) -> bytes:
        signer = self.logs[name]
        text = Checkpoint(signer.name, head).text()
        return signer.sign(text) + "".join(one.cosign(text, _TIME) for one in self.witnesses).encode()

    def public(self, batches: list[list[tuple[str, str]]]) -> dict[str, bytes]:
        """The public log, a checkpoint after each batch."""
        store, size = MemoryStore(), 0
        for batch in batches:
            for _, text in batch:
                store.put(f"public/doc/{sha256(text.encode()).hexdigest()}", text.encode())
            size = write_tree(store, "public", [entry(kind, sha256(text.encode()).hexdigest()) for kind, text in batch], after=size)
            note = self.checkpoint("public", Head(size, Tree(store, "public", size).root()))
            store.put(f"public/checkpoints/{size}", note)
            store.put("public/checkpoint", note)
        return dict(store.files)


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_made_up("key", name))


def _plan(lines: int, root: bytes) -> str:
    return plan_text(
        call_up=CALL_UP, law="a" * 64, promises="b" * 64, merge="below 10; unit, country", lead_hours=24, order="draw",
        quotas={STRATUM: lines // 50}, rolls={STRATUM: (lines, root.hex())},
        secrets={"authority": commitment("secret", "", _made_up("secret").hex())}, beacon=f"rehearsal {CALL_UP} 7",
    )  # fmt: skip
