"""Where sealed randomness comes from (design D4): the system, a rehearsal's seed, or what an earlier run stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol


class Randomness(Protocol):
    """Gives keys by name and salts by label and id. Made once, stored, never remade."""

    def key(self, name: str) -> bytes:
        """32 bytes for a named key."""

    def salts(self, label: str, ids: Sequence[str]) -> list[str]:
        """One salt of 32 hex digits for each id."""


class SystemRandomness:
    """The operating system's generator, for a real call-up."""

    def key(self, name: str) -> bytes:
        return secrets.token_bytes(32)

    def salts(self, label: str, ids: Sequence[str]) -> list[str]:
        return [secrets.token_hex(16) for _ in ids]


class RehearsalRandomness:
    """Everything from one seed, so that two rehearsals give the same bytes. Never for a real call-up."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def key(self, name: str) -> bytes:
        return hashlib.sha256(f"callup/rehearsal-key/1\n{self.seed}\n{name}\n".encode()).digest()

    def salts(self, label: str, ids: Sequence[str]) -> list[str]:
        start = hashlib.sha256(f"callup/rehearsal-salt/1\n{self.seed}\n{label}\n".encode())
        made = []
        for one in ids:
            state = start.copy()
            state.update(one.encode())
            made.append(state.hexdigest()[:32])
        return made


class StoredRandomness:
    """What an earlier run stored, for replay: an id that was not stored is a finding against the dossier."""

    def __init__(self, keys: Mapping[str, bytes], salts: Mapping[str, Mapping[str, str]]) -> None:
        self._keys = keys
        self._salts = salts

    def key(self, name: str) -> bytes:
        return self._keys[name]

    def salts(self, label: str, ids: Sequence[str]) -> list[str]:
        stored = self._salts[label]
        return [stored.get(one, "") for one in ids]
