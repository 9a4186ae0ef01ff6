"""Keys of one call-up: the dossier key lies outside the dossier; all others lie in it, wrapped (design D5, D16)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callup.app import durable
from callup.app.randomness import Randomness
from callup.terms.errors import BadInput, Tampered

FIXED = ("id", "facts", "letter-code", "mail-piece", "log-public", "log-acts")
"""Names of the keys that every call-up has."""


def read_dossier_key(path: Path) -> bytes:
    """The dossier key: 64 hex digits in a file outside the dossier."""
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as failure:
        raise BadInput("no-dossier-key", {"path": str(path)}, "give the key file of this dossier with --key FILE") from failure
    if len(key) != 32:
        raise BadInput("no-dossier-key", {"path": str(path)}, "a dossier key is 64 hex digits")
    return key


def write_dossier_key(path: Path, key: bytes) -> None:
    """Write a new dossier key, readable by its owner only."""
    durable.write_bytes(path, key.hex().encode() + b"\n", mode=0o600)


class KeyRing:
    """The named keys of a dossier, unwrapped in memory.

    ``sealed/keys/ring.json`` holds each key under AES-256-GCM with the dossier key and the key's name as associated text.
    """

    def __init__(self, keys: dict[str, bytes]) -> None:
        self.keys = keys

    @classmethod
    def make(cls, randomness: Randomness, holders: tuple[str, ...], stand_ins: tuple[str, ...] = ()) -> KeyRing:
        """New keys: the fixed ones, one secret for each holder, and those of a rehearsal's stand-ins for witnesses."""
        names = (*FIXED, *(f"secret-{holder}" for holder in holders), *(f"witness-{name}" for name in stand_ins))
        return cls({name: randomness.key(name) for name in names})

    def wrap(self, path: Path, dossier_key: bytes) -> None:
        """Write the ring, wrapped."""
        box = AESGCM(dossier_key)
        wrapped = {}
        for name, key in sorted(self.keys.items()):
            nonce = os.urandom(12)
            wrapped[name] = (nonce + box.encrypt(nonce, key, name.encode())).hex()
        durable.write_bytes(path, json.dumps(wrapped, indent=1).encode(), mode=0o600)

    @classmethod
    def unwrap(cls, path: Path, dossier_key: bytes) -> KeyRing:
        """Read the ring.

        Raises:
            Tampered: the dossier key is not this dossier's, or the file was changed.
        """
        box = AESGCM(dossier_key)
        keys = {}
        for name, text in json.loads(path.read_text()).items():
            sealed = bytes.fromhex(text)
            try:
                keys[name] = box.decrypt(sealed[:12], sealed[12:], name.encode())
            except InvalidTag as failure:
                raise Tampered(
                    "key-does-not-open", {"path": str(path), "key": name}, "use the key file made with this dossier"
                ) from failure
        return cls(keys)

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        """The Ed25519 key of that name."""
        return Ed25519PrivateKey.from_private_bytes(self.keys[name])

    def name_for(self, *parts: str, digits: int = 32) -> str:
        """An id that cannot be guessed from what it is made of: HMAC under the id key, ``digits`` hex digits."""
        return hmac.digest(self.keys["id"], "\n".join(parts).encode(), hashlib.sha256).hex()[:digits]

    def letter_code(self, notice_id: str) -> str:
        """The 12-character sign-in code printed on the letter (design D16): the first 60 bits of an HMAC, 32 letters."""
        bits = int.from_bytes(hmac.digest(self.keys["letter-code"], notice_id.encode(), hashlib.sha256)[:8], "big") >> 4
        alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        return "".join(alphabet[bits >> (5 * place) & 31] for place in range(11, -1, -1))
