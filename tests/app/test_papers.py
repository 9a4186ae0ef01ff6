"""Papers: what could harm is not in what is kept, what cannot be read is refused in words, nothing is shown before it was scanned."""

import asyncio
import io
import socket
import threading

import pikepdf
import pytest
from app.portal_line import DAY, nonce_of, open_case, sign_in, somebody
from PIL import Image

from callup.app.acts import add_fact
from callup.app.web.papers import LARGEST, MOST, clamd, made_anew
from callup.terms.errors import BadInput, Tampered

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind="JPEG", size=(40, 30)):
    made = io.BytesIO()
    shot = Image.new("RGB", size, (200, 30, 30))
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "A camera", {1: "N", 2: (55.0, 45.0, 7.0)}
    shot.save(made, kind, exif=exif)
    return made.getvalue()


def document(hostile=True):
    made, file = io.BytesIO(), pikepdf.new()
    file.add_blank_page(page_size=(200, 200))
    if hostile:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('x')")
        file.Root.OpenAction = script
        file.pages[0].obj.AA = pikepdf.Dictionary(O=script)
        file.attachments["secret.exe"] = b"MZ"
        with file.open_metadata() as metadata:
            metadata["dc:creator"] = ["The author"]
    file.save(made)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_keeps_its_pixels_and_loses_where_it_was_taken(kind):
    _, made = made_anew(picture(kind))
    with Image.open(io.BytesIO(made)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == (kind, (40, 30), {})
    assert b"A camera" not in made


def test_a_pdf_keeps_its_pages_and_loses_what_acts():
    kind, made = made_anew(document())
    assert kind == "application/pdf"
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert len(opened.pages) == 1
        assert {"/OpenAction", "/Names", "/Metadata", "/AcroForm"} & set(opened.Root.keys()) == set()
        assert "/AA" not in opened.pages[0]
        assert not opened.attachments
        text = repr([dict(one) if isinstance(one, pikepdf.Dictionary) else one for one in opened.objects])
    assert "JavaScript" not in text
    assert "The author" not in text


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00", "paper-type"),
        (b"", "paper-type"),
        (EICAR, "paper-type"),
        (b"<svg onload=alert(1)>", "paper-type"),
        (b"%PDF-1.7 broken", "paper-not-readable"),
        (b"\xff\xd8\xff broken", "paper-not-readable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (50_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0" + b"\0" * 60, "paper-not-readable"),
        (picture() + b"\0" * LARGEST, "paper-too-large"),
    ],
    ids=["program", "empty", "eicar", "svg", "broken pdf", "broken jpeg", "pixel flood", "large"],
)
def test_what_is_no_paper_is_refused_in_words(content, code):
    with pytest.raises(BadInput, match=code):
        made_anew(content)


def hand_in(client, content, name="paper.jpg"):
    form = nonce_of(client.get("/notice/papers").text, "/notice/papers")
    return client.post("/notice/papers", data={"nonce": form}, files={"paper": (name, content)}, follow_redirects=False)


def test_a_paper_waits_in_quarantine_and_is_shown_to_nobody_before_it_was_scanned(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    add_fact(
        clocked.site.facts, "claimed", "person", (DAY, DAY), {"evidence": "0" * 64, "case_id": person["case_id"], "ground": "deferral"}
    )
    assert hand_in(client, picture(), "../../etc/passwd").status_code == 303
    assert "passwd, 12 January 1970: being checked" in client.get("/notice/papers").text
    assert [row["kind"] for row in clocked.site.facts.rows_of_case(person["case_id"])].count("papers_given") == 1
    open_case(client, clocked.site, "Stand-in intake 1", person["case_id"])
    path = f"/desk/paper/{person['case_id']}/1"
    assert client.get(path).status_code == 404
    assert clocked.site.store.papers.scan(lambda content: True) == 1
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-disposition"]) == (200, 'attachment; filename="paper-1.jpg"')
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    with Image.open(io.BytesIO(answer.content)) as opened:
        assert opened.size == (40, 30)
    assert client.get(f"/desk/paper/{somebody(clocked.site, 1)['case_id']}/1", follow_redirects=False).status_code == 303, "not opened"


def test_what_is_refused_or_too_many_is_said_and_nothing_is_kept(client, clocked):
    person = somebody(clocked.site)
    sign_in(client, person)
    wrong = hand_in(client, b"MZ", "a.exe")
    assert (wrong.status_code, "no PDF, JPEG or PNG" in wrong.text) == (422, True)
    assert client.post("/notice/papers", data={"nonce": nonce_of(wrong.text, "/notice/papers")}).status_code == 422
    assert clocked.site.store.papers.of_case(person["case_id"]) == []
    for number in range(MOST):
        clocked.site.store.papers.keep(person["case_id"], str(number).encode(), "x", ("image/png", b"x"), 1)
    assert "20 papers" in hand_in(client, picture()).text
    assert clocked.site.store.forget(person["case_id"]) >= MOST
    assert clocked.site.store.papers.of_case(person["case_id"]) == []


def test_the_kept_bytes_show_nothing_and_a_change_is_named(clocked):
    person, papers = somebody(clocked.site), clocked.site.store.papers
    papers.keep(person["case_id"], b"n", "x", ("image/png", b"something private"), 1)
    papers.scan(lambda content: content == b"something private")
    base = clocked.site.store._base
    sealed = base.value("SELECT sealed FROM paper")
    assert b"private" not in sealed
    base.run("UPDATE paper SET sealed = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]),))
    with pytest.raises(Tampered, match="paper-does-not-open"):
        papers.content(person["case_id"], 1)
    base.run("UPDATE paper SET state = 'waiting'")
    papers.keep(person["case_id"], b"m", "y", ("image/png", b"another"), 1)
    assert papers.scan(lambda content: True) == 2, "one that was changed stops no other"
    assert [one.state for one in papers.of_case(person["case_id"])] == ["refused", "clean"]


@pytest.fixture
def scanner(tmp_path):
    """A program that speaks clamd's INSTREAM and finds the one signature that every scanner knows."""
    path, answers = tmp_path / "clamd.sock", []

    def serve(line):
        while True:
            try:
                asked, _ = line.accept()
            except OSError:
                return
            with asked:
                assert asked.recv(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(asked.recv(4, socket.MSG_WAITALL), "big"):
                    content += asked.recv(size, socket.MSG_WAITALL)
                asked.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")
                answers.append(len(content))

    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(path))
        line.listen()
        thread = threading.Thread(target=serve, args=(line,), daemon=True)
        thread.start()
        yield path
        line.shutdown(socket.SHUT_RDWR)


def test_clamd_is_asked_on_its_socket_and_what_it_finds_is_refused(clocked, scanner):
    person, site = somebody(clocked.site), clocked.site
    for number, content in enumerate((b"clean", b"before " + EICAR)):
        site.store.papers.keep(person["case_id"], bytes([number]), f"{number}", ("image/png", content), 1)
    assert site.scan() == 0, "without a scanner everything waits"
    site.scanner = scanner.with_name("nobody.sock")
    assert site.scan() == 0, "a scanner that does not answer leaves everything waiting"
    site.scanner = scanner
    assert site.scan() == 2
    assert [one.state for one in site.store.papers.of_case(person["case_id"])] == ["clean", "refused"]
    assert asyncio.run(asyncio.to_thread(clamd(scanner), b"x"))
