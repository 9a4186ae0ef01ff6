"""Our own writer of letters beside Typst, which stays the truth: the same words, the window and the codes in the same places."""

import io
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pdfua
import pikepdf
import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notice.sample import STAMP, letters, texts

from callup.app.engines import mass
from callup.app.engines.mass import render_wave
from callup.app.engines.pdf import letter as writer
from callup.app.engines.pdf.faces import carried_widths, faces_for
from callup.app.engines.pdf.letter import write_letters
from callup.app.engines.pdf.setting import MM, Setter
from callup.app.engines.typst import compile_batch
from callup.app.engines.window import fit_windows
from callup.app.readback import read_back, squeeze
from callup.app.shared_parts import put_back, shared_parts
from callup.jurisdictions import available, load
from callup.notice import print_batch
from callup.terms.errors import BadInput

FORMS = [(code, language) for code in available() for language in sorted(load(code).forms)]
NEAR = 0.2 * MM
DOTS = 300


def batch_of(code="freedonia", language="en", n=2, **changed):
    return print_batch(letters(n, language=language, **changed), texts(code, language), STAMP, shared_back=True)


def faces_of(batch):
    return faces_for(mass._strings([batch.words, batch.fields]))


def written(batch):
    return write_letters(batch, STAMP, faces_of(batch))


def page_text(document, at):
    page = document[at].get_textpage()
    return squeeze(page.get_text_range().replace("\ufffe", "-"))


def sorted_words(document, at):
    """The words of a page; a hyphen at the end of a line joins what it parts."""
    return sorted(page_text(document, at))


def first_box(document, words):
    page = document[0].get_textpage()
    at, _ = page.search(words).get_next()
    return page.get_charbox(at, loose=False)


def dark_box(document, left, top, right, bottom):
    """Where something dark stands in a part of the front, in points from the page's left and top."""
    pixels = document[0].render(scale=DOTS / 72, grayscale=True).to_numpy().reshape(-1, round(595.276 * DOTS / 72) + 1)[:, :-1]
    part = pixels[round(top * DOTS / 72) : round(bottom * DOTS / 72), round(left * DOTS / 72) : round(right * DOTS / 72)] < 128
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1], rows[-1]]) * 72 / DOTS


@pytest.mark.parametrize(("code", "language"), FORMS)
def test_both_engines_say_the_same_in_the_same_places(code, language):
    batch = batch_of(code, language)
    mine, theirs = pypdfium2.PdfDocument(written(batch)), pypdfium2.PdfDocument(compile_batch(batch, STAMP))
    assert len(mine) == len(theirs) == 3
    for at in range(3):
        assert sorted_words(mine, at) == sorted_words(theirs, at), at
    for words in ("Анна Ünsal-0", "0 Long Street", "Fredville", "10100"):
        assert first_box(mine, words) == pytest.approx(first_box(theirs, words), abs=NEAR)
    for part in ((124, 46, 142, 64), (148.5, 46, 191, 89)):
        edges = [side * MM for side in part]
        assert dark_box(mine, *edges) == pytest.approx(dark_box(theirs, *edges), abs=NEAR)


@pytest.mark.parametrize(("code", "language"), FORMS)
def test_what_is_written_reads_back_and_three_readers_agree(code, language, tmp_path):
    batch = batch_of(code, language)
    pdf = written(batch)
    (tmp_path / "x.pdf").write_bytes(pdf)
    assert not list(pdfua.validate(tmp_path / "x.pdf").findings)
    assert read_back(pdf, batch) == ()
    document, other = pypdfium2.PdfDocument(pdf), pypdf.PdfReader(io.BytesIO(pdf))
    for at in range(3):
        assert squeeze(other.pages[at].extract_text()) == page_text(document, at)


def test_the_structure_holds_the_checks_of_pdf_ua(tmp_path):
    (tmp_path / "x.pdf").write_bytes(written(batch_of(n=3)))
    assert not list(pdfua.validate(tmp_path / "x.pdf").findings)
    (tmp_path / "bare.pdf").write_bytes(written(batch_of(n=3)).replace(b"/Marked true", b"/Marked false"))
    assert list(pdfua.validate(tmp_path / "bare.pdf").findings), "a check that cannot fail is none"


def test_every_part_of_a_front_is_tagged_in_the_order_of_reading():
    pdf = written(batch_of(n=1))
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    (whole,) = reader.trailer["/Root"]["/StructTreeRoot"]["/K"]
    front, back = (section.get_object() for section in whole.get_object()["/K"])
    roles = [one.get_object()["/S"] for one in front["/K"]]
    assert roles == ["/P", "/P", "/Figure", "/Figure", "/P", "/H1", *["/P"] * 5, "/P", "/P"]
    assert all(one.get_object()["/Alt"] for one in front["/K"] if one.get_object()["/S"] == "/Figure")
    assert [one.get_object()["/S"] for one in back["/K"]][:2] == ["/H2", "/P"]
    content = reader.pages[0].get_contents().get_data()
    assert [one.get_object()["/K"] for one in front["/K"]] == list(range(len(roles)))
    drawn = [int(mark) for mark in re.findall(rb"/MCID (\d+)", content)]
    assert drawn == [2, 3, *(mark for mark in range(len(roles)) if mark not in (2, 3))], "the codes are drawn first, read in their place"
    assert content.count(b"BDC") == content.count(b"EMC") == len(roles)
    assert reader.trailer["/Root"]["/Lang"] == "en"


def test_the_same_letters_give_the_same_bytes():
    assert written(batch_of()) == written(batch_of())


def test_a_changed_word_is_found_when_it_is_read_back():
    batch, other = batch_of(), batch_of(place="2 Example Street {made up}")
    found = read_back(written(other), batch)
    assert [(one.page, one.what.partition(" ")[0]) for one in found] == [(1, "text"), (2, "text")]


@pytest.fixture(scope="module")
def many():
    """Enough letters that what they share is written once."""
    batch = batch_of(n=24)
    return batch, written(batch)


def test_what_many_fronts_say_is_written_once_and_every_page_still_says_it(many):
    batch, pdf = many
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert len(file.pages[0].Resources.XObject) > 2
        written_out = file.pages[3].Contents.read_bytes().partition(b"/P<</MCID 0>>")[2]
        assert b"/S0 Do" in written_out
        assert len(written_out) < len(file.pages[24].Contents.read_bytes()) / 2
    document, theirs = pypdfium2.PdfDocument(pdf), pypdfium2.PdfDocument(compile_batch(batch, STAMP))
    assert all(sorted_words(document, at) == sorted_words(theirs, at) for at in (0, 23, 24))


def test_shared_parts_read_once_say_what_the_pages_say(many):
    _, pdf = many
    parts = shared_parts(pdf)
    alone, numbered = pypdfium2.PdfDocument(parts.alone), pypdfium2.PdfDocument(parts.numbered([True] * len(parts.parts)))
    words = [page_text(alone, at) for at in range(len(alone))]
    whole = pypdfium2.PdfDocument(pdf)
    assert len(numbered) == len(whole) == 25
    assert {put_back(page_text(numbered, at), words) == page_text(whole, at) for at in range(25)} == {True}
    assert len(page_text(numbered, 0)) < len(page_text(whole, 0)) / 2


@pytest.mark.parametrize("changed", [{"place": "2 Example Street"}, {"appear_on": date(2025, 4, 21)}, {"name": "Somebody Else"}])
def test_a_word_that_all_letters_share_is_missed_on_every_page(many, changed):
    _, pdf = many
    found = read_back(pdf, batch_of(n=24, **changed))
    assert {one.page for one in found} == set(range(1, 25))
    assert all(one.what.startswith("text") for one in found)


def test_a_part_drawn_over_the_codes_is_not_taken_away_before_the_codes_are_read(many, monkeypatch):
    """A writer that draws a rectangle over both codes, in a part that all fronts share."""
    batch, _ = many
    right = writer._Front._head
    monkeypatch.setattr(writer._Front, "_head", lambda front: right(front) + "0 g 350 580 200 140 re f\n")
    wrong = written(batch)
    assert len(shared_parts(wrong).parts) > 2
    found = read_back(wrong, batch)
    assert [one.what for one in found if one.page == 1] == ["mail code", "check code"]


def test_a_number_that_is_right_in_only_one_of_its_places_is_found(many):
    batch, pdf = many
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        front = file.pages[5].Contents
        said = faces_of(batch)["F2"].coded(batch.pieces[5].number).encode("latin-1")
        assert front.read_bytes().count(said) == 2
        front.write(front.read_bytes().replace(said, said[::-1], 1))
        file.save(made)
    assert [(one.page, one.what) for one in read_back(made.getvalue(), batch)] == [(6, "number")]


def test_a_name_with_the_mark_of_a_shared_part_is_read_as_it_stands():
    batch = batch_of(n=20, name="\u20200\u2021")
    assert read_back(written(batch), batch) == ()


def test_a_name_that_the_fonts_lack_goes_to_typst_and_no_other_letter_does(monkeypatch):
    """DejaVu Sans has Georgian letters, PT Sans has none."""
    table = letters(4)
    names = table.column("name").to_pylist()
    names[1] = "გიორგი"
    table = table.set_column(table.column_names.index("name"), "name", [names])
    files = list(render_wave(table, [texts()], STAMP, workers=1))
    assert [len(file.rows) for file in files] == [3, 1]
    assert [b"Typst" in file.content for file in files] == [False, True]
    assert files[1].rows[0].notice_id == table.column("notice_id").to_pylist()[1]


def test_what_does_not_fit_its_place_is_not_written():
    assert written(batch_of(address_line="Long Street " * 60)) == b""


@pytest.mark.parametrize(
    ("changed", "size", "name"),
    [
        ({"address_line": "Long Street " * 15}, 10, "Анна Ünsal-0 O'Neil"),
        ({"address_line": "Long Street " * 28}, 8, "Анна Ünsal-0 O'Neil"),
        ({"address_line": "Long Street " * 27, "name": "Anna " * 24 + "Last"}, 8, "Anna " + "A. " * 23 + "Last"),
        ({"locality": "L" * 46}, 9, "Анна Ünsal-0 O'Neil"),
    ],
)
def test_a_long_address_is_set_smaller_and_then_middle_names_are_shortened(changed, size, name):
    table = letters(1, **changed)
    windows = fit_windows(table, texts())
    ((found, lines),) = windows.values()
    assert (found, lines[0]) == (size, name)
    batch = print_batch(table, texts(), STAMP, shared_back=True, windows=windows)
    for pdf in (written(batch), compile_batch(batch, STAMP)):
        assert read_back(pdf, batch) == ()
        edges = dark_box(pypdfium2.PdfDocument(pdf), 20 * MM, 54 * MM, 120 * MM, 100 * MM)
        assert edges[2] <= 105.2 * MM
        assert edges[3] <= 90 * MM


def test_what_no_rule_makes_fit_is_refused_by_notice_before_anything_is_printed():
    for changed in ({"address_line": "Long Street " * 60}, {"locality": "L" * 80}):
        table = letters(1, **changed)
        with pytest.raises(BadInput, match="letters-need-a-person") as refused:
            next(render_wave(table, [texts()], STAMP, workers=1))
        assert table.column("notice_id").to_pylist()[0] in str(refused.value.params["which"])
    with pytest.raises(BadInput, match="letters-need-a-person"):
        next(render_wave(letters(1, place="Long Street " * 90), [texts()], STAMP, workers=1))


def test_the_longest_name_and_place_still_fit():
    long = "Абдурахманов-Константинопольский Александр Константинович оглы"
    batch = batch_of(name=long, place="1 " + "Long Street " * 9, appear_on=date(2025, 7, 15))
    assert read_back(written(batch), batch) == ()


@given(st.lists(st.text("абвг abij-.0Ωგ\U0001f600", min_size=1), max_size=9), st.sampled_from([900.0, 4000.0, 90000.0]))
def test_what_is_short_stands_on_one_line_in_known_characters(texts, most):
    widths = carried_widths()
    fits = {text for text in texts if widths.covers(text) and sum(widths._widths[ord(one)] for one in text) <= most}
    assert widths.short(texts, most) == fits
    assert all(widths.lines(text, most) == 1 for text in fits)


FACES = faces_for(["абвгдежзиклмнопрст abcdefghij-.,0123456789"])


@given(st.lists(st.text("абвг abij-.0", min_size=1, max_size=30), min_size=1, max_size=12), st.sampled_from([30.0, 90.0, 400.0]))
def test_no_line_is_wider_than_its_place_and_no_word_is_lost(words, width):
    said = " ".join(words)
    lines = Setter(FACES).lines((("F1", said),), 11, width)
    assert "".join(word for line in lines for _, _, word in line) == FACES["F1"].coded(said.replace(" ", ""))
    for line in lines:
        wide = sum(word[1] for word in line) + (len(line) - 1) * FACES["F1"].width(" ")
        assert wide * 11 / 1000 <= width + 1e-6 or len(line[0][2]) == 1


def test_more_characters_than_bytes_take_two_bytes_each():
    batch = batch_of(n=3)
    more = "".join(map(chr, (*range(0xA1, 0x17F), *range(0x400, 0x45F))))
    faces = faces_for([*mass._strings([batch.words, batch.fields]), more])
    assert {len(code) for face in faces.values() for code in face.codes.values()} == {2}
    pdf = write_letters(batch, STAMP, faces)
    assert read_back(pdf, batch) == ()
    document, other = pypdfium2.PdfDocument(pdf), pypdf.PdfReader(io.BytesIO(pdf))
    assert all(squeeze(other.pages[at].extract_text()) == page_text(document, at) for at in (0, 3))


@given(st.lists(st.text("абвг abij-.0"), min_size=1, max_size=9))
def test_texts_measured_together_are_as_each_alone(texts):
    face = FACES["F1"]
    assert face.measured(texts) == [(face.width(text), face.coded(text)) for text in texts]


def test_a_character_without_a_glyph_is_not_measured():
    with pytest.raises(KeyError):
        FACES["F1"].measured(["ab", "Ω"])


def test_a_code_whose_bytes_look_like_the_end_of_a_picture_is_written_in_digits():
    batch = batch_of(n=1)
    code = batch.mail_codes.copy()
    code[0, 30:32] = (0x45, 0x49)
    pdf = write_letters(replace(batch, mail_codes=code), STAMP, faces_of(batch))
    content = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].get_contents().get_data()
    assert code.tobytes().hex().encode() + b"> EI" in content
    assert content.count(b" EI Q") == 2
    document = pypdfium2.PdfDocument(pdf)
    assert page_text(document, 0) == page_text(pypdfium2.PdfDocument(written(batch)), 0)


def test_a_subset_holds_its_characters_and_the_same_give_the_same_bytes():
    one, two = faces_for(["abc"])["F1"], faces_for(["cab", "a"])["F1"]
    assert one.data == two.data
    assert one.covers("a b c")
    assert not one.covers("abd")
    assert one.coded("ab") != one.coded("ba")
