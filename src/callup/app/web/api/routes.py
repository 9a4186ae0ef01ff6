"""The handlers of ``/api/v1``: sign in, read and answer one's own notice, work at the desk, and what everyone may know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post, put
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from callup.app.exports.case import gather
from callup.app.exports.proofs import with_proofs
from callup.app.stores.viewer import Viewer, look_as
from callup.app.web.api import shapes
from callup.app.web.api.asking import Asked, Cursor, Key, Known, Match
from callup.app.web.api.papers import ROOM, PaperInterface
from callup.app.web.desk.acting import Desk, Refused
from callup.app.web.desk.queue import STEPS, bring_up
from callup.app.web.desk.roles import Officer
from callup.app.web.desk.routes import DeskPages, NotSignedIn
from callup.app.web.desk.view import case_page
from callup.app.web.doors import unit_of
from callup.app.web.pages import HEADERS, OURS, Nobody, Stop, form_of
from callup.app.web.person.routes import Person
from callup.app.web.person.view import claims_of, looked, my_notice, pending, refused
from callup.app.web.public.progress import Progress
from callup.app.web.site import SURE, Site
from callup.app.web.store import Sent
from callup.app.web.words import FALLBACK, words_of
from callup.terms.errors import CallupError, Unavailable

PATH = "/api/v1"
_AT_ONCE = 50


class Interface:
    """The handlers of one portal.

    Args:
        site: the portal.
        desk: the desk's pages, which know who is an official.
        person: the person's pages, which know where an appointment may be moved, and take papers in.
        progress: the public numbers.
    """

    def __init__(self, site: Site, desk: DeskPages, person: Person, progress: Progress) -> None:
        self.site, self.pages, self.moves, self.progress = site, desk, person.appointments, progress
        self.desk: Desk = desk.desk
        self.papers = PaperInterface(person.papers, self._known)

    def handlers(self) -> list[HTTPRouteHandler]:
        """Everything under `PATH`."""

        def at(made: Any, path: str, act: Any, tag: str, **more: Any) -> HTTPRouteHandler:
            handler: HTTPRouteHandler = made(f"{PATH}{path}", tags=[tag], include_in_schema=True, exception_handlers=REFUSALS, **more)(act)
            return handler

        plain, mine, desk = {"sync_to_thread": False}, "my notice", "desk"
        return [
            at(get, "/call-up", self.call_up, "public", **plain),
            at(get, "/public/progress", self.public_progress, "public", sync_to_thread=True),
            at(post, "/sign-in", self.sign_in, mine, status_code=200),
            at(get, "/me/notice", self.notice, mine, **plain),
            at(get, "/me/accesses", self.accesses, mine, **plain),
            at(post, "/me/receipt", self.receipt, mine),
            at(post, "/me/requests", self.claim, mine),
            at(post, "/me/contests", self.contest, mine),
            at(post, "/me/appeals", self.appeal, mine),
            at(post, "/me/representatives", self.represent, mine),
            at(post, "/me/withdrawals", self.withdraw, mine),
            at(get, "/me/record", self.record, mine, sync_to_thread=True),
            at(get, "/me/proofs", self.papers.proofs, mine),
            at(post, "/me/papers", self.papers.hand_in, mine, request_max_body_size=ROOM),
            at(get, "/me/papers", self.papers.papers, mine, **plain),
            at(get, "/me/papers/{number:int}", self.papers.paper, mine, **plain),
            at(get, "/me/papers/{number:int}/content", self.papers.content, mine, **plain),
            at(get, "/me/slots", self.slots, mine, **plain),
            at(put, "/me/slot", self.move, mine),
            at(get, "/cases", self.queue, desk, **plain),
            at(post, "/cases/{case:str}/open", self.open, desk, status_code=200),
            at(get, "/cases/{case:str}", self.case, desk, **plain),
            at(post, "/cases/{case:str}/proposals", self.propose, desk, **plain),
            at(post, "/proposals/{number:int}/decision", self.decide, desk, status_code=200, **plain),
        ]

    # ---- everyone

    def call_up(self) -> shapes.CallUp:
        """What everyone may know of the call-up."""
        decree, dossier = self.site.course.decree, self.site.course.dossier
        entered = sum(bool(dossier.finished(f"enter-{wave}")) for wave in range(1, decree.waves + 1))
        days = (decree.opens_on, decree.closes_on)
        log = ["/public/checkpoint", "/acts/checkpoint"]
        return shapes.CallUp(decree.id, decree.title, decree.authority, *days, decree.persons_to_enlist, decree.rehearsal, entered, log)

    def public_progress(self) -> shapes.Progress:
        """How the call-up goes: cases by stage week by week, the units, funnel, clocks, undertakings, doors, and groups called alike."""
        seen = self.progress.seen()
        shown = [table for table in (seen.table, seen.units, *seen.more.values()) if table.rows]
        tables = {table.name: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for table in shown}
        return shapes.Progress(seen.as_of, self.site.course.decree.persons_to_enlist, tables)

    # ---- a person

    async def sign_in(self, data: JSONBody[shapes.Credentials]) -> shapes.Token:
        """Sign in with the letter's code; nothing counts how often somebody tried."""
        case = self.site.case_of(data.code, data.born_on)
        if case is None:
            raise Stop("sign_in_wrong", 422)
        return shapes.Token(await self.site.open_session(case, "letter"), "letter")

    def _known(self, request: Asked, *, surely: bool = False) -> Known:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        session = self.site.session(token)
        if session is None:
            raise Nobody
        if surely and session.level not in SURE:
            raise Stop("not_sure", 403)
        look_as(Viewer("person", session.case_id))
        return Known(token, session)

    def _etag(self, case: str) -> str:
        rows = self.site.facts.rows_of_case(case)
        return f'"{rows[-1]["seq"] if rows else 0}"'

    def _matches(self, case: str, match: str | None) -> None:
        if match is not None and match not in ("*", self._etag(case)):
            raise Stop("changed", 412)

    def notice(self, request: Asked) -> Response[shapes.Notice]:
        """One's own notice as it stands today."""
        known, language = self._known(request), self.site.course.decree.languages[0]
        case = known.session.case_id
        seen = my_notice(self.site, self.site.whole(case), form_of(self.site, language, "procedure"), language)
        found = seen["standing"]
        days = (found.served_on, found.respond_by, found.appear_on)
        claims = claims_of(self.site.course.jurisdiction.procedure.at(self.site.today()), {})
        asked, waiting = [one["kind"] for one in claims], [one["ref"] for one in seen["pending"]]
        told = (seen["number"], found.state, found.service, *days, seen["at"], seen["place"], found.suspended)
        return Response(shapes.Notice(*told, asked, waiting), headers={"ETag": self._etag(case), "Cache-Control": "no-store"})

    def accesses(self, request: Asked) -> list[shapes.Access]:
        """Who opened the file, and why."""
        known, day = self._known(request, surely=True), self.site.today()
        rows = looked(self.site.facts.rows_of_case(known.session.case_id), day, FALLBACK)
        return [shapes.Access(date.fromisoformat(row["date"]), row["who"], row["reason"]) for row in rows]

    def _asked(self, known: Known, fact: Mapping[str, str], words: str, key: str) -> Sent:
        """What is to be kept under a key."""
        return self.site.sent(known.session.case_id, fact, words, f"api {known.session.case_id} {key}")

    async def _send(self, known: Known, fact: Mapping[str, str], words: str, key: str) -> shapes.Receipt:
        """Keep and record; the key is bound to the session's case, so that two people may use the same."""
        asked = self._asked(known, fact, words, key)
        sent = await self.site.writer.send(asked)
        wanted = {name: value for name, value in asked.fact.items() if name not in ("happened_on", "known_on")}
        if any(sent.fact.get(name) != value for name, value in wanted.items()):
            raise Stop("key_of_another_act", 422)
        return _receipt(sent)

    async def receipt(self, request: Asked, key: Key) -> shapes.Receipt:
        """Confirm that the notice was received; it is no consent. Where an answer is asked for, on paper, it would read as one."""
        if not self.site.course.decree.appoints:
            raise Stop("answer_on_paper", 404)
        return await self._send(self._known(request), {"kind": "responded", "channel": "portal"}, "I have received this notice", key)

    async def claim(self, request: Asked, data: JSONBody[shapes.Claim], key: Key, match: Match = None) -> shapes.Receipt:
        """Ask for deferral, exemption, other service, another day or a correction."""
        known = self._known(request)
        self._matches(known.session.case_id, match)
        procedure = self.site.course.jurisdiction.procedure.at(self.site.today())
        if data.kind not in {one["kind"] for one in claims_of(procedure, {})}:
            raise Stop("claim_choose", 422)
        return await self._send(known, {"kind": "claimed", "ground": data.kind}, data.words, key)

    async def contest(self, request: Asked, data: JSONBody[shapes.Statement], key: Key) -> shapes.Receipt:
        """Say that the notice did not arrive; the authority must prove that it did."""
        known = self._known(request)
        notice = self.site.store.held(known.session.case_id)["notice"]["notice_id"]
        return await self._send(known, {"kind": "service_contested", "notice_id": notice}, data.words, key)

    async def appeal(self, request: Asked, data: JSONBody[shapes.Statement], key: Key) -> shapes.Receipt:
        """Challenge the last refusal that is not challenged yet; the same key again is the same challenge."""
        known = self._known(request)
        kept = self.site.store.by_nonce(self._asked(known, {}, "", key).nonce)
        decisions = refused(self.site.facts.rows_of_case(known.session.case_id))
        if not decisions:
            raise Stop("appeal_none", 404)
        ref = str(kept.fact["ref"] if kept is not None and kept.fact.get("ref") else decisions[0]["fact_id"])
        return await self._send(known, {"kind": "appealed", "ref": ref}, data.words, key)

    async def represent(self, request: Asked, data: JSONBody[shapes.Statement], key: Key) -> shapes.Receipt:
        """Name somebody who speaks for one; who it is stands in the words only."""
        return await self._send(self._known(request), {"kind": "represented", "ground": "representative"}, data.words, key)

    async def withdraw(self, request: Asked, data: JSONBody[shapes.Withdrawal], key: Key) -> shapes.Receipt:
        """Take back an open claim of one's own."""
        known = self._known(request)
        case = known.session.case_id
        fact = {"kind": "claim_withdrawn", "ref": data.ref}
        again = self.site.store.by_nonce(self.site.sent(case, fact, "", f"api {case} {key}").nonce)
        if again is None and data.ref not in {row["fact_id"] for row in pending(self.site.facts.rows_of_case(case))}:
            raise Stop("withdraw_none", 404)
        return await self._send(known, fact, f"taken back: {data.ref}", key)

    def record(self, request: Asked) -> dict[str, Any]:
        """Everything held on oneself, with the proof of each fact that stands in the log."""
        known, day = self._known(request, surely=True), self.site.today()
        with self.site.alone:
            return with_proofs(self.site.course, gather(self.site.course, known.session.case_id, day, day))

    def slots(self, request: Asked) -> list[shapes.Day]:
        """The days to which the appointment may be moved."""
        _, rows = self.moves.offered(self._known(request).session)
        return [shapes.Day(place, date.fromisoformat(day), free) for place, day, free in rows]

    async def move(self, request: Asked, data: JSONBody[shapes.Day], key: Key) -> shapes.Receipt:
        """Move the appointment to a free seat of a day."""
        known = self._known(request)
        return _receipt(await self.moves.moved(known.session, data.place, data.day.isoformat(), f"api {known.session.case_id} {key}"))

    # ---- officials

    def _officer(self, request: Asked, act: str) -> Officer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.pages.officer(token, act)

    def queue(self, request: Asked, unit: FromQuery[str] = "", step: FromQuery[str] = "", cursor: Cursor = "") -> shapes.Queue:
        """What waits, overdue first; numbers only."""
        who = self._officer(request, "queue")
        bring_up(self.site, self.desk.store)
        units = who.units("queue")
        asked = [unit] if unit and (unit in units or "*" in units) else units
        rows = self.desk.store.waiting(asked, [step] if step in STEPS else [*STEPS, "await-appearance"], cursor, _AT_ONCE + 1)
        shown = [_waiting(row) for row in rows[:_AT_ONCE]]
        return shapes.Queue(shown, rows[_AT_ONCE - 1]["cursor"] if len(rows) > _AT_ONCE else None)

    async def open(self, request: Asked, case: FromPath[str], data: JSONBody[shapes.Opening], key: Key) -> shapes.Case:
        """Open a case with a reason, which the person reads."""
        who = self._officer(request, "")
        await self.desk.open(who, case, data.reason, f"api {who.name} {key}")
        return self._case(self._officer(request, ""), case)

    def case(self, request: Asked, case: FromPath[str]) -> Response[shapes.Case]:
        """A case that was opened today."""
        who = self._officer(request, "")
        held = self.site.store.held_if(case)
        if held is None or not self.desk.sees(who, case) or not (who.may("open", unit_of(held)) or who.may("sample")):
            raise Refused("not-opened", {"case": case}, "open the case first, with a reason")
        return Response(self._case(who, case), headers={"ETag": self._etag(case), "Cache-Control": "no-store"})

    def _case(self, who: Officer, case: str) -> shapes.Case:
        bring_up(self.site, self.desk.store)
        seen = case_page(self.desk, who, case, words_of("en"))
        by_on = date.fromisoformat(seen["by_on"]) if seen["by_on"] else None
        told = (seen["case"], seen["unit"], seen["state"], seen["step"], by_on, seen["article"])
        return shapes.Case(*told, seen["why"]["facts"], seen["why"]["steps"], seen["happened"])

    def propose(self, request: Asked, case: FromPath[str], data: JSONBody[shapes.Proposed], key: Key) -> shapes.Proposal:
        """Propose what is due in an opened case; another official decides."""
        who = self._officer(request, "propose")
        bring_up(self.site, self.desk.store)
        return shapes.Proposal(self.desk.propose(who, case, data.kind, data.outcome, data.reason, data.until), "open")

    def decide(self, request: Asked, number: FromPath[int], data: JSONBody[shapes.Decision], key: Key) -> shapes.Proposal:
        """Decide what another proposed; it can be undone for a while."""
        who = self._officer(request, "decide")
        bring_up(self.site, self.desk.store)
        self.desk.decide(who, [number], data.accept, data.note)
        return shapes.Proposal(number, "accepted" if data.accept else "sent back")


def _receipt(sent: Sent) -> shapes.Receipt:
    return shapes.Receipt(sent.number, date.fromisoformat(str(sent.fact["known_on"])), str(sent.fact["evidence"]))


def _waiting(row: Mapping[str, Any]) -> shapes.Waiting:
    by_on = datetime.fromisoformat(row["by_on"]).date() if row["by_on"] else None
    return shapes.Waiting(row["case"], row["unit"], row["step"], by_on, bool(row["overdue"]), row["proposed_by"])


def problem(code: str, status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Response[shapes.Problem]:
    """A refusal as RFC 9457 has it; the type is a stable word of ours."""
    told = shapes.Problem(
        f"urn:callup:{code.replace('_', '-')}", words_of("en").get(code, code.replace("-", " ").replace("_", " ")), status, detail
    )
    shown = HEADERS | {"Content-Security-Policy": OURS} | dict(headers or {})
    return Response(told, status_code=status, media_type="application/problem+json", headers=shown)


REFUSALS: Any = {
    Stop: lambda request, failure: problem(failure.key, failure.status),
    Nobody: lambda request, failure: problem("not-signed-in", 401),
    NotSignedIn: lambda request, failure: problem("not-signed-in", 401),
    Unavailable: lambda request, failure: problem(failure.code, 503, failure.hint, {"Retry-After": "60"}),
    CallupError: lambda request, failure: problem(failure.code, 403 if isinstance(failure, Refused) else 422, failure.hint),
    HTTPException: lambda request, failure: problem("request", failure.status_code, str(failure.detail)),
}
"""What each refusal becomes."""
