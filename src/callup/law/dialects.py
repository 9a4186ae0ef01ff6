"""What differs between engines, in a small class; the writer asks for nothing else, and never for date arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from callup.law.tree import Held, Type

_CASTS = {"date": "DATE", "text": "VARCHAR", "flag": "BOOLEAN", "number": "BIGINT"}


class Dialect(Protocol):
    """Words of one engine."""

    name: str

    def quoted(self, name: str) -> str:
        """An identifier."""

    def literal(self, value: Held, kind: Type) -> str:
        """A constant of a type; ``None`` is unknown of that type."""

    def joined(self, parts: Sequence[str]) -> str:
        """Texts joined by a comma, unknown ones left out; unknown if nothing is left."""

    def latest(self, parts: Sequence[str]) -> str:
        """The latest of several known dates."""


class DuckDB:
    """DuckDB 2.0."""

    name = "duckdb"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: Held, kind: Type) -> str:
        match value:
            case None:
                return f"CAST(NULL AS {_CASTS[kind]})"
            case bool():
                return "true" if value else "false"
            case date():
                return f"DATE '{value.isoformat()}'"
            case int():
                return str(value)
        return "'" + str(value).replace("'", "''") + "'"

    def joined(self, parts: Sequence[str]) -> str:
        return f"nullif(concat_ws(',', {', '.join(parts)}), '')"

    def latest(self, parts: Sequence[str]) -> str:
        return f"greatest({', '.join(parts)})" if len(parts) > 1 else parts[0]
