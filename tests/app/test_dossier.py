"""A dossier's folder and its log of stages: whole lines only, whole folders only, one call-up, one format, one key."""

import json
import os
import re

import pytest

from callup.app import durable
from callup.app.dossier import Dossier, Entry
from callup.app.keys import KeyRing, read_dossier_key, write_dossier_key
from callup.app.randomness import RehearsalRandomness
from callup.jurisdictions import resource
from callup.terms.errors import BadInput, OutOfOrder, Tampered, Unavailable

KEY = bytes(range(32))
DECREE = resource("ru", "data/decree.toml").decode()


@pytest.fixture
def dossier(tmp_path):
    return Dossier.create(tmp_path / "d", KEY, DECREE, {"places.csv": b"place_id\n"}, "ab" * 32)


def stages(dossier):
    return [line["stage"] for line in Dossier.at(dossier.root, KEY).lines() if "stage" in line]


def test_what_is_laid_is_read_back(dossier):
    again = Dossier.at(dossier.root, KEY)
    assert again.head == {"format": 1, "call_up": "ru-2025-spring", "jurisdiction": "ru", "law": "ab" * 32}
    assert again.decree() == dossier.decree()
    assert (dossier.root / "places.csv").read_bytes() == b"place_id\n"


def test_laying_it_again_keeps_it_and_another_decree_is_refused(dossier):
    dossier.finish("publish", [])
    again = Dossier.create(dossier.root, KEY, DECREE, {"places.csv": b"other\n"}, "cd" * 32)
    assert again.finished("publish")
    assert (dossier.root / "places.csv").read_bytes() == b"place_id\n"
    other = DECREE.replace("ru-2025-spring", "ru-2025-autumn")
    with pytest.raises(BadInput, match="dossier-exists"):
        Dossier.create(dossier.root, KEY, other, {}, "ab" * 32)
    assert dossier.decree().id == "ru-2025-spring"


@pytest.mark.parametrize("text", ["format = 2\n", "", 'format = "1"\n'])
def test_another_format_is_refused_by_name(dossier, text):
    (dossier.root / "dossier.toml").write_text(text)
    with pytest.raises(BadInput, match="dossier-format") as refused:
        Dossier.at(dossier.root, KEY)
    assert "format 1" in refused.value.hint


@pytest.mark.parametrize("text", ["format = \n", None, b"\xff\xfe"])
def test_a_folder_that_is_no_dossier_is_refused(dossier, text):
    (dossier.root / "dossier.toml").unlink()
    if text is not None:
        (dossier.root / "dossier.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadInput, match="not-a-dossier"):
        Dossier.at(dossier.root, KEY)


def test_stages_and_their_artefacts_are_found_again(dossier):
    dossier.finish("publish", [Entry("decree", "11", 1)])
    dossier.finish("freeze", [Entry("roll", "22", 7, ("11",)), Entry("counts", "33", 2)], facts=5)
    again = Dossier.at(dossier.root, KEY)
    assert again.entry("roll") == Entry("roll", "22", 7, ("11",))
    assert again.finished("freeze")["facts"] == 5
    assert again.finished("cast") is None
    with pytest.raises(OutOfOrder, match="stage-missing"):
        again.entry("draw")


def test_an_intent_is_written_once_and_kept(dossier):
    first = dossier.intend("enter-1", at=5, count=3)
    assert Dossier.at(dossier.root, KEY).intend("enter-1", at=9, count=9) == first
    assert len(durable.read_lines(dossier.log_path)) == 1


@pytest.mark.parametrize("kept", range(1, 40, 6))
def test_a_torn_line_counts_for_nothing_and_is_written_over(dossier, kept):
    dossier.finish("publish", [])
    whole = dossier.log_path.read_bytes()
    dossier.finish("snapshot", [Entry("snapshot", "44", 3)])
    torn = dossier.log_path.read_bytes()[: len(whole) + kept]
    dossier.log_path.write_bytes(torn)
    again = Dossier.at(dossier.root, KEY)
    assert stages(again) == ["publish"]
    again.finish("snapshot", [Entry("snapshot", "55", 3)])
    assert stages(again) == ["publish", "snapshot"]
    assert all(json.loads(line) for line in dossier.log_path.read_text().splitlines())
    assert Dossier.at(dossier.root, KEY).entry("snapshot").digest == "55"


def test_a_torn_first_line_is_no_line(dossier):
    dossier.log_path.write_bytes(b'{"stage":"pub')
    assert stages(dossier) == []
    Dossier.at(dossier.root, KEY).finish("publish", [])
    assert stages(dossier) == ["publish"]


def test_folders_appear_whole_or_not_at_all(dossier):
    one, two = dossier.sealed / "30-roll", dossier.open / "30-roll"

    def fails():
        with dossier.folders(one, two) as parts:
            for part in parts:
                (part / "roll").write_text("half")
            raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        fails()
    assert not one.exists()
    assert not two.exists()
    one.mkdir(parents=True)
    (one / "stale").write_text("renamed, but the log does not name it")
    with dossier.folders(one, two) as parts:
        assert [list(part.iterdir()) for part in parts] == [[], []]
        for part in parts:
            (part / "roll").write_text("whole")
    assert {path.name for path in one.iterdir()} == {"roll"}
    assert not list(dossier.root.rglob("*.part"))


def test_a_write_is_whole_and_its_mode_is_kept(tmp_path):
    write_dossier_key(tmp_path / "keys" / "k.key", KEY)
    assert (tmp_path / "keys" / "k.key").stat().st_mode & 0o777 == 0o600
    assert read_dossier_key(tmp_path / "keys" / "k.key") == KEY
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["k.key"]


@pytest.mark.parametrize("write", [durable.write_bytes, lambda path, content: durable.append_line(path, content.decode())])
def test_a_place_that_cannot_be_written_is_named(tmp_path, write):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot-write") as refused:
        write(tmp_path / "file" / "x", b"x")
    assert str(tmp_path / "file" / "x") in str(refused.value)
    assert "run the same command again" in refused.value.hint


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path, text):
    (tmp_path / "k").write_text(text)
    with pytest.raises(BadInput, match="no-dossier-key"):
        read_dossier_key(tmp_path / "k")
    with pytest.raises(BadInput, match="no-dossier-key"):
        read_dossier_key(tmp_path / "none")


def test_the_ring_opens_with_its_key_only_and_shows_no_key(tmp_path):
    ring = KeyRing.make(RehearsalRandomness(1), ("authority", "ombudsman"))
    ring.wrap(tmp_path / "ring.json", KEY)
    text = (tmp_path / "ring.json").read_text()
    assert KeyRing.unwrap(tmp_path / "ring.json", KEY).keys == ring.keys
    assert not [name for name, key in ring.keys.items() if key.hex() in text]
    with pytest.raises(Tampered, match="key-does-not-open"):
        KeyRing.unwrap(tmp_path / "ring.json", os.urandom(32))
    wrapped = json.loads(text)
    wrapped["facts"], wrapped["id"] = wrapped["id"], wrapped["facts"]
    (tmp_path / "ring.json").write_text(json.dumps(wrapped))
    with pytest.raises(Tampered, match="key-does-not-open"):
        KeyRing.unwrap(tmp_path / "ring.json", KEY)


def test_letter_codes_are_read_aloud_without_doubt():
    ring = KeyRing.make(RehearsalRandomness(1), ())
    codes = {ring.letter_code(f"n{number}") for number in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{12}", code) for code in codes)
