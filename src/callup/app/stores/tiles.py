"""Tiles on a POSIX disk: written aside and renamed, one sync a batch, each log's head apart in a small locked file.

A crash before ``sync`` may lose files beyond the head, never those under it; a crash in ``compare_and_set`` leaves the old
head or the new one, whole. The heads lie in a folder of their own: files may be restored from a mirror, heads may not.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from callup.app.durable import after_write, cannot_write, sync_folder, world_failures
from callup.terms.errors import OutOfOrder, Tampered
from callup.tlog import Head

_LIBC = ctypes.CDLL(None)


class PosixTileStore:
    """A ``TileStore`` of callup.tlog over two folders.

    Args:
        folder: where tiles, bundles and checkpoints lie; it may be published as it stands.
        heads: where the heads lie; not published, not restored from a backup.
    """

    def __init__(self, folder: Path, heads: Path) -> None:
        self.folder, self.heads = folder, heads
        self._made: set[str] = set()

    def read(self, name: str) -> bytes:
        try:
            with open(f"{self.folder}/{name}", "rb", buffering=0) as file:
                return file.read()
        except FileNotFoundError:
            raise KeyError(name) from None

    def put(self, name: str, content: bytes) -> None:
        path = f"{self.folder}/{name}"
        parent = path.rpartition("/")[0]
        aside = f"{path}.part"
        try:
            if parent not in self._made:
                os.makedirs(parent, exist_ok=True)
                self._made.add(parent)
            _write(aside, content)
            os.rename(aside, path)
        except OSError as failure:
            self._made.clear()  # after an error nothing that was known of the disk is believed
            with contextlib.suppress(OSError):
                os.unlink(aside)
            raise cannot_write(path, failure) from failure
        after_write(path)

    def sync(self) -> None:
        """One system call for everything put: a sync for each file takes about three times as long."""
        with world_failures(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                if not hasattr(_LIBC, "syncfs"):
                    os.sync()
                elif _LIBC.syncfs(handle):
                    raise OSError("the file system could not be synced")
            finally:
                os.close(handle)

    @contextlib.contextmanager
    def alone(self, log: str) -> Iterator[None]:
        path = self._head_path(log).with_suffix(".writer")
        with world_failures(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OutOfOrder("log-has-a-writer", {"log": log}, "wait until the other run has ended; a log has one writer") from None
            yield
        finally:
            os.close(handle)

    def head(self, log: str) -> Head:
        try:
            text = self._head_path(log).read_text(encoding="ascii")
        except FileNotFoundError:
            return Head()
        size, _, root = text.rstrip("\n").partition(" ")
        if not size.isdecimal() or len(root) != 64:
            raise Tampered("head-unreadable", {"path": str(self._head_path(log))}, "the log must not go on: close it and open a successor")
        return Head(int(size), bytes.fromhex(root))

    def compare_and_set(self, log: str, old: Head, new: Head) -> bool:
        path = self._head_path(log)
        with world_failures(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if self.head(log) != old:
                    return False
                self._write_head(path, new)
            finally:
                os.close(handle)
        after_write(str(path))
        return True

    def _write_head(self, path: Path, head: Head) -> None:
        aside = path.with_suffix(".part")
        with aside.open("wb") as file:
            file.write(f"{head.size} {head.root.hex()}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)

    def _head_path(self, log: str) -> Path:
        return self.heads / f"{log.replace('/', '_')}.head"


def _write(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        written = os.write(handle, content)
        while written < len(content):
            written += os.write(handle, content[written:])
    finally:
        os.close(handle)
