"""What officials do in a case: open it with a reason, propose, decide what another proposed, enter what came on paper.

Nobody sees a file that they have not opened today with a reason, nobody decides alone, and what is against a person is decided one
case at a time (safeguards G4, G7, G9). What two have decided can be undone for a while; then it is recorded, and a letter may go.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from litestar.concurrency import sync_to_thread

from callup.app.acts import reading
from callup.app.exports.decision import asked_of, decision_letter, sets_day
from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.desk.handing import OMBUDSMAN, handed_in, require_same, served
from callup.app.web.desk.paper_form import checked_number
from callup.app.web.desk.queue import row_of
from callup.app.web.desk.recording import decision_text, fact_of, law_of
from callup.app.web.desk.roles import BOARDS, Officer
from callup.app.web.desk.store import DeskStore, Proposal
from callup.app.web.doors import unit_of
from callup.app.web.site import Site
from callup.app.web.words import words_of
from callup.notice.decisions import TOLD, Decided
from callup.terms.errors import BadInput, OutOfOrder

UNDO = 15 * 60
"""For so many seconds what two have decided can be taken back by the second; only then it is recorded."""
CHOICES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "decide-claim": (("decided", "granted"), ("decided", "refused")),
    "resolve-contest": (("decided", "granted"), ("decided", "refused")),
    "await-appearance": (("did_not_come", ""),),
    "ask-why": (("excused", ""), ("inquired", "innocent-cause"), ("inquired", "none-found")),
    "assess": (("assessed", "fit"), ("assessed", "unfit"), ("assessed", "deferred")),
    "enlist-or-release": (("enlisted", ""), ("released", "")),
}
"""What may be proposed when a step is due: kinds of facts and their outcomes."""
GRANTS = (("decided", "granted"), ("excused", ""))
"""What helps the person: only this may be decided for several at once, each after its file was open (safeguard G9)."""


class Refused(OutOfOrder):
    """Somebody at the desk may not do this, or may not yet."""


def _as_service(act: Any) -> Any:
    """Callup looks while an act is done: the act itself asks what the official may."""
    if inspect.iscoroutinefunction(act):

        @wraps(act)
        async def awaited(*asked: Any, **named: Any) -> Any:
            with looking_as(SERVICE):
                return await act(*asked, **named)

        return awaited

    @wraps(act)
    def done(*asked: Any, **named: Any) -> Any:
        with looking_as(SERVICE):
            return act(*asked, **named)

    return done


@dataclass(slots=True)
class Desk:
    """The desk of one portal. What an official may do is asked for here; so callup itself looks, not the official.

    Args:
        site: the portal.
        store: what the desk keeps.
    """

    site: Site
    store: DeskStore

    # ---- sight

    def sees(self, who: Officer, case: str) -> bool:
        """Whether somebody has opened this case today, with a reason; tomorrow it is closed to them again."""
        return case in self.site.facts.in_sight(f"clerk: {who.name}", self.site.today())

    @_as_service
    async def open(self, who: Officer, case: str, reason: str, nonce: str) -> Mapping[str, Any]:
        """Open a case: the reading is a fact that the person sees, recorded before anything is shown.

        Raises:
            Refused: no role for this unit, or the case is not of the sample that a console may open.
            BadInput: no such case, no reason, or the daily allowance is used up.
        """
        held = self.site.store.held_if(case)
        if held is None:
            raise BadInput("case-unknown", {"case": case}, "give the number as the queue or the letter has it")
        if not (who.may("open", unit_of(held)) or (who.may("sample") and case in self.opened_to_ombudsman())):
            raise Refused("not-your-desk", {"unit": unit_of(held)}, "ask the desk of that unit")
        day = self.site.today()
        fact = {name: _text(value) for name, value in reading(self.site.facts, case, who.name, reason, day).items()}
        await self.site.send(case, fact, f"read\n{case}\n{who.name}\n{reason}\n{day}\n", nonce)
        if who.may("open", unit_of(held)):
            self.store.take(case, who.name, self.site.now())
        return held

    @_as_service
    async def letter(self, who: Officer, case: str, nonce: str) -> bytes:
        """The letter that goes to the person, as PDF; that this official looked at it is a fact that the person sees, recorded first.

        Raises:
            Refused: no role for this unit any more, or the case was not opened today.
        """
        held = self.site.store.held_if(case)
        if held is None or not self.sees(who, case):
            raise Refused("not-opened", {"case": case}, "open the case first, with a reason")
        if not (who.may("open", unit_of(held)) or who.may("sample")):
            raise Refused("not-your-desk", {"unit": unit_of(held)}, "the role that opened it does not hold any more")
        made = await sync_to_thread(self._printed, held)
        await self._looked(who, case, held, nonce)
        return made

    def _printed(self, held: Mapping[str, Any]) -> bytes:
        """In a thread of its own: nobody's page waits while a letter is set."""
        from callup.app.previewing import preview_letter  # what prints is slow to load: only who asks for a letter pays for it

        with self.site.alone:
            return preview_letter(self.site.course, held)[1]

    @_as_service
    async def decision_letter(self, who: Officer, number: int, nonce: str) -> bytes:
        """The letter of a decision that two have accepted, while it can still be taken back; whoever looks has opened the case today.

        That this official looked at it is a fact that the person sees, recorded first.

        Raises:
            Refused: no role for this unit, or the case was not opened today.
            BadInput: it is no decision that waits to be recorded.
        """
        one = self.store.proposal(number)
        if one is None or one.state != "accepted" or one.kind not in TOLD:
            raise BadInput("not-waiting", {"proposal": number}, "its letter is in the person's record once it is recorded")
        held = self.site.store.held_if(one.case_id)
        if held is None or not self.sees(who, one.case_id):
            raise Refused("not-opened", {"case": one.case_id}, "open the case first, with a reason")
        if not who.may("open", unit_of(held)):
            raise Refused("not-your-desk", {"unit": unit_of(held)}, "the role that opened it does not hold any more")
        asked = asked_of(one.kind, one.ref, self.site.facts.rows_of_case(one.case_id))
        made = await sync_to_thread(decision_letter, self.site.course, held, self.decided(one, asked))
        await self._looked(who, one.case_id, held, nonce)
        return made

    def decided(self, one: Proposal, asked: Mapping[str, Any]) -> Decided:
        """A proposal that was accepted, as its letter tells it."""
        zone: Any = ZoneInfo(self.site.course.jurisdiction.calendar.zone)
        named = date.fromisoformat(one.until) if one.until else None
        until, come_on = (None, named) if sets_day(one.kind, one.outcome, asked) else (named, None)
        ends = datetime.fromtimestamp((one.second_at or one.at) + UNDO, UTC).astimezone(zone)
        by = (one.first, one.second or "")
        return Decided(asked, one.outcome, until, one.reason, by, self.site.today(), f"{ends:%H:%M}", one.kind, come_on)

    async def _looked(self, who: Officer, case: str, held: Mapping[str, Any], nonce: str) -> None:
        """Record that an official looked at a letter of a case."""
        said = words_of(held["notice"]["language"])["desk_letter_seen"]
        reason, day = f"{self._why_opened(who, case)} ({said})", self.site.today()
        fact = {name: _text(value) for name, value in reading(self.site.facts, case, who.name, reason, day).items()}
        await self.site.send(case, fact, f"read\n{case}\n{who.name}\n{reason}\n{day}\n", nonce)

    def _why_opened(self, who: Officer, case: str) -> str:
        """The reason that this official gave today when the case was opened."""
        mine = (f"clerk: {who.name}", self.site.today())
        return next(
            str(row["reason"])
            for row in self.site.facts.rows_of_case(case)
            if row["kind"] == "read" and (row["actor"], row["known_on"]) == mine
        )

    @_as_service
    async def recuse(self, who: Officer, case: str, reason: str, nonce: str) -> None:
        """Stand back from a case, before or after opening it: from then on it is closed to this official, and the person sees why.

        What they proposed in it falls away; what they accepted and is not recorded yet waits for somebody else.

        Raises:
            Refused: no role for this unit.
            BadInput: no such case, or no reason.
        """
        held = self.site.store.held_if(case)
        if held is None:
            raise BadInput("case-unknown", {"case": case}, "give the number as the queue or the letter has it")
        if not who.may("open", unit_of(held)):
            raise Refused("not-your-desk", {"unit": unit_of(held)}, "ask the desk of that unit")
        if not reason.strip():
            raise BadInput("reason-missing", {"kind": "recused"}, "say how you know the person, in a word")
        fact = {"kind": "recused", "actor": f"clerk: {who.name}", "reason": reason.strip()}
        await self.site.send(case, fact, f"recused\n{case}\n{who.name}\n{reason.strip()}\n", nonce)
        self._stand_back(who, case)

    def _stand_back(self, who: Officer, case: str) -> None:
        """Give a case back, with what this official did in it and is not being recorded."""
        now = self.site.now()
        self.store.release(case, who.name)
        for one in self.store.proposals("case_id = ? AND state IN ('open', 'accepted')", (case,)):
            if one.state == "accepted" and not self._undoable(one):
                continue
            if one.first == who.name:
                self.store.move(one.id, one.state, "overtaken", None, now, "the official does not act in this case")
            elif one.second == who.name:
                self.store.move(one.id, "accepted", "open", None, now)

    def _undoable(self, one: Proposal) -> bool:
        """Whether what was accepted may still be taken back: undoing ends before recording begins, so that never both happen."""
        return self.site.now() - (one.second_at or 0) < UNDO

    def opened_to_ombudsman(self) -> set[str]:
        """The cases that an ombudsman may open: those whose person released them, and this month's sample."""
        return self.site.facts.cases_represented_by(OMBUDSMAN) | set(self.sample())

    def sample(self, count: int = 10) -> list[str]:
        """This month's sample, drawn by the call-up's own public seed: nobody picks which cases are looked at."""
        seed_file = self.site.course.dossier.open / "40-seed" / "seed.txt"
        seed = hashlib.sha256(seed_file.read_bytes()).hexdigest()
        month = self.site.today().strftime("%Y-%m")
        cases = self.site.store.cases()
        return sorted(cases, key=lambda case: hashlib.sha256(f"{seed} ombudsman {month} {case}".encode()).digest())[:count]

    # ---- proposing and deciding

    @_as_service
    def propose(self, who: Officer, case: str, kind: str, outcome: str, reason: str, until: date | None) -> int:
        """Propose what is due in a case; it binds nobody before another has decided. The same form twice is one proposal.

        Raises:
            Refused: the file was not opened today, or no role for it.
            BadInput: nothing of that kind is due, no reason, or a day that is over.
        """
        held = self._held(who, case, "propose", kind)
        due = row_of(self.site, held)
        step = due[2] if due else "nothing"
        if (kind, outcome) not in CHOICES.get(step, ()):
            raise BadInput("not-due", {"step": step, "kind": kind, "outcome": outcome}, "reload the case: something happened in it")
        if not reason.strip():
            raise BadInput("reason-missing", {"kind": kind}, "say why, in words that the person can check")
        if until is not None and until <= self.site.today():
            raise BadInput("day-is-over", {"until": until}, "name a day to come")
        ref = due[3] if due and due[3] else self._asked(case, kind)
        day = until.isoformat() if until else due[5] if due and kind == "did_not_come" else None
        asked = (case, unit_of(held), kind, ref, outcome, reason.strip(), day, who.name)
        for one in self.store.proposals("case_id = ? AND state = 'open'", (case,)):
            if (one.case_id, one.unit, one.kind, one.ref, one.outcome, one.reason, one.until, one.first) == asked:
                return one.id
        return self.store.propose((*asked, self.site.now()))

    def _asked(self, case: str, kind: str) -> str | None:
        """The absence that an inquiry asks about."""
        absences = [row["fact_id"] for row in self.site.facts.rows_of_case(case) if row["kind"] == "did_not_come"]
        return absences[-1] if kind == "inquired" and absences else None

    @_as_service
    def decide(self, who: Officer, numbers: Sequence[int], accept: bool, note: str) -> None:
        """Decide what others proposed: accept it, or send it back with a word why. Several at once only where each is a grant.

        The same decision twice is one.

        Raises:
            Refused: one's own proposal, a file not opened today, or several of which one is no grant.
            BadInput: a proposal that does not wait any more.
        """
        after = "accepted" if accept else "sent back"
        chosen = [one for number in numbers for one in self._waiting(number, who, after)]
        if len(chosen) > 1 and not (accept and all((one.kind, one.outcome) in GRANTS for one in chosen)):
            raise Refused("one-at-a-time", {"proposals": len(chosen)}, "only grants are decided together; decide the others one by one")
        for one in chosen:
            self._held(who, one.case_id, "decide", one.kind)
            if one.first == who.name:
                raise Refused("second-is-first", {"name": who.name}, "somebody else than who proposed it decides")
        for one in chosen:
            if not self._still_due(one):
                self.store.move(one.id, "open", "overtaken", None, self.site.now(), "something happened in the case meanwhile")
                raise BadInput("overtaken", {"case": one.case_id}, "open the case again: something happened in it meanwhile")
            if not self.store.move(one.id, "open", after, who.name, self.site.now(), note.strip()):
                self._waiting(one.id, who, after)

    def undo(self, who: Officer, number: int) -> None:
        """Take back what one has accepted, as long as it is not recorded.

        Raises:
            Refused: it was somebody else who accepted it, or it is recorded.
        """
        one = self.store.proposal(number)
        mine = one is not None and one.second == who.name and self._undoable(one)
        if not mine or not self.store.move(number, "accepted", "open", None, self.site.now()):
            raise Refused("too-late", {"proposal": number}, "it is recorded; the person may challenge it, and so may you by a new proposal")

    @_as_service
    async def settle(self) -> int:
        """Record what was accepted and can no longer be undone; a stop between two lines records it once. Gives how many.

        What cannot be a fact goes back to who proposed it, with the reason, and stops no other.
        """
        done = 0
        for one in self.store.proposals("state = 'accepted' AND second_at <= ? AND case_id NOT LIKE 'role %'", (self.site.now() - UNDO,)):
            nonce = f"proposal {one.id} {one.case_id}"
            kept = self.site.store.by_nonce(hashlib.sha256(nonce.encode()).digest())
            if kept is None and not self._still_due(one):
                self.store.move(one.id, "accepted", "overtaken", one.second, one.second_at or 0, "something happened in the case meanwhile")
                continue
            try:
                asked = asked_of(one.kind, one.ref, self.site.facts.rows_of_case(one.case_id))
                await self.site.send(one.case_id, fact_of(one, asked), decision_text(one, law_of(self.site)), nonce)
            except BadInput as failure:
                self.store.move(one.id, "accepted", "sent back", one.second, one.second_at or 0, str(failure))
                continue
            self.store.move(one.id, "accepted", "recorded", one.second, one.second_at or 0)
            done += 1
        return done

    def _still_due(self, one: Proposal) -> bool:
        held = self.site.store.held_if(one.case_id)
        due = row_of(self.site, held) if held else None
        return due is not None and (one.kind, one.outcome) in CHOICES.get(due[2], ()) and (due[3] or one.ref) == one.ref

    def _waiting(self, number: int, who: Officer, after: str) -> list[Proposal]:
        """The proposal if it waits; nothing if this official has brought it to that state already."""
        one = self.store.proposal(number)
        if one is not None and one.state == "open":
            return [one]
        if one is None or (one.state, one.second) != (after, who.name):
            raise BadInput("not-waiting", {"proposal": number}, "somebody else has decided it, or it was overtaken")
        return []

    def _held(self, who: Officer, case: str, act: str, kind: str) -> Mapping[str, Any]:
        """The case, if this official may do this in it: a board finds fitness and nothing else, and nobody else finds it."""
        held = self.site.store.held_if(case)
        if held is None or not who.may(act, unit_of(held), board=kind == BOARDS):
            raise Refused("not-your-desk", {"act": act}, "the roles granted to you do not allow this")
        if not self.sees(who, case):
            raise Refused("not-opened", {"case": case}, "open the case first, with a reason")
        return held

    # ---- what came on paper, by post, or not at all

    @_as_service
    async def enter(self, who: Officer, case: str, entered: Mapping[str, str], received_on: date, nonce: str) -> str:
        """Enter what a person handed in, with the day on which it was received: it counts from that day. Gives its number.

        What was written on a numbered form (``paper``) keeps the form's number; the same form entered twice is entered once.

        Raises:
            Refused: the file was not opened today, or no role for it.
            BadInput: not something that is handed in, a day to come, no such form, one that was entered as something else, or nothing that
                it could be about.
        """
        held = self.site.store.held_if(case)
        if held is None or not who.may("enter", unit_of(held)) or not self.sees(who, case):
            raise Refused("not-opened", {"case": case}, "open the case first, with a reason")
        own = self.site.facts.rows_of_case(case)
        fact = handed_in(held["notice"] | {"case_id": case}, own, entered, (received_on, self.site.today()))
        paper = checked_number(self.site.course.ring.keys["mail-piece"], entered["paper"]) if entered.get("paper") else ""
        one = self.site.sent(case, fact, entered.get("words", ""), f"paper {paper}" if paper else nonce)
        sent = await self.site.writer.send(replace(one, number=paper) if paper else one)
        if (sent.case_id, sent.fact["kind"]) != (case, fact["kind"]):
            raise BadInput("paper-used", {"number": paper}, "another matter was entered under this number: look at the form again")
        return sent.number

    @_as_service
    async def serve(self, who: Officer, case: str, said: Mapping[str, str], on: date | None) -> None:
        """Enter that a decision reached the person: how, on which day, and by which evidence. The same entered twice is one.

        Raises:
            Refused: the file was not opened today, or no role for it.
            BadInput: no such decision, no such way, a day before the decision or to come, no evidence, or entered otherwise before.
        """
        held = self.site.store.held_if(case)
        if held is None or not who.may("enter", unit_of(held)) or not self.sees(who, case):
            raise Refused("not-opened", {"case": case}, "open the case first, with a reason")
        fact = served(case, self.site.facts.rows_of_case(case), said, (on, self.site.today()))
        words = said.get("words", "").strip()
        if not words:
            raise BadInput("evidence-missing", {"case": case}, "say by what you know it: a receipt, its number, who handed it over")
        sent = await self.site.send(case, fact, f"{words}\n(said by {who.name})", f"served {fact['ref']}")
        require_same(case, sent, fact)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
