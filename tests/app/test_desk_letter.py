"""The letter at the desk: as it is printed, in the person's language, after a reason, without the way in; the person reads who looked."""

import csv
import io

import pypdfium2
from app.desk_line import AUDITOR, INTAKE, OTHER, facts, say
from app.portal_line import at_desk, open_case, somebody

from callup.app import sealed
from callup.app.logs import CallUpLogs
from callup.app.previewing import HIDDEN, preview_letter
from callup.app.printing import stamp_of, texts_of
from callup.app.readback import read_back
from callup.app.stages.dispatching import wave_letters
from callup.notice import print_batch


def printed(site, person):
    """The row of LETTERS from which a letter was printed, and the line of the manifest that says what it says."""
    course, logs = site.course, CallUpLogs(site.course)
    letters = wave_letters(course, logs, 1)
    row = letters.slice(letters.column("notice_id").to_pylist().index(person["notice_id"]), 1)
    lies = next(course.dossier.sealed.rglob("manifest.csv.sealed"))
    content = sealed.open_bytes(lies.read_bytes(), course.dossier.key, b"manifest.csv").decode()
    (line,) = (one for one in csv.DictReader(io.StringIO(content)) if one["notice_id"] == person["notice_id"])
    return row, line, stamp_of(course, logs.size_after("enter-1"))


def words_in(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document), len(document)


def test_the_letter_is_the_one_that_is_printed_but_for_the_sign_in_code(clocked):
    site = clocked.site
    person = somebody(site)
    row, line, stamp = printed(site, person)
    shown, pdf = preview_letter(site.course, site.store.held(person["case_id"]))
    assert shown.drop_columns(["sign_in"]).equals(row.drop_columns(["sign_in"]))
    batch = print_batch(row, texts_of(site.course)[person["language"]], stamp)
    assert batch.pieces[0].content == line["hash"]
    (differs,) = read_back(pdf, batch)
    said = batch.pieces[0].said[int(differs.what.removeprefix("text "))]
    assert said == row.column("sign_in")[0].as_py(), "all other words and both codes are those of the printed letter"
    text, pages = words_in(pdf)
    assert (pages, HIDDEN in text, said in text) == (2, True, False)
    assert preview_letter(site.course, site.store.held(person["case_id"]))[1] == pdf, "the same bytes each time"


def test_whoever_looks_at_the_letter_has_opened_the_case_and_the_person_reads_it(client, clocked):
    person, other = somebody(clocked.site), somebody(clocked.site, 1)
    for name in (INTAKE, AUDITOR):
        at_desk(client, clocked.site, name)
        assert say(client, "/desk/letter", case=person["case_id"]).status_code == 403, name
    assert facts(clocked.site, person, "read") == []
    open_case(client, clocked.site, INTAKE, person["case_id"])
    assert "It went out on " in client.get(f"/desk/case/{person['case_id']}").text
    answer = say(client, "/desk/letter", case=person["case_id"])
    assert (answer.status_code, answer.headers["content-type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/desk/letter", follow_redirects=False).status_code == 303, "no address shows it"
    assert say(client, "/desk/letter", case=other["case_id"]).status_code == 403
    reasons = [row["reason"] for row in facts(clocked.site, person, "read")]
    assert reasons == ["to decide the claim", "to decide the claim (the letter was looked at)"]
    say(client, "/desk/letter", case=person["case_id"])
    assert len(facts(clocked.site, person, "read")) == 2, "twice on a day is one look"
    clocked.site.store.open_session("a token", person["case_id"], "oidc", 1_000_000)
    client.cookies.set("__Host-callup", "a token")
    assert f"{INTAKE}. Reason: to decide the claim (the letter was looked at)" in client.get("/record").text
    at_desk(client, clocked.site, OTHER)
    assert say(client, "/desk/letter", case=person["case_id"]).status_code == 403, "another official's opening opens nothing"
