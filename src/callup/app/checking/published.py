"""The public log of a mirror read whole: one plan for each id, one seed for each plan, rebuilt byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callup.app.beacon import CHAIN, round_at, verify_round
from callup.draw import read_plan, rehearsal_beacon, seed_document, seed_of
from callup.terms.errors import BadInput, Tampered
from callup.tlog import Head, Tree
from callup.tlog.witnessing import Cosigned, Policy

KINDS = ("decree", "policy", "law", "counts", "plan", "seed", "call", "batch", "statistics", "erratum", "halt", "stay", "void")
_ENTRY = re.compile(rb"callup/1 ([a-z-]+) ([0-9a-f]{64})\n")
_AGAIN = "fetch the files again, from another mirror; if it stays, show this to the court or the ombudsman"


def refused(word: str, **words: object) -> Tampered:
    """What does not hold, in one word that all who check share (tests/vectors/letters.json)."""
    return Tampered(word, words, _AGAIN)


class Files:
    """A mirror's files below ``log/``, read one by one; what was read is kept, which is what a packet carries.

    Args:
        give: gives the bytes of a file; ``KeyError`` if there is none.
    """

    def __init__(self, give: Callable[[str], bytes]) -> None:
        self._give = give
        self.read_so_far: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            Tampered: ``file-missing``.
        """
        found = self.perhaps(name)
        if found is None:
            raise refused("file-missing", file=name)
        return found

    def perhaps(self, name: str) -> bytes | None:
        """The bytes of a file that may be missing."""
        if name not in self.read_so_far:
            try:
                self.read_so_far[name] = self._give(name)
            except KeyError:
                return None
        return self.read_so_far[name]


@dataclass(frozen=True, slots=True)
class Pinned:
    """What the one who checks brings along, from the gazette or from a mirror that they trust.

    Args:
        call_up: its id.
        origin: what both logs' names begin with.
        policy: the keys of logs and witnesses, and the quorum.
        rehearsal: whether a rehearsal's beacon is taken.
        releases: version by digest of its promises.
    """

    call_up: str
    origin: str
    policy: Policy
    rehearsal: bool
    releases: Mapping[str, str]


@dataclass(slots=True)
class Published:
    """One plan with its seed, where it stands, and what else the public log holds."""

    plan: Any  # what read_plan gives
    digest: str
    index: int
    seed: str = ""
    seed_index: int = -1
    seed_text: str = ""
    documents: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


def open_checkpoint(content: bytes, pinned: Pinned, which: str) -> Cosigned:
    """A checkpoint of one of the two logs, with its quorum.

    Raises:
        Tampered: a signature is wrong or missing, or a quorum lacks.
    """
    try:
        found = pinned.policy.open(content)
    except Tampered as failure:
        witnesses = {vkey.partition("+")[0] for vkey in pinned.policy.witnesses.values()}
        if failure.code == "signature-wrong":
            wrong = "witness-signature-wrong" if failure.params.get("key") in witnesses else "log-signature-wrong"
            raise refused(wrong, key=failure.params.get("key")) from failure
        raise refused("log-signature-missing" if failure.code != "note-malformed" else failure.code, log=which) from failure
    if found.checkpoint.origin != f"{pinned.origin}/{which}":
        raise refused("checkpoint-of-another", found=found.checkpoint.origin)
    if found.since is None:
        raise refused("quorum-missing", log=which, size=found.checkpoint.head.size, seen=", ".join(sorted(found.seen)))
    return found


def read_published(files: Files, pinned: Pinned) -> tuple[dict[str, list[tuple[int, str]]], Tree]:
    """Every entry of the public log by kind (index and digest), and its tree.

    Raises:
        Tampered: entries that do not hash to the signed root, an unknown kind, or another policy than the pinned one.
    """
    head = open_checkpoint(files.read("public/checkpoint"), pinned, "public").checkpoint.head
    tree = Tree(files, "public", head.size)
    if tree.check() != head.root:
        raise refused("root-wrong", file="public", size=head.size)
    found: dict[str, list[tuple[int, str]]] = {}
    for index, line in enumerate(tree.entries()):
        shape = _ENTRY.fullmatch(line)
        if shape is None:
            raise refused("entries-malformed", index=index)
        kind, digest = shape[1].decode(), shape[2].decode()
        if kind not in KINDS:
            raise refused("kind-unknown", kind=kind)
        if kind == "policy" and digest != hashlib.sha256(pinned.policy.text.encode("utf-8", "surrogateescape")).hexdigest():
            raise refused("policy-differs", index=index)
        found.setdefault(kind, []).append((index, digest))
    return found, tree


def document_of(files: Files, digest: str) -> str:
    """A public document.

    Raises:
        Tampered: it is missing or another.
    """
    content = files.read(f"public/doc/{digest}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise refused("document-wrong", file=digest)
    return content.decode("utf-8", "replace")


def plan_of(files: Files, pinned: Pinned, found: dict[str, list[tuple[int, str]]], stratum: str) -> Published:
    """The plan that holds a stratum, with its seed: one plan for each id in order, one seed for each plan, none of them void.

    Raises:
        Tampered: see docs/formats.md, supplementary rolls and void.
    """
    plans = [_published(files, index, digest) for index, digest in found.get("plan", ())]
    if not plans:
        raise refused("plan-missing")
    for number, one in enumerate(plans):
        if one.plan.call_up in {other.plan.call_up for other in plans[:number]}:
            raise refused("plan-twice", id=one.plan.call_up)
        if one.plan.call_up != pinned.call_up + (f"s{number}" if number else ""):
            raise refused("plan-of-another", found=one.plan.call_up)
    mine = next((one for one in plans if stratum in one.plan.rolls), None)
    if mine is None:
        raise refused("stratum-missing", stratum=stratum)
    voids = "".join(document_of(files, digest) for _, digest in found.get("void", ()))
    dead = next((one for one in (plans[0], mine) if f"\nplan: {one.digest}\n" in voids), None)
    if dead is not None:
        raise refused("plan-void", id=dead.plan.call_up)
    _give_seeds(files, found, {one.digest: one for one in plans})
    if mine is not plans[0] and not _fits(plans[0], mine):
        raise refused("supplement-unlike", id=mine.plan.call_up)
    mine.documents = found
    return mine


def _published(files: Files, index: int, digest: str) -> Published:
    return Published(read_plan(document_of(files, digest)), digest, index)


def _give_seeds(files: Files, found: dict[str, list[tuple[int, str]]], plans: dict[str, Published]) -> None:
    for index, digest in found.get("seed", ()):
        text = document_of(files, digest)
        of = re.match("callup/seed/1\nplan: ([0-9a-fA-F]{64})\n", text)
        plan = plans.get(of[1].lower()) if of else None
        if plan is None or plan.index > index:
            raise refused("seed-without-plan", index=index)
        if plan.seed:
            raise refused("seed-twice", id=plan.plan.call_up)
        plan.seed, plan.seed_index, plan.seed_text = digest, index, text


def _fits(main: Published, mine: Published) -> bool:
    """A supplementary plan is like the first in all that it does not bring, and stands after its seed."""
    one, two = main.plan, mine.plan
    like = (one.law, one.promises, one.merge, one.lead_hours, one.order, one.asks) == (
        two.law,
        two.promises,
        two.merge,
        two.lead_hours,
        two.order,
        two.asks,
    )
    suffix = two.call_up.removeprefix(one.call_up)
    named = all(stratum.endswith(f"+{suffix}") for stratum in two.rolls)
    later = 0 <= main.seed_index < mine.index and int(two.beacon.split()[-1]) > int(one.beacon.split()[-1])
    return like and named and later and two.order not in ("list", "panels") and not two.quotas


def plan_seen(files: Files, pinned: Pinned, mine: Published, tree: Tree) -> int:
    """From when a quorum had seen the plan, and that this was long enough before the round.

    Raises:
        Tampered: no checkpoint between plan and seed was kept, it is of another log, or it came too late.
    """
    last = mine.seed_index if mine.seed_index >= 0 else tree.size
    for size in range(mine.index + 1, last + 1):
        content = files.perhaps(f"public/checkpoints/{size}")
        if content is None:
            continue
        seen = open_checkpoint(content, pinned, "public")
        if seen.checkpoint.head != Head(size, tree.root(size)):
            raise refused("split-view", file=f"public/checkpoints/{size}")
        _require_lead(mine, seen.since or 0)
        return seen.since or 0
    raise refused("plan-not-cosigned", id=mine.plan.call_up)


def _require_lead(mine: Published, since: int) -> None:
    kind, *words = mine.plan.beacon.split()
    if kind == "drand" and since:
        latest = int(round_at(int(words[1])).timestamp()) - mine.plan.lead_hours * 3600
        if since > latest:
            raise refused("plan-late", seen=since, latest=latest)


def check_seed(pinned: Pinned, mine: Published) -> str:
    """The seed, rebuilt from the plan, the opened secrets and the beacon; never just read.

    Raises:
        Tampered: whatever does not fit.
    """
    if mine.plan.order == "list":
        return "0" * 64
    if not mine.seed:
        raise refused("seed-missing", id=mine.plan.call_up)
    secrets = {holder: secret.lower() for holder, secret in re.findall(r"(?mi)^secret: (\S+) ([0-9a-f]{64})$", mine.seed_text)}
    value = (re.findall("(?mi)^beacon: ((?:[0-9a-f]{2})+)$", mine.seed_text) or [""])[0].lower()
    try:
        built = seed_document(mine.plan.text(), {holder: secrets.get(holder, "") for holder in mine.plan.secrets}, value)
    except (BadInput, Tampered) as failure:
        word = "beacon-wrong" if failure.code == "beacon-malformed" else "secret-wrong"
        raise refused(word, **failure.params) from failure
    _check_beacon(pinned, mine.plan.beacon, value)
    if built != mine.seed_text:
        raise refused("seed-not-exact")
    return seed_of(built)


def _check_beacon(pinned: Pinned, planned: str, value: str) -> None:
    kind, name, number = planned.split()
    if kind == "rehearsal":
        if not pinned.rehearsal:
            raise refused("beacon-of-a-rehearsal")
        if value != rehearsal_beacon(name, int(number)):
            raise refused("beacon-wrong", round=number)
        return
    if name != CHAIN:
        raise refused("beacon-of-another-chain", found=name)
    if not verify_round(int(number), value):
        raise refused("beacon-wrong", round=number)
