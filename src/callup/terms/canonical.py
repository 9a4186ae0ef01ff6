r"""One way to write a row as bytes, the same in every engine and language (design D11).

Row text is the fields in schema order joined by TAB: dates ISO 8601, integers decimal, flags ``t`` or ``f``, unknown
``\N``, text in Unicode NFC with backslash, TAB and LF written as ``\\``, ``\t`` and ``\n``. A row digest is the
SHA-256 of the UTF-8 row text; a table digest is the RFC 6962 root over the raw row digests in key order.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import date

from callup.terms.errors import BadInput
from callup.terms.schema import Column, Schema

UNKNOWN = "\\N"


def field_text(value: object, column: Column) -> str:
    """Write one field.

    Args:
        value: ``None`` for unknown, else a value of the column's type.
        column: the declared column.

    Raises:
        BadInput: the value is not of the column's type, or text is not in NFC.
    """
    if value is None and column.nullable:
        return UNKNOWN
    match column.type, value:
        case "flag", bool():
            return "t" if value else "f"
        case "int", int() if not isinstance(value, bool):
            return str(value)
        case "date", date():
            return value.isoformat()[:10]
        case "text", str() if unicodedata.is_normalized("NFC", value):
            return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    raise BadInput("field-not-canonical", {"column": column.name, "type": column.type, "value": repr(value)[:80]}, "mend it at intake")


def row_text(values: Sequence[object], schema: Schema) -> str:
    r"""Write one row, ``values`` in schema order.

    Example:
        >>> from callup.terms.schema import Column, Schema
        >>> unit = Schema("unit", (Column("unit", "text", "code"), Column("persons", "int", "count")), ("unit",))
        >>> row_text(["north", 12], unit)
        'north\t12'
    """
    if len(values) != len(schema.columns):
        raise BadInput("row-length", {"table": schema.name, "fields": len(values)}, f"give {len(schema.columns)} fields")
    return "\t".join(field_text(value, column) for value, column in zip(values, schema.columns, strict=True))


def row_digest(values: Sequence[object], schema: Schema) -> bytes:
    """The 32 raw bytes of a row's SHA-256."""
    return hashlib.sha256(row_text(values, schema).encode()).digest()
