"""Writes that survive a crash at any line: write aside, sync, rename; append one whole line, sync (design D17).

Every lasting write of a dossier goes through here, so a test can count the writes and kill the program at each.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from callup.terms.errors import Unavailable


def after_write(what: str) -> None:
    """Called after each lasting write; the crash test replaces it. A crash here leaves what the caller says it leaves."""


@contextlib.contextmanager
def world_failures(path: Path | str) -> Iterator[None]:
    """Turn a full disk or a lost mount into `Unavailable`, with the place and what to do."""
    try:
        yield
    except OSError as failure:
        raise cannot_write(path, failure) from failure


def cannot_write(path: Path | str, failure: OSError) -> Unavailable:
    """The refusal of a disk, with the place and what to do."""
    words = {"path": str(path), "why": failure.strerror or str(failure)}
    return Unavailable("cannot-write", words, "free space or mend the disk, then run the same command again")


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    with world_failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(path.name + ".part")
        try:
            handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    after_write(str(path))


def append_line(path: Path, line: str) -> None:
    """Append one line. A torn line (no LF at the end, left by a crash) is cut off first: it was never acknowledged."""
    with world_failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            file.seek(0)
            whole = file.read()
            if whole and not whole.endswith(b"\n"):
                file.truncate(whole.rfind(b"\n") + 1)
            file.seek(0, os.SEEK_END)
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    after_write(str(path))


def read_lines(path: Path) -> list[str]:
    """The whole lines of a file; a torn last one is left out."""
    if not path.exists():
        return []
    return path.read_bytes().decode().split("\n")[:-1]


@contextlib.contextmanager
def folders_whole(finals: list[Path]) -> Iterator[list[Path]]:
    """Give an empty ``.part`` folder for each final one; rename all on success. The caller logs the stage after that.

    A crash before the log line leaves folders that the log does not name: the next run throws them away and makes the
    stage again, so nothing half-written is ever taken for whole.
    """
    parts = [final.with_name(final.name + ".part") for final in finals]
    with world_failures(finals[0]):
        for part, final in zip(parts, finals, strict=True):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            if final.exists():
                shutil.rmtree(final)
    try:
        yield parts
    except BaseException:
        for part in parts:
            shutil.rmtree(part, ignore_errors=True)
        raise
    with world_failures(finals[0]):
        for part, final in zip(parts, finals, strict=True):
            _sync_tree(part)
            part.rename(final)
            sync_folder(final.parent)
            after_write(str(final))


def _sync_tree(folder: Path) -> None:
    """One sync for each file and folder below, deepest first."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            handle = os.open(Path(place) / name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        sync_folder(Path(place))
