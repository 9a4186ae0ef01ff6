"""Whose signatures make a checkpoint count (C2SP tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from callup.terms.errors import BadInput, Tampered
from callup.tlog.note import COSIGNATURE, LOG, Checkpoint, Note, kind_of_vkey, open_note

_ALLOWED = re.compile(rb"[\x09\x0a\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that a log of the policy signed.

    Args:
        checkpoint: origin, size, root.
        seen: when each witness of the policy says that it saw it, seconds since 1970, by the witness's name in the policy.
        since: the moment from which a quorum had seen it; 0 where the policy asks for none; none where the quorum lacks.
    """

    checkpoint: Checkpoint
    seen: Mapping[str, int]
    since: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups and the quorum.

    Args:
        logs: verifier key of each log, by origin.
        witnesses: verifier key of each witness, by its name here.
        addresses: submission prefix of each witness that has one, by its name.
        groups: how many of which members are enough, by name.
        quorum: the name that decides; ``none`` asks for no witness.
        text: the file.
    """

    logs: Mapping[str, str]
    witnesses: Mapping[str, str]
    addresses: Mapping[str, str]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    quorum: str
    text: str

    def open(self, note: bytes) -> Cosigned:
        """Open a checkpoint: a log of the policy must have signed it under its own origin.

        Raises:
            Tampered: it is malformed, a signature is wrong, or no log of the policy has signed it.
        """
        opened = open_note(note, (*self.logs.values(), *self.witnesses.values()))
        checkpoint = Checkpoint.read(opened.text)
        if checkpoint.origin not in self.logs or checkpoint.origin not in opened.signers:
            raise Tampered("log-unknown", {"origin": checkpoint.origin[:120]}, "this checkpoint is of no log of the policy")
        seen = self._seen(opened)
        return Cosigned(checkpoint, seen, self.since(seen))

    def _seen(self, opened: Note) -> dict[str, int]:
        times = dict(opened.cosigned)
        return {name: times[vkey] for name, vkey in self.witnesses.items() if vkey in times}

    def since(self, seen: Mapping[str, int], name: str = "") -> int | None:
        """The moment from which a quorum had seen a checkpoint.

        Args:
            seen: when each witness saw it.
            name: a witness or group; empty: the quorum.
        """
        name = name or self.quorum
        if name == "none":
            return 0
        if name in self.witnesses:
            return seen.get(name)
        enough, members = self.groups[name]
        times = sorted(time for member in members if (time := self.since(seen, member)) is not None)
        return times[enough - 1] if len(times) >= enough else None


def read_policy(content: bytes) -> Policy:
    """Read a policy file.

    Raises:
        BadInput: the line that does not fit, and why.
    """
    reader = _Reader()
    if not content.endswith(b"\n") or not _ALLOWED.fullmatch(content):
        raise _refused(0, "lines of printable characters, each ended by a newline")
    text = content.decode("utf-8", "surrogateescape")
    for number, line in enumerate(text[:-1].split("\n"), 1):
        words = re.split("[ \t]+", line.strip(" \t"))
        if words != [""] and not words[0].startswith("#"):
            reader.take(number, words)
    if not reader.quorum:
        raise _refused(0, "exactly one quorum line")
    return Policy(reader.logs, reader.witnesses, reader.addresses, reader.groups, reader.quorum, text)


class _Reader:
    """Takes the lines one after another; a name must stand before it is used, and is a member once."""

    def __init__(self) -> None:
        self.logs: dict[str, str] = {}
        self.witnesses: dict[str, str] = {}
        self.addresses: dict[str, str] = {}
        self.groups: dict[str, tuple[int, tuple[str, ...]]] = {}
        self.quorum = ""
        self._keys: set[bytes] = set()
        self._members: set[str] = set()

    def take(self, number: int, words: list[str]) -> None:
        match words:
            case ["log", vkey, *rest] if len(rest) <= 1:
                self.logs[self._key(number, vkey, LOG)] = vkey
            case ["witness", name, vkey, *rest] if len(rest) <= 1:
                self._new(number, name)
                self._key(number, vkey, COSIGNATURE)
                self.witnesses[name] = vkey
                self.addresses |= {name: rest[0]} if rest else {}
            case ["group", name, enough, *members] if members:
                self._group(number, name, enough, tuple(members))
            case ["quorum", name] if not self.quorum:
                if name != "none" and not self._known(name):
                    raise _refused(number, "a name that stands above")
                self.quorum = name
            case _:
                raise _refused(number, "log VKEY [URL], witness NAME VKEY [URL], group NAME K|any|all MEMBER..., or one quorum NAME|none")

    def _group(self, number: int, name: str, enough: str, members: tuple[str, ...]) -> None:
        self._new(number, name)
        for member in members:
            if not self._known(member) or member in self._members:
                raise _refused(number, "members that stand above, each a member once in the whole file")
            self._members.add(member)
        count = {"any": 1, "all": len(members)}.get(enough) or (int(enough) if re.fullmatch("[1-9][0-9]{0,3}", enough) else 0)
        if not 1 <= count <= len(members):
            raise _refused(number, f"any, all, or a number from 1 to {len(members)}")
        self.groups[name] = (count, members)

    def _key(self, number: int, vkey: str, kind: bytes) -> str:
        name, found, public = kind_of_vkey(vkey)
        if found != kind or kind + public in self._keys:
            raise _refused(number, f"an Ed25519 key of type {kind.hex()} that stands here once")
        self._keys.add(kind + public)
        return name

    def _known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _new(self, number: int, name: str) -> None:
        if name == "none" or self._known(name):
            raise _refused(number, "a name that is not taken")


def _refused(number: int, expected: str) -> BadInput:
    return BadInput(
        "policy-unusable", {"line": number, "expected": expected}, "take the policy from the decree or the gazette, byte for byte"
    )
