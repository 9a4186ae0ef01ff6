"""Codes and dates at the door: what only looks right is named, and every value a law or a table rests on passes."""

from unicodedata import normalize

import pyarrow as pa
import pytest

from callup.app.engines.duckdb import DuckDBEngine
from callup.jurisdictions import available, load, resource
from callup.law import register_schema
from callup.register import read_tables, row_problems
from callup.terms.schema import UNNORMAL, Schema

SCHEMA = register_schema(load("ru").law)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = DuckDBEngine(tmp_path_factory.mktemp("engine") / "spill")
    yield made
    made.close()


def problems(engine, column, values, schema=SCHEMA):
    """(code, row) of what is wrong with values of one column."""
    only = Schema(schema.name, (schema[column],), (column,))
    rows = {
        "row": range(1, len(values) + 1),
        column: pa.array(values, pa.string()),
        UNNORMAL: [f",{column}," if normalize("NFC", value or "") != (value or "") else "" for value in values],
    }
    engine.register("raw", pa.table(rows))
    found = engine.table(row_problems(only, [column])).to_pylist()
    assert all(one["column"] == column and one["hint"] for one in found)
    return [(one["code"], one["row"]) for one in sorted(found, key=lambda one: one["row"])]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("sex", "F", "code-unknown"),
        ("sex", "м", "code-unknown"),
        ("citizenship", "ru", "code-unknown"),
        ("citizenship", "RUS", "code-unknown"),
        ("unit", "../RU-MOW", "code-unknown"),
        ("unit", "RU/MOW", "code-unknown"),
        ("unit", "RU-MOW+volunteers", "code-unknown"),
        ("unit", "RU-МОW", "code-unknown"),
        ("unit", "-", "code-unknown"),
        ("unit", " RU-MOW", "code-unknown"),
        ("languages", "ru,en", "code-unknown"),
        ("languages", "Russian", "code-unknown"),
        ("languages", "ru  en", "code-unknown"),
        ("health_category", "Д", "code-unknown"),
        ("health_category", "А", "code-unknown"),
        ("health_category", "V ", "code-unknown"),
        ("born_on", "0000-01-01", "no-such-day"),
        ("born_on", "2025-02-29", "no-such-day"),
        ("born_on", "2004-13-01", "no-such-day"),
        ("born_on", "2004-1-01", "not-a-date"),
        ("born_on", "01.04.2004", "not-a-date"),
        ("born_on", "2004-04-01T00:00", "not-a-date"),
        ("children", "2.0", "not-a-number"),
        ("children", "1234567890123456789", "not-a-number"),
        ("served", "да", "not-a-flag"),
        ("served", "TRUE", "not-a-flag"),
        ("person_id", None, "value-missing"),
        ("name", "Йода Пу\u0301пкин\u0438\u0306", "text-not-normal"),
        ("name", "Пупкин\tВася", "text-with-controls"),
        ("name", "П" * 501, "text-too-long"),
    ],
)
def test_what_only_looks_right_is_named(engine, column, value, code):
    assert problems(engine, column, [value]) == [(code, 1)]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("sex", ["f", "m", "x", None]),
        ("citizenship", ["RU", "KZ", None]),
        ("unit", ["RU-MOW", "RU-AD", "1234", "K.7", None]),
        ("languages", ["ru", "en ru", "sr-Latn ru", "zh-Hant-TW", None]),
        ("health_category", ["A", "B", "V", "G", "D", None]),
        ("born_on", ["2004-02-29", "0001-01-01", "9999-12-31", None]),
        ("children", ["0", "-1", "999999999999999999", None]),
        ("served", ["true", "false", None]),
        ("name", ["Ёлкина-Щорс Анна-Мария", "O'Neill", "П" * 500]),
    ],
)
def test_what_is_right_passes(engine, column, values):
    assert problems(engine, column, values) == []


def test_every_value_of_the_synthetic_tables_passes(engine):
    tables = read_tables(lambda name: resource("ru", f"data/{name}"))
    assert problems(engine, "unit", sorted(tables.men)) == []
    for column, shares in tables.shares.items():
        if SCHEMA[column].type != "date":
            assert problems(engine, column, [share.value for share in shares]) == [], column


@pytest.mark.parametrize("code", available())
def test_every_value_that_a_law_is_shown_in_its_examples_passes(engine, code):
    jurisdiction = load(code)
    schema = register_schema(jurisdiction.law)
    given = [(name, value) for example in jurisdiction.examples for name, value in example.given.items() if name in schema.names]
    shown = {(name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in given if value is not None}
    assert shown
    for name, value in sorted(shown):
        assert problems(engine, name, [value], schema) == [], (name, value)
