"""C2SP signed notes and checkpoints, with Ed25519; lines by unknown keys are skipped, a bad line by a known key refuses all."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from callup.terms.errors import Tampered
from callup.tlog.store import Head

_ED25519 = b"\x01"
_MOST_SIGNATURES = 100


class Signer:
    """Signs notes under a name.

    Args:
        name: key name; for a log it is the origin. No space and no plus sign.
        key: the private key; it is handed in, and never leaves.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name, self._key = name, key
        self._public = key.public_key().public_bytes_raw()
        _name_of(name)

    @property
    def vkey(self) -> str:
        """The verifier key: name, key id and public key."""
        return f"{self.name}+{_key_id(self.name, self._public).hex()}+{b64encode(_ED25519 + self._public).decode()}"

    def sign(self, text: str) -> bytes:
        """The note: the text, an empty line, and one signature line."""
        signature = _key_id(self.name, self._public) + self._key.sign(text.encode())
        return f"{text}\n\u2014 {self.name} {b64encode(signature).decode()}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A note that opened: its text, and the names of the keys whose signatures hold."""

    text: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its origin, its number of entries, its root.

    Example:
        >>> Checkpoint.read(Checkpoint("example.org/log", Head()).text()).head.size
        0
    """

    origin: str
    head: Head

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.head.size}\n{b64encode(self.head.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint; any other line, form or padding is refused."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
            raise _malformed("checkpoint")
        root = _bytes_of(lines[2])
        if len(root) != 32:
            raise _malformed("root")
        return cls(lines[0], Head(int(lines[1]), root))


def open_note(message: bytes, vkeys: Iterable[str]) -> Note:
    """Open a note with the keys one trusts.

    Raises:
        Tampered: it is malformed, a signature by a trusted key is wrong, or no trusted key has signed.
    """
    text, lines = _cut(message)
    known = dict(map(_verifier, vkeys))
    signers: list[str] = []
    for line in lines:
        name, signature = _signature_line(line)
        public = known.get((name, signature[:4]))
        if public is None:
            continue
        try:
            public.verify(signature[4:], text.encode())
        except InvalidSignature:
            raise Tampered("signature-wrong", {"key": name}, "the text or the signature was changed") from None
        if name not in signers:
            signers.append(name)
    if not signers:
        raise Tampered("no-trusted-signature", {"keys": len(known)}, "take the log's key from the decree")
    return Note(text, tuple(signers))


def _cut(message: bytes) -> tuple[str, list[str]]:
    try:
        whole = message.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("encoding") from None
    text, gap, tail = whole.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or lines.pop() or not 1 <= len(lines) <= _MOST_SIGNATURES:
        raise _malformed("note")
    if any(ord(letter) < 32 and letter != "\n" for letter in whole):
        raise _malformed("control character")
    return text + "\n", lines


def _signature_line(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "\u2014":
        raise _malformed("signature line")
    signature = _bytes_of(encoded)
    if len(signature) < 5:
        raise _malformed("signature")
    return _name_of(name), signature


def _verifier(vkey: str) -> tuple[tuple[str, bytes], Ed25519PublicKey]:
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    public = _bytes_of(encoded)
    if len(public) != 33 or public[:1] != _ED25519 or _key_id(_name_of(name), public[1:]).hex() != key_id:
        raise _malformed("verifier key")
    return (name, bytes.fromhex(key_id)), Ed25519PublicKey.from_public_bytes(public[1:])


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _name_of(name: str) -> str:
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise _malformed("key name")
    return name


def _bytes_of(encoded: str) -> bytes:
    """Base64 with padding and without slack bits: one text for one value."""
    try:
        content = b64decode(encoded, validate=True)
    except ValueError:
        raise _malformed("base64") from None
    if b64encode(content).decode() != encoded:
        raise _malformed("base64")
    return content


def _malformed(what: str) -> Tampered:
    return Tampered("note-malformed", {"what": what}, "fetch it again, byte for byte")
