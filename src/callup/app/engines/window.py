"""Addresses are measured before they are set: in smaller letters, then with middle names shortened; then a person decides.

The window is 80 mm x 33.5 mm. In its usual size an address may break its lines as long as it stays inside. Nothing is cut off, no word is
parted, and no character is printed that the carried fonts lack: whatever cannot be printed so is named by its notice and refused, all at
once, before the first file of the wave is made. Somebody then looks at the register. The full name stands in the facts in any case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from callup.app.engines.pdf.faces import Widths, carried_widths
from callup.app.engines.pdf.letter import ADDRESS_END, ADDRESS_TOP, ADDRESS_WIDTH
from callup.notice import LetterTexts
from callup.terms.errors import BadInput

SIZES = (11, 10, 9, 8)
"""In points; the first is the usual one. The last is the least at which a sorting machine is asked to read."""
_PITCH, _CAPITAL = 1.2, 0.7
"""From baseline to baseline, and the height of a capital, in sizes of the letters."""
_LINES = int(((ADDRESS_END - ADDRESS_TOP) / SIZES[0] - _CAPITAL) / _PITCH) + 1
"""Lines of the usual size that fit one under the other."""
_FIELDS = ("name", "address_line", "locality", "postal_code")
_NAMED = 20


def fit_windows(letters: pa.Table, texts: LetterTexts) -> dict[str, tuple[int, tuple[str, ...]]]:
    """The letters whose address does not fit in its usual size: by notice id the size that does, and the lines.

    Args:
        letters: LETTERS rows, all in one language.
        texts: give the order of the lines.

    Raises:
        BadInput: ``letters-need-a-person``: with the notices whose address cannot be printed whole, and why.
    """
    widths = carried_widths()
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    refused: list[str] = []
    columns = {name: letters.column(name).to_pylist() for name in ("notice_id", *_FIELDS)}
    whole = texts.addresses(columns)
    short = widths.short([*{*chain.from_iterable(whole)}], ADDRESS_WIDTH * 1000 / SIZES[0])
    for at, lines in enumerate(whole):
        if len(lines) <= _LINES and short.issuperset(lines):
            continue
        row = {name: column[at] for name, column in columns.items()}
        if not widths.covers("".join(lines)):
            refused.append(f"{row['notice_id']}: a character that no carried font has")
        elif not _inside(lines, SIZES[0], widths):
            fitting = next(_tries(lines, row, texts, widths), None)
            if fitting is None:
                refused.append(f"{row['notice_id']}: an address too long for the window")
            else:
                found[row["notice_id"]] = fitting
    require_none(refused)
    return found


def require_none(refused: Sequence[str]) -> None:
    """Stop before anything of a wave is printed where letters need a person.

    Raises:
        BadInput: ``letters-need-a-person``.
    """
    if refused:
        listed = "; ".join(refused[:_NAMED]) + ("; ..." if len(refused) > _NAMED else "")
        raise BadInput(
            "letters-need-a-person", {"letters": len(refused), "which": listed}, "shorten or spell them otherwise, then run again"
        )


def _tries(lines: list[str], row: dict[str, Any], texts: LetterTexts, widths: Widths) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What fits: each smaller size with the name in full, then each with the middle names as initials."""
    for tried in (lines, texts.address_lines(row | {"name": shortened(row["name"])})):
        yield from ((size, tuple(tried)) for size in SIZES if _inside(tried, size, widths))


def shortened(name: str) -> str:
    """A name whose words between the first and the last are initials.

    Example:
        >>> shortened("Pablo Diego José Ruiz")
        'Pablo D. J. Ruiz'
    """
    first, *middle = name.split(" ")
    return " ".join([first, *(f"{word[0]}." for word in middle[:-1] if word), *middle[-1:]])


def _inside(lines: Sequence[str], size: int, widths: Widths) -> bool:
    most = ADDRESS_WIDTH * 1000 / size
    taken = [widths.lines(line, most) for line in lines]
    return 0 not in taken and (_CAPITAL + (sum(taken) - 1) * _PITCH) * size <= ADDRESS_END - ADDRESS_TOP
