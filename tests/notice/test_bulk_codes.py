"""Codes made a print file at once are bit for bit those that another writer makes one by one, and a third engine reads them."""

import random

import numpy as np
import pytest
import segno
import zint
import zxingcpp
from notice.test_letter import picture

from callup.notice import matrix_code, qr
from callup.notice.codes import MAIL_SIDE, check_codes, check_url, mail_codes, mail_payloads
from callup.notice.modules import DARK
from callup.notice.reed_solomon import check_bytes, check_rows

PLAIN = "abcdefghijklmnopqrstuvwxyz_~#"
"""Characters that only the mode of bytes can say: another writer has no shorter one to choose."""


def symbol(kind, payload, **options):
    made = zint.Symbol()
    made.symbology = kind
    for name, value in options.items():
        setattr(made, name, value)
    made.encode(payload)
    return np.unpackbits(np.asarray(made.encoded_data)[: made.rows], axis=1, bitorder="little")[:, : made.width]


def theirs(payload, version):
    return symbol(zint.Symbology.QRCODE, payload, option_1=2, option_2=version, option_3=(qr.MASK + 1) << 8)


def dark(rows, side):
    return 1 - np.unpackbits(rows.reshape(len(rows), side, -1), axis=2)[:, :, :side]


@pytest.mark.parametrize("version", range(1, 41))
def test_every_version_is_that_of_another_writer(version):
    dice = random.Random(version)
    most = next(length for length in range(3000, 0, -1) if qr.version_for(length) == version)
    payloads = ["".join(dice.choices(PLAIN, k=length)) for length in (most, most - 1, most - 6, 1)]
    mine = dark(qr.qr_rows([payload.encode() for payload in payloads], version), qr.side_of(version))
    assert all(np.array_equal(code, theirs(payload, version)) for code, payload in zip(mine, payloads, strict=True))
    full = segno.make_qr(payloads[0], error="m", version=version, mask=qr.MASK, mode="byte", boost_error=False)
    assert np.array_equal(mine[0], full.matrix)
    assert zxingcpp.read_barcodes(picture(qr.qr_rows([payloads[1].encode()], version), qr.side_of(version)))[0].text == payloads[1]


def test_two_thousand_codes_of_letters_are_those_of_another_writer():
    dice = random.Random(1)
    payloads = [check_url("callup.example", 17_012, number, "a~" * 16, "".join(dice.choices(PLAIN, k=290))) for number in range(2000)]
    lowered = [payload.lower().translate(str.maketrans("0123456789", "abcdefghij")) for payload in payloads]
    side, rows = check_codes(lowered)
    assert side == 85
    mine = dark(rows, side)
    assert all(np.array_equal(code, theirs(payload, (side - 17) // 4)) for code, payload in zip(mine, lowered, strict=True))
    side, rows = check_codes(payloads)
    assert [zxingcpp.read_barcodes(picture(code, side))[0].text for code in rows[::100]] == payloads[::100]


def test_a_thousand_codes_for_the_post_hold_what_another_writer_would_check_and_place():
    """Another writer says the payload in fewer codewords; of those codewords our code is the same, module by module."""
    payloads = mail_payloads([f"{random.Random(number).getrandbits(128):032x}" for number in range(1000)], b"k" * 32)
    drawn = np.stack([symbol(zint.Symbology.DATAMATRIX, payload, option_2=8) for payload in payloads])
    place = matrix_code.placement().reshape(-1)
    order = np.argsort(np.where(place < 0, place.max() + 1, place), kind="stable")[: place.max() + 1]
    codewords = np.packbits(drawn.reshape(len(drawn), -1)[:, order], axis=1)
    assert np.array_equal(dark(matrix_code.code_rows(np.ascontiguousarray(codewords[:, :36].T)), MAIL_SIDE), drawn)
    mine = mail_codes(payloads)
    assert [zxingcpp.read_barcodes(picture(code, MAIL_SIDE))[0].text for code in mine[::10]] == payloads[::10]


def test_digits_alone_need_no_shorter_words_and_padding_is_scrambled_as_the_standard_says():
    """ISO/IEC 16022, annex O: the check bytes of its example; and a code that another writer cannot say shorter."""
    assert check_bytes(np.array([[142], [164], [186]], np.uint8), check_rows(0b100101101, 1, 5, 3), 5)[:, 0].tolist() == [
        114,
        25,
        5,
        88,
        102,
    ]
    payload = "\x7f\x01~" * 4
    assert np.array_equal(dark(mail_codes([payload]), MAIL_SIDE)[0], symbol(zint.Symbology.DATAMATRIX, payload, option_2=8))


@pytest.mark.parametrize(("checks", "places"), [(10, 16), (28, 47), (30, 40)])
def test_check_bytes_make_the_whole_a_multiple_of_the_generator(checks, places):
    data = np.random.default_rng(7).integers(0, 256, (places, 50)).astype(np.uint8)
    whole = np.concatenate((data, check_bytes(data, check_rows(0b100011101, 0, checks, places), checks)))
    root = 1
    for _ in range(checks):
        total = np.zeros(50, np.int64)
        for row in whole:
            product = np.zeros(50, np.int64)
            for bit in range(7, -1, -1):
                product <<= 1
                product ^= np.where(product & 256, 0b100011101, 0)
                product ^= np.where(root >> bit & 1, total, 0)
            total = product ^ row
        assert not total.any()
        root = root << 1 ^ (0b100011101 if root & 128 else 0)


def test_the_edge_of_a_code_for_the_post_is_dark_left_and_below():
    edge = matrix_code.placement()
    assert (edge[:, 0] == DARK).all()
    assert (edge[-1] == DARK).all()
    assert np.array_equal(edge[0] == DARK, np.arange(24) % 2 == 0)
