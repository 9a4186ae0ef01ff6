"""The number of a paper form: printed on a day on paper, typed in when the form is entered."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

from callup.terms.errors import BadInput

_NUMBER = re.compile(r"\d{6}-\d{1,4}-\d{3}-[0-9A-HJKMNP-TV-Z]{2}")
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def form_number(key: bytes, day: date, pad: int, at: int) -> str:
    """The number of a form: day, pad, place in the pad, and two characters made from them under the key of the codes on letters."""
    plain = f"{day:%y%m%d}-{pad}-{at:03}"
    first, second = hmac.digest(key, f"callup/paper-form/1\n{plain}\n".encode(), hashlib.sha256)[:2]
    return f"{plain}-{_BASE32[first % 32]}{_BASE32[second % 32]}"


def checked_number(key: bytes, typed: str) -> str:
    """A number as it was printed.

    Raises:
        BadInput: ``paper-number``: no form of this call-up has it.
    """
    number = "".join(typed.split()).upper()
    if _NUMBER.fullmatch(number):
        day, pad, at, _ = number.split("-")
        try:
            made = form_number(key, date(2000 + int(day[:2]), int(day[2:4]), int(day[4:])), int(pad), int(at))
        except ValueError:
            made = ""
        if hmac.compare_digest(made, number):
            return number
    raise BadInput("paper-number", {"number": typed}, "type it as it stands on the form")
