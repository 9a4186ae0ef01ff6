"""C2SP signed notes, checkpoints and the form of cosignatures, with Ed25519.

Lines by unknown keys are skipped; a bad line by a known key refuses all.
"""

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

LOG, COSIGNATURE = b"\x01", b"\x04"
"""Signature types: Ed25519 over the text; Ed25519 over a time and the text."""
_LATEST = 2**63 - 1
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
        return vkey_of(self.name, LOG, self._public)

    def sign(self, text: str) -> bytes:
        """The note: the text, an empty line, and one signature line."""
        signature = key_id_of(self.name, LOG, self._public) + self._key.sign(text.encode())
        return f"{text}\n{signature_line(self.name, signature)}".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A note that opened.

    Args:
        text: what is signed.
        signers: the names of the keys whose signatures hold.
        cosigned: verifier key and time, in seconds since 1970, of each cosignature that holds.
    """

    text: str
    signers: tuple[str, ...]
    cosigned: tuple[tuple[str, int], ...] = ()


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
        root = bytes_of(lines[2])
        if len(root) != 32:
            raise _malformed("root")
        return cls(lines[0], Head(int(lines[1]), root))


def open_note(message: bytes, vkeys: Iterable[str]) -> Note:
    """Open a note with the keys one trusts.

    Raises:
        Tampered: it is malformed, a signature by a trusted key is wrong, or no trusted key has signed.
    """
    text, lines = _cut(message)
    known = {_lookup(vkey): vkey for vkey in vkeys}
    signers: dict[str, None] = {}
    cosigned: dict[str, int] = {}
    for line in lines:
        name, signature = _signature_line(line)
        vkey = known.get((name, signature[:4]))
        if vkey is None:
            continue
        _, kind, public = kind_of_vkey(vkey)
        time = int.from_bytes(signature[4:12], "big") if kind == COSIGNATURE else 0
        signed, proof = (cosigned_message(text, time), signature[12:]) if kind == COSIGNATURE else (text.encode(), signature[4:])
        _require_signed(name, public, signed, proof, time)
        if kind == LOG:
            signers[name] = None
        else:
            cosigned[vkey] = time
    if not signers and not cosigned:
        raise Tampered("no-trusted-signature", {"keys": len(known)}, "take the log's key from the decree")
    return Note(text, tuple(signers), tuple(cosigned.items()))


def _require_signed(name: str, public: bytes, signed: bytes, signature: bytes, time: int) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, signed)
    except InvalidSignature:
        raise Tampered("signature-wrong", {"key": name}, "the text or the signature was changed") from None
    if time > _LATEST:
        raise _malformed("time")


def cosigned_message(text: str, time: int) -> bytes:
    """What a cosignature signs (C2SP tlog-cosignature, v1)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def signature_line(name: str, signature: bytes) -> str:
    """One signature line of a note, ended by a newline."""
    return f"\u2014 {name} {b64encode(signature).decode()}\n"


def vkey_of(name: str, kind: bytes, public: bytes) -> str:
    """A verifier key: name, key id and public key, joined by plus signs."""
    return f"{_name_of(name)}+{key_id_of(name, kind, public).hex()}+{b64encode(kind + public).decode()}"


def kind_of_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    """Name, signature type and public key of a verifier key.

    Raises:
        Tampered: it is malformed, of a type not known here, or its key id is not its own.
    """
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = bytes_of(encoded)
    if len(raw) != 33 or raw[:1] not in (LOG, COSIGNATURE) or key_id_of(_name_of(name), raw[:1], raw[1:]).hex() != key_id:
        raise _malformed("verifier key")
    return name, raw[:1], raw[1:]


def key_id_of(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes that say which key of a name has signed."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def _lookup(vkey: str) -> tuple[str, bytes]:
    name, kind, public = kind_of_vkey(vkey)
    return name, key_id_of(name, kind, public)


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
    signature = bytes_of(encoded)
    if len(signature) < 5:
        raise _malformed("signature")
    return _name_of(name), signature


def _name_of(name: str) -> str:
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise _malformed("key name")
    return name


def bytes_of(encoded: str) -> bytes:
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
