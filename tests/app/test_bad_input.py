"""Bad input through the real command line: exit code 2, 1 for a finding; what, where, what to do; nothing half-written."""

import json
import re
import resource as limits
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from callup.app.demo import made_up_places, scaled_decree, signed_by_stand_ins
from callup.app.dossier import parse_decree
from callup.app.randomness import RehearsalRandomness
from callup.app.synthetic import write_register

PERSONS, SEED = 1_000, 2025


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A register, a decree signed by stand-ins, and its places."""
    folder = tmp_path_factory.mktemp("given")
    write_register("ru", PERSONS, SEED, folder / "register.parquet")
    text = signed_by_stand_ins(scaled_decree("ru", PERSONS), RehearsalRandomness(SEED))
    decree = parse_decree(text, folder)
    (folder / "decree.toml").write_text(text)
    (folder / "places.csv").write_text(made_up_places("ru", 200, decree.opens_on, decree.closes_on))
    return folder


@pytest.fixture
def decree(given, tmp_path):
    """Write the decree with one thing changed, beside its places."""

    def written(old, new):
        text = (given / "decree.toml").read_text()
        assert old in text
        (tmp_path / "decree.toml").write_text(text.replace(old, new, 1))
        (tmp_path / "places.csv").write_text((given / "places.csv").read_text())
        return tmp_path / "decree.toml"

    return written


def left_over(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix == ".part" or path.name == ".engine")


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("closes_on = 2025-07-15", "closes_on = 2025-03-01", "decree unusable", "dates out of order"),
        ("key_date = 2025-04-01", "key_date = 2026-04-01", "decree unusable", "key_date: must lie in the window"),
        ("months = 12", 'months = "twelve"', "decree unusable", "service.months: must be a whole number"),
        ("persons_to_enlist = 16", "persons_to_enlist = -16", "decree unusable", "persons_to_enlist: must be at least 1"),
        ("persons_to_enlist = 16", "persons_to_enlist = = 16", "decree not toml", "line "),
        ('jurisdiction = "ru"', 'jurisdiction = "atlantis"', "jurisdiction", "atlantis"),
        ('name = "Stand-in Two"', 'name = "Stand-in One"', "decree unusable", "two different people"),
        ('places = "places.csv"', 'places = "nowhere.csv"', "file missing", "nowhere.csv"),
        ('id = "ru-2025-spring"', 'id = "../../etc"', "decree unusable", "file name"),
        ("rehearsal = true", "rehearsal = false", "beacon not lawful", "use drand"),
    ],
)
def test_a_decree_that_cannot_be_used_is_refused(call, decree, tmp_path, old, new, code, words):
    exit_code, _, said = call("new", tmp_path / "d", "--decree", decree(old, new))
    assert exit_code == 2
    assert code in said
    assert words in said
    assert "what to do: " in said
    assert not (tmp_path / "d").exists()
    assert not (tmp_path / "d.key").exists()


def test_a_negative_number_of_people_is_told_that_0_is_the_least(call, tmp_path):
    (tmp_path / "people.csv").write_text("unit,population\nA,10\nB,-5\n")
    code, _, said = call("quotas", tmp_path / "people.csv", "--total", 5)
    assert (code, "line: 3" in said, "0 or more" in said) == (2, True, True)


def test_a_decree_in_another_encoding_is_refused(call, given, tmp_path):
    (tmp_path / "decree.toml").write_bytes((given / "decree.toml").read_text().replace("spring", "весна").encode("cp1251"))
    exit_code, _, said = call("new", tmp_path / "d", "--decree", tmp_path / "decree.toml")
    assert (exit_code, "give a TOML file in UTF-8" in said) == (2, True)


def test_a_decree_for_more_persons_than_the_roll_stops_at_the_freeze(call, decree, given, tmp_path):
    path = decree("persons_to_enlist = 16", "persons_to_enlist = 16000")
    assert call("new", tmp_path / "d", "--decree", path)[0] == 0
    run = ("run", tmp_path / "d", "--register", given / "register.parquet", "--quiet", "--to", "freeze")
    exit_code, _, said = call(*run)
    assert exit_code == 2
    assert "decree exceeds roll" in said
    assert "persons_to_enlist: 16000" in said
    assert "persons in the roll: " in said
    assert "lower its number" in said
    finished = [json.loads(line).get("stage") for line in (tmp_path / "d" / "dossier.log").read_text().splitlines()]
    assert finished == ["publish", "snapshot", "assess"]
    assert not (tmp_path / "d" / "sealed" / "30-roll").exists()
    assert call(*run)[0] == 2


def test_a_key_of_another_dossier_is_a_finding(call, decree, given, tmp_path):
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    assert call("run", tmp_path / "d", "--register", given / "register.parquet", "--quiet", "--to", "snapshot")[0] == 0
    (tmp_path / "other.key").write_text("ab" * 32)
    exit_code, _, said = call("run", tmp_path / "d", "--key", tmp_path / "other.key", "--quiet")
    assert exit_code == 1
    assert "does not open" in said
    assert "use the key file made with this dossier" in said
    exit_code, _, said = call("run", tmp_path / "d", "--key", tmp_path / "none.key", "--quiet", "--json")
    assert exit_code == 2


@pytest.mark.parametrize("command", [("run",), ("replay",), ("standing", "--as-of", "2025-05-01"), ("fact", "import")])
def test_another_dossier_format_is_refused_by_every_command(call, decree, tmp_path, command):
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    (tmp_path / "d" / "dossier.toml").write_text("format = 99\n")
    file = [tmp_path / "decree.toml"] if command[-1] == "import" else []
    first = [word for word in command if not word.startswith("-") and "2025" not in word]
    exit_code, _, said = call(*first, tmp_path / "d", *file, *command[len(first) :])
    assert exit_code == 2
    assert "dossier format" in said
    assert "this callup reads format 1" in said


@pytest.mark.parametrize("command", ["run", "replay"])
def test_no_dossier_there_is_said(call, tmp_path, command):
    (tmp_path / "k").write_text("ab" * 32)
    exit_code, _, said = call(command, tmp_path / "nothing", "--key", tmp_path / "k")
    assert (exit_code, "callup new DOSSIER --decree FILE" in said) == (2, True)
    assert not (tmp_path / "nothing").exists()


def as_csv(given):
    from pyarrow import csv

    csv.write_csv(pq.read_table(given / "register.parquet").slice(0, 50), given / "r.csv", csv.WriteOptions(quoting_style="needed"))
    return (given / "r.csv").read_bytes()


@pytest.mark.parametrize(
    ("change", "code", "row"),
    [
        (lambda text: text + text.splitlines(True)[7], "id-twice", 51),
        (lambda text: re.sub(rb',"?m"?,', b",man,", text, count=1), "code-unknown", 1),
        (lambda text: text.replace(b"1993-04-02", b"1993-04-31", 1), "no-such-day", 1),
        (lambda text: b"\xef\xbb\xbf" + text, "byte-order-mark", 0),
        (lambda text: text.replace(b"\n", b"\r\n"), "line-ends-crlf", 0),
        (lambda text: b"a," * 1_000_000 + b"\n" + text, "line-too-long", 0),
        (lambda text: text.replace(b"person_id", b"person", 1), "column-missing", None),
        (lambda text: b"", "file-empty", None),
    ],
)
def test_a_register_with_problems_is_not_written(call, given, tmp_path, change, code, row):
    (tmp_path / "r.csv").write_bytes(change(as_csv(given)))
    exit_code, out, _ = call("register", "check", tmp_path / "r.csv", "--out", tmp_path / "out.parquet", "--json")
    assert exit_code == 2
    found = [one for one in json.loads(out) if one["code"] == code]
    assert [one["row"] for one in found] == [row]
    assert found[0]["hint"]
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_a_clean_register_is_written_and_said(call, given, tmp_path):
    (tmp_path / "r.csv").write_bytes(as_csv(given))
    exit_code, out, _ = call("register", "check", tmp_path / "r.csv", "--out", tmp_path / "out.parquet")
    assert (exit_code, "50 persons, no problem found" in out) == (0, True)
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 50


@pytest.mark.parametrize("kept", [200, 20_000])
def test_a_truncated_register_is_refused_by_check_and_by_run(call, decree, given, tmp_path, kept):
    (tmp_path / "cut.parquet").write_bytes((given / "register.parquet").read_bytes()[:kept])
    exit_code, out, _ = call("register", "check", tmp_path / "cut.parquet", "--json")
    assert (exit_code, json.loads(out)[0]["code"]) == (2, "parquet-not-readable")
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    exit_code, _, said = call("run", tmp_path / "d", "--register", tmp_path / "cut.parquet", "--quiet")
    assert exit_code == 2
    assert "callup register check" in said
    assert not (tmp_path / "d" / "sealed" / "10-snapshot").exists()


def test_a_register_of_other_columns_is_refused_by_run(call, decree, given, tmp_path):
    table = pq.read_table(given / "register.parquet")
    pq.write_table(table.drop_columns(["served"]), tmp_path / "less.parquet")
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    exit_code, _, said = call("run", tmp_path / "d", "--register", tmp_path / "less.parquet", "--quiet")
    assert (exit_code, "served" in said, "callup register check" in said) == (2, True, True)
    exit_code, _, said = call("run", tmp_path / "d", "--quiet")
    assert (exit_code, "--register FILE" in said) == (2, True)
    assert call("run", tmp_path / "d", "--register", given / "register.parquet", "--quiet", "--to", "snapshot")[0] == 0


def test_a_person_who_stands_twice_is_refused_by_run(call, decree, given, tmp_path):
    table = pq.read_table(given / "register.parquet")
    pq.write_table(pa.concat_tables([table, table.slice(7, 2)]), tmp_path / "twice.parquet")
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    exit_code, _, said = call("run", tmp_path / "d", "--register", tmp_path / "twice.parquet", "--quiet")
    assert (exit_code, "persons twice" in said, "rows too many: 2" in said) == (2, True, True)
    assert left_over(tmp_path) in ([], ["d/.engine"])
    assert not (tmp_path / "d" / "sealed" / "10-snapshot").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind,colour\ncalled,red\n", "colour"),
        ("kind,happened_on\ncalled,2025-02-30\n", "YYYY-MM-DD"),
        ("kind\ndanced\n", "kind"),
        ("", "header"),
    ],
)
def test_facts_that_cannot_be_used_are_refused_whole(call, decree, tmp_path, text, words):
    assert call("new", tmp_path / "d", "--decree", decree("months", "months"))[0] == 0
    assert call("run", tmp_path / "d", "--quiet", "--to", "publish")[0] == 0
    (tmp_path / "facts.csv").write_text(text)
    exit_code, _, said = call("fact", "import", tmp_path / "d", tmp_path / "facts.csv")
    assert exit_code == 2
    assert words in said
    assert "what to do: " in said


def test_a_word_that_is_no_command_is_a_usage_error(call):
    assert call("dance")[0] == 2
    assert call("demo", "--persons", "many")[0] == 2
    assert call("demo", "--persons", "999")[0] == 2


def started(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "callup", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def full_after(size):
    def limit():
        limits.setrlimit(limits.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize(
    ("words", "size"),
    [(("register", "synth", "--persons", 5000, "--out"), 30_000), (("demo", "--persons", PERSONS, "--quiet", "--out"), 150_000)],
)
def test_a_full_disk_is_said_and_nothing_half_written_is_left(tmp_path, words, size):
    """A limit on the size of files stands in for a full disk: the same errors come out of the same calls."""
    out = tmp_path / "out"
    failed = started(*words, out, preexec_fn=full_after(size))
    _, said = failed.communicate(timeout=120)
    assert failed.returncode == 2, said
    assert "Traceback" not in said
    assert "what to do: free " in said
    assert not [path for path in left_over(tmp_path) if path != "out/dossier/.engine"]


def test_ctrl_c_ends_with_one_line_and_exit_code_130(tmp_path):
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731 a runner in the background has it ignored
    running = started("demo", "--persons", 3000, "--quiet", "--out", tmp_path / "out", preexec_fn=heard)
    log = tmp_path / "out" / "dossier" / "dossier.log"
    deadline = time.monotonic() + 60
    while not (log.exists() and "snapshot" in log.read_text()):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    lines = [line for line in said.splitlines() if "REHEARSAL" not in line and line.strip()]
    assert lines == ["stopped by you; what was acknowledged is kept: run the same command again to go on"]


def test_after_a_full_disk_the_same_command_goes_on(tmp_path):
    words = ("register", "synth", "--persons", PERSONS, "--out", tmp_path / "r.parquet")
    full = started(*words, preexec_fn=full_after(5_000))
    full.communicate(timeout=60)
    assert full.returncode == 2
    assert list(tmp_path.iterdir()) == []
    again = started(*words)
    again.communicate(timeout=60)
    assert again.returncode == 0
    assert pq.read_metadata(tmp_path / "r.parquet").num_rows == PERSONS
