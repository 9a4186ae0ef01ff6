"""The tree and the tile writer beside the hash function's floor, pymerkle and tlog-scales; all in CPU seconds of one run.

The floor is two SHA-256 digests an entry over ready 65-byte messages: what a tree costs if nothing but hashing costs.
No folder is removed while it measures: ext4 looks long for inodes that were freed a moment ago, and that would be counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.resources import files
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.stores.tiles import PosixTileStore
from callup.terms.errors import Tampered, Unavailable
from callup.tlog import Head, Log, MemoryStore, Signer, Tree, verify_inclusion, write_tree

ENTRIES, LARGE, BESIDE_PEERS = 1_000_000, 10_000_000, 200_000
RUNS = 5
PROOFS = 200
PEERS = {"pymerkle": ("pymerkle_tree.py", 11.0), "tlog-scales": ("tlog_scales_log.py", 8.0)}
MEMORY_PROGRAM = """
import sys
from pathlib import Path
from callup.app.benches.log import entries, store_in
from callup.tlog import write_tree

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))

count, store = int(sys.argv[1]), store_in(Path(sys.argv[2]))
write_tree(store, "warm", entries(1000))
open("/proc/self/clear_refs", "w").write("5")  # the highest mark starts anew
before = kilobytes("VmRSS")
write_tree(store, "acts", entries(count))
print((kilobytes("VmHWM") - before) / 1024)
"""


def entries(number: int) -> Iterator[bytes]:
    """Entries as the acts log has them, one after another; none is kept."""
    return (b"callup/1 call %b\n" % sha256(b"%d" % index).hexdigest().encode() for index in range(number))


def store_in(folder: Path) -> PosixTileStore:
    """A tile store on the disk."""
    return PosixTileStore(folder / "open", folder / "heads")


def run(setting: Setting, folder: Path) -> Measured:
    """Measure the writer at 1 M entries (and 10 M where large runs are wanted), then beside the peers.

    Raises:
        Unavailable: a peer's environment is missing, or a peer failed.
        Tampered: a peer has another root, or reads other entries.
    """
    number = setting.persons or ENTRIES
    for name in PEERS:
        _python_of(name)
    fresh = (folder / str(one) for one in count())
    figures = [*_writer(number, 0.45, fresh), *_durable(number // 10, fresh), *_memory(number, fresh), *_beside_peers(number, folder)]
    if setting.large:
        figures += _writer(LARGE, 0.35, fresh, runs=1)
    return Measured(tuple(figures), ("CPU seconds of user and system together; the ratios are medians of runs that take turns",))


def _cpu(work: Callable[..., Any], *words: Any) -> float:
    start = time.process_time()
    work(*words)
    return time.process_time() - start


def floor(number: int) -> float:
    """CPU seconds of two digests an entry."""
    messages = [os.urandom(65) for _ in range(20_000)]
    hashed = sha256

    def digests() -> None:
        for _ in range(10):
            b"".join([hashed(message).digest() for message in messages])

    return _cpu(digests) * 2 * number / (10 * len(messages))


def _writer(number: int, target: float, fresh: Iterator[Path], runs: int = RUNS) -> list[Figure]:
    """The tree in memory, the writer on the disk, reading back and recomputing, and proofs from a cold start."""
    label = f"{number:,} entries"
    ready = list(entries(number)) if number <= ENTRIES else None
    memory, disk, bare, again = [], [], [], []
    lies = Path()
    for _ in range(runs):
        lies = next(fresh)
        store, source = store_in(lies), ready if ready is not None else entries(number)
        making = 0.0 if ready is not None else _cpu(deque, entries(number), 0)
        least, spent = floor(number), _cpu(write_tree, store, "acts", source) - making
        disk.append(least / spent)
        again.append(_cpu(Tree(store, "acts", number).check) / spent)
        bare.append(_files_alone(lies, next(fresh)) / spent)
        if ready is not None:
            memory.append(floor(number) / _cpu(write_tree, MemoryStore(), "acts", ready))
    figures = [_over(f"{label}: tree in memory, of the floor", memory, "0.70", 0.70)] if memory else []
    return [
        *figures,
        _over(f"{label}: tile writer with files, of the floor", disk, f"{target:.2f}", target),
        Figure(f"{label}: of its time, writing the same files does alone", median(bare), "x"),
        _under(f"{label}: recomputing from the disk before signing, of the writing", again, "1.0", 1.0),
        *_cold_proofs(store_in(lies), number, label),
    ]


def _over(what: str, ratios: list[float], target: str, least: float) -> Figure:
    return Figure(what, median(ratios), "x", f"at least {target}", median(ratios) >= least)


def _under(what: str, ratios: list[float], target: str, most: float, unit: str = "x") -> Figure:
    return Figure(what, median(ratios), unit, f"at most {target}", median(ratios) <= most)


def _files_alone(lies: Path, folder: Path) -> float:
    """CPU seconds of putting files of the same names and sizes, ready made: the file system's share."""
    store = store_in(folder)
    content = os.urandom(1 << 16)
    sizes = [(str(path.relative_to(lies / "open")), path.stat().st_size) for path in sorted((lies / "open").rglob("*")) if path.is_file()]

    def put() -> None:
        for name, size in sizes:
            store.put(name, content[:size])

    return _cpu(put)


class _Counting(MemoryStore):
    """Reads through to another store and counts."""

    def __init__(self, store: PosixTileStore) -> None:
        super().__init__()
        self.store, self.reads = store, 0

    def read(self, name: str) -> bytes:
        self.reads += 1
        return self.store.read(name)


def _cold_proofs(store: PosixTileStore, number: int, label: str) -> list[Figure]:
    """Inclusion proofs, each with nothing read before; all of them are verified.

    Raises:
        Tampered: one does not hold.
    """
    head = Head(number, Tree(store, "acts", number).root())
    leaves = dict(zip(asked := [number * one // PROOFS for one in range(PROOFS)], _entries_at(asked), strict=True))
    spent, reads = [], []
    for index in asked:
        counting = _Counting(store)
        start = time.process_time()
        path = Tree(counting, "acts", number).inclusion(index)
        spent.append((time.process_time() - start) * 1000)
        reads.append(counting.reads)
        if not verify_inclusion(sha256(b"\0" + leaves[index]).digest(), index, head, path):
            raise Tampered("proof-does-not-hold", {"index": index, "size": number}, "the tiles give no proof: this is a defect")
    most = max(reads)
    return [
        _under(f"{label}: inclusion proof from cold tiles", spent, "1", 1.0, "ms"),
        Figure(f"{label}: tiles read for it, at most", most, "tiles", "at most 5", most <= 5),
    ]


def _entries_at(indexes: list[int]) -> list[bytes]:
    return [b"callup/1 call %b\n" % sha256(b"%d" % index).hexdigest().encode() for index in indexes]


def _durable(number: int, fresh: Iterator[Path]) -> list[Figure]:
    """Seconds on the clock of a batch with its one sync, over those without."""
    ready, ratios = list(entries(number)), []
    for _ in range(RUNS):
        store = store_in(next(fresh))
        store.sync()
        start = time.perf_counter()
        write_tree(store, "acts", ready)
        written = time.perf_counter() - start
        store.sync()
        ratios.append((time.perf_counter() - start) / written)
    return [_under(f"{number:,} entries: durable batch over the unsynced, by the clock", ratios, "1.15", 1.15)]


def _memory(number: int, fresh: Iterator[Path]) -> list[Figure]:
    """How far the writer's memory grows while entries come one by one, in a process of its own; for a tenth and for all."""
    grown = [(size, _grown(size, next(fresh))) for size in (number // 10, number)]
    return [_under(f"{size:,} entries: memory of the writer over the entries", [found], "16", 16, "MB") for size, found in grown]


def _grown(number: int, folder: Path) -> float:
    words = [sys.executable, "-c", MEMORY_PROGRAM, str(number), str(folder)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def _beside_peers(number: int, folder: Path) -> list[Figure]:
    """The same entries by each peer and by callup, the same root.

    Raises:
        Tampered: another root.
    """
    number = min(number, BESIDE_PEERS)
    ready = list(entries(number))
    (folder / "entries").write_bytes(b"".join(ready))
    signer = Signer("example.org/bench", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    log = Log(store_in(folder / "read"), "acts", signer)
    log.append(ready)
    log.checkpoint()
    given = {"pymerkle": [], "tlog-scales": [str(folder / "theirs"), str(folder / "read" / "open" / "acts"), signer.vkey]}
    (folder / "theirs").mkdir()
    root, figures = log.tree().root().hex(), []
    for name, (program, target) in PEERS.items():
        answer = ask_peer(name, program, [str(folder / "entries"), str(RUNS), *given[name]])
        if answer["root"] != root or answer.get("read", number) != number:
            raise Tampered("peer-disagrees", {"peer": name, "root": answer["root"], "callup": root}, "one of the two is no RFC 6962 tree")
        times = [_ours(name, ready, folder / f"ours-{name}-{one}") for one in range(RUNS)]
        what = f"{number:,} entries: times the speed of {name} {answer['version']}"
        ratio = median(answer["seconds"]) / median(spent for spent, _ in times)
        figures.append(Figure(what, ratio, "x", f"at least {target:.0f}", ratio >= target))
        if "clock" in answer:
            by_clock = median(answer["clock"]) / median(passed for _, passed in times)
            figures.append(Figure(f"{what}, both durable, by the clock", by_clock, "x"))
    return figures


def _ours(peer: str, ready: list[bytes], folder: Path) -> tuple[float, float]:
    """CPU seconds and seconds by the clock: in memory beside pymerkle, durable on the disk beside tlog-scales."""
    store = MemoryStore() if peer == "pymerkle" else store_in(folder)
    clock, start = time.perf_counter(), time.process_time()
    write_tree(store, "acts", ready)
    store.sync()
    return time.process_time() - start, time.perf_counter() - clock


def _python_of(peer: str) -> Path:
    python = Path(f".venv-bench-{peer}/bin/python")
    if not python.exists():
        raise Unavailable("peer-missing", {"peer": peer, "where": str(python)}, "run: make bench")
    return python


def ask_peer(peer: str, program: str, words: list[str]) -> dict[str, Any]:
    """Run a peer's program in the peer's own environment and read the line of JSON that it prints.

    Raises:
        Unavailable: the environment is missing, or the program failed.
    """
    path = files("callup.app.benches").joinpath(f"peers/{program}")
    done = subprocess.run([str(_python_of(peer)), str(path), *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable("peer-failed", {"peer": peer, "why": done.stderr[-300:]}, "mend the peer's environment: make clean bench")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


BENCH = Bench("log", "how many entries a second does a log take, and what does it cost to keep it safe?", run)
