"""Each engine's words say the same constant, and what an engine cannot do is refused while the query is written."""

from datetime import date

import duckdb
import pytest

from callup.law.dialects import DIALECTS, DuckDB, Spark
from callup.terms.errors import BadInput
from callup.terms.tables import FINDINGS

TEXTS = ("", "plain", "it's", "a\\b", "${spark.app.name}", "tab\tline\n", "Ёж", '"', "`")


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_no_table_can_hold_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        DIALECTS[name].literal(text, "text")
    assert refused.value.code == "dialect-cannot"
    assert refused.value.params["engine"] == name


@pytest.mark.parametrize("name", ["sqlite", "polars"])
def test_an_engine_without_sha256_says_so(name: str) -> None:
    with pytest.raises(BadInput, match="SHA-256"):
        DIALECTS[name].sha256(DIALECTS[name].row_text(FINDINGS))


def test_spark_is_given_no_character_whose_meaning_hangs_on_its_settings() -> None:
    written = Spark().literal("it's ${x} a\\b", "text")
    assert written == "concat('it', chr(39), 's ', chr(36), '{x} a', chr(92), 'b')"
    assert [Spark().literal(text, "text") for text in ("", "'", "m")] == ["''", "chr(39)", "'m'"]
    assert Spark().quoted("a`b") == "`a``b`"
    assert Spark().sha256("t") == "sha2(t, 256)"
    assert Spark().literal(None, "text") == "CAST(NULL AS STRING)"
    assert Spark().literal(date(2024, 2, 29), "date") == "DATE '2024-02-29'"


def test_duckdb_reads_back_what_it_is_told() -> None:
    with duckdb.connect() as base:
        for text in TEXTS:
            assert base.execute(f"SELECT {DuckDB().literal(text, 'text')}").fetchone() == (text,)
            assert base.execute(f"SELECT {Spark().literal(text, 'text')}").fetchone() == (text,), "the same functions there"
