"""Fields, codes and their payloads."""

import base64
import json
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pytest
import segno
import zxingcpp
from notice.sample import STAMP, letters, texts

from callup.notice import print_batch
from callup.notice.codes import MAIL_SIDE, check_codes, check_url, letter_number, mail_codes, mail_payload
from callup.terms.errors import BadInput


def picture(code, side):
    pixels = np.unpackbits(code.reshape(side, -1), axis=1)[:, :side] * np.uint8(255)
    return np.kron(np.pad(pixels, 4, constant_values=255), np.ones((3, 3), np.uint8))


def test_the_mail_code_says_version_number_and_a_mac_in_32_characters():
    payload = mail_payload("4f2a09bc0123456789ab" + "0" * 12, b"k" * 32)
    assert (len(payload), payload[:21]) == (32, "14F2A09BC0123456789AB")
    assert payload != mail_payload("4f2a09bc0123456789ab" + "0" * 12, b"j" * 32)
    assert payload[:21] == mail_payload("4f2a09bc0123456789ab" + "1" * 12, b"k" * 32)[:21]
    assert payload != mail_payload("4f2a09bc0123456789ab" + "1" * 12, b"k" * 32)


def test_the_address_in_the_code_carries_the_document_behind_the_hash():
    url = urlsplit(check_url("callup.example", 7, 5, "0f" * 16, "callup/notice/1\nпример\n"))
    version, size, entry, salt, document = url.fragment.split(".")
    assert (url.scheme, url.netloc, url.path) == ("https", "callup.example", "/v")
    assert (version, size, entry, salt) == ("1", "7", "5", "0f" * 16)
    assert base64.urlsafe_b64decode(document + "=" * (-len(document) % 4)).decode() == "callup/notice/1\nпример\n"


@pytest.mark.parametrize("length", [1, 90, 500, 900])
def test_the_code_for_the_reader_is_read_by_another_engine(length):
    payload = "x" * length
    side, (code, short) = check_codes([payload, "y"])
    assert zxingcpp.read_barcodes(picture(code, side))[0].text == payload
    assert zxingcpp.read_barcodes(picture(short, side))[0].text == "y"


def test_the_code_for_the_reader_is_as_large_as_another_writer_makes_it():
    payload = "https://callup.example/v#" + "aB3-" * 100
    side, _ = check_codes([payload])
    assert side == segno.make_qr(payload, error="m", boost_error=False).symbol_size(border=0)[0]


def test_the_code_for_the_post_is_read_by_another_engine():
    payload = mail_payload("ab" * 16, b"k" * 32)
    assert zxingcpp.read_barcodes(picture(mail_codes([payload])[0], MAIL_SIDE))[0].text == payload


def test_a_payload_too_long_for_any_code_is_refused():
    with pytest.raises(BadInput, match="code-too-long"):
        check_codes(["x" * 4000])


def test_a_batch_holds_one_language():
    with pytest.raises(BadInput, match="language-mixed"):
        print_batch(letters(1, language="ru"), texts(), STAMP)


def test_the_sign_in_code_is_on_the_letter_only():
    batch = print_batch(letters(1), texts(), STAMP)
    other = print_batch(letters(1, sign_in="000000000000"), texts(), STAMP)
    assert "7K3QX0M2A000" in json.loads(batch.letters)[0]["facts"]
    assert batch.pieces[0].content == other.pieces[0].content
    assert "7K3QX0M2A000" not in batch.fixed + batch.pieces[0].mail + batch.pieces[0].check


@pytest.mark.parametrize("changed", [{"name": "Somebody Else"}, {"appear_at": "23:59"}, {"document": "callup/notice/1\n"}, {"entry": 99}])
def test_whatever_the_letter_says_is_in_its_digest(changed):
    first = print_batch(letters(1), texts(), STAMP).pieces[0].content
    assert first != print_batch(letters(1, **changed), texts(), STAMP).pieces[0].content


def test_the_digest_of_a_letter_does_not_depend_on_the_others_in_its_file():
    rows = letters(3).to_pylist()
    rows[1]["document"] += "x" * 60
    table = pa.Table.from_pylist(rows)
    together = print_batch(table, texts(), STAMP)
    alone = [print_batch(table.slice(at, 1), texts(), STAMP) for at in range(3)]
    assert len({batch.words["check_side"] for batch in alone}) == 2
    assert [piece.content for piece in together.pieces] == [batch.pieces[0].content for batch in alone]


def test_unknown_parts_of_an_address_leave_no_empty_line():
    batch = print_batch(letters(1, address_line=None, postal_code=None), texts(), STAMP)
    assert json.loads(batch.letters)[0]["address"] == ["Анна Ünsal-0 O'Neil", "Fredville & Sons"]


def test_the_number_is_the_first_eighty_bits():
    assert letter_number("0123456789abcdef0123" + "f" * 12) == "0123-4567-89AB-CDEF-0123"
