"""Papers that people hand in: known by content and not by name, made anew without what they could carry, kept sealed, never shown inline.

A file is believed by its first bytes only. A picture is decoded and encoded again, a PDF is rewritten without scripts, actions, attached
files and metadata; what cannot be made anew is refused with a word why. Where a virus scanner is set up, a paper waits until it was
scanned; where none answers, it waits, and says so.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, UnidentifiedImageError

from callup.app.stores.database import Database
from callup.terms.errors import BadInput, Tampered

LARGEST, MOST = 10 * 1024 * 1024, 20
"""Bytes of one paper, and papers of one case."""
MOST_PIXELS = 40_000_000
MOST_PAGES = 200
TABLES = """
CREATE TABLE IF NOT EXISTS paper (id INTEGER PRIMARY KEY, nonce BLOB NOT NULL UNIQUE, case_id TEXT NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('waiting', 'clean', 'refused')),
  sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS papers_of_case ON paper (case_id);
"""
_MAGIC = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_ACTIVE = ("/OpenAction", "/AA", "/Metadata", "/AcroForm", "/PieceInfo", "/Names", "/AF")


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as it is listed: number, name as given, type by content, SHA-256 of what is kept, when (seconds since 1970), state."""

    id: int
    name: str
    kind: str
    digest: str
    at: int
    state: str


def made_anew(content: bytes) -> tuple[str, bytes]:
    """The type of a paper and a copy without what it could carry.

    Raises:
        BadInput: too large, of no known type, or not to be decoded; with the reason.
    """
    if len(content) > LARGEST:
        raise BadInput("paper-too-large", {"bytes": len(content)}, f"at most {LARGEST // 1024 // 1024} MB")
    kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
    if kind is None:
        raise BadInput("paper-type", {}, "send a PDF, a JPEG or a PNG")
    try:
        return kind, _pdf(content) if kind == "application/pdf" else _picture(content, kind)
    except (pikepdf.PdfError, pikepdf.PasswordError, UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as failure:
        raise BadInput(
            "paper-not-readable", {"why": type(failure).__name__}, "open it yourself and save it again, or take a photo"
        ) from failure


def _picture(content: bytes, kind: str) -> bytes:
    """Decoded and encoded again: pixels only, turned as the camera meant, no place, no camera, no second picture."""
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        turned = _upright(opened)
        made = io.BytesIO()
        turned.convert("RGB").save(made, "JPEG" if kind == "image/jpeg" else "PNG", **({"quality": 85} if kind == "image/jpeg" else {}))
    return made.getvalue()


def _upright(opened: Image.Image) -> Image.Image:
    from PIL import ImageOps

    return ImageOps.exif_transpose(opened)


def _pdf(content: bytes) -> bytes:
    """Rewritten: its pages, and nothing that acts."""
    with pikepdf.open(io.BytesIO(content)) as opened:
        if len(opened.pages) > MOST_PAGES:
            raise ValueError("too many pages")
        fresh = pikepdf.new()
        fresh.pages.extend(opened.pages)
        for page in fresh.pages:
            _without(page.obj, ("/AA", "/Annots", "/Metadata", "/PieceInfo"))
        _without(fresh.Root, _ACTIVE)
        made = io.BytesIO()
        fresh.save(made, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


def _without(part: pikepdf.Object, names: Sequence[str]) -> None:
    for name in names:
        if name in part:
            del part[name]


class PaperStore:
    """The papers of one portal.

    Args:
        base: a connection to a database that has these tables.
        key: 32 bytes; each case's papers are sealed under a key of their own made from it.
    """

    def __init__(self, base: Database, key: bytes) -> None:
        self._base, self._key = base, key

    def _cipher(self, case_id: str) -> AESGCM:
        return AESGCM(hmac.digest(self._key, f"callup/papers/1\n{case_id}".encode(), hashlib.sha256))

    def keep(self, case_id: str, nonce: bytes, name: str, made: tuple[str, bytes], now: int) -> Paper:
        """Keep a paper that was made anew; the same form twice keeps it once.

        Raises:
            BadInput: the case has as many as it may have.
        """
        kind, content = made
        there = self.of_nonce(nonce)
        if there:
            return there[0]
        if len(self.of_case(case_id)) >= MOST:
            raise BadInput("papers-full", {"papers": MOST}, "bring the rest to the office")
        digest, drawn = hashlib.sha256(content).hexdigest(), os.urandom(12)
        sealed = drawn + self._cipher(case_id).encrypt(drawn, content, digest.encode())
        sql = "INSERT INTO paper (nonce, case_id, name, kind, digest, at, state, sealed) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)"
        self._base.run(sql, (nonce, case_id, Path(name.replace("\\", "/")).name[:80], kind, digest, now, sealed))
        return self.of_nonce(nonce)[0]

    def of_case(self, case_id: str) -> list[Paper]:
        """The papers of a case, the oldest first."""
        return self._listed("case_id = ? ORDER BY id", (case_id,))

    def of_nonce(self, nonce: bytes) -> list[Paper]:
        """The paper that a form has handed in, or none."""
        return self._listed("nonce = ?", (nonce,))

    def _listed(self, where: str, bound: Sequence[object]) -> list[Paper]:
        return [Paper(*row) for row in self._base.rows(f"SELECT id, name, kind, digest, at, state FROM paper WHERE {where}", bound)]

    def content(self, case_id: str, number: int) -> tuple[Paper, bytes] | None:
        """A paper of a case and what it holds, if it was found clean.

        Raises:
            Tampered: what is kept was changed.
        """
        rows = self._base.rows("SELECT sealed FROM paper WHERE id = ? AND case_id = ? AND state = 'clean'", (number, case_id))
        if not rows:
            return None
        (paper,) = self._listed("id = ?", (number,))
        return paper, self._opened(number, case_id, paper.digest, bytes(rows[0][0]))

    def _opened(self, number: int, case_id: str, digest: str, sealed: bytes) -> bytes:
        try:
            return self._cipher(case_id).decrypt(sealed[:12], sealed[12:], digest.encode())
        except InvalidTag as failure:
            raise Tampered("paper-does-not-open", {"paper": number}, "restore it from a copy") from failure

    def scan(self, scanner: Callable[[bytes], bool]) -> int:
        """Have what waits scanned; gives how many were judged. A scanner that does not answer leaves it waiting, and a
        paper that was changed where it is kept is refused.
        """
        done = 0
        for number, case_id, digest, sealed in self._base.rows("SELECT id, case_id, digest, sealed FROM paper WHERE state = 'waiting'"):
            try:
                clean = scanner(self._opened(number, case_id, digest, bytes(sealed)))
            except Tampered:
                clean = False
            except OSError:
                return done
            self._base.run("UPDATE paper SET state = ? WHERE id = ?", ("clean" if clean else "refused", number))
            done += 1
        return done

    def forget(self, case_id: str) -> int:
        """Erase a case's papers; gives how many."""
        return self._base.run("DELETE FROM paper WHERE case_id = ?", (case_id,))


def clamd(path: Path) -> Callable[[bytes], bool]:
    """A scanner that asks clamd on a local socket (its INSTREAM command): whether nothing was found.

    Raises:
        OSError: it does not answer.
    """

    def asked(content: bytes) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(60)
            line.connect(str(path))
            line.sendall(b"zINSTREAM\0" + len(content).to_bytes(4, "big") + content + b"\0\0\0\0")
            answer = b""
            while part := line.recv(4096):
                answer += part
        if b"ERROR" in answer:
            raise OSError("clamd refused the stream")
        return answer.rstrip(b"\0").endswith(b"OK")

    return asked
