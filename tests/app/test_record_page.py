"""The record's commands and page: read by anybody, made again from one file, asking nobody for anything."""

import json
import re
import tomllib
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from callup.app.record.beside import neighbours, unpublished
from callup.app.record.carrying import carried
from callup.app.record.page import languages, speech

DAY = ("--as-of", "2026-11-26")
VOID = {"meta", "img", "br", "link", "input", "hr"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page, made once from an export with few draws."""
    from typer.testing import CliRunner

    from callup.app.main import app

    root, run = tmp_path_factory.mktemp("record"), CliRunner()
    assert run.invoke(app, ["record", "export", "--to", str(root / "one.json"), "--runs", "2000", *DAY]).exit_code == 0
    for folder in ("once", "again"):
        done = run.invoke(app, ["record", "page", "--from", str(root / "one.json"), "--out", str(root / folder)])
        assert done.exit_code == 0, done.output
    return root


def test_the_page_is_made_again_byte_for_byte_from_one_file(made):
    names = sorted(path.name for path in (made / "once").iterdir())
    assert names == ["index.html", "index.ru.html", "neighbours.csv", "record.json", "registry.csv", "strength.csv"]
    assert [name for name in names if (made / "once" / name).read_bytes() != (made / "again" / name).read_bytes()] == []
    assert (made / "once" / "record.json").read_bytes() == (made / "one.json").read_bytes()


class Outline(HTMLParser):
    """Open elements, headings, ids, where links and pictures lead, pictures without words."""

    def __init__(self):
        super().__init__()
        self.open, self.levels, self.ids, self.leads, self.mute = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.leads += [found[name] for name in ("href", "src", "action") if name in found]
        self.mute += [found["src"][:40]] if tag == "img" and not found.get("alt") else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ["index.html", "index.ru.html"])
def test_a_page_is_whole_readable_without_scripts_and_asks_nobody(made, name):
    text = (made / "once" / name).read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.mute == []
    assert not re.search(r"<script|<link|<iframe|@import|url\(", text)
    for lead in outline.leads:
        here = lead.startswith("data:image/svg+xml;base64,") or lead[1:] in outline.ids or (made / "once" / lead).is_file()
        assert here, lead[:60]
    assert all(f'id="C{number:02}"' in text for number in range(1, 21))


def test_the_page_says_what_must_be_said(made):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", (made / "once" / "index.html").read_text(encoding="utf-8")))
    for part in (
        "No published account explains the difference",
        "less 48,670 from 1 December 2024",
        "Said and done",
        "No later outcome is in the record.",
        "by the word of the announcing side alone",
        "The record has no figure for:",
        "How many notices were served?",
        "10,110,104 in row 38",
        "callup makes none of its own",
    ):
        assert part in text, part


def test_both_languages_have_the_same_words_and_every_label():
    one, other = (tomllib.loads(files("callup.app.record").joinpath("words", f"{name}.toml").read_text("utf-8")) for name in languages())
    assert set(one["text"]) == set(other["text"])
    holes = re.compile(r"\{\w+\}")
    assert [key for key in one["text"] if sorted(holes.findall(one["text"][key])) != sorted(holes.findall(other["text"][key]))] == []
    assert speech("ru").cell("depends") == "зависит от прочтения"


def test_a_reader_of_russian_meets_no_english_sentence(made):
    """Claims, findings, accounts, promises, intentions, reactions: all have words; numbers and days are as the language has them."""
    page = (made / "again" / "index.ru.html").read_text(encoding="utf-8")
    assert re.findall('<span lang="en">(.*?)</span>', page) == []
    for part in (
        "Указ велит призвать: 160\u00a0000 человек.",
        "По указу он идёт с 1 апреля 2025\u202fг. по 15 июля 2025\u202fг., а не по 31 июля 2025\u202fг.",
        "Росстат: 419\u00a0000 (выезд зарегистрирован)",
        "середина 2 000 розыгрышей",
    ):
        assert re.sub(r"\s", " ", part) in re.sub(r"\s", " ", page), part
    assert "г.." not in page


def test_phrases_have_the_same_holes_and_what_has_no_words_is_marked():
    phrases = speech("ru").phrases
    holes = re.compile(r"\{(\w+)\}")
    wrong = [one for one, said in phrases.items() if not set(holes.findall(said)) <= set(holes.findall(one))]
    assert wrong == []
    said = speech("ru").english("Nobody said this; 1,234.5 persons (V. Putin).")
    assert said.startswith('<span lang="en">Nobody said this</span>; ')
    assert "В. Путин" in said
    assert speech("en").english("Nobody said this.") == "Nobody said this."


def test_the_sheet_of_a_dossier_stands_on_the_page(call, tmp_path, made):
    sheet = tmp_path / "sheet.json"
    sheet.write_text(json.dumps([{"id": "U1", "text": "Nobody goes far.", "verdict": "not verifiable", "reports": 0, "more": 1}]))
    words = ("record", "page", "--from", made / "one.json", "--out", tmp_path / "page", "--sheet")
    assert call(*words, sheet)[0] == 0
    assert "Nobody goes far." in (tmp_path / "page" / "index.html").read_text()
    sheet.write_text("[{}]")
    code, _, said = call(*words, sheet)
    assert (code, "sheet unreadable" in said) == (2, True)


def test_list_and_show(call):
    code, out, _ = call("record", "list", *DAY)
    assert (code, len(out.strip().splitlines())) == (0, 20)
    code, out, _ = call("record", "list", "--json", *DAY)
    assert {one["id"]: one["result"] for one in json.loads(out)}["C13"] == "as printed"
    code, out, _ = call("record", "show", "C08", *DAY)
    assert (code, "differs: From 27 to 30 it was raised by 439-FZ of 4 August 2023" in out) == (0, True)
    assert json.loads(call("record", "show", "C08", "--json", *DAY)[1])["result"] == "differs"
    code, _, said = call("record", "show", "C99", *DAY)
    assert (code, "claim unknown" in said) == (2, True)
    code, _, said = call("record", "list", "--jurisdiction", "freedonia")
    assert (code, "no record" in said) == (2, True)


def test_the_registry_shows_conflicts_and_gaps(call):
    code, out, _ = call("record", "claims", "--only", "differ")
    assert code == 0
    assert "D. Medvedev: 210,000" in out
    assert "J. Kluge (budgets of 37 regions): 191,000" in out
    assert "V. Putin: 486,000" in out
    found = json.loads(call("record", "claims", "--json")[1])
    assert {one["result"] for one in found} == {"differ", "missing", "one voice", "as printed"}
    assert not any("posts" in one["what"] and "active" in one["sentence"] for one in found), "posts and persons are two series"


def test_check_says_by_its_exit_whether_a_table_adds_up(call, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("region,called\nnorth,100\nsouth,250\ntotal,350\n")
    assert call("record", "check", table)[:2] == (0, "table.csv: adds up\n")
    table.write_text("region,called\nnorth,100\nsouth,250\ntotal,360\n")
    code, out, _ = call("record", "check", table)
    assert code == 1
    assert "360 (total, called): 100 (north, called) + 250 (south, called) make 350, 10 less" in out
    code, out, _ = call("record", "check", table, "--json")
    assert (code, json.loads(out)["table.csv"][0]["apart"]) == (1, 10)
    code, _, said = call("record", "check", tmp_path / "none.csv")
    assert (code, "account unreadable" in said) == (2, True)


def test_the_accounts_of_the_record_are_checked_unprompted(call, made):
    code, out, _ = call("record", "check", "--from", made / "one.json")
    assert code == 1
    assert re.search(r"1,134,000 \(Military Balance 2025\) and 1,51\d,\d{3} .* are 3[78]\d,\d{3} apart", out)
    for part in ("by 89,111", "by 16,664", "the edge of the band alone is 9 %", "90,000 (announced"):
        assert part in out


def test_neighbours_are_counted_only_where_both_numbers_are_known():
    found = neighbours(carried("ru"))
    called = [one for one in found if one.per_thousand and one.what == "called up"]
    assert {(one.country, one.year): round(float(one.per_thousand), 2) for one in called} == {
        ("LT", "2018"): 1.34, ("LT", "2022"): 1.38, ("LT", "2026"): 1.46, ("RU", "2018"): 1.78, ("RU", "2022"): 1.75, ("RU", "2025"): 2.05,
    }  # fmt: skip
    assert {one.country for one in found if one.lacks == "persons" and one.what == "called up"} == {"EE", "FI", "LV", "NO", "PL"}


def test_what_the_authority_has_not_published():
    found = {one.id: one for one in unpublished(carried("ru"), 2024)}
    assert [found[number].status for number in ("N2", "N3", "N5", "N11")] == ["nothing found"] * 4
    assert found["N7"].status == "single places only"
    assert found["N8"].status == "published for the country"
    assert {one.id: one.status for one in unpublished(carried("ru"), 2026)}["N8"] == "nothing found", "an older call-up answers nothing"
