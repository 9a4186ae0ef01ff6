"""The verifier's own BLS: quicknet's rounds true and wrong, points of the RFC, and a folder drawn with a real round."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "quicknet.json").read_text(encoding="utf-8"))
TRUE = [row for row in VECTORS["rounds"] if row["accept"]]
ROUND, SIGNATURE = TRUE[0]["round"], bytes.fromhex(TRUE[0]["signature"])
CHAIN = VECTORS["chain"]["hash"]


def module(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


verify = module(ROOT / "verifier" / "verify.py", "verify_with_beacon")
published = module(Path(__file__).parent / "published.py", "published_with_beacon")


def test_what_is_pinned_is_quicknet():
    chain = VECTORS["chain"]
    pinned = verify.QUICKNET, verify.QUICKNET_KEY, verify.QUICKNET_START, verify.QUICKNET_STEP
    assert pinned == (chain["hash"], chain["public_key"], chain["genesis"], chain["period"])


@pytest.mark.parametrize("row", VECTORS["rounds"], ids=lambda row: f"{row['round']}")
def test_rounds_true_and_wrong(row):
    assert verify.quicknet_holds(row["round"], bytes.fromhex(row["signature"])) is row["accept"]


@pytest.mark.parametrize("row", VECTORS["hash_to_g1"]["points"], ids=lambda row: row["message"][:5])
def test_hashing_to_the_curve_as_the_rfc(row):
    point = verify.hashed_to_curve(row["message"].encode(), VECTORS["hash_to_g1"]["tag"].encode())
    assert verify.flat(point) == (int(row["x"], 16), int(row["y"], 16))


def test_every_flipped_byte_of_the_signature_is_refused():
    for at in range(48):
        for bit in (0, 7) if at else (0, 5, 6, 7):
            raw = bytearray(SIGNATURE)
            raw[at] ^= 1 << bit
            assert not verify.quicknet_holds(ROUND, bytes(raw)), (at, bit)


@pytest.mark.parametrize("raw", [b"", SIGNATURE[:-1], SIGNATURE + b"\0", b"\xc0" + bytes(47), b"\x80" + bytes(47), b"\x9f" + b"\xff" * 47])
def test_what_is_no_point_of_the_group_is_refused(raw):
    assert not verify.quicknet_holds(ROUND, raw)


def compressed(point):
    x, y = verify.flat(point)
    return (x | (5 if y * 2 > verify.Q else 4) << 381).to_bytes(48, "big")


def test_a_true_signature_moved_by_a_point_of_order_three_is_refused():
    plain = verify.Plain
    small = plain(0), plain(2), plain(1)
    assert not verify.joined(verify.doubled(small), small)[2]
    signed = verify.unpacked(SIGNATURE, plain, plain(4), verify.plain_root)
    assert compressed(signed) == SIGNATURE
    assert not verify.quicknet_holds(ROUND, compressed(verify.joined(signed, small)))


def test_a_round_out_of_range_is_refused():
    assert not verify.quicknet_holds(0, SIGNATURE)
    assert not verify.quicknet_holds(1 << 64, SIGNATURE)
    assert verify.came(1) == "2023-08-23 15:09:27 UTC"
    assert verify.came(10**20) == "in a year beyond 9999"


def folder_with(tmp_path, beacon, value, rehearsal="false"):
    made = published.Publication(tmp_path, published.Options(beacon=beacon, value=value, rehearsal=rehearsal))
    return made.write()


def failure(folder, no_beacon=False):
    check = verify.Check(folder, no_beacon)
    try:
        check.run()
    except verify.Fails as fails:
        return fails.line, check
    return {}, check


def test_a_folder_drawn_with_a_real_round_checks(tmp_path):
    line, check = failure(folder_with(tmp_path, f"drand {CHAIN} {ROUND}", SIGNATURE.hex()))
    assert line == {}
    assert any(f"round {ROUND} of drand's quicknet, due 2023-08-23 15:15:33 UTC" in words for words in check.done)
    assert any("a quorum had seen the plan by 2023-08-20 02:54:20 UTC" in words for words in check.done)
    assert check.rehearsal == ""


def test_a_rehearsal_with_a_real_round_says_what_it_is(tmp_path):
    line, check = failure(folder_with(tmp_path, f"drand {CHAIN} {ROUND}", SIGNATURE.hex(), rehearsal="true"))
    assert line == {}
    assert check.rehearsal.startswith("REHEARSAL")


@pytest.mark.parametrize(
    ("beacon", "value", "expected"),
    [
        (f"drand {CHAIN} 124", SIGNATURE.hex(), "quicknet's signature of round 124"),
        (f"drand {CHAIN} {ROUND}", TRUE[1]["signature"], "quicknet's signature of round 123"),
        (f"drand {CHAIN} {ROUND}", "ab" * 48, "quicknet's signature of round 123"),
        (f"drand {'52' * 32} {ROUND}", SIGNATURE.hex(), f"drand {CHAIN}, the only chain known here"),
    ],
    ids=["another round", "another round's value", "made up", "another chain"],
)
def test_a_false_beacon_is_refused_and_passed_over_only_aloud(tmp_path, beacon, value, expected):
    folder = folder_with(tmp_path, beacon, value)
    line, _ = failure(folder)
    assert (line["check"], line["expected"]) == ("beacon", expected)
    line, check = failure(folder, no_beacon=True)
    assert line == {}
    assert check.notes[0].startswith("THE BEACON WAS NOT CHECKED")
