"""callup law: list, show, explain, test, also with a folder from outside the tree."""

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from callup.app.commands.law import commands
from callup.jurisdictions import available
from callup.terms.errors import BadInput, CallupError

PERSON = "born_on = 2000-01-01\nis_resident = true\n"


def run(*words: str, columns: int = 200) -> tuple[int, str]:
    told = CliRunner().invoke(commands, list(words), env={"COLUMNS": str(columns)})
    if isinstance(told.exception, CallupError):
        raise told.exception
    return told.exit_code, told.output


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    with as_file(files("callup.jurisdictions") / "freedonia") as folder:
        shutil.copytree(folder, tmp_path / "sylvania", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_list_counts_the_unverified(outside: Path) -> None:
    law = outside / "sylvania" / "law.py"
    law.write_text(law.read_text().replace('"Service Act 2020, art. 5"', 'unverified("Service Act 2020, art. 5")'))
    code, told = run("list", "--jurisdictions", str(outside), "--json")
    rows = {row["code"]: row for row in json.loads(told)}
    assert code == 0
    assert (rows["freedonia"]["unverified"], rows["sylvania"]["unverified"]) == (0, 1)
    assert rows["freedonia"]["version"] != rows["sylvania"]["version"]
    assert "freedonia" in run("list")[1]


def test_show(tmp_path: Path) -> None:
    assert "Whoever lives in Freedonia" in run("show", "freedonia", "--as-of", "2025-04-01")[1]
    told = json.loads(run("show", "freedonia", "--as-of", "2021-04-01", "--json")[1])
    assert told["values"]["age_from"] == 18
    assert "parent" not in [row["rule"] for row in told["rules"]]
    page = tmp_path / "law.html"
    assert run("show", "freedonia", "--as-of", "2025-04-01", "--out", str(page))[0] == 0
    assert page.read_text().startswith("<!doctype html>")


def test_explain(tmp_path: Path) -> None:
    person = tmp_path / "person.toml"
    person.write_text(PERSON)
    code, told = run("explain", "freedonia", "--person", str(person), "--as-of", "2025-04-01")
    assert code == 0
    for words in (
        "UNDETERMINED",
        "Service Act 2020, art. 8(1)",
        "not known: Finding of the medical board",
        "Whoever was found unfit",
        "which means no",
    ):
        assert words in told
    person.write_text(PERSON + 'health = "fit"\n')
    said = json.loads(run("explain", "freedonia", "--person", str(person), "--as-of", "2025-04-01", "--json")[1])
    assert said["finding"] == "LIABLE"
    assert [step["answer"] for step in said["steps"]] == ["yes", "no", "no", "no", "no", "no"]


def test_nothing_is_cut_in_eighty_columns(tmp_path: Path) -> None:
    listed = run("list", columns=80)[1]
    assert "…" not in listed
    assert all(f"  {code} " in listed for code in available())
    assert "articles 22 to 25" in listed
    person = tmp_path / "person.toml"
    person.write_text(
        'born_on = 2004-05-01\nsex = "m"\ncitizenship = "RU"\nis_resident = true\nunit = "RU-MOW"\nstudent_until = 2026-06-30\n'
    )
    told = run("explain", "ru", "--person", str(person), "--as-of", "2025-04-01", columns=80)[1]
    assert "…" not in told
    assert "Federal subject: Moscow" in told
    assert "student_until" not in told
    assert "NOT_LIABLE: deferred until 2026-06-30, because of 53-FZ, art. 24(2)(a)" in told


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="person-missing"):
        run("explain", "freedonia", "--person", str(tmp_path / "nobody.toml"), "--as-of", "2025-04-01")


@pytest.mark.parametrize("text", ["born_on = 3", "height = 180", "= broken"])
def test_a_person_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    person = tmp_path / "person.toml"
    person.write_text(text)
    with pytest.raises(BadInput, match="person-unreadable"):
        run("explain", "freedonia", "--person", str(person), "--as-of", "2025-04-01")


def test_test_exits_1_when_something_lacks(outside: Path) -> None:
    assert run("test", "freedonia")[0] == 0
    (outside / "sylvania" / "examples" / "age.toml").unlink()
    code, told = run("test", "sylvania", "--jurisdictions", str(outside))
    assert code == 1
    assert "lacking: of_age: no example in which it is unknown" in told
    assert json.loads(run("test", "sylvania", "--jurisdictions", str(outside), "--json")[1])["failures"] == []
