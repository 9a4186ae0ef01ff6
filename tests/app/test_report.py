"""The public report: sums hold, nothing small is shown, it loads nothing from outside, and it is the same bytes twice."""

import csv
import hashlib
import itertools
import json
import re
import tomllib
from datetime import date
from html.parser import HTMLParser
from io import StringIO

import pyarrow as pa
import pytest

from callup.app.promises import promises_digest
from callup.app.report import ReportModel, write_report
from callup.cases.undertakings import VERDICTS
from callup.jurisdictions import resource
from callup.terms.decree import read_decree

UNITS = {"RU-MOW": ("Moscow", "Central"), "RU-TUL": ("Tula", "Central"), "RU-CHU": ("Chukotka", "Far East"), "RU-SA": ("Sakha", "Far East")}
OUTCOMES = {
    "RU-MOW": {"enlisted": 60, "deferred": 80, "unfit": 4, "released": 25, "lapsed (never served)": 30, "not called": 700},
    "RU-TUL": {"enlisted": 25, "deferred": 30, "exempt": 12, "lapsed (no answer, not referred)": 14, "not called": 300},
    "RU-CHU": {"enlisted": 2, "deferred": 1, "not called": 20},
    "RU-SA": {"enlisted": 15, "deferred": 20, "withdrawn": 3, "lapsed (never served)": 12, "not called": 150},
}


def table(columns, *rows):
    return pa.Table.from_pylist([dict(zip(columns.split(), row, strict=True)) for row in rows])


def filled(code="ru"):
    source = resource("ru", "data/decree.toml").decode()
    decree = read_decree(tomllib.loads(source.replace('jurisdiction = "ru"', f'jurisdiction = "{code}"')), source)
    days = (date(2025, 4, 10), date(2025, 4, 17), date(2025, 4, 24), date(2025, 7, 15))
    enlisted = (0, 40, 45, 102)
    states = [(day, "enlisted", number) for day, number in zip(days, enlisted, strict=True)]
    states += [(day, "called", 333 - number) for day, number in zip(days[:3], enlisted[:3], strict=True)]
    states += [(days[3], "deferred", 175), (days[3], "lapsed (never served)", 56)]
    return ReportModel(
        decree=decree,
        digests={"decree": "a" * 64, "law": "b" * 64, "register": "c" * 64, "seed": "d" * 64, "facts": "e" * 64, "as of": "2025-07-15"},
        register=table("finding persons", ("LIABLE", 1503), ("NOT_LIABLE", 5000), ("UNDETERMINED", 44)),
        roll=table("unit persons", *((unit, sum(counts.values())) for unit, counts in OUTCOMES.items())),
        quotas=table("unit base quota", *((unit, sum(counts.values()), counts["enlisted"]) for unit, counts in OUTCOMES.items())),
        account=table("unit outcome persons", *((unit, *one) for unit, counts in OUTCOMES.items() for one in counts.items())),
        funnel=table(
            "step persons", ("called", 333), ("served", 291), ("answered", 285), ("appeared", 180), ("fit", 131), ("enlisted", 102)
        ),
        states_by_day=table("day state cases", *states),
        service=table(
            "channel finding cases", ("mail", "confirmed", 180), ("portal", "confirmed", 109), ("", "confirmed", 2), ("", "failed", 42)
        ),
        due=table("unit step cases", ("RU-MOW", "await-appeal", 51), ("RU-SA", "decide-claim", 4), ("RU-SA", "ask-why", 30)),
        followup=table("diagnosis next_step cases", ("claim pending", "await-appeal", 51), ("claim pending", "decide-claim", 4)),
        claims=table("kind outcome cases", ("deferral", "granted", 90), ("deferral", "refused", 3), ("exemption", "granted", 12)),
        clocks=table(
            "what decided median_days nine_in_ten_days law_days",
            ("claims", 105, 9, 14, 15),
            ("statements that it did not arrive", 4, 3, 5, 15),
        ),
        equality=table(
            "by group in_roll called",
            *(("age", str(age), 150 + age, 30 + age) for age in range(18, 26)),
            *(("language", name, base, count) for name, base, count in (("ru", 1300, 300), ("tt", 140, 28), ("ce", 60, 5))),
        ),
        waves=table("wave day notices", (1, date(2025, 4, 3), 333)),
        acts={"call": 333, "service": 600},
        panel=table("age law_2023 law_2024", (25, 100, 101), (26, 90, 92), (27, 0, 3)),
        undetermined=table("reason persons", ("born_on", 40), ("citizenship", 4)),
        listing=table("reason persons", ("no place in the order", 214), ("in the list but not liable", 4)),
        months=table(
            "unit month register roll called",
            *((unit, month, 400, *((0, 0) if (unit, month) == ("RU-TUL", 2) else (80, 20))) for unit in UNITS for month in range(1, 13)),
        ),
        unverified=("53-FZ, art. 99(9)",),
        unit_names=UNITS,
        doors={("disclosure", "Court of X"): 2, ("handover", ""): 0, ("inspection", ""): 0},
        harsher=41,
        undertakings=(
            {
                "id": "U1",
                "text": "Not sent to fight.",
                "by": "A. B.",
                "on": "2025-03-31",
                "verdict": "reported broken",
                "meaning": VERDICTS["reported broken"],
                "reports": 12,
                "open": "fewer than 10",
                "overdue": 0,
                "contracts": 0,
                "contract_days": None,
                "answer_days": 30,
            },
        ),
        law="Russia: 53-FZ <as amended>",
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, filled())
    return folder


def rows_of(folder, name):
    return list(csv.DictReader(StringIO((folder / name).read_text(encoding="utf-8"))))


def test_every_table_is_listed_and_has_the_sum_said(report):
    said = json.loads((report / "report.json").read_text())
    assert {one["file"] for one in said["tables"]} == {path.name for path in report.glob("*.csv")}
    for one in said["tables"]:
        rows = rows_of(report, one["file"])
        if one["sum_of"]:
            numbers = [int(row[one["sum_of"]] or 0) for row in rows]
            assert sum(numbers) == one["equals"], one
            assert all(number == 0 or number >= 10 for number in numbers), one
    assert said["acts"] == {"call": 333, "service": 600}


def test_the_account_sums_to_the_roll(report):
    roll = sum(persons for counts in OUTCOMES.values() for persons in counts.values())
    assert sum(int(row["persons"]) for row in rows_of(report, "outcomes.csv")) == roll
    units = rows_of(report, "units.csv")
    assert sum(int(row["roll"]) for row in units) == roll
    for row in units:
        assert sum(int(row[name]) for name in list(row)[5:]) == int(row["called"])
    assert sorted(" ".join(row["units"] for row in units).split()) == sorted(UNITS)


def test_what_two_tables_hide_their_difference_does_not_open(report):
    tasks = {row["why"]: int(row["cases"]) for row in rows_of(report, "tasks.csv")}
    assert tasks == {"answered": 30, "claim pending": 55}
    served = [int(row["cases"]) for row in rows_of(report, "service.csv") if "confirmed" in row["finding"]]
    assert sum(served) == 291, "served without a channel (2) is merged with those served, not with those who were not"
    funnel = [int(row["persons"]) for row in rows_of(report, "funnel.csv") if row["persons"]]
    assert all(before - after == 0 or before - after >= 10 for before, after in itertools.pairwise(funnel))


def test_a_day_on_which_few_were_enlisted_is_left_out(report):
    days = dict.fromkeys(row["day"] for row in rows_of(report, "progress.csv"))
    assert list(days) == ["2025-04-10", "2025-04-17", "2025-07-15"]


def test_the_same_numbers_give_the_same_bytes(report, tmp_path):
    write_report(tmp_path, filled())
    for path in report.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def each(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def page(report):
    return Page((report / "index.html").read_text(encoding="utf-8"))


def test_it_loads_nothing_from_outside(report, page):
    own = {path.name for path in report.iterdir()}
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    for _, attrs in page.tags:
        for address in (attrs[name] for name in ("src", "href", "srcset", "action", "data") if name in attrs):
            assert address in own or address.removeprefix("#") in ids, address
    text = (report / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|<script|<link|<iframe|https?:", text)
    for path in report.glob("*.svg"):
        assert not re.search(r"(href|src)=\"(?!#)|@import|url\((?!#)", path.read_text(encoding="utf-8")), path.name


def test_it_can_be_read_by_all(page):
    assert page.each("html")[0]["lang"] == "en"
    assert page.tags[[name for name, _ in page.tags].index("body") + 1] == ("a", {"class": "skip", "href": "#content"})
    assert all(image["alt"] for image in page.each("img"))
    assert all(head.get("scope") in ("col", "row") for head in page.each("th"))
    assert len(page.each("caption")) == len(page.each("table"))
    assert len(page.each("figcaption")) == len(page.each("figure"))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    levels = [int(name[1]) for name, _ in page.tags if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("pair", [("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("ink", "wash"), ("quiet", "wash")])
def test_contrast_of_text(report, pair):
    colours = dict(re.findall(r"--(\w+): (#\w{6})", (report / "index.html").read_text(encoding="utf-8")))
    light, dark = sorted((luminance(colours[name]) for name in pair), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_it_must_say(report):
    text = (report / "index.html").read_text(encoding="utf-8")
    for words in (
        "REHEARSAL",
        "not Russian law: shows what a checkable order would be",
        "holds for only one measure",
        "Largest since spring 2011",
        "Largest since 2016",
        "Largest since autumn 2022",
        "reported broken",
        "fewer than 10",
        "53-FZ, art. 99(9)",
        "python3 verifier/verify.py",
        "callup replay",
        "nobody in the roll: Tula, birth month 2",
        promises_digest(),
        "without Crimea and Sevastopol",
        "53-FZ &lt;as amended&gt;",
        "+6 men",
    ):
        assert words in text, words
    assert text.count('class="number"') == 20, "every claim of the announcement"
    assert re.findall(r'class="number">(C\d+)</span>(?:(?!class="number").)*>agrees<', text, re.S) == ["C01", "C12"], (
        "never by the announcement alone"
    )
    losses = text[text.index(">C13<") : text.index(">C14<")]
    assert ">as printed<" in losses


@pytest.mark.parametrize(
    ("counted", "shown"), [(7_575, "<strong>7,575</strong>"), (3, "<strong>fewer than 10</strong>"), (0, "<strong>0</strong>")]
)
def test_where_the_law_is_harsher_is_counted(tmp_path, counted, shown):
    """Safeguard G16."""
    fields = {name: getattr(filled(), name) for name in ReportModel.__slots__}
    write_report(tmp_path, ReportModel(**fields | {"harsher": counted}))
    assert f"In {shown} cases the law deems a notice served" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_doors_and_undertakings_are_counted_in_the_file_for_machines_too(report):
    """Safeguards G12 and G21: uses by body, zeros too; a verdict for each undertaking."""
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert found["doors"] == [
        {"door": "disclosure", "body": "Court of X", "uses": 2},
        {"door": "handover", "body": "", "uses": 0},
        {"door": "inspection", "body": "", "uses": 0},
    ]
    assert found["undertakings"] == {"U1": "reported broken"}
    assert "<td>Court of X</td>" in (report / "index.html").read_text(encoding="utf-8")


def test_a_call_up_without_a_record_or_a_panel(tmp_path):
    empty = filled("freedonia")
    fields = {name: getattr(empty, name) for name in ReportModel.__slots__}
    write_report(tmp_path, ReportModel(**{**fields, "panel": empty.panel.slice(0, 0), "claims": empty.claims.slice(0, 0)}))
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "No record of earlier call-ups" in text
    assert "Crimea" not in text
    assert not list(tmp_path.glob("since-*"))
    assert not (tmp_path / "panel.svg").exists()


def test_a_tiny_call_up_prints_no_small_number(tmp_path):
    tiny = filled()
    fields = {name: getattr(tiny, name) for name in ReportModel.__slots__}
    account = table("unit outcome persons", ("RU-CHU", "enlisted", 1), ("RU-CHU", "not called", 3), ("RU-SA", "enlisted", 2))
    roll = table("unit persons", ("RU-CHU", 4), ("RU-SA", 2))
    write_report(tmp_path, ReportModel(**{**fields, "account": account, "roll": roll}))
    assert [row["persons"] for row in rows_of(tmp_path, "outcomes.csv")] == ["", ""]
    assert all(not cell for row in rows_of(tmp_path, "units.csv") for cell in list(row.values())[4:])
    assert rows_of(tmp_path, "burden.csv") == []


def test_the_authoritys_clocks_say_days_and_no_small_number(report):
    rows = list(csv.DictReader(StringIO((report / "clocks.csv").read_text())))
    assert rows == [
        {"what": "claims", "median_days": "9", "nine_in_ten_days": "14", "law_days": "15"},
        {"what": "statements that it did not arrive", "median_days": "", "nine_in_ten_days": "", "law_days": "15"},
    ]


def test_groups_are_compared_with_intervals_and_a_stated_test(report):
    rows = list(csv.DictReader(StringIO((report / "equality.csv").read_text())))
    assert [row["group"] for row in rows if row["by"] == "language"] == ["ru", "tt; ce"], "a small group joins its neighbour"
    for row in rows:
        assert float(row["low"]) < float(row["per_1000"]) < float(row["high"])
        assert int(row["called"]) >= 10
    assert {row["chance"] for row in rows if row["by"] == "age"} != {""}


def test_the_data_package_describes_every_table_as_it_is(report):
    package = json.loads((report / "datapackage.json").read_text())
    assert {one["path"] for one in package["resources"]} == {path.name for path in report.glob("*.csv")}
    for one in package["resources"]:
        content = (report / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())
        header, *lines = csv.reader(StringIO(content.decode()))
        assert header == [field["name"] for field in one["schema"]["fields"]]
        for field, cells in zip(one["schema"]["fields"], zip(*lines, strict=True), strict=False):
            known = [cell for cell in cells if cell]
            assert {"integer": int, "number": float, "string": str}[field["type"]](known[0] if known else "0") is not None
