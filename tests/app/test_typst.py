"""Letters as PDF: window, standards, same bytes, print files and manifest."""

import dataclasses
import hashlib
from datetime import date

import pypdfium2
import pytest
from notice.sample import STAMP, letters, texts

from callup.app.engines.mass import MOST_LETTERS, render_wave
from callup.app.engines.typst import compile_batch, measure_back, one_letter
from callup.notice import print_batch
from callup.terms.errors import BadInput, Unavailable

MM = 72 / 25.4


@pytest.fixture(scope="module")
def pdf():
    return one_letter(letters(1), texts(), STAMP)


def test_a_letter_is_two_a4_pages_tagged_and_dated_by_the_decree(pdf):
    document = pypdfium2.PdfDocument(pdf)
    assert [tuple(round(side / MM) for side in page.get_size()) for page in document] == [(210, 297)] * 2
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20250331")
    for mark in (
        b"/MarkInfo<</Marked true",
        b"/StructTreeRoot",
        b"/Lang(en)",
        b"<pdfuaid:part>1<",
        b"<pdfaid:part>2<",
        b"<pdfaid:conformance>A<",
    ):
        assert mark in pdf, mark
    document.close()


def test_the_address_stands_in_the_window_of_din_5008_form_b(pdf):
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    textpage = page.get_textpage()
    height = page.get_height()
    for line in ("Анна Ünsal-0 O'Neil", "0 Long Street <b>", "Fredville & Sons", "10100"):
        search = textpage.search(line)
        at, count = search.get_next()
        boxes = [textpage.get_charbox(index) for index in range(at, at + count)]
        assert min(box[0] for box in boxes) / MM >= 20
        assert max(box[2] for box in boxes) / MM <= 105
        assert min(height - box[3] for box in boxes) / MM >= 45 + 5
        assert max(height - box[1] for box in boxes) / MM <= 90
        search.close()
    textpage.close()
    document.close()


def test_the_first_ten_lines_answer_the_five_questions(pdf):
    document = pypdfium2.PdfDocument(pdf)
    textpage = document[0].get_textpage()
    lines = textpage.get_text_range().splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("Is it real?"))
    asks = texts().fixed["asks"]
    found = [next(at for at, line in enumerate(lines) if line.startswith(ask)) for ask in asks]
    end = next(at for at, line in enumerate(lines) if at > found[-1] and line.startswith("Who"))
    assert found == sorted(found)
    assert end - first <= 10
    textpage.close()
    document.close()


def test_the_same_letter_has_the_same_bytes(pdf):
    assert hashlib.sha256(one_letter(letters(1), texts(), STAMP)).digest() == hashlib.sha256(pdf).digest()


def test_only_carried_fonts_are_embedded(pdf):
    assert b"PTSans" in pdf
    assert b"Libertinus" not in pdf


def test_print_files_hold_one_language_and_at_most_so_many_letters_with_a_whole_manifest():
    table = letters(5)
    wave = list(render_wave(table, [texts()], STAMP, most=3))
    assert [file.name for file in wave] == ["letters-0001.pdf", "letters-0002.pdf"]
    rows = [row for file in wave for row in file.rows]
    assert [row.notice_id for row in rows] == table.column("notice_id").to_pylist()
    assert [(row.file, row.first_page, row.pages) for row in rows] == [
        ("letters-0001.pdf", 1, 1),
        ("letters-0001.pdf", 2, 1),
        ("letters-0001.pdf", 3, 1),
        ("letters-0002.pdf", 1, 1),
        ("letters-0002.pdf", 2, 1),
    ]
    assert all(len(row.payload) == 32 and len(row.hash) == 64 for row in rows)
    for file in wave:
        document = pypdfium2.PdfDocument(file.content)
        assert len(document) == len(file.rows) + 1
        document.close()
    again = list(render_wave(table, [texts()], STAMP, most=3, workers=1))
    assert again == wave


@pytest.mark.parametrize(("most", "code"), [(0, "print-file-size"), (MOST_LETTERS + 1, "print-file-size")])
def test_a_print_file_out_of_range_is_refused(most, code):
    with pytest.raises(BadInput, match=code):
        next(render_wave(letters(1), [texts()], STAMP, most=most))


def test_a_language_without_words_is_refused_before_anything_is_printed():
    with pytest.raises(BadInput, match="language-without-form"):
        next(render_wave(letters(1, language="xx"), [texts()], STAMP))


def test_a_name_that_no_carried_font_can_print_is_refused_by_its_notice_before_anything_is_printed():
    table = letters(3)
    names = [*table.column("name").to_pylist()[:2], "Ꙁ 𓀀"]
    table = table.set_column(table.column_names.index("name"), "name", [names])
    with pytest.raises(BadInput, match="letters-need-a-person") as refused:
        next(render_wave(table, [texts()], STAMP, workers=1))
    assert refused.value.params["letters"] == 1
    assert refused.value.params["which"].startswith(table.column("notice_id").to_pylist()[2])
    assert "𓀀" not in str(refused.value)


def test_a_character_outside_the_address_that_no_carried_font_has_stops_the_release():
    with pytest.raises(Unavailable, match="typst-failed"):
        next(render_wave(letters(1, stratum="𓀀"), [texts()], STAMP, workers=1))


def test_a_fixed_text_too_long_for_one_back_is_refused_before_anything_is_printed():
    words = texts()
    sections = [section | {"lines": section["lines"] * 12} for section in words.fixed["sections"]]
    too_long = dataclasses.replace(words, fixed={**words.fixed, "sections": sections})
    with pytest.raises(BadInput, match="back-too-long"):
        next(render_wave(letters(1), [too_long], STAMP))


def test_the_back_is_measured_once_for_all_print_files_and_the_bytes_are_those_of_each_alone():
    batch = print_batch(letters(2), texts(), STAMP)
    assert 6.8 <= measure_back(batch) <= 9.6
    assert compile_batch(batch, STAMP, measure_back(batch)) == compile_batch(batch, STAMP)


def test_names_reach_the_compiler_in_memory_only():
    batch = print_batch(letters(1), texts(), STAMP)
    assert "Ünsal".encode() not in batch.rasters + batch.source
    assert compile_batch(batch, STAMP).startswith(b"%PDF-1.7")


def test_the_longest_address_and_a_far_day_still_fit_on_one_front():
    table = letters(
        1,
        name="Абдурахманов-Константинопольский Александр Константинович оглы",
        place="1 " + "Long Street " * 9,
        appear_on=date(2025, 7, 15),
    )
    file = next(render_wave(table, [texts()], STAMP, workers=1))
    assert len(file.rows) == 1
