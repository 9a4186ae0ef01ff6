"""Every folder of law loads, its examples hold and are complete; a folder from outside is notation and text only."""

import shutil
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from callup.jurisdictions import available, load, resource
from callup.law import register_schema, run_examples
from callup.terms.errors import BadInput, NotLawful


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with as_file(files("callup.jurisdictions") / "freedonia") as inside:
        shutil.copytree(inside, tmp_path / "sylvania", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "sylvania"


@pytest.mark.parametrize("code", available())
def test_loads_and_its_examples_hold_and_are_complete(code: str) -> None:
    found = load(code)
    told = run_examples(found.law, found.procedure, found.examples)
    assert told.failures == ()
    assert told.lacking == ()
    assert told.ran > 0
    assert found.sources
    assert len(found.version) == 64


@pytest.mark.parametrize("code", available())
def test_what_is_unverified_is_said_in_the_sources(code: str) -> None:
    found = load(code)
    assert not (found.law.unverified or found.procedure.unverified) or "unverified" in found.sources


def test_register_schema_says_which_article_needs_a_column() -> None:
    schema = register_schema(load("freedonia").law)
    assert schema.names[:5] == ("person_id", "born_on", "sex", "citizenship", "unit")
    assert schema["children"].type == "int"
    assert "Service Act 2020, art. 8(2)" in schema["children"].meaning
    assert "art. 9(2)" in schema["student_waived"].meaning
    assert schema["is_resident"].nullable


def test_a_folder_from_outside(folder: Path) -> None:
    extra = {"sylvania": folder}
    assert available(extra) == tuple(sorted({*available(), "sylvania"}))
    inside, outside = load("freedonia"), load("sylvania", extra)
    assert (outside.law.digest, outside.version) == (inside.law.digest, inside.version)
    (folder / "SOURCES.md").write_text("changed")
    assert load("sylvania", extra).version != inside.version
    assert load("freedonia", {"freedonia": folder}).sources == inside.sources


@pytest.mark.parametrize("name", ["hooks.py", "forms/en/letter.html", "data/x.so", "examples/law.py"])
def test_foreign_code_is_refused(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("print('hello')")
    with pytest.raises(BadInput) as caught:
        load("sylvania", {"sylvania": folder})
    assert (caught.value.code, caught.value.params["file"]) == ("jurisdiction-foreign-file", name)


def test_an_outside_law_is_never_executed(folder: Path) -> None:
    law = folder / "law.py"
    law.write_text(law.read_text() + f"\nopen({str(folder / 'ran')!r}, 'w')\n")
    with pytest.raises(BadInput, match="law-outside-vocabulary"):
        load("sylvania", {"sylvania": folder})
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("name", ["law.py", "procedure.py", "calendar.toml", "SOURCES.md"])
def test_a_folder_without_one_of_its_files(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadInput) as caught:
        load("sylvania", {"sylvania": folder})
    assert caught.value.params["file"] == name


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("calendar.toml", "weekend = [", "toml-unreadable"),
        ("calendar.toml", 'source = "s"\ncolour = 1', "calendar-unusable"),
        ("calendar.toml", 'source = "s"\n[[holiday]]\nday = "soon"', "calendar-unusable"),
        ("calendar.toml", 'source = "s"\nzone = "Europe/Nowhere"', "calendar-unusable"),
        ("calendar.toml", 'source = "s"\nzone = "../etc"', "calendar-unusable"),
        ("calendar.toml", 'source = "s"\ncutoff = 0', "calendar-unusable"),
        ("calendar.toml", 'source = "s"\ncutoff = 25', "calendar-unusable"),
        ("examples/age.toml", "[[example]]", "example-unusable"),
    ],
)
def test_unusable_files(folder: Path, name: str, text: str, code: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(BadInput, match=code):
        load("sylvania", {"sylvania": folder})


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "law.py").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="file-not-utf-8"):
        load("sylvania", {"sylvania": folder})


def test_the_floor_holds_for_whole_folders(folder: Path) -> None:
    law = folder / "law.py"
    law.write_text(law.read_text().replace("(18,", "(17,"))
    with pytest.raises(NotLawful, match="floor-under-age"):
        load("sylvania", {"sylvania": folder})


def test_unknown() -> None:
    for code in ("atlantis", "../freedonia", ""):
        with pytest.raises(BadInput, match="jurisdiction-unknown"):
            load(code)


def test_resource() -> None:
    assert resource("freedonia", "SOURCES.md").startswith(b"# Sources")
    for name in ("nothing.csv", "../__init__.py"):
        with pytest.raises(BadInput, match="resource-missing"):
            resource("freedonia", name)


def test_working_days() -> None:
    calendar = load("freedonia").calendar
    days = {date(2025, 5, 1): False, date(2025, 5, 2): False, date(2025, 5, 3): True, date(2025, 5, 4): False, date(2025, 5, 5): True}
    assert {day: calendar.is_working(day) for day in days} == days
    assert calendar.add_working(date(2025, 4, 30), 2) == date(2025, 5, 5)
    assert calendar.add_working(date(2025, 4, 30), 0) == date(2025, 4, 30)


@pytest.mark.parametrize("hour", [1, 24])
def test_the_hours_at_which_a_day_may_end(folder: Path, hour: int) -> None:
    (folder / "calendar.toml").write_text(f'source = "s"\ncutoff = {hour}\n')
    assert load("sylvania", {"sylvania": folder}).calendar.cutoff == hour
