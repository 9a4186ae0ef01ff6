"""The two codes of a letter: a Data Matrix for the post and a QR for whoever wants to check the letter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from callup.notice.matrix_code import SIDE, matrix_rows
from callup.notice.qr import qr_rows, side_of, version_for
from callup.terms.errors import BadInput

MAIL_SIDE = SIDE
"""Modules on a side of the mail piece code."""
NUMBER_DIGITS = 20
DECISION_PIECE = "2"
"""The first character of the code on the letter of a decision; on a notice it is 1."""
CODE_AREA_MM = (123, 45, 69, 45)
"""Where both codes lie on the front: left, top, width, height in millimetres of the page."""
SPLIT_MM = (20, 24)
"""From the left edge of that area: the square for the post ends before the first, the code for the reader begins after the second."""
FINEST_SIDE = 117
"""Modules on the side of the finest code for the reader: 0.35 mm a module where the code is 41 mm wide."""
_MAC_BYTES, _TAIL = 7, 11
_BASE32 = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)


def letter_number(notice_id: str) -> str:
    """The number printed on the letter: the first 80 bits of the notice id in groups of four.

    Example:
        >>> letter_number("4f2a09bc0123456789ab" + "0" * 12)
        '4F2A-09BC-0123-4567-89AB'
    """
    digits = notice_id[:NUMBER_DIGITS].upper()
    return "-".join(digits[at : at + 4] for at in range(0, NUMBER_DIGITS, 4))


def mail_payload(notice_id: str, key: bytes) -> str:
    """What the mail piece code says, 32 characters: version, the letter's number, and 55 bits of an HMAC over the notice id."""
    return mail_payloads([notice_id], key)[0]


def mail_payloads(notice_ids: Sequence[str], key: bytes) -> list[str]:
    """The same of many notices."""
    return _payloads(notice_ids, key, b"callup/mail-piece/1", "1")


def decision_payload(fact_id: str, key: bytes) -> str:
    """The same of the letter of a decision, by the number of its fact; no notice has such a code."""
    return _payloads([fact_id], key, b"callup/decision-piece/1", DECISION_PIECE)[0]


def _payloads(ids: Sequence[str], key: bytes, purpose: bytes, version: str) -> list[str]:
    macs = [hmac.digest(key, b"%b\n%b\n" % (purpose, one.encode()), hashlib.sha256)[:_MAC_BYTES] for one in ids]
    bits = np.unpackbits(np.frombuffer(b"".join(macs), np.uint8).reshape(-1, _MAC_BYTES), axis=1)[:, : 5 * _TAIL]
    fives = bits.reshape(-1, _TAIL, 5) @ np.array([16, 8, 4, 2, 1], np.uint8)
    tails = _BASE32[fives].tobytes().decode("ascii")
    return [f"{version}{one[:NUMBER_DIGITS].upper()}{tails[_TAIL * at : _TAIL * (at + 1)]}" for at, one in enumerate(ids)]


def check_url(mirror: str, size: int, entry: int, salt: str, document: str) -> str:
    """The address in the QR; what stands after ``#`` never leaves the reader's browser.

    Args:
        mirror: host of any mirror.
        size: size of the checkpoint of the acts log that covers the entry.
        entry: index of the call act.
        salt: salt of the commitment, 32 hex digits.
        document: the committed text.
    """
    return f"https://{mirror}/v#1.{size}.{entry}.{salt}.{base64.urlsafe_b64encode(document.encode()).decode().rstrip('=')}"


def check_code(address: str) -> tuple[int, bytes]:
    """The QR code of level M of one letter that is printed by itself.

    Returns:
        Modules on a side, and the modules row by row, a byte each, 0 is dark; 0 and none where it would be too fine for a phone to read
        from paper (``FINEST_SIDE``).
    """
    said = address.encode()
    version = version_for(len(said))
    side = side_of(version) if version else FINEST_SIDE + 1
    if side > FINEST_SIDE:
        return 0, b""
    rows = np.unpackbits(qr_rows([said], version).reshape(side, -1), axis=1)[:, :side]
    return side, (rows * np.uint8(255)).tobytes()


def mail_codes(payloads: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Data Matrix codes, 24 x 24 modules, of payloads of one length.

    Returns:
        [codes, 24 rows of 3 bytes]: a bit a module, 0 is dark.
    """
    return matrix_rows(payloads)


def check_codes(payloads: Sequence[str]) -> tuple[int, npt.NDArray[np.uint8]]:
    """QR codes of level M, all of the size that the longest needs.

    Returns:
        Modules on a side, and [codes, side rows of whole bytes]: a bit a module, 0 is dark, light beyond the edge.

    Raises:
        BadInput: ``code-too-long``: no QR code of level M holds one of them.
    """
    said = [payload.encode() for payload in payloads]
    longest = max(map(len, said))
    version = version_for(longest)
    if not version:
        raise BadInput("code-too-long", {"characters": longest}, "shorten the mirror's name or the place codes")
    return side_of(version), qr_rows(said, version)
