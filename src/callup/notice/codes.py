"""The two codes of a letter: a Data Matrix for the post and a QR for whoever wants to check the letter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import zint

from callup.terms.errors import BadInput

MAIL_SIDE = 24
"""Modules on a side of the mail piece code, ISO/IEC 16022."""
NUMBER_DIGITS = 20
_MAIL_SIZE_OPTION = 8
_LEVEL_M = 2
_MASK = 3
"""One data mask for all: choosing the best of eight costs twenty times the rest, and every code is read back before release."""
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


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
    mac = hmac.digest(key, f"callup/mail-piece/1\n{notice_id}\n".encode(), hashlib.sha256)
    bits = int.from_bytes(mac[:7], "big") >> 1
    tail = "".join(_BASE32[bits >> (5 * place) & 31] for place in range(10, -1, -1))
    return "1" + notice_id[:NUMBER_DIGITS].upper() + tail


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


def mail_codes(payloads: Sequence[str]) -> list[bytes]:
    """Data Matrix codes, 24 x 24 modules, one byte a module: 0 black, 255 white."""
    made = []
    for payload in payloads:
        symbol = zint.Symbol()
        symbol.symbology = zint.Symbology.DATAMATRIX
        symbol.option_2 = _MAIL_SIZE_OPTION
        symbol.encode(payload)
        made.append(_modules(symbol).tobytes())
    return made


def check_codes(payloads: Sequence[str]) -> tuple[int, list[bytes]]:
    """QR codes of level M, all of the size that the longest needs.

    Returns:
        Modules on a side, and the modules of each code, one byte each: 0 black, 255 white.
    """
    symbols = [_check_symbol(payload, 0) for payload in payloads]
    side = max(int(symbol.width) for symbol in symbols)
    version = (side - 17) // 4
    codes = []
    for payload, symbol in zip(payloads, symbols, strict=True):
        fitting = symbol if symbol.width == side else _check_symbol(payload, version)
        codes.append(_modules(fitting).tobytes())
    return side, codes


def _check_symbol(payload: str, version: int) -> zint.Symbol:
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.option_1 = _LEVEL_M
    symbol.option_2 = version
    symbol.option_3 = (_MASK + 1) << 8
    try:
        symbol.encode(payload)
    except Exception as failure:
        raise BadInput("code-too-long", {"characters": len(payload)}, "shorten the mirror's name or the place codes") from failure
    return symbol


def _modules(symbol: zint.Symbol) -> npt.NDArray[np.uint8]:
    rows = np.asarray(symbol.encoded_data)[: symbol.rows]
    dark = np.unpackbits(rows, axis=1, bitorder="little")[:, : symbol.width]
    return ((1 - dark) * 255).astype(np.uint8)
