"""Reads any table of stocks and flows: which column is a time, an age, a voice, a label or a number is seen from names and contents."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from callup.app.record.accounts.shapes import Account, Line, Span, shared_unit
from callup.terms.errors import BadInput

VOICES = ("said_by", "claimed_by", "estimated_by", "published_by", "counted_by", "source", "sources", "source_1")
"""Who says it, or where it was read: the first of these that a row fills."""
ASIDE = {
    "note", "notes", "comment", "remark", "source_2", "link", "url", "id", "no", "number", "rank", "position", "index", "row", "code",
    "longitude", "latitude", "lon", "lat",
}  # fmt: skip
"""What no sum is tried on."""
FROM = {"from", "start", "starts", "begin", "period_start", "period_from", "starts_on", "opens_on", "first_day"}
UNTIL = {"until", "to", "end", "ends", "period_end", "period_until", "ends_on", "closes_on", "last_day"}
TIMES = {"period", "year", "years", "month", "date", "day", "quarter", "as_of", "on", "time"}
AGES = {"age", "ages", "age_group", "age_band", "band"}
LABELS = {"from_age", "to_age", "age_from", "age_to", "age_to_as_printed", "age_start", "age_end", "min_age", "max_age", "months", "census"}
"""Whole numbers that count nothing: labels."""
ENDS = {"low": "low", "high": "high", "lower": "low", "upper": "high"}
KINDS = {
    "stock": "stock", "level": "stock", "balance": "stock", "opening": "stock", "closing": "stock", "strength": "stock", "start": "stock",
    "end": "stock", "in": "in", "inflow": "in", "gain": "in", "intake": "in", "plus": "in", "+": "in", "out": "out", "outflow": "out",
    "loss": "out", "minus": "out", "-": "out",
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d[\d,\u00a0\u202f _]*(\.\d+)?\s?%?")
_PART = re.compile(r"((?:1[5-9]|2[01])\d{2})(?:-?(Q[1-4]|H[12]|\d\d)(?:-(\d\d))?)?")
_MONTHS = {"Q1": (1, 3), "Q2": (4, 3), "Q3": (7, 3), "Q4": (10, 3), "H1": (1, 6), "H2": (7, 6)}


def read_account(text: str, name: str = "the table") -> Account:
    """Read a table.

    Args:
        text: CSV with a header.
        name: for messages.

    Raises:
        BadInput: it has no header or no row, a row has another number of fields, or no column holds numbers.
    """
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if len(rows) < 2:
        raise BadInput("account-empty", {"table": name}, "give CSV with a header and at least one row")
    header = [cell.strip().lower().replace(" ", "_") for cell in rows[0]]
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(header):
            raise BadInput("account-row", {"table": name, "row": number, "fields": len(row)}, f"every row needs {len(header)} fields")
    cells = [dict(zip(header, (cell.strip() for cell in row), strict=True)) for row in rows[1:]]
    spans = _span_columns(header, cells)
    numbers = [column for column in header if column not in spans and _is_number_column(column, [row[column] for row in cells])]
    if not numbers:
        raise BadInput("account-without-numbers", {"table": name}, "give at least one column of plain numbers")
    lines = [line for row, one in enumerate(cells, 1) for line in _lines(row, one, numbers, spans)]
    columns = tuple(dict.fromkeys(line.column for line in lines))
    units = {column: shared_unit([line.point for line in lines if line.column == column]) for column in columns}
    return Account(tuple(lines), columns, units)


def _is_number_column(column: str, cells: Sequence[str]) -> bool:
    if column in ASIDE or column in VOICES or column in AGES | TIMES | LABELS:
        return False
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)


def _span_columns(header: Sequence[str], cells: Sequence[Mapping[str, str]]) -> list[str]:
    """Columns of times or ages that can all be read; one that cannot ("2025 spring") is a label.

    "start" and "end" are times only where no other column is one: beside a year they are numbers.
    """
    found = [name for name in header if name in TIMES | AGES and all(not row[name] or span_of({name: row[name]}) for row in cells)]
    return found or [name for name in header if name in FROM | UNTIL and all(not row[name] or _days(row[name]) for row in cells)]


def _lines(row: int, cells: Mapping[str, str], numbers: Sequence[str], spans: Sequence[str]) -> list[Line]:
    voice = next((cells[name] for name in VOICES if cells.get(name)), "")
    kinds = [name for name in ("kind", "role", "direction", "type") if name in cells]
    kind = KINDS.get(cells[kinds[0]].lower(), "") if kinds else ""
    ends = {ENDS[name]: _number(cells[name]) for name in numbers if name in ENDS and cells[name]}
    points = [name for name in numbers if name not in ENDS]
    span = span_of({name: cells[name] for name in spans})
    known = {*numbers, *VOICES, *ASIDE, *kinds, *spans}
    labels = tuple((name, cells[name]) for name in cells if name not in known)
    found = []
    for name in points or list(ENDS):
        if printed := cells.get(name, ""):
            value = _number(printed)
            alone = len(points) == 1
            low, high = (ends.get("low", value), ends.get("high", value)) if alone else (value, value)
            found.append(Line(row, name, labels, span, kind, voice, min(low, value), value, max(high, value), printed))
    return found


def _number(text: str) -> Fraction:
    return Fraction(re.sub(r"[,\u00a0\u202f _%]", "", text)) / (100 if text.endswith("%") else 1)


def span_of(cells: Mapping[str, str]) -> Span | None:
    """What time or ages a row is about; None where it does not say or cannot be read.

    Example:
        >>> span_of({"age": "18-30"})
        Span(first=18, last=31, short=30, of='age')
    """
    ages = next((_ages(cells[name]) for name in cells if name in AGES and cells[name]), None)
    if ages:
        return ages
    first = next((_days(cells[name]) for name in cells if name in FROM and cells[name]), None)
    last = next((_days(cells[name]) for name in cells if name in UNTIL and cells[name]), None)
    if first and last:
        return Span(first.first, last.last, last.last)
    return next((_days(cells[name]) for name in cells if name in TIMES and cells[name]), None) or first or last


def _ages(text: str) -> Span | None:
    found = re.fullmatch(r"(\d{1,3})(?:\s*(?:-|\u2013|to)\s*(\d{1,3}))?", text)
    if not found:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    return Span(first, last + 1, last if found[2] else last + 1, "age") if first <= last else None


def _days(text: str) -> Span | None:
    """A day, month, quarter, half, year, or two of them joined by "to"; two years also by a dash."""
    ends = re.split(r"\s+(?:to|-|\u2013)\s+|\u2013", text.strip())
    if re.fullmatch(r"\d{4}-\d{4}", text.strip()):
        ends = text.strip().split("-")
    parts = [_PART.fullmatch(end.strip()) for end in ends]
    if len(parts) > 2 or None in parts:
        return None
    days = [_ends(found) for found in parts if found]
    if None in days:
        return None
    first, last = days[0], days[-1]
    return Span(first[0], last[1], last[1]) if first and last and first[0] < last[1] else None


def _ends(found: re.Match[str]) -> tuple[int, int] | None:
    year, part, day = int(found[1]), found[2], found[3]
    try:
        if not part:
            return date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        month, months = _MONTHS.get(part) or (int(part), 1)
        if day:
            return date(year, month, int(day)).toordinal(), date(year, month, int(day)).toordinal() + 1
        return date(year, month, 1).toordinal(), date(year + (month + months - 1) // 12, (month + months - 1) % 12 + 1, 1).toordinal()
    except ValueError:
        return None
