"""The peer of the bench ``log``: pymerkle's tree in memory over the same entries, in the peer's own environment.

    python pymerkle_tree.py ENTRIES RUNS

``ENTRIES`` has one entry a line, its line feed included. Prints one JSON line: version, root, CPU seconds of each run.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from pymerkle import InmemoryTree  # type: ignore[import-not-found]


def main(path: str, runs: int) -> None:
    """Build the tree as often as asked."""
    entries = Path(path).read_bytes().splitlines(keepends=True)
    seconds, root = [], b""
    for _ in range(runs):
        start = time.process_time()
        tree = InmemoryTree(algorithm="sha256")
        tree.append_entries(entries)
        root = tree.get_root()
        seconds.append(time.process_time() - start)
    print(json.dumps({"version": version("pymerkle"), "root": root.hex(), "seconds": seconds}))


main(sys.argv[1], int(sys.argv[2]))
