"""How a call-up goes is public while it runs: whole, weekly, without a small number, and the doors are counted also at zero."""

import hashlib
import shutil
from datetime import date, timedelta
from html import unescape

import pytest
from app.portal_line import HOME, Clocked, freedonia_again
from litestar.testing import TestClient
from replay.freedonia_line import KEY

from callup.app.report.changes import changes, read_tables, since
from callup.app.report.charts import progress_chart
from callup.app.report.shapes import Table
from callup.app.report.tables import OTHERWISE, STAGES, kept_so_far
from callup.app.report.words import speech_of
from callup.app.stages.calling import read_quotas
from callup.app.web.public.weekly import KEYS
from callup.app.web.serve import portal
from callup.app.web.words import languages, words_of
from callup.terms.facts import DOORS

MORE = ("funnel", "clocks", "undertakings", "doors", "equality")


@pytest.fixture(scope="module")
def later(tmp_path_factory, whole_line):
    """A portal of a call-up whose facts are all there, on any day of it."""
    root = tmp_path_factory.mktemp("progress") / "line"
    shutil.copytree(whole_line, root)
    (root / "dossier.key").write_text(KEY.hex())
    with freedonia_again(root) as course:
        yield Clocked(course)


@pytest.fixture(scope="module")
def reader(later):
    with TestClient(portal(later.site), base_url=HOME) as made:
        yield made


def rows(reader):
    head, *lines = reader.get("/progress/progress.csv").text.splitlines()
    assert head == "day,state,cases"
    return [
        (day, state, int(cases or 0))
        for day, state, cases in ([*line.rsplit(",", 1)[0].split(",", 1), line.rsplit(",", 1)[1]] for line in lines)
    ]


def test_before_the_first_sunday_there_are_waves_and_no_numbers_of_cases(reader, later):
    later.day = later.site.course.day_of(1)
    answer = reader.get("/progress")
    assert (answer.status_code, "after the first Sunday" in answer.text) == (200, True)
    assert "Wave 1, from" in answer.text
    assert reader.get("/progress/progress.csv").status_code == 404
    for door in DOORS:
        assert f"{words_of('en')[f'door {door}']}: 0" in unescape(answer.text), "a door that nobody used is counted too"


def test_every_case_is_counted_once_a_week_and_no_number_is_small(reader, later):
    course = later.site.course
    later.day = date(2025, 6, 10)
    shown = rows(reader)
    days = sorted({day for day, _, _ in shown})
    assert days, "how many weeks may be told hangs on who is drawn: see kept_so_far"
    assert all(date.fromisoformat(day).weekday() == 6 for day in days)
    waves = {wave: later.site.course.read("50-notices", f"wave-{wave}", "notices.parquet") for wave in (1, 2)}
    for day in days:
        out = sum(
            notices.column("kind").to_pylist().count("summons")
            for wave, notices in waves.items()
            if course.day_of(wave) <= date.fromisoformat(day)
        )
        assert sum(cases for on, _, cases in shown if on == day) == out
    below = course.decree.merge_below
    assert all(cases == 0 or cases >= below for _, _, cases in shown)
    page = reader.get("/progress").text
    assert all(word in page for word in ("not served yet", "the law gives", "Nothing."))
    assert "/progress/chart.en.svg" in page
    assert reader.get("/progress/chart.en.svg").headers["content-type"] == "image/svg+xml"
    assert "to be enlisted" in reader.get("/progress/chart.en.svg").text
    assert "призвать" in reader.get("/progress/chart.ru.svg").text
    assert reader.get("/progress/other").status_code == 404


def test_no_day_of_a_week_tells_more_than_another_and_what_was_shown_stays(reader, later):
    later.day = date(2025, 6, 10)
    tuesday = rows(reader)
    later.day = date(2025, 6, 14)
    assert rows(reader) == tuesday
    later.day = date(2025, 6, 14) + timedelta(days=14)
    assert rows(reader)[: len(tuesday)] == tuesday


def test_units_are_a_map_a_table_and_files_and_add_up(reader, later):
    course = later.site.course
    later.day = date(2025, 6, 10)
    page = reader.get("/progress").text
    units = reader.get("/progress/units.json").json()
    assert sum(one["to_call"] for one in units) == sum(int(row["quota"]) for row in read_quotas(course))
    assert all(one["notices"] is None or one["notices"] == 0 or one["notices"] >= course.decree.merge_below for one in units)
    assert reader.get("/progress/units.csv").text.splitlines()[1:] == [
        ",".join("" if x is None else str(x) for x in one.values()) for one in units
    ]
    drawn = reader.get("/progress/units.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.count("<rect") == len(units)
    assert all(f"<title>{one['name']}: {one['to_call']}</title>" in drawn.text for one in units)
    assert all(f"({one['unit']})" in page for one in units), "the table says what the map says"


def test_each_week_is_a_data_package_that_says_what_changed_and_why(reader, later):
    later.day = date(2025, 6, 10)
    package = reader.get("/progress/datapackage.json").json()
    assert package["version"] == "2025-06-08"
    assert "REHEARSAL" in package["description"]
    by_name = {one["name"]: one for one in package["resources"]}
    for name, one in by_name.items():
        content = reader.get(f"/progress/{one['path']}").content
        assert one["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        head = content.decode().splitlines()[0].split(",")
        assert [field["name"] for field in one["schema"]["fields"]] == head, name
    changed = by_name["progress"]["changes"]
    assert {one["row"][0] for one in changed} <= {"2025-06-08"}, "a week that was shown stays as it was"
    assert all(one["change"] == "added" and one["reason"] for one in changed)


def test_each_table_is_on_the_page_and_in_the_weeks_package_as_csv_and_json(reader, later):
    later.day = date(2025, 6, 10)
    page = unescape(reader.get("/progress").text)
    package = {one["name"]: one for one in reader.get("/progress/datapackage.json").json()["resources"]}
    api = reader.get("/api/v1/public/progress").json()["tables"]
    shown = [name for name in MORE if name in package]
    assert {"funnel", "clocks", "undertakings", "doors"} <= set(shown)
    for name in shown:
        rows = reader.get(f"/progress/{name}.json").json()
        lines = reader.get(f"/progress/{name}.csv").text.splitlines()
        assert len(lines) >= 1 + len(rows) > 1
        assert lines[0].split(",") == list(rows[0])
        assert api[name] == rows
        assert f'href="/progress/{name}.csv"' in page
        assert all(len(one["row"]) == KEYS[name] and one["reason"] for one in package[name]["changes"])
    words = words_of("en")
    assert all(words[f"step {one['step']}"] in page for one in reader.get("/progress/funnel.json").json())
    assert all(one.text in page for one in later.site.course.decree.undertakings)
    assert {one["door"] for one in reader.get("/progress/doors.json").json()} == set(DOORS), "also those that nobody used"


def test_a_revised_cell_says_its_reason():
    before = Table("units", "", ("unit", "n"), (("A", 12), ("B", None), ("C", 20)))
    now = Table("units", "", ("unit", "n"), (("A", 15), ("B", 11), ("D", 30)))
    told = {one["row"][0]: (one["change"], one["reason"]) for one in changes(before, now, 1, 10)}
    left_out = "a number is or was under 10, and was left out or merged"
    assert told == {
        "A": ("revised", "more was entered since"),
        "B": ("revised", left_out),
        "C": ("removed", left_out),
        "D": ("added", "a week has passed"),
    }


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_every_stage_and_door(language):
    words = words_of(language)
    assert all(words[f"stage {stage}"] for stage in {*STAGES.values(), OTHERWISE} - {"not called"})
    assert all(words[f"door {door}"] for door in DOORS)


def test_a_week_in_which_a_number_grew_by_a_few_is_left_out_until_it_grew_by_more():
    """Two weeks told with a small number between them would tell that number."""
    weeks = {
        "2025-04-06": {"enlisted": 0, OTHERWISE: 30},
        "2025-04-13": {"enlisted": 4, OTHERWISE: 30},
        "2025-04-20": {"enlisted": 10, OTHERWISE: 33},
        "2025-04-27": {"enlisted": 10, OTHERWISE: 40},
        "2025-05-04": {"enlisted": 10, OTHERWISE: 40},
        "2025-05-11": {"enlisted": 25, OTHERWISE: 30, "lapsed": 9},
    }
    assert kept_so_far(weeks, 10) == ["2025-04-06", "2025-04-27", "2025-05-04"]


def test_the_chart_of_one_week_shows_that_week():
    table = Table("progress", "caption", ("day", "state", "cases"), (("2025-04-06", "not served yet", 16),))
    drawn = progress_chart(table, 12, speech_of("en")).decode()
    assert "6 Apr" in drawn
    assert "1 Jan" not in drawn


def test_the_final_report_says_what_it_tells_otherwise_than_the_last_week(reader, later):
    course = later.site.course
    later.day = course.decree.closes_on + timedelta(days=5)
    page, told = reader.get("/progress").text, reader.get("/progress/report-changes.json").json()
    weekly = {name: reader.get(f"/progress/{name}.json").json() for name in told}
    assert 'href="/progress/report-changes.json"' in page
    final = {table.name: table for table in read_tables(course.dossier.open / "90-report")}
    assert {"progress", "funnel", "clocks"} <= set(told)
    for name, one in told.items():
        keys = one["columns"][: KEYS[name]]
        rows = {tuple(str(row[key]) for key in keys): row for row in weekly[name]}
        ends = {tuple(map(str, row[: KEYS[name]])): row for row in final[name].rows}
        changed = {tuple(map(str, change["row"])) for change in one["changes"]}
        assert all(change["reason"] for change in one["changes"])
        for row in set(rows) ^ set(ends):
            assert row in changed, "a row that only one of both has is named"
        for row in changed & set(rows) & set(ends):
            said = dict(zip(final[name].columns, ends[row], strict=True))
            assert any(said[column] != rows[row][column] for column in one["columns"])


def test_tables_that_name_their_rows_otherwise_are_not_compared():
    before = Table("units", "", ("unit", "n", "more"), (("A", 12, 1),))
    assert since([before], [Table("units", "", ("units", "n"), (("A", 13),))], {"units": 1}, 10, "because") == {}
    told = since([before], [Table("units", "", ("unit", "n"), (("A", 13),))], {"units": 1}, 10, "because")
    assert told == {
        "units": {
            "columns": ["unit", "n"],
            "changes": [{"row": ["A"], "change": "revised", "before": (12,), "now": (13,), "reason": "because"}],
        }
    }
