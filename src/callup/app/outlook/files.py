"""Files that a planner gives: read as text, or refused with what to do."""

from __future__ import annotations

from pathlib import Path

from callup.terms.errors import BadInput


def text_of(file: Path) -> str:
    """The text of a file.

    Raises:
        BadInput: ``file-not-readable``: it is not there, or is no UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        raise BadInput("file-not-readable", {"file": file, "why": failure}, "give a file that is there, in UTF-8") from None
