"""Slips, proof files, orders by list, volunteers and supplementary rolls, under Node."""

import base64
from dataclasses import replace

import pytest
from app.letter_cheats import CHEATS
from app.node import as_case, ask_node, check_under_node
from app.other_letters import ByList, Supplemented, packet_of, proof_of, slip
from app.published_letter import DUE, QUICKNET, ROUND, Published, Publisher, code
from app.test_supplements import FORGOTTEN, register_of, take
from replay.freedonia_line import a_person, freedonia, the_people
from sampling import EVERY, some

from callup.app.logs import CallUpLogs
from callup.app.pipeline import run_line
from callup.app.stages.noticing import notices_of
from callup.app.web.public.page import CheckPage

pytestmark = pytest.mark.node


def checked(published):
    (found,) = check_under_node(published)
    return found


@pytest.mark.parametrize("rank", [1, 3, 4, 5])
def test_a_slip_says_the_number_and_how_far_the_call_has_gone(rank):
    found = checked(slip(rank))
    assert (found["code"], found["rank"], found["last"]) == ("", rank, 3)
    assert [step for step, _ in found["steps"]] == ["public", "plan", "seed", "roll", "rank", "calls"]


def test_a_slip_without_its_salt_proves_nothing():
    honest = slip(4)
    assert honest.salt not in honest.fragment
    assert checked(replace(honest, salt="0" * 32))["code"] == "line-not-in-roll"
    assert checked(replace(honest, salt=""))["code"] == "salt-malformed"


def test_another_persons_slip_is_refused():
    honest = slip(4)
    _, position, record = honest.fragment.split(".")
    assert checked(replace(honest, fragment=f"2.{(int(position) + 1) % 5}.{record}"))["code"] == "line-not-in-roll"


def test_every_byte_that_a_slip_reads_counts():
    found = ask_node("flips", every=EVERY, **as_case(slip(4)))
    assert (found["code"], found["survived"]) == ("", [])
    assert found["count"] * EVERY > 2000


@pytest.mark.parametrize("carries", [True, False])
def test_a_proof_file_is_enough_without_a_network(carries):
    found = checked(proof_of(Publisher().run(), carries=carries))
    steps = dict(found["steps"])
    assert (found["code"], found["read"]) == ("", [])
    assert list(steps) == ["text", "checkpoint", "entry"]
    assert steps["entry"]["time"] == DUE + 9 * 3600


def test_a_proof_of_another_letter_is_refused():
    other = proof_of(Publisher(rank=2).run())
    mine = replace(other, fragment=Publisher(rank=1).run().fragment)
    assert checked(mine)["code"] == "letter-not-in-log"


def test_every_byte_of_a_proof_file_counts():
    whole = proof_of(Publisher().run())
    flipped = [
        replace(whole, proof=whole.proof[:at] + bytes([whole.proof[at] ^ 1]) + whole.proof[at + 1 :]) for at in some(len(whole.proof))
    ]
    assert [at for at, found in enumerate(check_under_node(*flipped)) if not found["code"]] == []


def test_a_proof_without_a_letter_says_so():
    whole = proof_of(Publisher().run(), carries=False)
    assert checked(replace(whole, fragment=""))["code"] == "proof-malformed"


def test_a_packet_holds_everything():
    letter, of_slip = packet_of(Publisher().run()), packet_of(slip(4))
    found, beside = check_under_node(letter, of_slip)
    assert (found["code"], found["read"]) == ("", [])
    assert [step for step, _ in found["steps"]][-1] == "promises"
    assert (beside["code"], beside["rank"], beside["last"]) == ("", 4, 3)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"format": "callup/packet/2"}, "packet-malformed"),
        ({"password": "x"}, "packet-malformed"),
        ({"rule": 3}, "packet-malformed"),
        ({"call-up": "LV-1"}, "letter-of-another"),
        ({"files": {}}, "file-missing"),
        ({"files": {"policy": "quorum none\n"}}, "policy-differs"),
        ({"files": {"acts/checkpoint": "base64:*"}}, "packet-malformed"),
    ],
)
def test_a_packet_that_is_not_whole(changed, code):
    assert checked(packet_of(Publisher().run(), more=changed))["code"] == code


def test_a_certificate_by_another_key():
    assert checked(packet_of(Publisher().run(), signed_by="thief"))["code"] == "log-signature-missing"


@pytest.mark.parametrize("cheat", ["altered letter", "split view of the acts", "second plan", "late plan", "swapped roll"])
def test_a_packet_of_a_cheat(cheat):
    make, code = CHEATS[cheat]
    assert checked(packet_of(make()))["code"] == code


def test_an_order_by_list_needs_no_seed():
    found = checked(ByList(rank=2).run())
    steps = dict(found["steps"])
    assert found["code"] == ""
    assert steps["seed"] == {"seed": "0" * 64, "order": "list"}
    assert steps["rank"]["rank"] == 2


def test_a_stratum_of_volunteers():
    class Volunteers(Publisher):
        strata = (("kaunas", 5), ("kaunas+volunteers", 2))

    assert checked(Volunteers().run())["code"] == ""


def test_a_letter_of_a_supplementary_roll_and_the_main_letters_beside_it():
    class MainLetter(Supplemented):
        def fragment(self, size, letters):
            return Publisher.fragment(self, size, letters)

    found, beside = check_under_node(Supplemented().run(), MainLetter().run())
    assert (found["code"], beside["code"]) == ("", "")
    assert dict(found["steps"])["roll"]["stratum"] == "kaunas+s1"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("lead-hours: 24", "lead-hours: 23", "supplement-unlike"),
        ("promises: b", "promises: c", "supplement-unlike"),
        (f" {ROUND['round']}\n", f" {QUICKNET['rounds'][0]['round']}\n", "supplement-unlike"),
        ("call-up: LT-2027-1s1", "call-up: LT-2027-1s2", "plan-of-another"),
        ("call-up: LT-2027-1s1", "call-up: LT-2027-1", "plan-twice"),
    ],
)
def test_a_supplementary_plan_that_does_not_follow_the_main_one(old, new, code):
    class Unlike(Supplemented):
        changed = (old, new)

    assert checked(Unlike().run())["code"] == code


def test_a_letter_of_a_real_supplementary_roll(tmp_path):
    """A whole call-up of Freedonia that took in people left out, up to the letters of its second wave."""
    with freedonia(tmp_path) as course:
        run_line(course, "dispatch-1")
        take(course, tmp_path, FORGOTTEN)
        course.register = register_of(course, tmp_path / "whole.parquet", the_people() + [a_person(number) for number in FORGOTTEN])
        run_line(course, "enter-2")
        logs = CallUpLogs(course)
        first, size = logs.first_act("enter-2"), logs.size_after("enter-2")
        rows = [(first + at, row) for at, row in enumerate(notices_of(course, 2).to_pylist())]
        folder = course.dossier.open / "log"
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    page = CheckPage("freedonia-2025", "rehearsal.callup.example/freedonia-2025", files["policy"].decode(), True, ("en",), {})
    letters = [Published(files, code(size, at, row["salt"], row["document"]), page) for at, row in rows]
    added = [row["stratum"] for _, row in rows if row["stratum"].endswith("+s1")]
    assert added
    assert {(one["code"], dict(one["steps"])["roll"]["stratum"]) for one in check_under_node(*letters)} == {
        ("", row["stratum"]) for _, row in rows
    }


def test_the_letter_of_a_decision_not_to_call():
    class NotCalledByDecision(Publisher):
        def letter(self, stratum, position, rank):
            return super().letter(stratum, position, rank).replace(f"report: 2027-03-0{rank} 09:00 {stratum}-1", "report: none 2027-03-09")

        def enter(self, name, entries, time):
            super().enter(name, [one.replace(b" call ", b" decision ") for one in entries] if name == "acts" else entries, time)

    assert checked(NotCalledByDecision().run())["code"] == ""


def test_base64_of_a_code_has_one_form():
    """A letter's code with slack bits in its last character is not the code that was printed."""
    honest = Publisher().run()
    head, _, encoded = honest.fragment.rpartition(".")
    raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    assert len(raw) % 3, "the letter has a length that leaves slack bits"
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    slack = alphabet[alphabet.index(encoded[-1]) ^ 1]
    assert checked(replace(honest, fragment=f"{head}.{encoded[:-1]}{slack}"))["code"] == "code-malformed"
