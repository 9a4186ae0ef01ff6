"""A PDF from outside is printed and posted with ours only if it fits: every reason against it has its word."""

import io
import json

import pikepdf
import pytest
import typst
from notice.sample import STAMP, letters, texts
from typer.testing import CliRunner

from callup.app.checking.outside import WORDS, check_outside
from callup.app.engines.typst import one_letter
from callup.app.main import app
from callup.terms.errors import BadInput

ADDRESS = "#place(top + left, dx: 25mm, dy: 50mm)[Anna Sample #linebreak() 1 Long Street #linebreak() 10100 Fredville]"


def made(body=ADDRESS, page='paper: "a4"', pages=1):
    source = f"#set page({page}, margin: 0mm)\n" + "#pagebreak()\n".join([body] * pages)
    return typst.compile(source.encode(), format="pdf")


def changed(pdf, change):
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        change(file)
        file.save(sink)
    return sink.getvalue()


def without_font_files(file):
    for one in file.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor":
            for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                if name in one:
                    del one[name]


def with_script(file):
    file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_attachment(file):
    file.attachments["x.txt"] = b"x"


GOOD = made()


@pytest.mark.parametrize("pdf", [GOOD, made(pages=10), one_letter(letters(1), texts(), STAMP)], ids=["plain", "ten pages", "ours"])
def test_a_letter_that_fits_has_no_objection(pdf):
    assert check_outside(pdf, 10)[0] == []


@pytest.mark.parametrize(
    ("pdf", "code", "page"),
    [
        (made(pages=11), "pages", 0),
        (made(page='paper: "us-letter"'), "page-size", 1),
        (made(page='paper: "a4", flipped: true'), "page-size", 1),
        (made(ADDRESS + "#place(top + left, dx: 2mm, dy: 150mm, rect(width: 4mm, height: 4mm, fill: black))"), "margin", 1),
        (made(ADDRESS + "#place(top + left, dx: 50mm, dy: 150mm, text(fill: red)[red])"), "colour", 1),
        (changed(GOOD, without_font_files), "font-not-embedded", 1),
        (made("#place(top + left, dx: 25mm, dy: 120mm)[an address far too low]"), "window-empty", 1),
        (made(ADDRESS + "#place(top + left, dx: 25mm, dy: 91mm)[crowded]"), "window-crowded", 1),
        (changed(GOOD, with_script), "active-content", 0),
        (changed(GOOD, with_attachment), "active-content", 0),
        (GOOD[:-200], "damaged", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_named_with_its_page(pdf, code, page):
    found, _ = check_outside(pdf, 10)
    assert (code, page) in [(one.code, one.page) for one in found]
    assert all("{" not in one.words for one in found)
    assert {one.code for one in found} <= WORDS.keys()


@pytest.mark.parametrize("pdf", [b"", b"no PDF", b" " + GOOD])
def test_what_is_no_pdf_is_bad_input(pdf):
    with pytest.raises(BadInput, match="letter-not-readable"):
        check_outside(pdf, 10)


def test_a_locked_pdf_is_bad_input():
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(GOOD)) as file:
        file.save(sink, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(BadInput, match="letter-not-readable"):
        check_outside(sink.getvalue(), 10)


def test_the_command_says_it_in_words_and_by_its_status(tmp_path):
    (tmp_path / "good.pdf").write_bytes(GOOD)
    (tmp_path / "long.pdf").write_bytes(made(pages=3))
    run = CliRunner().invoke
    good = run(app, ["letter", "check", str(tmp_path / "good.pdf")])
    assert (good.exit_code, good.output.startswith("fits: 1 pages")) == (0, True)
    long = run(app, ["letter", "check", str(tmp_path / "long.pdf"), "--most-pages", "2"])
    assert (long.exit_code, long.output) == (1, "file: pages: 3 pages; at most 2 go into one envelope\n")
    told = json.loads(run(app, ["letter", "check", str(tmp_path / "long.pdf"), "--most-pages", "2", "--json"]).output)
    assert (told["verdict"], told["objections"][0]["code"]) == ("refused", "pages")
