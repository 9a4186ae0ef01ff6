"""Apache PDFBox Preflight, a validator that is none of ours, on print files: what keeps them from PDF/A-1b, and that nothing else does.

Print files claim PDF/UA-1 and no PDF/A: they are handed over and removed, not archived. Their fonts, widths, pictures and metadata are
held to PDF/A-1b here all the same. Debian's ``libpdfbox2-java`` has the validator; ``.ci/run`` installs it.
"""

import io
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import typst
from notice.sample import STAMP, letters, texts

from callup.app.engines.mass import _strings
from callup.app.engines.pdf.faces import faces_for
from callup.app.engines.pdf.letter import write_letters
from callup.notice import print_batch

JARS = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation", "jaxb-api")
FOLDER = Path("/usr/share/java")
CLAIM = """<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance></rdf:Description></rdf:RDF>"""
BETWEEN = {
    "1.4": "objects are packed",
    "2.4.3": "no profile says what grey is",
    "3.1.11": "fonts name no set of codes",
    "7.3": "PDF/UA is claimed",
}
"""What keeps a print file from PDF/A-1b, by Preflight's codes."""

pytestmark = pytest.mark.preflight


def print_file():
    batch = print_batch(letters(3), texts(), STAMP, shared_back=True)
    return write_letters(batch, STAMP, faces_for(_strings([batch.words, batch.fields])))


def by_typst():
    """A page that Typst makes as PDF/A-1b, with the colour profile that it carries."""
    return typst.compile(b"#set document(title: [A page])\nA page.", format="pdf", pdf_standards=["a-1b"])


def as_archive(pdf, profile):
    """A print file as PDF/A-1b: the older form of objects, the set of codes of each font, a colour profile, and the claim."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for font in [one for one in file.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Subtype") == "/CIDFontType2"]:
            codes = [int(one) for one in font.W if not isinstance(one, pikepdf.Array)]
            bits = bytearray(max(codes) // 8 + 1)
            for code in (0, *codes):
                bits[code // 8] |= 128 >> code % 8
            font.FontDescriptor.CIDSet = file.make_stream(bytes(bits))
        intent = {"/Type": pikepdf.Name.OutputIntent, "/S": pikepdf.Name.GTS_PDFA1, "/OutputConditionIdentifier": "sRGB"}
        file.Root.OutputIntents = [pikepdf.Dictionary({**intent, "/DestOutputProfile": file.make_stream(profile, N=3)})]
        told = file.Root.Metadata.read_bytes().decode()
        told = re.sub(r"\s*xmlns:pdfuaid.*</pdfuaid:part>", ">", told).replace("</rdf:RDF>", CLAIM)
        file.Root.Metadata.write(told.encode())
        file.save(out, force_version="1.4", object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """For each file the codes of what Preflight objects to; all in one run, since starting Java costs most."""
    folder = tmp_path_factory.mktemp("preflight")
    known = by_typst()
    with pikepdf.open(io.BytesIO(known)) as file:
        profile = file.Root.OutputIntents[0].DestOutputProfile.read_bytes()
    plain = print_file()
    archive = as_archive(plain, profile)
    files = {"typst": known, "print file": plain, "archive": archive}
    files["other widths"] = re.sub(rb"/W \[ 1 \[ \d+", b"/W [ 1 [ 999", archive)
    files["no fonts"] = archive.replace(b"/FontFile2", b"/FontFileX")
    for number, content in enumerate(files.values()):
        (folder / f"{number}.pdf").write_bytes(content)
    (folder / "list").write_text("\n".join(str(folder / f"{number}.pdf") for number in range(len(files))))
    path = ":".join(str(FOLDER / f"{jar}.jar") for jar in JARS)
    words = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", path, "org.apache.pdfbox.preflight.Validator_A1b"]
    done = subprocess.run([*words, "xml", "group", str(folder / "list")], capture_output=True, text=True, check=False, timeout=120)
    (made,) = folder.glob("*.xml")
    found = ET.fromstring(made.read_text())
    assert len(found) == len(files), done.stderr
    return dict(zip(files, ({code.text for code in one.iter("code")} for one in found), strict=True)), files


def test_a_file_that_another_writer_makes_as_archive_passes(verdicts):
    found, _ = verdicts
    assert found["typst"] == set()


def test_nothing_but_what_is_known_keeps_a_print_file_from_an_archive(verdicts):
    found, _ = verdicts
    assert found["print file"] == set(BETWEEN)


def test_a_print_file_in_the_form_for_archives_passes_and_says_the_same(verdicts):
    found, files = verdicts
    assert found["archive"] == set()
    mine, theirs = (pypdfium2.PdfDocument(files[name]) for name in ("print file", "archive"))
    assert [page.get_textpage().get_text_range() for page in mine] == [page.get_textpage().get_text_range() for page in theirs]


def test_widths_that_are_not_those_of_the_font_and_fonts_left_out_are_found(verdicts):
    found, files = verdicts
    assert files["other widths"] != files["archive"] != files["no fonts"]
    assert found["other widths"] == {"3.1.6"}
    assert found["no fonts"]
