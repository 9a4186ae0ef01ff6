"""What a person may take along: slip, certificate and packet, handed out by a named clerk, checked without the authority."""

import base64
import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from app.node import ask_node
from replay.freedonia_line import KEY, the_people

from callup.app.checking.packets import Packet
from callup.app.dossier import Dossier
from callup.app.packeting import on_paper
from callup.app.wire import facts_of
from callup.terms.errors import Tampered

ASKED = ("--clerk", "A. Example", "--reason", "asked at the counter")
ROOT = Path(__file__).parents[2]
NAMES = [person["name"] for person in the_people()]


@pytest.fixture(scope="module")
def dossier(tmp_path_factory, whole_line):
    root = tmp_path_factory.mktemp("packets") / "line"
    shutil.copytree(whole_line, root)
    (root / "dossier.key").write_text(KEY.hex())
    return root / "dossier"


def facts(dossier):
    store = facts_of(Dossier.at(dossier, KEY))
    try:
        return store.all().to_pylist()
    finally:
        store.close()


def a_case(dossier):
    return next(row["case_id"] for row in facts(dossier) if row["kind"] == "called")


@pytest.fixture
def packet(call, dossier, tmp_path):
    path = tmp_path / "my.packet"
    code, out, _ = call("packet", dossier, "--person", a_case(dossier), "--as-of", "2025-07-15", "--to", path, *ASKED, "--letter")
    assert code == 0
    assert "no pass" in out
    return path


@pytest.mark.parametrize(
    "command", [("packet", "--as-of", "2025-07-15", "--to", "x"), ("slip",), ("certificate", "--as-of", "2025-07-15", "--to", "x")]
)
def test_nothing_is_handed_out_without_name_and_reason(call, dossier, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    before = len(facts(dossier))
    code, out, said = call(command[0], dossier, "--person", a_case(dossier), *command[1:])
    assert (code, out) == (2, "")
    assert "say who looks and why" in said
    assert not (tmp_path / "x").exists()
    assert len(facts(dossier)) == before


def test_a_packet_with_the_letter_checks_by_itself_and_its_making_is_a_fact(call, dossier, packet):
    code, out, _ = call("verify", packet)
    assert code == 0
    for word in ("entry: act", "plan: one plan", "the act of rank", "certificate: standing on 2025-07-15", "everything checks"):
        assert word in out
    assert packet.stat().st_size < 60_000
    assert packet.stat().st_mode & 0o077 == 0
    assert any(row["kind"] == "read" and row["actor"] == "clerk: A. Example" for row in facts(dossier))
    pinned = dossier / "open" / "log" / "policy"
    code, out, _ = call("verify", packet, "--policy", pinned)
    assert (code, "taken from what is checked" in out) == (0, False)


def test_a_packet_without_the_letter_shows_nobody_and_its_slip_needs_the_salt(call, dossier, tmp_path):
    """Safeguard G6: neither name nor salt; the holder types the salt, and another salt is refused."""
    path, case = tmp_path / "slip.packet", a_case(dossier)
    assert call("packet", dossier, "--person", case, "--as-of", "2025-07-15", "--to", path, *ASKED)[0] == 0
    _, said, _ = call("slip", dossier, "--person", case, *ASKED)
    salt = re.search(r"kept apart: ([0-9a-f]{32})", said)[1]
    text = path.read_text(encoding="utf-8")
    assert salt not in text
    assert "letter" not in json.loads(text)
    assert not [name for name in NAMES if name in text]
    code, out, _ = call("verify", path)
    assert (code, "slip: not checked" in out) == (0, True)
    code, out, _ = call("verify", path, "--salt", salt)
    assert (code, "the last number called so far is" in out) == (0, True)
    code, _, said = call("verify", path, "--salt", "0" * 32)
    assert (code, "line not in roll" in said) == (1, True)
    fragment = re.search(r"slip: (\S+)", call("slip", dossier, "--person", case, *ASKED)[1])[1]
    assert call("verify", dossier / "open", "--letter", fragment, "--salt", salt)[0] == 0


def test_a_certificate_is_signed_and_no_word_of_it_can_be_changed(call, dossier, tmp_path):
    path, policy = tmp_path / "standing.txt", dossier / "open" / "log" / "policy"
    words = ("--as-of", "2025-06-20", "--known-at", "2025-06-20", "--to", path)
    assert call("certificate", dossier, "--person", a_case(dossier), *words, *ASKED)[0] == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("callup/certificate/1\ncall-up: freedonia-2025\n")
    assert "REHEARSAL" in text
    assert re.search(r"^step: .+\(Service Procedure Act 2020, .+\)$", text, re.M)
    code, out, _ = call("verify", path, "--policy", policy)
    assert (code, "standing on 2025-06-20" in out) == (0, True)
    path.write_text(text.replace("as-of: 2025-06-20", "as-of: 2025-06-21"), encoding="utf-8")
    assert call("verify", path, "--policy", policy)[0] == 1
    path.write_text(text, encoding="utf-8")
    code, _, said = call("verify", path)
    assert (code, "name the policy from the gazette" in said) == (2, True)


def test_a_certificate_on_paper_carries_the_signed_text_and_both_programs_read_it(call, dossier, tmp_path):
    """One A4 page that a court can take: rule, evidence, what was not known; a changed text in it is refused by both."""
    paper, policy = tmp_path / "standing.pdf", dossier / "open" / "log" / "policy"
    words = ("--as-of", "2025-06-20", "--known-at", "2025-06-20")
    assert call("certificate", dossier, "--person", a_case(dossier), *words, "--to", paper, *ASKED)[0] == 0
    assert call("certificate", dossier, "--person", a_case(dossier), *words, "--to", tmp_path / "standing.txt", *ASKED)[0] == 0
    document = pypdfium2.PdfDocument(paper)
    shown = " ".join(document[0].get_textpage().get_text_bounded().split())
    text = (tmp_path / "standing.txt").read_text(encoding="utf-8")
    assert len(document) == 1
    assert document.get_attachment(0).get_data() is not None
    assert bytes(document.get_attachment(0).get_data()).decode() == text
    for line in text.split("\n\n")[0].split("\n")[3:]:
        said = line.partition(": ")[2]
        assert said == "-" or " ".join(said.split()) in shown, line

    def checked():
        program = [sys.executable, "verifier/verify.py", paper, "--policy", policy]
        return call("verify", paper, "--policy", policy)[0], subprocess.run(program, capture_output=True, check=False, cwd=ROOT).returncode

    assert checked() == (0, 0)
    program = [sys.executable, "verifier/verify.py", paper, "--policy", policy]
    second = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for told in (call("verify", paper, "--policy", policy)[1], second):
        assert "The page around it is not checked" in told
        assert text.split("\n\n")[0].split("\n")[-1] in told, "what was signed is said, so that a forged page is seen"
    paper.write_bytes(on_paper(text.replace("as-of: 2025-06-20", "as-of: 2025-06-21").encode(), date(2025, 6, 20)))
    assert checked() == (1, 1)
    paper.write_bytes(b"%PDF-1.7 nothing")
    assert checked()[0] == 2
    assert checked()[1] != 0


def test_a_changed_packet_is_refused(call, packet):
    whole = json.loads(packet.read_text(encoding="utf-8"))
    for name in whole["files"]:
        changed = {**whole, "files": {**whole["files"], name: whole["files"][name].replace("A", "B", 1).replace("0", "1", 1)}}
        if changed == whole:
            continue
        packet.write_text(json.dumps(changed), encoding="utf-8")
        assert call("verify", packet)[0] in (1, 2), name
    gone = {name: text for name, text in whole["files"].items() if name != "acts/checkpoint"}
    packet.write_text(json.dumps({**whole, "files": gone}), encoding="utf-8")
    assert call("verify", packet)[0] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"format": "callup/packet/2", "files": {}}',
        b'{"format": "callup/packet/1", "files": {"a": "base64:!"}}',
        b"\xff",
    ],
)
def test_what_is_no_packet_is_refused(content):
    with pytest.raises(Tampered, match="packet-malformed"):
        Packet.read(content)


def test_a_packet_is_read_as_it_was_written(packet):
    content = packet.read_bytes()
    assert Packet.read(content).text() == content


@pytest.mark.node
def test_the_page_reads_the_same_packet(dossier, packet):
    """What callup hands out, the page of the same call-up checks from the packet alone."""
    page = json.loads(re.findall(r'id="about">(.*?)</script>', (dossier / "open" / "log" / "v").read_text(encoding="utf-8"), re.S)[0])
    proof = base64.b64encode(packet.read_bytes()).decode()
    (found,) = ask_node("checks", cases=[{"files": {}, "page": page, "fragment": "", "salt": "", "proof": proof}])
    assert found["code"] == "", found
    assert [step for step, _ in found["steps"]][-2:] == ["act", "promises"]
