"""The real beacon: its mathematics against published vectors, its files, its lead time, and its place in the line."""

import json
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app import beacon
from callup.app.bls import field, groups, pairing
from callup.app.bls.hashing import hash_to_g1
from callup.app.demo import made_up_places, scaled_decree, signed_by_stand_ins
from callup.app.dossier import Dossier, parse_decree
from callup.app.known import jurisdiction
from callup.app.logs import CallUpLogs
from callup.app.pipeline import run_line
from callup.app.randomness import RehearsalRandomness
from callup.app.replay import replay
from callup.app.stages.awaiting import beacon_value
from callup.app.synthetic import write_register
from callup.app.voice import Voice
from callup.app.wire import check_lawful, course_of
from callup.app.witnesses import StandIns, stand_in_witnesses
from callup.terms.errors import BadInput, NotLawful, OutOfOrder, Tampered, Unavailable

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "quicknet.json").read_text(encoding="utf-8"))
TRUE = [row for row in VECTORS["rounds"] if row["accept"]]
SIGNATURE = TRUE[1]["signature"]
ROUND = TRUE[1]["round"]
KEY = bytes(range(32))
QUIET = Voice(quiet=True)
NUMBERS = st.integers(0, field.P - 1)
FP2 = st.tuples(NUMBERS, NUMBERS)


def test_what_is_pinned_is_quicknet():
    chain = VECTORS["chain"]
    pinned = beacon.CHAIN, beacon.PUBLIC_KEY.hex(), int(beacon.GENESIS.timestamp()), beacon.PERIOD.seconds
    assert pinned == (chain["hash"], chain["public_key"], chain["genesis"], chain["period"])


@pytest.mark.parametrize("row", VECTORS["rounds"], ids=lambda row: f"{row['round']}")
def test_rounds_true_and_wrong(row):
    assert beacon.verify_round(row["round"], row["signature"]) is row["accept"]


@pytest.mark.parametrize("row", VECTORS["hash_to_g1"]["points"], ids=lambda row: row["message"][:5])
def test_hashing_to_the_curve_as_the_rfc(row):
    point = hash_to_g1(row["message"].encode(), VECTORS["hash_to_g1"]["tag"].encode())
    assert point == (int(row["x"], 16), int(row["y"], 16))


@given(at=st.integers(0, 383))
@settings(max_examples=40)
def test_a_flipped_bit_of_the_signature_is_refused(at):
    raw = bytearray(bytes.fromhex(SIGNATURE))
    raw[at // 8] ^= 1 << at % 8
    assert not beacon.verify_round(ROUND, raw.hex())


@pytest.mark.parametrize(
    "signature",
    ["", "zz", SIGNATURE.upper(), SIGNATURE[:-2], SIGNATURE + "00", " " + SIGNATURE, "c0" + "00" * 47, "80" + "00" * 47, "9f" + "ff" * 47],
    ids=["empty", "no hex", "capitals", "short", "long", "space", "infinity", "small order", "no field element"],
)
def test_a_malformed_signature_is_refused(signature):
    assert not beacon.verify_round(ROUND, signature)


def test_a_point_outside_the_group_is_refused():
    x = next(x for x in range(1, 99) if field.root(x**3 + 4))
    assert groups.read_point(((4 << 381) | x).to_bytes(48, "big")) is None


def test_a_true_signature_moved_by_a_point_of_order_three_is_refused():
    signed = groups.read_point(bytes.fromhex(SIGNATURE))
    x, y = groups.add_points(signed, (0, 2))
    moved = (x | (5 if y > field.P // 2 else 4) << 381).to_bytes(48, "big")
    assert groups.multiply_point((0, 2), 3) is None
    assert not beacon.verify_round(ROUND, moved.hex())


def test_the_pairing_is_linear_in_both_places():
    one, two = hash_to_g1(b"one", beacon.TAG), groups.G2_GENERATOR
    five, fifth = groups.multiply_point(one, 5), groups.multiply_point2(two, 5)
    turned = five[0], -five[1] % field.P
    assert pairing.product_is_one([(one, fifth), (turned, two)])
    assert not pairing.product_is_one([(one, two), (turned, two)])


@given(a=FP2, b=FP2)
@settings(max_examples=30)
def test_the_extension_is_a_field(a, b):
    square = field.mul2(a, a)
    assert field.root2(square) in (a, (-a[0] % field.P, -a[1] % field.P))
    assert b == (0, 0) or field.mul2(field.mul2(a, b), field.inverse2(b)) == a


def test_the_time_of_a_round():
    assert beacon.round_at(1) == datetime(2023, 8, 23, 15, 9, 27, tzinfo=UTC)
    assert beacon.round_at(ROUND) - beacon.round_at(1) == timedelta(seconds=3 * (ROUND - 1))
    for number in (0, -1, 10**30):
        with pytest.raises(BadInput):
            beacon.round_at(number)


def written(path, **changed):
    said = {"round": ROUND, "randomness": sha256(bytes.fromhex(SIGNATURE)).hexdigest(), "signature": SIGNATURE} | changed
    path.write_text(json.dumps({name: value for name, value in said.items() if value is not None}))
    return path


def test_a_round_as_drand_serves_it_is_read(tmp_path):
    assert TRUE[1]["randomness"] == sha256(bytes.fromhex(SIGNATURE)).hexdigest()
    assert beacon.read_round(str(written(tmp_path / "r.json")), ROUND) == SIGNATURE
    assert beacon.read_round(str(written(tmp_path / "r.json", randomness=None, extra=1)), ROUND) == SIGNATURE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"round": ROUND + 1}, "beacon-other-round"),
        ({"round": str(ROUND)}, "beacon-other-round"),
        ({"round": None}, "beacon-other-round"),
        ({"signature": TRUE[0]["signature"]}, "beacon-signature-wrong"),
        ({"signature": 7}, "beacon-signature-wrong"),
        ({"signature": None}, "beacon-signature-wrong"),
        ({"randomness": "00" * 32}, "beacon-randomness-wrong"),
    ],
)
def test_a_changed_file_is_refused(tmp_path, changed, code):
    with pytest.raises(Tampered) as refused:
        beacon.read_round(str(written(tmp_path / "r.json", **changed)), ROUND)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["", "[]", "7", "{", "\udcff", "[" * 100_000])
def test_what_is_no_round_is_refused_by_name(tmp_path, text):
    (tmp_path / "r.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match="beacon-file-unusable"):
        beacon.read_round(str(tmp_path / "r.json"), ROUND)
    with pytest.raises(BadInput, match="beacon-file-unusable"):
        beacon.read_round(str(tmp_path / "none.json"), ROUND)


@contextmanager
def relay(said, status=200):
    """A relay on the loopback that says this of every round; gives its address and the paths asked for."""
    asked = []

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *words):
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Relay) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/", asked
        listening.shutdown()


def test_a_round_is_fetched_from_any_relay_and_no_relay_is_trusted():
    with relay(json.dumps({"round": ROUND, "signature": SIGNATURE}).encode()) as (address, asked):
        assert beacon.read_round(address, ROUND) == SIGNATURE
        assert asked == [f"/{beacon.CHAIN}/public/{ROUND}"]
    for said, error, code in (
        ({"round": ROUND + 1, "signature": SIGNATURE}, Tampered, "beacon-other-round"),
        ({"round": ROUND, "signature": TRUE[0]["signature"]}, Tampered, "beacon-signature-wrong"),
        ([], BadInput, "beacon-file-unusable"),
    ):
        with relay(json.dumps(said).encode()) as (address, _), pytest.raises(error, match=code):
            beacon.read_round(address, ROUND)
    with relay(b"\xff\xfe") as (address, _), pytest.raises(BadInput, match="beacon-file-unusable"):
        beacon.read_round(address, ROUND)
    with relay(b"too early", status=425) as (address, _), pytest.raises(Unavailable, match="relay-without-round"):
        beacon.read_round(address, ROUND)
    with pytest.raises(Unavailable, match="relay-silent"):
        beacon.read_round("http://127.0.0.1:9", ROUND)


def test_the_lead_time_is_kept_to_the_second():
    came = beacon.round_at(ROUND)
    beacon.require_lead(ROUND, came - timedelta(hours=24), 24)
    with pytest.raises(NotLawful) as refused:
        beacon.require_lead(ROUND, came - timedelta(hours=24) + timedelta(seconds=1), 24)
    assert refused.value.code == "beacon-round-too-early"


# ---- in the line: a rehearsal in which round 657413 (15 September 2023) decides


def decree_text(signed_on=date(2023, 9, 1), round_=ROUND):
    text = scaled_decree("ru", 20_000).replace("waves = 3", "waves = 1").replace("persons_to_enlist = 320", "persons_to_enlist = 5")
    days = {"2025-03-31": signed_on, "2025-04-01": signed_on + timedelta(days=1), "2025-07-15": signed_on + timedelta(days=100)}
    for old, new in days.items():
        text = text.replace(f"= {old}", f"= {new}")
    lines = ['beacon = "drand"' if line.startswith("beacon =") else line for line in text.splitlines()]
    return "\n".join(f"round = {round_}" if line.startswith("round =") else line for line in lines) + "\n"


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    path = tmp_path_factory.mktemp("beacon") / "register.parquet"
    write_register("ru", 300, 7, path)
    return path


def laid(root, register, text, file=""):
    signed = signed_by_stand_ins(text, RehearsalRandomness(7))
    decree = parse_decree(signed, root / "decree.toml")
    extra = {decree.places_file: made_up_places("ru", 100, decree.opens_on, decree.closes_on).encode()}
    return course_of(Dossier.create(root, KEY, signed, extra, jurisdiction("ru").version), QUIET, register, 7, str(file))


def closed(course):
    course.facts.close()
    course.engine.close()


def test_the_line_waits_for_the_round_refuses_another_and_is_made_again_from_what_is_open(tmp_path, register):
    course = laid(tmp_path / "d", register, decree_text())
    with pytest.raises(OutOfOrder, match="beacon-not-given"):
        run_line(course, "cast")
    plan = (course.dossier.open / "40-seed" / "plan.txt").read_text().splitlines()
    assert plan[-1] == f"beacon: drand {beacon.CHAIN} {ROUND}"
    course.beacon = str(written(tmp_path / "r.json", round=TRUE[0]["round"], signature=TRUE[0]["signature"]))
    with pytest.raises(Tampered, match="beacon-other-round"):
        run_line(course, "cast")
    course.beacon = str(written(tmp_path / "r.json", signature=TRUE[0]["signature"]))
    with pytest.raises(Tampered, match="beacon-signature-wrong"):
        run_line(course, "cast")
    assert not (course.dossier.open / "40-seed" / "seed.txt").exists()
    course.beacon = str(written(tmp_path / "r.json"))
    run_line(course, "commit")
    stands = course.dossier.open / "40-seed" / "seed.txt"
    logs = CallUpLogs(course)
    assert beacon_value(course, logs) == SIGNATURE
    run_line(course, "cast")
    seed = (course.dossier.open / "40-seed" / "seed.txt").read_text().splitlines()
    assert seed[-1] == f"beacon: {SIGNATURE}"
    course.beacon = ""
    stands.rename(tmp_path / "seed.txt")
    assert beacon_value(course, logs) == SIGNATURE, "a crash between log and file: the log has it, nobody is asked again"
    (tmp_path / "seed.txt").rename(stands)
    closed(course)
    assert replay(course.dossier, QUIET) == []
    (course.dossier.open / "40-seed" / "seed.txt").write_text("\n".join([*seed[:-1], f"beacon: {TRUE[0]['signature']}", ""]))
    with pytest.raises(Tampered, match="beacon-signature-wrong"):
        replay(course.dossier, QUIET)


def test_a_plan_that_a_quorum_saw_too_late_casts_no_draw(tmp_path, register):
    """The witnesses' time counts, not the day that the authority wrote down."""
    course = laid(tmp_path / "d", register, decree_text(), written(tmp_path / "r.json"))
    late = StandIns(stand_in_witnesses(course.decree, course.ring))
    course.witnesses = SimpleNamespace(cosign=lambda note, tree, _: late.cosign(note, tree, beacon.round_at(ROUND).date()))
    run_line(course, "commit")
    with pytest.raises(NotLawful, match="beacon-round-too-early"):
        run_line(course, "cast")
    assert not (course.dossier.open / "40-seed" / "seed.txt").exists()
    closed(course)


def test_a_round_before_the_lead_time_is_refused_before_the_plan_is_published(tmp_path, register):
    came = beacon.round_at(ROUND).date()
    course = laid(tmp_path / "d", register, decree_text(signed_on=came - timedelta(days=2)), written(tmp_path / "r.json"))
    with pytest.raises(NotLawful, match="beacon-round-too-early"):
        run_line(course, "cast")
    assert course.dossier.finished("commit") is None
    assert not (course.dossier.open / "40-seed").exists()
    closed(course)


def test_a_real_draw_without_witnesses_is_refused(tmp_path):
    text = decree_text().replace("rehearsal = true", "rehearsal = false")
    decree = parse_decree(signed_by_stand_ins(text, RehearsalRandomness(7)), tmp_path / "decree.toml")
    with pytest.raises(NotLawful, match="witnesses-missing"):
        check_lawful(decree)


@pytest.mark.parametrize(
    ("old", "new", "error", "code"),
    [
        ("rehearsal = true", "rehearsal = false", NotLawful, "beacon-not-lawful"),
        ('beacon = "rehearsal"', 'beacon = "lava lamps"', BadInput, "beacon-unknown"),
        ('beacon = "rehearsal"\nround = 1', 'beacon = "drand"\nround = 0', BadInput, "round-malformed"),
    ],
)
def test_a_decree_with_a_beacon_for_play_is_refused(tmp_path, old, new, error, code):
    text = scaled_decree("ru", 20_000)
    assert old in text
    decree = parse_decree(signed_by_stand_ins(text.replace(old, new), RehearsalRandomness(7)), tmp_path / "decree.toml")
    with pytest.raises(error) as refused:
        check_lawful(decree)
    assert refused.value.code == code
