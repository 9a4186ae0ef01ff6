"""The two logs of a call-up: ``public`` (documents) and ``acts`` (sealed acts), and the roll trees (design D12).

Every append is written down in ``dossier.log`` as an intent first: (what, log, index). After a crash the same append is
recognised by it: what lies there already is compared, the rest is added, nothing is entered twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from callup.app import durable, sealed
from callup.app.course import Course
from callup.app.engines.engine import Engine
from callup.app.erased import erased_file
from callup.app.stores.tiles import PosixTileStore
from callup.app.web.public.publishing import publish_page
from callup.app.witnesses import policy_text, stand_in_witnesses
from callup.cases.rows import fact_texts
from callup.draw import commitment, entry
from callup.terms.errors import OutOfOrder, Tampered, Unavailable
from callup.terms.facts import VOCABULARY
from callup.terms.schema import Column, Schema
from callup.tlog import Log, Signer
from callup.tlog import Tree as TileTree
from callup.tlog.witnessing import read_policy

ACTS = Schema(
    "acts",
    (
        Column("index", "int", "index in the acts log"),
        Column("fact_id", "text", "the fact"),
        Column("salt", "text", "salt of the commitment"),
        Column("commitment", "text", "commitment of the fact's row text"),
    ),
    ("index",),
)
_ENTERED_APART = ("called",)
_ACTED = pa.array([kind for kind, row in VOCABULARY.items() if row.act and kind not in _ENTERED_APART])
"""Kinds of facts that become acts here."""


class CallUpLogs:
    """The logs of one course, opened from disk."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.dossier = course.dossier
        origin = course.decree.log_origin
        self.store = PosixTileStore(self.dossier.open / "log", self.dossier.sealed / "log-heads")
        self.public = Log(self.store, "public", Signer(f"{origin}/public", course.ring.signing_key("log-public")))
        self.acts = Log(self.store, "acts", Signer(f"{origin}/acts", course.ring.signing_key("log-acts")))
        vkeys = (self.public.signer.vkey, self.acts.signer.vkey)
        policy = policy_text(course.decree, vkeys, stand_in_witnesses(course.decree, course.ring)).encode()
        self.policy = read_policy(policy)
        path = self.dossier.open / "log" / "policy"
        if not path.exists():
            durable.write_bytes(path, policy)
        publish_page(course, path)

    # ---- appending

    def publish(self, what: str, documents: Sequence[tuple[str, bytes]], day: date) -> None:
        """Put documents and enter their hashes in the public log, then sign a checkpoint and have it cosigned.

        Args:
            what: names this append in ``dossier.log``.
            documents: kind and bytes of each.
            day: the legal day.
        """
        entries = []
        for kind, content in documents:
            digest = hashlib.sha256(content).hexdigest()
            self.store.put(f"public/doc/{digest}", content)
            entries.append(entry(kind, digest))
        self._append(self.public, f"publish {what}", entries, day)

    def append_acts(self, what: str, entries: Sequence[bytes], day: date) -> int:
        """Enter acts, then sign a checkpoint and have it cosigned.

        Args:
            what: names this append in ``dossier.log``.
            entries: the acts.
            day: the legal day.

        Returns:
            The index of the first.

        Raises:
            Unavailable: too few witnesses cosigned; the acts are entered, and the same call goes on from there.
        """
        return self._append(self.acts, what, entries, day)

    def _append(self, log: Log, what: str, entries: Sequence[bytes], day: date) -> int:
        intent = self.dossier.intend(what, log=log.prefix, at=log.size, count=len(entries))
        first = int(intent["at"])
        there = log.tree().entries(first)[: len(entries)] if log.size > first else []
        if there != list(entries[: len(there)]) or intent["count"] != len(entries):
            raise Tampered(
                "log-differs-from-intent", {"what": what, "log": log.prefix, "at": first}, "stop: what is entered is not what was meant"
            )
        if len(there) < len(entries):
            log.append(list(entries[len(there) :]))
            durable.after_write(f"{log.prefix} {what}")
        log.checkpoint(lambda note: self._cosigned(log, note, day))
        return first

    def _cosigned(self, log: Log, note: bytes, day: date) -> bytes:
        """The checkpoint with its cosignatures: those kept from before, or new ones; they are made once (design D4).

        Raises:
            Unavailable: too few cosigned.
        """
        try:
            kept = self.store.read(f"{log.prefix}/checkpoints/{log.size}")
            if kept.startswith(note) and self.policy.open(kept).since is not None:
                return kept
        except KeyError:
            pass
        answers = self.course.witnesses.cosign(note, log.tree(), day)
        whole = note + "".join(answers.lines).encode()
        if self.policy.open(whole).since is None:
            words = {"log": log.prefix, "size": log.size, **answers.refused}
            raise Unavailable(
                "too-few-cosigned", words, "nothing is printed before a quorum has cosigned: mend the witnesses, then run again"
            )
        return whole

    def plan_seen_since(self, what: str = "commit") -> int:
        """The moment, in seconds since 1970, from which a quorum had seen a plan; 0 where the policy asks for no witness.

        Args:
            what: the append by which the plan was published.

        Raises:
            Unavailable: no kept checkpoint that covers the plan is cosigned by a quorum.
        """
        planned = self._intent(f"publish {what}")
        covered = int(planned["at"]) + int(planned["count"])
        kept = (self.dossier.open / "log" / "public" / "checkpoints").iterdir()
        seen = [self.policy.open(path.read_bytes()).since for path in kept if path.name.isdecimal() and int(path.name) >= covered]
        moments = [since for since in seen if since is not None]
        if not moments:
            raise Unavailable("plan-not-cosigned", {"log": "public", "size": covered}, "mend the witnesses, then run again")
        return min(moments)

    def logged(self, kind: str) -> list[bytes]:
        """The public documents of a kind, in the order of the log."""
        words = (line.decode().split() for line in self.public.tree().entries())
        return [self.store.read(f"public/doc/{digest}") for _, said, digest in words if said == kind]

    def first_act(self, what: str) -> int:
        """Where an append of acts starts."""
        return int(self._intent(what)["at"])

    def size_after(self, what: str) -> int:
        """The size of the acts log right after an append: the checkpoint that covers it."""
        intent = self._intent(what)
        return int(intent["at"]) + int(intent["count"])

    def _intent(self, what: str) -> dict[str, int]:
        for line in self.dossier.lines():
            if line.get("intent") == what:
                return line
        raise OutOfOrder("not-entered", {"what": what}, "run the stages in order: callup run DOSSIER")

    def acts_root(self) -> str:
        """The root of the acts log now, hex."""
        return self.acts.tree().root().hex()

    # ---- roll trees

    def write_roll_trees(self, engine: Engine, roll: pa.Table) -> dict[str, str]:
        """Write one tree for each stratum; gives each root as hex, read back from the tiles.

        Args:
            engine: hashes the leaves.
            roll: stratum, position and commitment, in that order.
        """
        engine.write_roll_trees(self.store, roll)
        self.store.sync()
        sizes = {row["values"]: row["counts"] for row in pc.value_counts(roll.column("stratum")).to_pylist()}
        return {stratum: TileTree(self.store, f"roll/{stratum}", sizes[stratum]).root().hex() for stratum in sorted(sizes)}

    # ---- facts become acts

    def log_facts(self, course: Course) -> None:
        """Enter every fact that is an act and not entered yet: one batch a day of knowledge, sorted by commitment.

        The salts of a batch are stored before it is entered: ``sealed/60-facts/acts/FIRST-LAST.parquet``, by fact numbers.
        """
        with self.dossier.alone():
            self._log_after(course, self._logged_until(course))

    @contextmanager
    def beside(self, course: Course) -> Iterator[Callable[[], None]]:
        """Enter facts in a thread while the next are found: what is given is called after each day that was recorded whole.

        Until the end nobody else may enter acts or write to ``dossier.log``; then all that was told of is entered.
        """
        with self.dossier.alone(), ThreadPoolExecutor(1) as clerk:
            turns: list[Future[int]] = []

            def recorded() -> None:
                before = turns.pop() if turns else clerk.submit(self._logged_until, course)
                if before.done():
                    before.result()
                turns.append(clerk.submit(lambda: self._log_after(course, before.result())))

            yield recorded
            for last in turns:
                last.result()

    def _logged_until(self, course: Course) -> int:
        """The number of the last fact that is entered, or needs no act; a batch that a crash cut off is entered whole first."""
        folder = self._acts_folder()
        for path in sorted(folder.glob("*.parquet"))[-1:]:
            if erased_file(path).exists():
                continue  # entered long ago: people are erased from closed call-ups only
            first, last = (int(one) for one in path.stem.split("-"))
            acts = sealed.read_sealed(path, self.dossier.key).read_all()
            if acts.num_rows:
                self._enter(acts, path.stem, course.facts.cut_segment(first - 1, last))
        return self.last_entered()

    def last_entered(self) -> int:
        """The number of the last fact that is entered, or is none to be entered and lies before one; 0 where there is none."""
        folder = self.dossier.sealed / "60-facts" / "acts"
        return max((int(path.stem.partition("-")[2]) for path in folder.glob("*.parquet")), default=0)

    def _acts_folder(self) -> Path:
        folder = self.dossier.sealed / "60-facts" / "acts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _log_after(self, course: Course, done: int) -> int:
        """Enter what was recorded after a number; gives the number of the last fact there is."""
        folder, last = self._acts_folder(), done
        for batch in _batches(course.facts.since(done), course.supply.cuts):
            first, last = batch.column("seq")[0].as_py(), batch.column("seq")[-1].as_py()
            acts = self._sealed_acts(course, batch)
            part = folder / f"{first:012}-{last:012}.parquet.part"
            sealed.write_sealed(part, ACTS, acts.to_batches(), self.dossier.key)
            part.rename(part.with_suffix(""))
            durable.sync_folder(folder)
            durable.after_write(str(part))
            self._enter(acts, part.with_suffix("").stem, batch)
        return last

    def _sealed_acts(self, course: Course, facts: pa.Table) -> pa.Table:
        acted = facts.filter(pc.is_in(facts.column("kind"), value_set=_ACTED))
        ids = acted.column("fact_id").to_pylist()
        rows = zip(ids, course.randomness.salts("act", ids), fact_texts(acted), strict=True)
        made = sorted((commitment("open", salt, text), fact, salt) for fact, salt, text in rows)
        first = self.acts.size
        return pa.table(
            {
                "index": pa.array(range(first, first + len(made)), pa.int64()),
                "fact_id": pa.array([fact for _, fact, _ in made], pa.string()),
                "salt": pa.array([salt for _, _, salt in made], pa.string()),
                "commitment": pa.array([value for value, _, _ in made], pa.string()),
            }
        )

    def _enter(self, acts: pa.Table, name: str, facts: pa.Table) -> None:
        """Enter the acts of a batch of facts: ``name`` says from which number to which."""
        if not acts.num_rows:
            return
        kinds = dict(zip(facts.column("fact_id").to_pylist(), facts.column("kind").to_pylist(), strict=True))
        rows = zip(acts.column("fact_id").to_pylist(), acts.column("commitment").to_pylist(), strict=True)
        entries = [entry(VOCABULARY[kinds[fact]].act, value) for fact, value in rows]
        self.append_acts(f"facts {name}", entries, facts.column("known_on")[-1].as_py())


def _batches(facts: pa.Table, cuts: Sequence[int]) -> Iterator[pa.Table]:
    """Runs of facts of one day of knowledge; in a replay the cuts of the first run."""
    if not facts.num_rows:
        return
    days, numbers = facts.column("known_on").cast(pa.int32()).to_numpy(), facts.column("seq").to_numpy()
    ended = np.isin(numbers[:-1], list(cuts)) if cuts else days[1:] != days[:-1]
    for start, end in pairwise([0, *(np.flatnonzero(ended) + 1).tolist(), facts.num_rows]):
        yield facts.slice(start, end - start)
