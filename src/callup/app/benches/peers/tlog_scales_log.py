"""The peer of the bench ``log``: tlog-scales writes the same entries as tiles, and reads a log that callup wrote.

    python tlog_scales_log.py ENTRIES RUNS FOLDER LOG VKEY

``ENTRIES`` has one entry a line, its line feed included; the peer's logs go under ``FOLDER``. ``LOG`` is the folder of a log
that callup wrote: its checkpoint, its root, every entry and some proofs are checked by the peer's own code, or it fails.
Prints one JSON line: version, root, CPU seconds and seconds by the clock of each run, and how many entries were read.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from tlog_scales.backend import LocalBackend  # type: ignore[import-not-found]
from tlog_scales.reader import TilesReader  # type: ignore[import-not-found]
from tlog_scales.signing import PlainEd25519Signer, Vkey  # type: ignore[import-not-found]
from tlog_scales.writer import TilesWriter  # type: ignore[import-not-found]

ORIGIN = "example.org/bench"


def write(entries: list[bytes], folder: Path) -> tuple[float, float, str]:
    """One log of all entries, synced file by file; gives CPU seconds, seconds by the clock, and the root."""
    signer = PlainEd25519Signer(ORIGIN, bytes(range(32)))
    clock, start = time.perf_counter(), time.process_time()
    writer = TilesWriter.create(folder, ORIGIN)
    for entry in entries:
        writer.add_leaf(entry)
    writer.commit([signer], gc=False)
    spent, passed = time.process_time() - start, time.perf_counter() - clock
    reader = TilesReader(LocalBackend(folder))
    return spent, passed, reader.get_checkpoint().root_hash.hex()


def read(log: Path, vkey: str, entries: list[bytes]) -> int:
    """Read callup's log whole; gives the number of entries that are as they should be."""
    reader = TilesReader(LocalBackend(log))
    signed = reader.get_checkpoint()
    signed.verify(Vkey.from_string(vkey))
    if reader.calculate_root_hash() != signed.root_hash:
        raise SystemExit("the tiles do not give the root of the checkpoint")
    for index in range(0, signed.size, 997):
        leaf = hashlib.sha256(b"\0" + entries[index]).digest()
        reader.get_inclusion_proof(index, signed.size).check(leaf, signed.root_hash)
    return sum(reader.get_entry(index) == entries[index] for index in range(signed.size))


def main(path: str, runs: int, folder: Path, log: Path, vkey: str) -> None:
    """Write as often as asked, then read."""
    entries = Path(path).read_bytes().splitlines(keepends=True)
    made = [write(entries, folder / str(number)) for number in range(runs)]
    answer = {
        "version": version("tlog-scales"),
        "root": made[0][2],
        "seconds": [spent for spent, _, _ in made],
        "clock": [passed for _, passed, _ in made],
        "read": read(log, vkey, entries),
    }
    print(json.dumps(answer))


main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5])
