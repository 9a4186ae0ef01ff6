"""One folder a call-up: ``open/`` may be published as it stands, ``sealed/`` holds persons under a key kept outside.

``dossier.log`` has one JSON line for each finished stage: its name, its artefacts with digests, and how many facts were
known. ``dossier.toml`` says the format, the call-up and the law's version.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from callup.app import durable
from callup.app.keys import KeyRing
from callup.terms.decree import Decree, read_decree
from callup.terms.errors import BadInput, OutOfOrder

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What a finished stage left: an artefact's name, digest, rows and what it was made from."""

    name: str
    digest: str
    rows: int
    made_from: tuple[str, ...] = ()


class Dossier:
    """A call-up's folder and its key."""

    def __init__(self, root: Path, key: bytes) -> None:
        self.root = root
        self.key = key
        self.open = root / "open"
        self.sealed = root / "sealed"
        self.log_path = root / "dossier.log"
        self._lines: list[dict[str, Any]] | None = None
        self._held = False

    @classmethod
    def create(cls, root: Path, key: bytes, decree_text: str, extra: dict[str, bytes], law_version: str) -> Dossier:
        """Lay a new dossier: the decree, what belongs to it, and ``dossier.toml``.

        Raises:
            BadInput: the folder exists and holds another call-up.
        """
        decree = parse_decree(decree_text, root / "decree.toml")
        if (root / "dossier.toml").exists():
            there = cls.at(root, key)
            if there.decree().source == decree_text:
                return there
            raise BadInput("dossier-exists", {"path": str(root)}, "choose another folder, or remove this one")
        for name, content in {"decree.toml": decree_text.encode(), **extra}.items():
            durable.write_bytes(root / name, content)
        head = f'format = {FORMAT}\ncall_up = "{decree.id}"\njurisdiction = "{decree.jurisdiction}"\nlaw = "{law_version}"\n'
        durable.write_bytes(root / "dossier.toml", head.encode())
        return cls(root, key)

    @classmethod
    def at(cls, root: Path, key: bytes) -> Dossier:
        """Open an existing dossier; another format is refused by name."""
        head = read_head(root)
        if head.get("format") != FORMAT:
            raise BadInput("dossier-format", {"path": str(root), "format": head.get("format")}, f"this callup reads format {FORMAT}")
        return cls(root, key)

    @property
    def head(self) -> dict[str, Any]:
        """What ``dossier.toml`` says."""
        return read_head(self.root)

    def decree(self) -> Decree:
        """The decree."""
        text = (self.root / "decree.toml").read_text(encoding="utf-8")
        return parse_decree(text, self.root / "decree.toml")

    def ring(self) -> KeyRing:
        """The unwrapped keys."""
        return KeyRing.unwrap(self.sealed / "keys" / "ring.json", self.key)

    @contextlib.contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[None]:
        """Inside, this process alone runs stages or enters acts, and reads anew what others wrote before. Inside itself it does nothing.

        Raises:
            OutOfOrder: ``dossier-in-use``: another one does, and this one does not wait.
        """
        if self._held:
            yield
            return
        with durable.world_failures(self.root):
            handle = os.open(self.root / "dossier.toml", os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise OutOfOrder("dossier-in-use", {"path": self.root}, "wait until the other run has ended") from None
            self._held, self._lines = True, None
            yield
        finally:
            self._held = False
            os.close(handle)

    # ---- the log of stages

    def lines(self) -> list[dict[str, Any]]:
        """The finished stages and intents, oldest first."""
        if self._lines is None:
            self._lines = [json.loads(line) for line in durable.read_lines(self.log_path)]
        return self._lines

    def _append(self, line: dict[str, Any]) -> None:
        known = self.lines()  # read before the line is written, so that it is not among them already
        durable.append_line(self.log_path, json.dumps(line, ensure_ascii=False, separators=(",", ":")))
        known.append(line)

    def finished(self, stage: str) -> dict[str, Any] | None:
        """The line of a finished stage, or none."""
        return next((line for line in self.lines() if line.get("stage") == stage), None)

    def finish(self, stage: str, entries: list[Entry], **more: object) -> None:
        """Say that a stage is finished."""
        self._append({"stage": stage, "artefacts": [asdict(entry) for entry in entries], **more})

    def entry(self, name: str) -> Entry:
        """The artefact of that name.

        Raises:
            OutOfOrder: no finished stage left it.
        """
        for line in self.lines():
            for found in line.get("artefacts", ()):
                if found["name"] == name:
                    return Entry(found["name"], found["digest"], found["rows"], tuple(found["made_from"]))
        raise OutOfOrder("stage-missing", {"artefact": name}, "run the stages in order: callup run DOSSIER")

    def intend(self, what: str, **about: object) -> dict[str, Any]:
        """Write down an irrevocable act before it is done; the same intent is written once."""
        for line in self.lines():
            if line.get("intent") == what:
                return line
        self._append({"intent": what, **about})
        return self.lines()[-1]

    @contextlib.contextmanager
    def folders(self, *finals: Path) -> Iterator[list[Path]]:
        """Folders that appear whole or not at all."""
        with durable.folders_whole(list(finals)) as parts:
            yield parts


def parse_decree(text: str, path: Path) -> Decree:
    """Parse and check a decree's text."""
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as failure:
        raise BadInput("decree-not-toml", {"path": str(path), "why": str(failure)}, "mend the line named") from failure
    return read_decree(table, text)


def read_head(root: Path) -> dict[str, Any]:
    """Read ``dossier.toml``."""
    try:
        return tomllib.loads((root / "dossier.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:  # not there, not UTF-8, not TOML
        raise BadInput("not-a-dossier", {"path": str(root)}, "make one with: callup new DOSSIER --decree FILE") from failure
