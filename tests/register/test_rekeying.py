"""New ids: HMAC as the standard says, the same for the same key, unlike under another."""

import hashlib
import hmac

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from callup.register import rekey


@given(st.lists(st.text(max_size=80), max_size=20), st.binary(min_size=32, max_size=32))
def test_it_is_the_hmac_of_the_standard(ids, key):
    expected = [hmac.digest(key, one.encode(), hashlib.sha256).hex()[:32] for one in ids]
    assert rekey(pa.array(ids, pa.string()), key).to_pylist() == expected
    assert rekey(pa.chunked_array([pa.array(ids, pa.string())]), key).to_pylist() == expected


def test_two_call_ups_share_no_id():
    ids = pa.array([f"S{number:09}" for number in range(2000)])
    one, two = (set(rekey(ids, bytes([number]) * 32).to_pylist()) for number in (1, 2))
    assert len(one) == len(two) == 2000
    assert not one & two
    assert not {old for old in ids.to_pylist() if any(old in new for new in one)}
