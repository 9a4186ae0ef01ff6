"""The check of one letter or one roll slip against a mirror's files (docs/formats.md)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from callup.app.checking.decisions import entry_of_decision, is_decision, read_decision, told_decision
from callup.app.checking.published import (
    Files,
    Pinned,
    Published,
    check_seed,
    document_of,
    open_checkpoint,
    plan_of,
    plan_seen,
    read_published,
    refused,
)
from callup.draw import commitment, entry, ranks, tickets
from callup.draw.panels import panel_of, picked
from callup.terms.errors import Tampered
from callup.tlog import Head, Tree, merkle_root, verify_inclusion
from callup.tlog.witnessing import Cosigned, Proof

_TEXT = (
    r"callup/%s/1\ncall-up: (?P<call_up>\S+)\nroll: (?P<stratum>\S+) (?P<position>0|[1-9][0-9]*) (?P<salt>[0-9a-f]{32})\n"
    r"rank: (?P<rank>[1-9][0-9]*)\nperson: (?P<person>\S+)\nborn: (?P<born>[0-9-]*)\n%s\n"
    r"law: \S+ (?P<law>[0-9a-f]{32})\nobject-by: [^\n]+\npromises: (?P<promises>[0-9a-f]{32})\n"
)
_TIME = r"[1-9][0-9]* (?:working )?days from service|none [0-9]{4}-[0-9]{2}-[0-9]{2}"
_NOTICES = {
    "appearance": re.compile(_TEXT % ("notice", r"report: (?P<report>[^\n]+)")),
    "answer": re.compile(_TEXT % ("form", f"answer: (?P<report>{_TIME})")),
}
"""By what a notice asks for, the form of its text; with a day in it a form is none."""
_SAYS = {"appearance": "appear", "answer": "answer"}
_LETTER = re.compile(r"#?1\.([1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,14})\.([0-9a-f]{32})\.([\w-]+)", re.ASCII)
_SLIP = re.compile(r"#?2\.(0|[1-9][0-9]{0,14})\.([\w-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter's code holds: the size of a checkpoint that covers its entry, the entry's index, its salt, its text."""

    size: int
    index: int
    salt: str
    text: str

    def code(self) -> str:
        """The code, as it stands after ``#`` in the letter's QR."""
        return f"1.{self.size}.{self.index}.{self.salt}.{_packed(self.text)}"


@dataclass(frozen=True, slots=True)
class Slip:
    """What a roll slip's code holds: a place in a roll. The salt is held apart and typed (safeguard G6)."""

    position: int
    person: str
    born: str
    stratum: str

    def code(self) -> str:
        """The code, as it stands after ``#`` in the slip's QR."""
        return f"2.{self.position}.{_packed(self.record())}"

    def record(self) -> str:
        """The line of the roll that the salt seals."""
        return f"{self.person}\n{self.born}\n{self.stratum}\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked and holds: its name, and what was found."""

    name: str
    said: str


def read_code(code: str) -> Letter | Slip:
    """Read what stands after ``#`` in a letter's or a slip's code.

    Raises:
        Tampered: ``code-malformed``.
    """
    code = code.rpartition("#")[2].strip()
    if found := _LETTER.fullmatch(code):
        letter = Letter(int(found[1]), int(found[2]), found[3], _unpacked(found[4]))
        if letter.index < letter.size:
            return letter
    elif found := _SLIP.fullmatch(code):
        record = re.fullmatch(r"(\S+)\n([0-9-]*)\n(\S+)\n", _unpacked(found[2]))
        if record:
            return Slip(int(found[1]), record[1], record[2], record[3])
    raise refused("code-malformed")


def check_letter(files: Files, pinned: Pinned, letter: Letter) -> Iterator[Step]:
    """Check a letter, step by step: of a notice, entry, draw and rank; of a decision, the entry.

    Raises:
        Tampered: the first thing that does not hold, in the word that all who check share.
    """
    wanted, words = _opened(letter.salt, letter.text)
    yield Step("text", words)
    if is_decision(letter.text):  # it has no rank: that it was entered as it stands is all that there is to check
        yield from _entered(files, pinned, letter, wanted)
        return
    said = read_notice(letter.text)
    if said["call_up"] != pinned.call_up:
        raise refused("letter-of-another", found=said["call_up"], expected=pinned.call_up)
    seen = yield from _entered(files, pinned, letter, wanted)
    found, tree = read_published(files, pinned)
    mine = plan_of(files, pinned, found, said["stratum"])
    if mine.plan.asks != said["asks"]:
        raise refused("asks-differ", found=said["asks"], expected=mine.plan.asks)
    yield from _drawn(files, pinned, mine, tree)
    yield from _in_roll(files, pinned, mine, Slip(int(said["position"]), said["person"], said["born"], said["stratum"]), said["salt"])
    _require_panel(pinned, mine, said["stratum"])
    rank, said_rank = _rank(pinned, mine, said["stratum"], int(said["position"])), int(said["rank"])
    if rank != said_rank:
        raise refused("rank-wrong", rank=rank, said=said_rank)
    yield Step("rank", f"{rank} of {mine.plan.rolls[said['stratum']][0]}")
    index = _act_of(files, mine, said["stratum"], rank)
    if index != letter.index:
        raise refused("act-of-another-rank", rank=rank, act=index)
    yield Step("act", f"the act of rank {rank} is this letter, seen since {seen.since}")
    if not mine.plan.promises.startswith(said["promises"]):
        raise refused("promises-differ")
    if not mine.plan.law.startswith(said["law"]):
        raise refused("law-differs")
    yield _vouched(pinned, mine)


def check_slip(files: Files, pinned: Pinned, slip: Slip, salt: str) -> Iterator[Step]:
    """Check a roll slip with the salt that its holder types: was this person in the roll, with which number, how far has it gone?

    Raises:
        Tampered: the first thing that does not hold.
    """
    found, tree = read_published(files, pinned)
    mine = plan_of(files, pinned, found, slip.stratum)
    yield from _drawn(files, pinned, mine, tree)
    if not re.fullmatch("[0-9a-f]{32}", salt):
        raise refused("salt-malformed")
    yield from _in_roll(files, pinned, mine, slip, salt)
    rank = _rank(pinned, mine, slip.stratum, slip.position)
    last = max((called[1] for called in _calls(files, mine, slip.stratum)), default=0)
    yield Step("rank", f"number {rank} of {mine.plan.rolls[slip.stratum][0]}; the last number called so far is {last}")
    yield _vouched(pinned, mine)


def check_proof(content: bytes, pinned: Pinned, letter: Letter | None = None) -> Iterator[Step]:
    """Check a proof file by itself: the letter stands in its ``extra`` as salt and text, or is given.

    Raises:
        Tampered: it does not hold.
    """
    proof = Proof.read(content)
    salt, _, text = proof.extra.decode("utf-8", "replace").partition("\n")
    if letter is not None:
        salt, text = letter.salt, letter.text
    wanted, words = _opened(salt, text)
    yield Step("text", words)
    seen = open_checkpoint(proof.checkpoint, pinned, "acts")
    try:
        proof.verify(wanted, pinned.policy)
    except Tampered as failure:
        raise refused("letter-not-in-log", index=proof.index) from failure
    yield Step("entry", f"act {proof.index}, seen since {seen.since} by {', '.join(sorted(seen.seen)) or 'nobody'}")


def read_notice(text: str) -> dict[str, str]:
    """The fields of a letter's document; ``report`` is what it asks, ``asks`` whether that is an appearance or an answer.

    Raises:
        Tampered: ``letter-malformed``.
    """
    for asks, form in _NOTICES.items():
        if found := form.fullmatch(text):
            return {**found.groupdict(), "asks": asks}
    raise refused("letter-malformed")


def entry_of(said: dict[str, str], salt: str, text: str) -> bytes:
    """The entry that commits to a letter."""
    return entry("decision" if said["report"].startswith("none ") else "call", commitment("open", salt, text))


def _opened(salt: str, text: str) -> tuple[bytes, str]:
    """The entry that commits to a letter of either sort, and what the letter says."""
    if is_decision(text):
        decision = read_decision(text)
        return entry_of_decision(decision, salt, text), told_decision(decision)
    said = read_notice(text)
    return entry_of(said, salt, text), f"{_SAYS[said['asks']]}: {said['report']}"


def _entered(files: Files, pinned: Pinned, letter: Letter, wanted: bytes) -> Generator[Step, None, Cosigned]:
    """The checkpoint of the letter's size, today's, that one is the beginning of the other, and the entry in it."""
    then = open_checkpoint(files.read(f"acts/checkpoints/{letter.size}"), pinned, "acts")
    if then.checkpoint.head.size != letter.size:
        raise refused("checkpoint-of-another-size", size=letter.size)
    today = open_checkpoint(files.read("acts/checkpoint"), pinned, "acts").checkpoint.head
    if today.size < letter.size:
        raise refused("checkpoint-goes-back", size=letter.size, found=today.size)
    tree = Tree(files, "acts", today.size)
    try:
        if tree.root() != today.root:
            raise refused("root-wrong", file="acts", size=today.size)
        if tree.root(letter.size) != then.checkpoint.head.root:
            raise refused("split-view", size=letter.size)
        proof = Proof(letter.index, tuple(Tree(files, "acts", today.size).inclusion(letter.index)), files.read("acts/checkpoint"))
        proof.verify(wanted, pinned.policy)
    except Tampered as failure:
        if failure.code != "not-in-log":
            raise
        raise refused("letter-not-in-log", index=letter.index) from failure
    yield Step("entry", f"act {letter.index}, seen since {then.since} by {', '.join(sorted(then.seen)) or 'nobody'}")
    return then


def _drawn(files: Files, pinned: Pinned, mine: Published, tree: Tree) -> Iterator[Step]:
    yield Step("plan", f"one plan, {mine.digest}, seen since {plan_seen(files, pinned, mine, tree)}")
    yield Step("seed", check_seed(pinned, mine))


def _in_roll(files: Files, pinned: Pinned, mine: Published, slip: Slip, salt: str) -> Iterator[Step]:
    size, root = mine.plan.rolls[slip.stratum]
    tree = Tree(files, f"roll/{slip.stratum}", size)
    line = bytes.fromhex(commitment("roll", salt, slip.record()))
    if tree.root().hex() != root:
        raise refused("roll-swapped", stratum=slip.stratum)
    if slip.position >= size or not _holds(tree, slip.position, line, bytes.fromhex(root)):
        raise refused("line-not-in-roll", stratum=slip.stratum, position=slip.position)
    yield Step("roll", f"position {slip.position} of {size} in {slip.stratum}")


def _holds(tree: Tree, index: int, line: bytes, root: bytes) -> bool:
    return verify_inclusion(merkle_root([line]), index, Head(tree.size, root), tree.inclusion(index))


def _require_panel(pinned: Pinned, mine: Published, stratum: str) -> None:
    """In an order by panels only the panel that the seed picked is called."""
    if mine.plan.order == "panels" and panel_of(stratum) != (panel := picked(check_seed(pinned, mine), mine.plan.rolls)):
        raise refused("panel-not-picked", said=panel_of(stratum), picked=panel)


def _rank(pinned: Pinned, mine: Published, stratum: str, position: int) -> int:
    if mine.plan.order == "list":
        return position + 1
    size = mine.plan.rolls[stratum][0]
    return int(ranks(tickets(check_seed(pinned, mine), stratum, size))[position])


def _calls(files: Files, mine: Published, stratum: str) -> Iterator[tuple[int, int, int]]:
    """First rank, last rank and act of each call of a stratum; the ranks go on without a gap."""
    seed, last = mine.seed or "0" * 64, 0
    for index, digest in mine.documents.get("call", ()):
        head, said, *lines = document_of(files, digest).split("\n")
        if head != "callup/call/1" or not lines or lines.pop():
            raise refused("call-malformed", index=index)
        for line in lines:
            shape = re.fullmatch(r"calls: (\S+) ([1-9]\d*) ([1-9]\d*) acts (0|[1-9]\d*)", line, re.ASCII)
            if shape is None:
                raise refused("call-malformed", index=index)
            if said != f"seed: {seed}" or shape[1] != stratum:
                continue
            first, upto, act = (int(word) for word in shape.groups()[1:])
            if first != last + 1 or upto < first or index < max(mine.seed_index, mine.index):
                raise refused("call-gap", first=first)
            last = upto
            yield first, upto, act


def _act_of(files: Files, mine: Published, stratum: str, rank: int) -> int:
    last = 0
    for first, last, act in _calls(files, mine, stratum):
        if first <= rank <= last:
            return act + rank - first
    raise refused("rank-not-called", rank=rank, last=last)


def _vouched(pinned: Pinned, mine: Published) -> Step:
    release = pinned.releases.get(mine.plan.promises, "")
    words = "drawn correctly, but by a changed callup: these promises are not vouched for"
    return Step("promises", f"those of callup {release}" if release else words)


def _packed(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(encoded: str) -> str:
    try:
        raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        text = raw.decode("utf-8")
    except ValueError:
        raise refused("code-malformed") from None
    if _packed(text) != encoded:
        raise refused("code-malformed")
    return text
