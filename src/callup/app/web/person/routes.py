"""The pages of the person: sign in with the letter's code, read, answer, ask, contest, challenge, see everything held."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from callup.app.exports.case import gather
from callup.app.exports.decision import decision_letter, decisions_in
from callup.app.exports.proofs import with_proofs
from callup.app.exports.record import as_json, as_page, as_pdf, record
from callup.app.stores.viewer import SERVICE, Viewer, look_as, looking_as
from callup.app.web.doors import unit_of
from callup.app.web.pages import COOKIE, Asked, Nobody, Stop, Visit, birthday, form_of, message, page, part, sent_form, to, visit
from callup.app.web.person.appointment import AppointmentPages
from callup.app.web.person.papers import PaperPages
from callup.app.web.person.view import (
    claims_of,
    first_asked,
    fixed_words,
    happened,
    looked,
    my_notice,
    pending,
    refused,
    sent_line,
    sent_lines,
    units_of,
    why_me,
)
from callup.app.web.site import LONGEST, SURE, Site
from callup.app.web.store import Session, Whole
from callup.app.web.words import words_of

Answer = Response[Any] | Redirect
_MOST_WORDS = 8000
CLEAR = '"cache", "cookies", "storage"'
"""What a browser forgets when somebody signs out."""


class Person:
    """The handlers of one portal.

    Args:
        site: what they work with.
    """

    def __init__(self, site: Site) -> None:
        self.site, self._parts = site, dict[tuple[str, str, date], Mapping[str, Any]]()
        self.appointments = AppointmentPages(site, self._known)
        self.papers = PaperPages(site, self._known)

    def handlers(self) -> list[HTTPRouteHandler]:
        """Every page of the person."""
        return [
            get("/sign-in", sync_to_thread=False)(self.sign_in_page),
            post("/sign-in", status_code=200)(self.sign_in),
            post("/sign-out", status_code=200)(self.sign_out),
            get("/notice")(self.notice),
            get("/notice/why", sync_to_thread=False)(self.why),
            post("/notice/receipt", status_code=200)(self.receipt),
            get("/notice/claim", sync_to_thread=False)(self.claim_page),
            post("/notice/claim", status_code=200)(self.claim),
            post("/notice/withdraw", status_code=200)(self.withdraw),
            get(_STATEMENTS, sync_to_thread=False)(self.statement_page),
            post(_STATEMENTS, status_code=200)(self.statement),
            get("/record", sync_to_thread=False)(self.record_page),
            get("/record/decision/{fact:str}")(self.decision),
            get("/record/{kind:str}", sync_to_thread=True)(self.record_file),
            get("/not-me", sync_to_thread=False)(self.not_me_page),
            post("/not-me", status_code=200)(self.not_me),
            get("/pressure", sync_to_thread=False)(self.pressure_page),
            post("/pressure", status_code=200)(self.pressure),
            *self.appointments.handlers(),
            *self.papers.handlers(),
        ]

    # ---- coming and going

    def _known(self, request: Asked, *, surely: bool = False) -> tuple[Visit, Session]:
        """Who is signed in.

        Raises:
            Nobody: no one, or no longer.
            Stop: not known surely enough for what the page shows.
        """
        who = visit(self.site, request)
        if who.session is None:
            raise Nobody
        if surely and who.session.level not in SURE:
            raise Stop("not_sure", 403)
        look_as(Viewer("person", who.session.case_id))
        return who, who.session

    def sign_in_page(self, request: Asked) -> Response[str]:
        return sign_in_form(self.site, visit(self.site, request), 200)

    async def sign_in(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        form = await sent_form(request, lambda nonce: self.site.holds("", "sign-in", nonce))
        case = self.site.case_of(str(form.get("code", "")), birthday(form))
        if case is None:
            return sign_in_form(self.site, who, 422, found=[("code", words_of(who.language)["sign_in_wrong"])])
        return signed_in(await self.site.open_session(case, "letter"))

    async def sign_out(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        form = await sent_form(request, lambda nonce: self.site.holds(who.token, "sign-out", nonce))
        if form.get("everywhere") and who.session is not None:
            case = who.session.case_id
            await self.site.writer.perform(lambda portal: portal.end_sessions(case))
        await self.site.writer.perform(lambda portal: portal.end_session(who.token))
        answer = message(self.site, Visit("", None, who.language), "signed_out", 200)
        answer.headers["Clear-Site-Data"] = CLEAR
        answer.delete_cookie(COOKIE)
        return answer

    # ---- the notice

    async def notice(self, request: Asked) -> Answer:
        who, session = self._known(request)
        one = self.site.whole(session.case_id)
        if await self._opened(session.case_id, one):
            one = self.site.whole(session.case_id, one.held)
        seen = my_notice(self.site, one, form_of(self.site, who.language, "procedure"), who.language)
        forms = {name: self.site.nonce(who.token, name) for name in ("receipt", "withdraw")}
        return page(self.site, who, "notice", v=seen, forms=forms, **self._fixed(who.language, unit_of(one.held)))

    def _fixed(self, language: str, unit: str) -> Mapping[str, Any]:
        """What on a notice's page is the same for everybody of a unit on a day, made once."""
        day = self.site.today()
        if (language, unit, day) not in self._parts:
            procedure = self.site.course.jurisdiction.procedure.at(day)
            made = part("notice_fixed", language, **fixed_words(procedure, form_of(self.site, language, "procedure"), unit))
            same = {"fixed": made, **first_asked(self.site, language, unit)}
            self._parts = {key: kept for key, kept in self._parts.items() if key[2] == day} | {(language, unit, day): same}
        return self._parts[language, unit, day]

    def why(self, request: Asked) -> Answer:
        who, session = self._known(request)
        seen = why_me(self.site, self.site.store.held(session.case_id), who.language)
        return page(self.site, who, "why", v=seen | ({} if session.level in SURE else {"facts": {}}))

    async def _opened(self, case: str, one: Whole) -> bool:
        """The first reading is a fact: it is what serves a notice in the portal, and only a person who signed in makes it.

        Returns:
            Whether this was it.
        """
        notice = one.held["notice"]["notice_id"]
        if any((row["kind"], row["channel"], row["notice_id"]) == ("opened", "portal", notice) for row in one.own):
            return False
        once = hashlib.sha256(f"opened\n{notice}".encode()).hexdigest()
        fact = {"kind": "opened", "notice_id": notice, "channel": "portal", "actor": "portal"}
        await self.site.send(case, fact, f"opened in the portal: {notice}", once)
        return True

    async def _sent(self, request: Asked, form: str, fact: Mapping[str, str], words: str) -> Answer:
        """Keep what a signed-in person sends, and show the receipt."""
        who, session = self._known(request)
        said = await sent_form(request, lambda nonce: self.site.holds(who.token, form, nonce))
        sent = await self.site.send(session.case_id, fact, words[:_MOST_WORDS], str(said["nonce"]))
        line = sent_line(sent, words_of(who.language))
        return page(self.site, who, "receipt", line=line)

    async def receipt(self, request: Asked) -> Answer:
        if not self.site.course.decree.appoints:
            raise Stop("answer_on_paper", 404)
        return await self._sent(request, "receipt", {"kind": "responded", "channel": "portal"}, "I have received this notice")

    # ---- asking, contesting, challenging

    def claim_page(self, request: Asked) -> Answer:
        who, session = self._known(request)
        return self._claim_form(who, [], *self.site.store.draft(session.case_id, "claim"))

    def _claim_form(self, who: Visit, found: list[tuple[str, str]], kind: str, words: str = "") -> Response[str]:
        procedure = self.site.course.jurisdiction.procedure.at(self.site.today())
        claims = claims_of(procedure, form_of(self.site, who.language, "procedure"))
        form = self.site.nonce(who.token, "claim")
        return page(self.site, who, "claim", status=422 if found else 200, found=found, claims=claims, kind=kind, words=words, form=form)

    async def claim(self, request: Asked) -> Answer:
        (who, session), said = self._known(request), await request.form()
        words = str(said.get("words", ""))
        if said.get("save"):
            return await self._saved(request, "claim", (str(said.get("kind", ""))[:40], words))
        procedure, kind = self.site.course.jurisdiction.procedure.at(self.site.today()), said.get("kind", "")
        if kind not in {one["kind"] for one in claims_of(procedure, {})}:
            return self._claim_form(who, [("kind", words_of(who.language)["claim_choose"])], "", words)
        answer = await self._sent(request, "claim", {"kind": "claimed", "ground": kind}, words)
        await self.site.writer.perform(lambda portal: portal.drop_draft(session.case_id, "claim"))
        return answer

    async def _saved(self, request: Asked, form: str, said: tuple[str, str]) -> Answer:
        """Keep what was begun in a form, to come back to on any device; nothing is sent, and nothing is a fact."""
        (who, session), now = self._known(request), self.site.now()
        await sent_form(request, lambda nonce: self.site.holds(who.token, form, nonce))
        kept = (said[0], said[1][:_MOST_WORDS])
        await self.site.writer.perform(lambda portal: portal.save_draft(session.case_id, form, kept, now))
        return message(self.site, who, "claim_saved", 200)

    async def withdraw(self, request: Asked) -> Answer:
        """Take back one's own claim, as long as nobody decided it; the same form sent twice is one withdrawal."""
        (who, session), said = self._known(request), await request.form()
        open_ones = {row["fact_id"] for row in pending(self.site.facts.rows_of_case(session.case_id))}
        ref, again = said.get("ref", ""), self.site.store.by_nonce(hashlib.sha256(said.get("nonce", "").encode()).digest())
        if ref not in open_ones and again is None and self.site.holds(who.token, "withdraw", said.get("nonce", "")):
            raise Stop("withdraw_none", 404)
        return await self._sent(request, "withdraw", {"kind": "claim_withdrawn", "ref": ref}, f"taken back: {ref}")

    def statement_page(self, request: Asked) -> Answer:
        """The forms that need one sentence: contest service, name who speaks for one, let the ombudsman look, challenge a decision."""
        who, session = self._known(request)
        name = request.url.path.rpartition("/")[2]
        self._fact_of(name, session.case_id)
        return self._statement_form(who, name, [], self.site.store.draft(session.case_id, name)[1])

    async def statement(self, request: Asked) -> Answer:
        (who, session), said = self._known(request), await request.form()
        name = request.url.path.rpartition("/")[2]
        fact, words = self._fact_of(name, session.case_id), str(said.get("words", ""))
        if said.get("save"):
            return await self._saved(request, name, ("", words))
        if not words.strip():
            return self._statement_form(who, name, [("words", words_of(who.language)["words_missing"])], "")
        answer = await self._sent(request, name, fact, words)
        await self.site.writer.perform(lambda portal: portal.drop_draft(session.case_id, name))
        return answer

    def _fact_of(self, name: str, case: str) -> dict[str, str]:
        """What a statement becomes. Who speaks for a person stands in the words; the fact says only that somebody was named.

        Raises:
            Stop: nothing was refused that could be challenged.
        """
        if name == "contest":
            return {"kind": "service_contested", "notice_id": self.site.store.held(case)["notice"]["notice_id"]}
        if name in ("represent", "ombudsman"):
            return {"kind": "represented", "ground": "representative" if name == "represent" else name}
        decisions = refused(self.site.facts.rows_of_case(case))
        if not decisions:
            raise Stop("appeal_none", 404)
        return {"kind": "appealed", "ref": str(decisions[0]["fact_id"])}

    def _statement_form(self, who: Visit, name: str, found: list[tuple[str, str]], begun: str) -> Response[str]:
        words, form = words_of(who.language), self.site.nonce(who.token, name)
        shown = {
            "title": words[f"{name}_title"],
            "label": words[f"{name}_words"],
            "action": f"/notice/{name}",
            "form": form,
            "begun": begun,
        }
        return page(self.site, who, "statement", status=422 if found else 200, found=found, **shown)

    # ---- everything held

    def record_page(self, request: Asked) -> Answer:
        who, session = self._known(request, surely=True)
        case, day, words = session.case_id, self.site.today(), words_of(who.language)
        facts = self.site.facts.rows_of_case(case)
        sent = sent_lines(self.site.store.sent_by(case), words)
        decided = [(fact, one.on) for fact, one in decisions_in(facts).items()]
        told: dict[str, Any] = {"looked": looked(facts, day, who.language), "happened": happened(facts, who.language), "decided": decided}
        return page(self.site, who, "record", sent=sent, **told)

    async def decision(self, request: Asked) -> Answer:
        """The letter of a decision or a finding in one's own case."""
        _, session = self._known(request, surely=True)
        told = decisions_in(self.site.facts.rows_of_case(session.case_id)).get(str(request.path_params["fact"]))
        if told is None:
            raise Stop("no_page", 404)
        held = self.site.store.held(session.case_id)
        made = await sync_to_thread(decision_letter, self.site.course, held, told)
        shown = {"Content-Disposition": 'attachment; filename="decision.pdf"', "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=shown)

    def record_file(self, request: Asked) -> Answer:
        (who, session), kind = self._known(request, surely=True), request.path_params["kind"]
        if kind not in ("json", "html", "pdf"):
            raise Stop("no_page", 404)
        day, law = self.site.today(), self.site.law_words.get(who.language)
        with self.site.alone:  # the engine keeps the tables that one question is about under one name: two persons are never mixed
            case = gather(self.site.course, session.case_id, day, day)
            found = with_proofs(self.site.course, case) if kind == "json" else record(case)
        types = {"json": "application/json", "html": "text/html", "pdf": "application/pdf"}
        made = as_json(found) if kind == "json" else {"html": as_page, "pdf": as_pdf}[kind](found, who.language, law)
        return Response(made, media_type=types[kind], headers={"Cache-Control": "no-store"})

    # ---- without signing in

    def not_me_page(self, request: Asked) -> Response[str]:
        return self._not_me_form(visit(self.site, request), [])

    def _not_me_form(self, who: Visit, found: list[tuple[str, str]]) -> Response[str]:
        return page(self.site, who, "not_me", status=422 if found else 200, found=found, form=self.site.nonce("", "not-me"))

    async def not_me(self, request: Asked) -> Answer:
        """Whoever holds the letter may say so: nothing is asked of them, and nothing about the case is told."""
        who = visit(self.site, request)
        said = await sent_form(request, lambda nonce: self.site.holds("", "not-me", nonce))
        case = self.site.store.case_of_number(str(said.get("number", "")).strip().upper())
        if case is None:
            return self._not_me_form(who, [("number", words_of(who.language)["not_me_wrong"])])
        with looking_as(SERVICE):
            notice = self.site.store.held(case)["notice"]["notice_id"]
        fact = {"kind": "not_for_me", "notice_id": notice, "actor": "person"}
        await self.site.send(case, fact, "not for me", str(said["nonce"]))
        return message(self.site, who, "not_me_done", 200)

    def pressure_page(self, request: Asked) -> Response[str]:
        return self._pressure_form(visit(self.site, request), [])

    def _pressure_form(self, who: Visit, found: list[tuple[str, str]]) -> Response[str]:
        units, form = units_of(self.site), self.site.nonce("", "pressure")
        return page(self.site, who, "pressure", status=422 if found else 200, found=found, kinds=PRESSURE, units=units, form=form)

    async def pressure(self, request: Asked) -> Answer:
        """Whoever is pressed, or sees it, may say so without a name; it goes to the ombudsman, and its number is public."""
        who = visit(self.site, request)
        said = await sent_form(request, lambda nonce: self.site.holds("", "pressure", nonce))
        kind, unit, words = (str(said.get(name, "")).strip() for name in ("kind", "unit", "words"))
        if kind not in PRESSURE or unit not in ("", *units_of(self.site)):
            return self._pressure_form(who, [("kind", words_of(who.language)["claim_choose"])])
        fact = {"case_id": None, "kind": "pressure_reported", "actor": "person", "ground": f"{kind} {unit or '*'}"}
        sent = await self.site.send("", fact, words[:_MOST_WORDS], str(said["nonce"]))
        line = sent_line(sent, words_of(who.language))
        return page(self.site, who, "receipt", line=line)


_STATEMENTS = ["/notice/contest", "/notice/represent", "/notice/ombudsman", "/notice/appeal"]
PRESSURE = ("contract", "claim", "other")
"""What somebody may be pressed to: to sign a contract, to give up a claim, or something else."""


def signed_in(token: str) -> Redirect:
    """Go on to one's notice with a session's token in a cookie that no script reads."""
    there = to("/notice")
    there.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax", max_age=LONGEST)
    return there


def sign_in_form(site: Site, who: Visit, status: int, *, found: Sequence[tuple[str, str]] = ()) -> Response[str]:
    """The page to sign in; somebody whose session ended is told that nothing is lost."""
    note = words_of(who.language)["session_over"] if status == 401 and who.token else ""
    return page(site, who, "sign_in", status=status, found=found, note=note, form=site.nonce("", "sign-in"), ways=site.ways)
