"""Canonical rows: one form of bytes, and refusal of everything that has two."""

from datetime import date

import pytest

from callup.terms.canonical import row_digest, row_text
from callup.terms.errors import BadInput
from callup.terms.schema import Column, Schema

TABLE = Schema(
    "t",
    (
        Column("id", "text", "key"),
        Column("n", "int", "count", nullable=True),
        Column("on", "date", "day", nullable=True),
        Column("f", "flag", "yes", nullable=True),
    ),
    ("id",),
)


def test_row_text_writes_each_type_and_escapes() -> None:
    assert row_text(["a\tb\\c\nd", 7, date(2025, 4, 1), True], TABLE) == "a\\tb\\\\c\\nd\t7\t2025-04-01\tt"


def test_unknown_is_written_and_differs_from_the_text_that_looks_like_it() -> None:
    assert row_text(["\\N", None, None, None], TABLE) == "\\\\N\t\\N\t\\N\t\\N"


@pytest.mark.parametrize(
    "values", [["e\u0301", 1, None, None], ["a", True, None, None], ["a", 1, None, 1], [None, 1, None, None], ["a", 1, None]]
)
def test_what_is_not_canonical_is_refused(values: list[object]) -> None:
    with pytest.raises(BadInput):
        row_text(values, TABLE)


def test_row_digest_is_sha256_of_the_text() -> None:
    assert row_digest(["a", 1, None, False], TABLE).hex() == "0cdf0ae97e20c40119360d06ec4cb97454d4f8041385c95a95bc36cc49ba1e92"
