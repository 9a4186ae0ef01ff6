"""What may be wrong with a file of persons, as text of queries over the table ``raw``: each column text, ``row``, and `UNNORMAL`.

DuckDB and Spark read the same text; it holds no backslash, which they read differently. Whether a text is in Unicode NFC is found
before, as Spark cannot say it.

One query looks at each row by itself, one finds ids that stand twice, one gives the clean rows their types. A value of a
name or an address is never shown in a problem: the row and the column say enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callup.terms.query import Query
from callup.terms.schema import PROBLEMS, UNNORMAL, Column, Schema
from callup.terms.tables import REGISTER_CORE

Problem = dict[str, object]
SHOWN = 80
"""Characters of a value that a problem shows."""

_LONGEST_TEXT = 500
_KINDS = {column.name: kind for column, kind in REGISTER_CORE}
_HIDDEN = ("name", "address")
_LANGUAGE = "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_CODES = {
    "sex": "f|m|x",
    "citizenship": "[A-Z]{2}",
    "country": "[A-Z]{2}",
    "unit": "[A-Za-z0-9]([A-Za-z0-9.-]{0,38}[A-Za-z0-9])?",
    "languages": f"{_LANGUAGE}( {_LANGUAGE})*",
}
_CODE_HINTS = {
    "sex": "write f, m or x, or leave it empty where it is unknown",
    "citizenship": "write two capital letters of ISO 3166-1",
    "country": "write two capital letters of ISO 3166-1",
    "unit": "write the code of ISO 3166-2 or of the law's own list: Latin letters, digits, hyphens",
    "languages": "write codes of BCP 47 with one space between, e.g.: ru en",
}
_LAW_CODE = "[A-Za-z0-9_.-]+( [A-Za-z0-9_.-]+)*"
_NO_TEST = "(-1, '', '', '')"
_LAW_CODE_HINT = "write the code as the law names it, in Latin letters: a letter that only looks alike is another code"
_SQL_TYPES = {"int": "BIGINT", "date": "DATE", "flag": "BOOLEAN"}


def column_problems(names: Sequence[str], schema: Schema) -> list[Problem]:
    """What is wrong with the columns of a file, before any row is read.

    Args:
        names: the columns of the file.
        schema: the register's schema: core columns and the law's own.

    Returns:
        Rows of PROBLEMS.
    """
    found = [
        problem("column-missing", "add it, empty where it is not known: an unknown is not a no", column=name)
        for name in schema.names
        if name not in names
    ]
    for number, name in enumerate(names):
        if name not in schema.names:
            found.append(problem("column-not-in-law", "take it out: a register holds only what the law names", column=name))
        elif name in names[:number]:
            found.append(problem("column-twice", "keep one of them", column=name))
    return found


def row_problems(schema: Schema, present: Sequence[str], dialect: str = "duckdb") -> Query:
    """Everything that is wrong with single rows of ``raw``, in no order.

    Args:
        schema: the register's schema.
        present: the declared columns that ``raw`` has.
        dialect: ``duckdb`` or ``spark``.
    """
    tests = [test for column in schema.columns if column.name in present for test in _tests(column)]
    anything = " OR ".join(f"({holds})" for _, holds, _, _ in tests) or "false"
    numbers = ", ".join(f"CASE WHEN {holds} THEN ',{number},' END" for number, (_, holds, _, _) in enumerate(tests)) or "''"
    listed = ", ".join(f"({number}, '{code}', {_text(name)}, {_text(hint)})" for number, (code, _, name, hint) in enumerate(tests))
    shown = " ".join(f"WHEN {number} THEN {_value(name)}" for number, (_, _, name, _) in enumerate(tests))
    sql = (
        f'SELECT t.code, r."row", t."column", CASE t.number {shown or "WHEN 0 THEN NULL"} END AS value, t.hint '
        f"FROM (SELECT *, concat_ws('', {numbers}) AS held FROM raw WHERE {anything}) r "
        f'JOIN (SELECT * FROM (VALUES {listed or _NO_TEST}) AS v(number, code, "column", hint)) t '
        "ON r.held LIKE concat('%,', t.number, ',%')"
    )
    return Query(sql, PROBLEMS, ("raw",), dialect)


def repeated_ids(dialect: str = "duckdb") -> Query:
    """Each further row of an id that stood before."""
    hint = _text("each person stands once: keep one row")
    sql = (
        f"SELECT 'id-twice' AS code, \"row\", 'person_id' AS \"column\", left(person_id, {SHOWN}) AS value, {hint} AS hint FROM ("
        'SELECT "row", person_id, row_number() OVER (PARTITION BY person_id ORDER BY "row") AS number FROM raw '
        "WHERE person_id IS NOT NULL) WHERE number > 1"
    )
    return Query(sql, PROBLEMS, ("raw",), dialect)


def typed_rows(schema: Schema) -> Query:
    """The rows of a ``raw`` without problems in their declared types, oldest first: reading by age then skips whole blocks."""
    columns = ", ".join(
        f'CAST("{one.name}" AS {_SQL_TYPES[one.type]}) AS "{one.name}"' if one.type in _SQL_TYPES else f'"{one.name}"'
        for one in schema.columns
    )
    return Query(f"SELECT {columns} FROM raw ORDER BY raw.born_on NULLS LAST, raw.person_id", schema, ("raw",), "duckdb")


def problem(code: str, hint: str, *, row: int | None = None, column: str | None = None, value: str | None = None) -> Problem:
    """One row of PROBLEMS."""
    return {"code": code, "row": row, "column": column, "value": value and value[:SHOWN], "hint": hint}


def _tests(column: Column) -> Iterator[tuple[str, str, str, str]]:
    """(code, condition, column, hint) of everything that may be wrong with a value; unknown passes where it may stand."""
    name = f'"{column.name}"'
    if not column.nullable:
        yield "value-missing", f"{name} IS NULL", column.name, f"give it: {column.meaning}"
    match column.type:
        case "date":
            form = _whole(name, "[0-9]{4}-[0-9]{2}-[0-9]{2}")
            yield "not-a-date", f"NOT {form}", column.name, "write it as YYYY-MM-DD"
            none = f"(TRY_CAST({name} AS DATE) IS NULL OR left({name}, 4) = '0000')"
            yield "no-such-day", f"{form} AND {none}", column.name, "the calendar has no such day: mend it"
        case "flag":
            yield "not-a-flag", f"{name} NOT IN ('true', 'false')", column.name, "write true or false, or leave it empty"
        case "int":
            yield "not-a-number", f"NOT {_whole(name, '-?[0-9]{1,18}')}", column.name, "write a whole number of at most 18 digits"
        case "text":
            yield from _text_tests(column, name)


def _text_tests(column: Column, name: str) -> Iterator[tuple[str, str, str, str]]:
    yield "text-not-normal", f"\"{UNNORMAL}\" LIKE '%,{column.name},%'", column.name, "write it in Unicode NFC"
    controls = f"regexp_extract({name}, '[^ -~\u0080-\U0010ffff]', 0) <> ''"
    yield "text-with-controls", controls, column.name, "take out tabs, line ends and the like"
    yield "text-too-long", f"length({name}) > {_LONGEST_TEXT}", column.name, f"at most {_LONGEST_TEXT} characters"
    if column.name in _CODES or column.name not in _KINDS:
        code, hint = _CODES.get(column.name, _LAW_CODE), _CODE_HINTS.get(column.name, _LAW_CODE_HINT)
        yield "code-unknown", f"NOT {_whole(name, code)}", column.name, hint


def _whole(name: str, pattern: str) -> str:
    """Whether a text matches from its first to its last character."""
    return f"(regexp_extract({name}, '^(?:{pattern})$', 0) = {name})"


def _value(name: str) -> str:
    return "NULL" if _KINDS.get(name) in _HIDDEN else f'left("{name}", {SHOWN})'


def _text(words: str) -> str:
    """A SQL text literal."""
    return "'" + words.replace("'", "''") + "'"
