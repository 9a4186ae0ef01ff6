"""The page under Node: it agrees with Python on the vectors, finds an honest letter genuine, refuses every cheat and every flip."""

import functools
import json
from hashlib import sha256

import pytest
from app import decision_letters
from app.letter_cheats import CHEATS, vectors
from app.node import NODE, as_case, ask_node, check_under_node
from app.published_letter import WITNESSES, Publisher, digest
from house.tree import ROOT
from sampling import EVERY

from callup.draw import ranks, tickets

pytestmark = pytest.mark.node
VECTORS = {
    name: json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text("utf-8"))
    for name in ("draw", "tlog", "tlog_witnessing", "quicknet")
}


@functools.cache
def agreed():
    return ask_node("vectors", draw=VECTORS["draw"], tlog=VECTORS["tlog"], quicknet=VECTORS["quicknet"], page=Publisher().run().page)


@functools.cache
def refused():
    return dict(zip(CHEATS, check_under_node(*[make() for make, _ in CHEATS.values()]), strict=True))


def test_node_is_here():
    assert NODE


def test_tickets_and_documents():
    said = agreed()
    assert said["tickets"] == [ticket for _, _, ticket in VECTORS["draw"]["tickets"]["cases"]]
    assert (said["planHash"], said["seed"]) == (VECTORS["draw"]["plan_hash"], VECTORS["draw"]["seed"])
    assert said["plan"] == ""


def test_every_bad_plan_is_refused():
    assert set(agreed()["badPlans"]) == {"plan-malformed"}
    assert len(agreed()["badPlans"]) == len(VECTORS["draw"]["bad_plans"])


def test_trees_and_names():
    said = agreed()
    assert said["roots"] == VECTORS["tlog"]["trees"]["roots"]
    assert said["names"] == [name for *_, name in VECTORS["tlog"]["names"]]


def test_signatures_by_the_browser_and_by_the_vendored_curves():
    assert agreed()["signatures"] == agreed()["fallback"] == [True] * len(VECTORS["tlog"]["ed25519"]["cases"])


def test_the_beacon():
    assert agreed()["rounds"] == [one["accept"] for one in VECTORS["quicknet"]["rounds"]]


def test_proof_files_and_policies():
    """Since when a quorum had seen the checkpoint, none where no quorum had, or refused: as callup says (tests/tlog)."""
    cases = VECTORS["tlog_witnessing"]["proofs"]
    assert len(cases) > 30
    assert ask_node("proofs", cases=cases) == [one["since"] for one in cases]


def test_sha256_at_every_length_of_a_block():
    lengths = list(range(200))
    assert ask_node("hashes", lengths=lengths) == [sha256(b"\xa7" * length).hexdigest() for length in lengths]


def test_ranks_are_those_of_python():
    cases = [(digest("seed", at), stratum, 997, at * 31 % 997) for at in range(20) for stratum in ("kaunas", "s" * 60, "Ω+volunteers")]
    found = ask_node("ranks", cases=cases)
    assert found == [int(ranks(tickets(seed, stratum, size))[position]) for seed, stratum, size, position in cases]


def test_an_honest_letter_is_genuine_and_every_step_is_said():
    (found,) = check_under_node(Publisher().run())
    steps = dict(found["steps"])
    assert found["code"] == ""
    assert list(steps) == ["text", "checkpoint", "today", "entry", "public", "plan", "seed", "roll", "rank", "act", "promises"]
    assert steps["entry"]["names"] == [one.name for one in WITNESSES]
    assert steps["plan"]["due"] - steps["plan"]["time"] == 30 * 3600
    assert (found["release"], steps["act"]["last"]) == ("0.1.0", 3)


def test_two_of_three_witnesses_are_enough_where_the_policy_says_so():
    class TwoOfThree(Publisher):
        quorum = "2"
        cosigners = WITNESSES[1:]

    (found,) = check_under_node(TwoOfThree().run())
    assert found["code"] == ""


@pytest.mark.parametrize("size", [255, 256, 257, 700])
def test_logs_and_rolls_of_any_size(size):
    class Large(Publisher):
        strata = (("kaunas", size), ("vilnius", 3))
        called = min(size, 300)

    (found,) = check_under_node(Large(rank=min(size, 300)).run())
    assert found["code"] == ""
    assert len(found["read"]) <= 20


def test_a_changed_callup_is_named():
    published = Publisher().run(releases={"c" * 64: "0.1.0"})
    (found,) = check_under_node(published)
    assert (found["code"], found["release"]) == ("", "")


def test_the_letters_for_verifiers_in_any_language_are_these():
    """To renew: see the top of letter_cheats.py. Read the difference first."""
    written = json.loads((ROOT / "tests" / "vectors" / "letters.json").read_text("utf-8"))
    assert written == vectors()
    assert [one["name"] for one in written["letters"] if not one["refused"]] == [
        "honest",
        "of the picked panel",
        "a form that asks for an answer",
        *decision_letters.HONEST,
    ]


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_refused_with_its_own_word(cheat):
    assert refused()[cheat]["code"] == CHEATS[cheat][1]


def test_every_byte_of_every_file_counts():
    """Design D29: each byte of a log of some 5 kB is flipped, one after the other."""
    found = ask_node("flips", every=EVERY, **as_case(Publisher().run()))
    assert found["code"] == ""
    assert found["survived"] == []
    assert 4000 < found["count"] * EVERY < 6000
