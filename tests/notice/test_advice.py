"""Who helps for free: those of one's own unit first, those of the country, and nobody else's."""

import dataclasses

import pyarrow as pa
import pytest
from notice.advised import advised
from notice.sample import STAMP, ground, letters

from callup.app.engines.mass import shares_of
from callup.app.engines.records import record_wave
from callup.jurisdictions import load
from callup.notice import Portal, letter_texts, print_batch
from callup.terms.errors import BadInput

NORTH, FRN, ALL = (
    "The advisers of north help you for free.",
    "The advisers of FR-N help you for free.",
    "The Service Ombudsman of Freedonia",
)


@pytest.fixture(scope="module")
def words():
    folder = advised(load("freedonia"))
    whole = dataclasses.replace(ground(), procedure=folder.procedure.at(ground().decree.key_date))
    return [letter_texts(folder.forms, dataclasses.replace(whole, unit=unit), "en") for unit in ("", "FR-N", "north")]


def test_each_unit_reads_its_own_first_and_nobody_elses(words):
    for texts, own, others in zip(words, ("", FRN, NORTH), ((FRN, NORTH), (NORTH,), (FRN,)), strict=True):
        batch = print_batch(letters(1), texts, STAMP)
        back = " ".join(batch.back)
        assert not any(other in back for other in others)
        assert back.index(own) < back.index(ALL)
        last = batch.fields[0]["answers"][-1]
        assert own.replace("The", "the").split(" help")[0] in last, "the fifth question says the same"
        page = Portal([texts], STAMP).html(letters(1).to_pylist()[0])
        assert own in page
        assert not any(other in page for other in others)


def test_letters_share_a_file_only_with_those_who_read_the_same(words):
    table = pa.concat_tables([letters(2), letters(3, stratum="FR-N+late"), letters(1, stratum="elsewhere")])
    shares = [(texts.unit, mine.num_rows) for texts, mine in shares_of(table, words)]
    assert shares == [("", 1), ("FR-N", 3), ("north", 2)]
    files = list(record_wave(table, words, STAMP))
    assert [file.name for file in files if file.name.startswith("words")] == ["words-en.json", "words-en-2.json", "words-en-3.json"]
    named = [file.content.decode().split("\r\n")[1].split(",")[2] for file in files if file.rows]
    assert named == ["words-en.json", "words-en-2.json", "words-en-3.json"]
    assert [NORTH.encode() in file.content for file in files if file.name.startswith("words")] == [False, False, True]


def test_words_of_a_unit_in_another_language_are_missed(words):
    with pytest.raises(BadInput, match="language-without-form"):
        list(shares_of(letters(1, language="xx"), words))
