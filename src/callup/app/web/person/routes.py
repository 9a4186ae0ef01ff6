"""The pages of the person: sign in with the letter's code, read, answer, ask, contest, challenge, see everything held."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from callup.app.exports.case import gather
from callup.app.exports.record import as_json, as_page, as_pdf, record
from callup.app.web.pages import COOKIE, Asked, Visit, birthday, form_of, is_ours, message, page, to, visit
from callup.app.web.person.view import claims_of, happened, looked, my_notice, pending, refused, sent_line, sent_lines, why_me
from callup.app.web.person.words import words_of
from callup.app.web.site import LONGEST, SURE, Site

Answer = Response[Any] | Redirect
_MOST_WORDS = 8000


class Person:
    """The handlers of one portal.

    Args:
        site: what they work with.
    """

    def __init__(self, site: Site) -> None:
        self.site = site

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
            get("/notice/contest", sync_to_thread=False)(self.contest_page),
            post("/notice/contest", status_code=200)(self.contest),
            post("/notice/withdraw", status_code=200)(self.withdraw),
            get("/notice/represent", sync_to_thread=False)(self.represent_page),
            post("/notice/represent", status_code=200)(self.represent),
            get("/notice/appeal", sync_to_thread=False)(self.appeal_page),
            post("/notice/appeal", status_code=200)(self.appeal),
            get("/record", sync_to_thread=False)(self.record_page),
            get("/record/{kind:str}", sync_to_thread=True)(self.record_file),
            get("/not-me", sync_to_thread=False)(self.not_me_page),
            post("/not-me", status_code=200)(self.not_me),
        ]

    # ---- coming and going

    def sign_in_page(self, request: Asked) -> Response[str]:
        who = visit(self.site, request)
        return page(self.site, who, "sign_in", found=[], note="", form=self.site.nonce("", "sign-in"))

    async def sign_in(self, request: Asked) -> Answer:
        who, form = visit(self.site, request), dict(await request.form())
        if not is_ours(request) or not self.site.holds("", "sign-in", form.get("nonce", "")):
            return message(self.site, who, "forged", 403)
        token = self.site.sign_in(form.get("code", ""), birthday(form))
        if token is None:
            wrong = [("code", words_of(who.language)["sign_in_wrong"])]
            return page(self.site, who, "sign_in", status=422, found=wrong, note="", form=self.site.nonce("", "sign-in"))
        there = to("/notice")
        there.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax", max_age=LONGEST)
        return there

    async def sign_out(self, request: Asked) -> Answer:
        who, form = visit(self.site, request), dict(await request.form())
        if not is_ours(request) or not self.site.holds(who.token, "sign-out", form.get("nonce", "")):
            return message(self.site, who, "forged", 403)
        self.site.store.end_session(who.token)
        answer = message(self.site, Visit("", None, who.language), "signed_out", 200)
        answer.delete_cookie(COOKIE)
        return answer

    def _nobody(self, who: Visit) -> Response[str]:
        note = words_of(who.language)["session_over"] if who.token else ""
        return page(self.site, who, "sign_in", status=401, found=[], note=note, form=self.site.nonce("", "sign-in"))

    # ---- the notice

    async def notice(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        if who.session is None:
            return self._nobody(who)
        case = who.session.case_id
        held = self.site.store.held(case)
        await self._opened(case, held)
        seen = my_notice(self.site, held, form_of(self.site, who.language, "procedure"), who.language)
        forms = {name: self.site.nonce(who.token, name) for name in ("receipt", "withdraw")}
        return page(self.site, who, "notice", v=seen, forms=forms)

    def why(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        if who.session is None:
            return self._nobody(who)
        seen = why_me(self.site, self.site.store.held(who.session.case_id))
        return page(self.site, who, "why", v=seen | ({} if who.session.level in SURE else {"facts": {}}))

    async def _opened(self, case: str, held: Mapping[str, Any]) -> None:
        """The first reading is a fact: it is what serves a notice in the portal, and only a person who signed in makes it."""
        notice = held["notice"]["notice_id"]
        once = hashlib.sha256(f"opened\n{notice}".encode()).hexdigest()
        if self.site.store.by_nonce(hashlib.sha256(once.encode()).digest()) is None:
            fact = {"kind": "opened", "notice_id": notice, "channel": "portal", "actor": "portal"}
            await self.site.send(case, fact, f"opened in the portal: {notice}", once)

    async def _sent(self, request: Asked, form: str, kind: str, words: str, **fields: str) -> Answer:
        """Keep what a signed-in person sends, and show the receipt."""
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is None:
            return self._nobody(who)
        if not is_ours(request) or not self.site.holds(who.token, form, said.get("nonce", "")):
            return message(self.site, who, "forged", 403)
        sent = await self.site.send(who.session.case_id, {"kind": kind, **fields}, words, said["nonce"])
        line = sent_line(sent, words_of(who.language))
        return page(self.site, who, "receipt", number=line["number"], date=line["date"], digest=line["digest"])

    async def receipt(self, request: Asked) -> Answer:
        return await self._sent(request, "receipt", "responded", "I have received this notice", channel="portal")

    # ---- asking, contesting, challenging

    def claim_page(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        return self._claim_form(who, [], "") if who.session else self._nobody(who)

    def _claim_form(self, who: Visit, found: list[tuple[str, str]], kind: str) -> Response[str]:
        procedure = self.site.course.jurisdiction.procedure.at(self.site.today())
        claims = claims_of(procedure, form_of(self.site, who.language, "procedure"))
        form = self.site.nonce(who.token, "claim")
        return page(self.site, who, "claim", status=422 if found else 200, found=found, claims=claims, kind=kind, form=form)

    async def claim(self, request: Asked) -> Answer:
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is None:
            return self._nobody(who)
        procedure, kind = self.site.course.jurisdiction.procedure.at(self.site.today()), said.get("kind", "")
        if kind not in {one["kind"] for one in claims_of(procedure, {})}:
            return self._claim_form(who, [("kind", words_of(who.language)["claim_choose"])], "")
        return await self._sent(request, "claim", "claimed", said.get("words", "")[:_MOST_WORDS], ground=kind)

    async def withdraw(self, request: Asked) -> Answer:
        """Take back one's own claim, as long as nobody decided it."""
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is None:
            return self._nobody(who)
        open_ones = {row["fact_id"] for row in pending(self.site.facts.rows_of_case(who.session.case_id))}
        ref = said.get("ref", "")
        if ref not in open_ones and self.site.holds(who.token, "withdraw", said.get("nonce", "")):
            return message(self.site, who, "withdraw_none", 404)
        return await self._sent(request, "withdraw", "claim_withdrawn", f"taken back: {ref}", ref=ref)

    def represent_page(self, request: Asked) -> Answer:
        return self._statement(request, "represent", [])

    async def represent(self, request: Asked) -> Answer:
        """Name who speaks for one; who that is stands in the words, the fact says only that somebody was named."""
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is not None and not said.get("words", "").strip():
            return self._statement(request, "represent", [("words", words_of(who.language)["words_missing"])])
        return await self._sent(request, "represent", "represented", said.get("words", "")[:_MOST_WORDS], ground="representative")

    def contest_page(self, request: Asked) -> Answer:
        return self._statement(request, "contest", [])

    async def contest(self, request: Asked) -> Answer:
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is not None and not said.get("words", "").strip():
            return self._statement(request, "contest", [("words", words_of(who.language)["words_missing"])])
        notice = self.site.store.held(who.session.case_id)["notice"]["notice_id"] if who.session else ""
        return await self._sent(request, "contest", "service_contested", said.get("words", "")[:_MOST_WORDS], notice_id=notice)

    def appeal_page(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        if who.session is None:
            return self._nobody(who)
        if not refused(self.site.facts.rows_of_case(who.session.case_id)):
            return message(self.site, who, "appeal_none", 404)
        return self._statement(request, "appeal", [])

    async def appeal(self, request: Asked) -> Answer:
        who, said = visit(self.site, request), dict(await request.form())
        if who.session is None:
            return self._nobody(who)
        decisions = refused(self.site.facts.rows_of_case(who.session.case_id))
        if not decisions:
            return message(self.site, who, "appeal_none", 404)
        if not said.get("words", "").strip():
            return self._statement(request, "appeal", [("words", words_of(who.language)["words_missing"])])
        return await self._sent(request, "appeal", "appealed", said["words"][:_MOST_WORDS], ref=str(decisions[0]["fact_id"]))

    def _statement(self, request: Asked, name: str, found: list[tuple[str, str]]) -> Response[str]:
        who = visit(self.site, request)
        if who.session is None:
            return self._nobody(who)
        words, form = words_of(who.language), self.site.nonce(who.token, name)
        shown = {"title": words[f"{name}_title"], "label": words[f"{name}_words"], "action": f"/notice/{name}", "form": form}
        return page(self.site, who, "statement", status=422 if found else 200, found=found, **shown)

    # ---- everything held

    def record_page(self, request: Asked) -> Answer:
        who = visit(self.site, request)
        if who.session is None:
            return self._nobody(who)
        if who.session.level not in SURE:
            return message(self.site, who, "not_sure", 403)
        case, day, words = who.session.case_id, self.site.today(), words_of(who.language)
        facts = self.site.facts.rows_of_case(case)
        sent = sent_lines(self.site, case, words)
        return page(self.site, who, "record", looked=looked(facts, day), happened=happened(facts), sent=sent)

    def record_file(self, request: Asked) -> Answer:
        who, kind, made = visit(self.site, request), request.path_params["kind"], {"json": as_json, "html": as_page, "pdf": as_pdf}
        if who.session is None:
            return self._nobody(who)
        if who.session.level not in SURE:
            return message(self.site, who, "not_sure", 403)
        if kind not in made:
            return message(self.site, who, "no_page", 404)
        day = self.site.today()
        with self.site.alone:  # the engine keeps the tables that one question is about under one name: two persons are never mixed
            found = record(gather(self.site.course, who.session.case_id, day, day))
        types = {"json": "application/json", "html": "text/html", "pdf": "application/pdf"}
        return Response(made[kind](found), media_type=types[kind], headers={"Cache-Control": "no-store"})

    # ---- without signing in

    def not_me_page(self, request: Asked) -> Response[str]:
        return self._not_me_form(visit(self.site, request), [])

    def _not_me_form(self, who: Visit, found: list[tuple[str, str]]) -> Response[str]:
        return page(self.site, who, "not_me", status=422 if found else 200, found=found, form=self.site.nonce("", "not-me"))

    async def not_me(self, request: Asked) -> Answer:
        """Whoever holds the letter may say so: nothing is asked of them, and nothing about the case is told."""
        who, said = visit(self.site, request), dict(await request.form())
        if not is_ours(request) or not self.site.holds("", "not-me", said.get("nonce", "")):
            return message(self.site, who, "forged", 403)
        case = self.site.store.case_of_number(said.get("number", "").strip().upper())
        if case is None:
            return self._not_me_form(who, [("number", words_of(who.language)["not_me_wrong"])])
        fact = {"kind": "not_for_me", "notice_id": self.site.store.held(case)["notice"]["notice_id"], "actor": "person"}
        await self.site.send(case, fact, "not for me", said["nonce"])
        return message(self.site, who, "not_me_done", 200)
