"""Looks at this program's processes while they work: memory of all together, CPU of all together, the largest worker.

What it knows stands under ``/proc`` (proc(5)); where there is no such folder it knows nothing, and says 0.
"""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

_EVERY = 0.25


class Watch(threading.Thread):
    """Looks at the memory of a process and all its descendants until it is told to end.

    Args:
        pid: the process; this one unless told otherwise.
    """

    def __init__(self, pid: int = 0) -> None:
        super().__init__(daemon=True)
        self._pid, self._over, self._most, self._since = pid or os.getpid(), threading.Event(), 0, 0
        self.start()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            now = sum(map(_kilobytes, family(self._pid)))
            self._most, self._since = max(self._most, now), max(self._since, now)

    def since_last(self) -> float:
        """The largest sum seen since this was last asked, in MB."""
        most, self._since = self._since, 0
        return most / 1024

    def end(self) -> float:
        """The largest sum seen, in MB."""
        self._over.set()
        self.join()
        return self._most / 1024


class Workers(threading.Thread):
    """Looks at the workers of this process until it is told to end; they are children of a server of its own, which reaps them."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over, self._most = threading.Event(), 0
        self._before = cpu_seconds(family(os.getpid())[1:])
        self.start()

    def run(self) -> None:
        while not self._over.wait(_EVERY):
            self._most = max([self._most, *(_peak(pid) for pid in family(os.getpid())[1:])])

    def end(self) -> tuple[float, float]:
        """CPU seconds of all workers, and the memory of the largest, in MiB."""
        self._over.set()
        self.join()
        return cpu_seconds(family(os.getpid())[1:]) - self._before, self._most / 1024


def cpu_seconds(pids: list[int]) -> float:
    """CPU seconds of some processes and of those of their children that have ended."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):  # it has ended meanwhile: its parent counts it
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _peak(pid: int) -> int:
    """The largest resident set that a process has had, in kB."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)
    return 0


def _kilobytes(pid: int) -> int:
    """Proportional set size: what several processes share is counted once in all."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def give_back() -> None:
    """Give the kernel what was freed and is still held for later: by Arrow, and by malloc(3), which else keeps what a large stage took."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
