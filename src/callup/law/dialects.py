"""What differs between engines, in a small class each; the writer asks for nothing else, and never for date arithmetic.

All six speak one subset (ADR 0031): comparisons with checked constants, three-valued AND, OR, NOT, CASE, coalesce, a minimum over a
partition. What an engine cannot do is refused while the query is written, and never left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import ClassVar, Protocol

from callup.law.tree import Held, Type
from callup.terms.errors import BadInput
from callup.terms.schema import Column, Schema


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

    def row_text(self, schema: Schema) -> str:
        """The canonical text of a row (design D11)."""

    def sha256(self, text: str) -> str:
        """64 hex digits over a text.

        Raises:
            BadInput: the engine has no SHA-256.
        """


class DuckDB:
    """DuckDB 2.0; the others say only where they differ."""

    name = "duckdb"
    casts: ClassVar[Mapping[Type, str]] = {"date": "DATE", "text": "VARCHAR", "flag": "BOOLEAN", "number": "BIGINT"}

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: Held, kind: Type) -> str:
        match value:
            case None:
                return f"CAST(NULL AS {self.casts[kind]})"
            case bool():
                return "true" if value else "false"
            case date():
                return self.date(value)
            case int():
                return str(value)
        return self.text(str(value))

    def date(self, day: date) -> str:
        return f"DATE '{day.isoformat()}'"

    def text(self, text: str) -> str:
        if re.search("[\0\ud800-\udfff]", text):
            raise cannot(self.name, f"the text {text!r}", "leave the character out: no table of persons can hold it")
        return "'" + text.replace("'", "''") + "'"

    def joined(self, parts: Sequence[str]) -> str:
        return f"nullif(concat_ws(',', {', '.join(parts)}), '')"

    def latest(self, parts: Sequence[str]) -> str:
        return f"greatest({', '.join(parts)})" if len(parts) > 1 else parts[0]

    def row_text(self, schema: Schema) -> str:
        return f"concat_ws({self.text(chr(9))}, {', '.join(self.field(column) for column in schema.columns)})"

    def field(self, column: Column) -> str:
        name, none = self.quoted(column.name), self.text("\\N")
        if column.type == "flag":
            return f"CASE WHEN {name} THEN 't' WHEN NOT {name} THEN 'f' ELSE {none} END"
        if column.type != "text":
            return f"coalesce(CAST({name} AS {self.casts['text']}), {none})"
        for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n")):
            name = f"replace({name}, {self.text(plain)}, {self.text(escaped)})"
        return f"coalesce({name}, {none})"

    def sha256(self, text: str) -> str:
        return f"sha256({text})"


class Spark(DuckDB):
    """Spark SQL 4.3 in its own dialect, ANSI or not."""

    name = "spark"
    casts: ClassVar[Mapping[Type, str]] = {**DuckDB.casts, "text": "STRING"}

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text(self, text: str) -> str:
        """Quotes, backslashes and ``${``, whose meaning hangs on the session's settings, and control characters, by number."""
        DuckDB.text(self, text)
        parts = [part for part in re.split(r"(['\\$\x01-\x1f])", text) if part]
        written = [f"chr({ord(part)})" if re.fullmatch(r"['\\$\x01-\x1f]", part) else f"'{part}'" for part in parts]
        return f"concat({', '.join(written)})" if len(written) > 1 else "".join(written) or "''"

    def sha256(self, text: str) -> str:
        return f"sha2({text}, 256)"


class PostgreSQL(DuckDB):
    """PostgreSQL 15."""

    name = "postgresql"

    def field(self, column: Column) -> str:
        """A date by its own pattern: how a cast writes it hangs on the server's settings."""
        if column.type == "date":
            return f"coalesce(to_char({self.quoted(column.name)}, 'YYYY-MM-DD'), {self.text(chr(92) + 'N')})"
        return DuckDB.field(self, column)

    def sha256(self, text: str) -> str:
        return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


class SQLite(DuckDB):
    """SQLite 3.39; dates are ISO texts of four-digit years, so that their order is the order of days."""

    name = "sqlite"

    def date(self, day: date) -> str:
        return f"'{day.isoformat()}'"

    def joined(self, parts: Sequence[str]) -> str:
        behind = " || ".join(f"coalesce(',' || {part}, '')" for part in parts)
        return f"nullif(substr({behind}, 2), '')"

    def latest(self, parts: Sequence[str]) -> str:
        return f"max({', '.join(parts)})" if len(parts) > 1 else parts[0]

    def row_text(self, schema: Schema) -> str:
        return f" || {self.text(chr(9))} || ".join(f"({self.field(column)})" for column in schema.columns)

    def sha256(self, text: str) -> str:
        raise cannot(self.name, "SHA-256", "write the row text and hash it outside")


class Polars(DuckDB):
    """Polars' own SQL, 2.1."""

    name = "polars"

    def sha256(self, text: str) -> str:
        raise cannot(self.name, "SHA-256", "write the row text and hash it outside")


class Fusion(DuckDB):
    """Apache DataFusion 55."""

    name = "datafusion"

    def sha256(self, text: str) -> str:
        return f"encode(sha256({text}), 'hex')"


DIALECTS: Mapping[str, Dialect] = {made.name: made for made in (DuckDB(), Spark(), PostgreSQL(), SQLite(), Polars(), Fusion())}
"""The dialects by name; DuckDB is the one that callup carries with it."""


def cannot(engine: str, what: str, hint: str) -> BadInput:
    """The refusal of what an engine cannot do, to be raised."""
    return BadInput("dialect-cannot", {"engine": engine, "what": what}, hint)
