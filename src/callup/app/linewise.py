"""The bytes of a CSV file before anything parses it: line ends, encoding, and lines too long to be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from callup.register import Problem, problem

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is refused before it is read to its end."""


def byte_problems(path: Path) -> tuple[list[Problem], bool]:
    """What is wrong with the bytes of a CSV file; reads blocks of `LONGEST_LINE`, never the whole.

    Returns:
        Rows of PROBLEMS (row 0 is the header), and whether the rows can be read at all.
    """
    found: list[Problem] = []
    seen = _Seen()
    for block in _blocks(path):
        found += seen.marks(block)
        if stop := seen.stop(block):
            return [*found, stop], False
        seen.advance(block)
    if not seen.last:
        return [problem("file-empty", "give a header line and one line a person")], False
    if stop := seen.stop(b""):
        return [*found, stop], False
    return found, True


class _Seen:
    """What is known of the file up to a block."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.lines, self.open_bytes, self.last, self.crlf = 0, 0, b"", False

    def marks(self, block: bytes) -> Iterator[Problem]:
        """What must be mended and can still be read."""
        if not self.last and block.startswith(codecs.BOM_UTF8):
            yield problem("byte-order-mark", "save it as UTF-8 without a byte order mark", row=0)
        if not self.crlf and (b"\r\n" in block or (self.last == b"\r" and block.startswith(b"\n"))):
            self.crlf = True
            yield problem("line-ends-crlf", "end lines with LF alone, e.g.: sed -i 's/\\r$//' FILE", row=0)

    def stop(self, block: bytes) -> Problem | None:
        """What makes reading on useless: a line without end, another encoding, no text; an empty block is the end."""
        end = block.find(b"\n")
        if self.open_bytes + (len(block) if end < 0 else end) > LONGEST_LINE:
            hint = f"a line has at most {LONGEST_LINE:,} bytes: mend the line ends"
            return problem("line-too-long", hint, row=self.lines)
        if b"\0" in block:
            return problem(
                "not-text", "save it as UTF-8 text: a CSV file has no zero bytes", row=self.lines + block[: block.index(b"\0")].count(b"\n")
            )
        try:
            self.decoder.decode(block, final=not block)
        except UnicodeDecodeError as failure:
            there = failure.object[failure.start : failure.start + 8]
            row = self.lines + failure.object[: failure.start].count(b"\n")
            return problem("not-utf-8", "save it as UTF-8", row=row, value=repr(there))
        return None

    def advance(self, block: bytes) -> None:
        """The block was read."""
        end = block.rfind(b"\n")
        self.open_bytes = self.open_bytes + len(block) if end < 0 else len(block) - end - 1
        self.lines += block.count(b"\n")
        self.last = block[-1:]


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(LONGEST_LINE):
            yield block
