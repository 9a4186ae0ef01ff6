"""A letter that does not say what it was to say is found, whatever differs."""

from dataclasses import replace

import pytest
from notice.sample import STAMP, letters, texts

from callup.app.engines.typst import compile_batch
from callup.app.readback import letter_picture, read_back, require_same
from callup.notice import print_batch
from callup.terms.errors import Tampered


@pytest.fixture(scope="module", params=[False, True], ids=["each back", "shared back"])
def printed(request):
    batch = print_batch(letters(3), texts(), STAMP, shared_back=request.param)
    return batch, compile_batch(batch, STAMP)


def test_a_right_print_file_has_no_difference(printed):
    batch, pdf = printed
    assert read_back(pdf, batch) == ()
    require_same((), "letters-0001.pdf")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"name": "Somebody Else"}, "text 0"),
        ({"locality": "Elsewhere"}, "text 2"),
        ({"appear_at": "23:59"}, "text 5"),
        ({"place": "2 Example Street"}, "text"),
        ({"position": 1}, "text"),
        ({"sign_in": "000000000000"}, "text"),
        ({"document": "callup/notice/1\nforged\n"}, "check code"),
        ({"entry": 99}, "check code"),
        ({"salt": "00" * 16}, "check code"),
    ],
)
def test_whatever_differs_is_named_with_its_page(printed, changed, what):
    batch, pdf = printed
    meant = print_batch(letters(3, **changed), texts(), STAMP, shared_back=batch.shared_back)
    found = read_back(pdf, meant)
    assert {one.page for one in found} >= ({2, 3} if batch.shared_back else {3, 5})
    assert all(one.what.startswith(what) or one.what.startswith("text") for one in found)
    assert any(one.what.startswith(what) for one in found)


def test_another_mail_code_is_found(printed):
    batch, pdf = printed
    pieces = (batch.pieces[0], replace(batch.pieces[1], mail="1" * 32), batch.pieces[2])
    found = read_back(pdf, replace(batch, pieces=pieces))
    assert [(one.notice_id, one.what) for one in found] == [(batch.pieces[1].notice_id, "mail code")]


def test_another_back_is_found(printed):
    batch, pdf = printed
    found = read_back(pdf, replace(batch, back=(*batch.back, "One more right.")))
    assert {one.what for one in found} == {"back"}
    assert len(found) == (1 if batch.shared_back else 3)


def test_a_missing_or_added_letter_is_found(printed):
    batch, pdf = printed
    assert [one.what for one in read_back(pdf, replace(batch, pieces=batch.pieces[:2]))] == ["pages"]


def test_a_difference_stops_the_release_and_quotes_nobody(printed):
    batch, pdf = printed
    meant = print_batch(letters(3, name="Somebody Else"), texts(), STAMP, shared_back=batch.shared_back)
    with pytest.raises(Tampered) as stopped:
        require_same(read_back(pdf, meant), "letters-0001.pdf")
    assert stopped.value.code == "letter-differs"
    assert stopped.value.params["file"] == "letters-0001.pdf"
    assert "Somebody" not in str(stopped.value)


def test_a_page_can_be_had_as_a_picture(printed):
    _, pdf = printed
    picture = letter_picture(pdf)
    assert picture.startswith(b"\x89PNG")
    assert picture != letter_picture(pdf, page=1)
