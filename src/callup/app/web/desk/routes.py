"""The pages of the desk: the queue, one case, proposals, post, roles, and what an auditor and an ombudsman see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from callup.app.acts import DAILY_ALLOWANCE
from callup.app.stores.viewer import SERVICE, Viewer, look_as, looking_as
from callup.app.web.desk.acting import Desk, Refused
from callup.app.web.desk.granting import KINDS, confirm_grant, propose_end, propose_grant
from callup.app.web.desk.post import OUTCOMES, read_scans, take_returns
from callup.app.web.desk.queue import STEPS, bring_up
from callup.app.web.desk.roles import EVERYWHERE, GRANTED, Officer, grants_on, officer
from callup.app.web.desk.view import case_page, horizon, ombudsman, proposal_line, watching
from callup.app.web.doors import unit_of
from callup.app.web.pages import Asked, Stop, page, sent_form, to, visit
from callup.app.web.person.view import units_of
from callup.app.web.site import IDLE, LONGEST, Site
from callup.app.web.words import words_of
from callup.terms.errors import BadInput, CallupError

COOKIE = "__Host-callup-desk"
_AT_ONCE = 50
Answer = Response[Any] | Redirect


class NotSignedIn(Exception):
    """A page of the desk, asked for by somebody who is not signed in, or no longer."""


@dataclass(frozen=True, slots=True)
class AtDesk:
    """One request of an official."""

    token: str
    who: Officer
    language: str


class DeskPages:
    """The handlers of the desk.

    Args:
        desk: what they work with.
        ways: the identity providers for officials: id and name.
    """

    def __init__(self, desk: Desk, ways: Mapping[str, str]) -> None:
        self.desk, self.site, self.ways = desk, desk.site, ways

    def handlers(self) -> list[HTTPRouteHandler]:
        """Every page of the desk."""
        return [
            get("/desk")(self.queue),
            post("/desk/sign-out", status_code=200)(self.sign_out),
            get("/desk/open", sync_to_thread=False)(self.open_page),
            post("/desk/open", status_code=200)(self.open),
            get("/desk/case/{case:str}", sync_to_thread=False)(self.case),
            get("/desk/paper/{case:str}/{number:int}", sync_to_thread=False)(self.paper),
            post("/desk/letter", status_code=200)(self.letter),
            post("/desk/decision", status_code=200)(self.decision),
            post("/desk/propose", status_code=200)(self.propose),
            get("/desk/proposals")(self.proposals),
            post("/desk/decide", status_code=200)(self.decide),
            post("/desk/undo", status_code=200)(self.undo),
            post("/desk/release", status_code=200)(self.release),
            post("/desk/recuse", status_code=200)(self.recuse),
            post("/desk/enter", status_code=200)(self.enter),
            post("/desk/served", status_code=200)(self.served),
            get("/desk/post", sync_to_thread=False)(self.post_page),
            post("/desk/returns", status_code=200)(self.returns),
            post("/desk/outage", status_code=200)(self.outage),
            get("/desk/roles", sync_to_thread=False)(self.roles_page),
            post("/desk/grant", status_code=200)(self.grant),
            post("/desk/confirm", status_code=200)(self.confirm),
            get("/desk/watch", sync_to_thread=True)(self.watch),
        ]

    # ---- who is there

    def sign_in(self, name: str) -> str:
        """A session of an official whom an identity provider has named; gives its token."""
        token = os.urandom(32).hex()
        self.desk.store.open_session(token, name, self.site.now())
        return token

    def there(self, request: Asked, act: str = "") -> AtDesk:
        """Who asks, if their roles allow an act somewhere.

        Raises:
            NotSignedIn: nobody, or no longer.
            Refused: no role for it.
        """
        token = request.cookies.get(COOKIE, "")
        return AtDesk(token, self.officer(token, act), visit(self.site, request).language)

    def officer(self, token: str, act: str) -> Officer:
        """The official of a session, if their roles allow an act somewhere; from now on they look.

        Raises:
            NotSignedIn: nobody, or no longer.
            Refused: no role for it.
        """
        now = self.site.now()
        found = self.desk.store.session(token) if token else None
        if found is None or now - found[2] > IDLE or now - found[1] > LONGEST:
            raise NotSignedIn
        if now - found[2] > IDLE // 10:
            self.desk.store.touch(token, now)
        with looking_as(SERVICE):
            grants = grants_on(self.site.facts.rows_of_nobody(), self.site.today())
        granted = officer(self.site.course.decree, grants, found[0])
        who = self.proved(granted)
        if act and not who.may(act):
            if granted.may(act):
                raise Refused("passkey-required", {"act": act}, "make a passkey first, at /desk/passkey")
            raise Refused("not-your-desk", {"act": act}, "the roles granted to you do not allow this")
        day, actor = self.site.today(), f"clerk: {who.name}"
        opened = frozenset(self.site.facts.in_sight(actor, day))
        look_as(Viewer("official", actor=actor, day=(day - date(1970, 1, 1)).days, opened=opened))
        return who

    def proved(self, who: Officer) -> Officer:
        """An official with the roles for which enough is proved: some ask for a passkey (`read_second`), and do nothing without one."""
        asked = {role for role, _ in who.roles} & self.site.second
        if not asked or self.desk.store.passkeys_of(who.name):
            return who
        return Officer(who.name, frozenset(pair for pair in who.roles if pair[0] not in asked))

    async def _sent(self, request: Asked, act: str) -> tuple[AtDesk, FormMultiDict]:
        there = self.there(request, act)
        return there, await sent_form(request, lambda nonce: self.site.holds(there.token, "desk", nonce))

    def page(self, there: AtDesk, request: Asked, name: str, *, status: int = 200, **values: Any) -> Response[str]:
        """One page of the desk."""
        seen = visit(self.site, request)
        form = self.site.nonce(there.token, "desk")
        shared = {"signed_in": True, "out": form, "sign_out_path": "/desk/sign-out", "desk": there.who, "form": form, "at": there.language}
        return page(self.site, seen, name, status=status, **shared, **values)

    def sign_in_page(self, request: Asked, status: int = 401) -> Response[str]:
        """The page of somebody who is not signed in."""
        return page(self.site, visit(self.site, request), "desk_sign_in", status=status, ways=self.ways, over=COOKIE in request.cookies)

    async def sign_out(self, request: Asked) -> Answer:
        there, _ = await self._sent(request, "")
        self.desk.store.end_session(there.token)
        answer = self.sign_in_page(request, 200)
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        answer.delete_cookie(COOKIE)
        return answer

    def refusal(self, request: Asked, failure: CallupError) -> Response[str]:
        """What somebody reads whose act was refused; nothing of it was done."""
        there = self.there(request)
        text = words_of(there.language).get(f"refused {failure.code}", str(failure))
        status = 403 if isinstance(failure, Refused) else 422
        back = str(failure.params.get("case", ""))
        return self.page(there, request, "desk_message", status=status, text=text, back=back if len(back) == 24 else "")

    # ---- the queue

    async def queue(self, request: Asked) -> Answer:
        there = self.there(request)
        await self.desk.settle()
        units = there.who.units("queue")
        if not units:
            return self.page(there, request, "desk_queue", rows=[], units=[], unit="", step="", steps=[], more="")
        bring_up(self.site, self.desk.store)
        unit, step = request.query_params.get("unit", ""), request.query_params.get("step", "")
        asked = [unit] if unit and (unit in units or EVERYWHERE in units) else units
        steps = [step] if step in STEPS else [*STEPS, "await-appearance"]
        rows = self.desk.store.waiting(asked, steps, request.query_params.get("after", ""), _AT_ONCE + 1)
        more = rows[_AT_ONCE - 1]["cursor"] if len(rows) > _AT_ONCE else ""
        shown: dict[str, Any] = {"rows": rows[:_AT_ONCE], "units": self._units(units), "unit": unit, "step": step}
        shown |= {"steps": STEPS, "more": more}
        return self.page(there, request, "desk_queue", **shown)

    def _units(self, allowed: list[str]) -> list[str]:
        return units_of(self.site) if EVERYWHERE in allowed else allowed

    def open_page(self, request: Asked) -> Answer:
        """Asks why, before anything is shown; a letter's number finds its case, a name never does."""
        there = self.there(request)
        case, number = request.query_params.get("case", ""), request.query_params.get("number", "").strip().upper()
        found = self.site.store.case_of_number(number) or "" if number else case
        left = DAILY_ALLOWANCE - len(self.site.facts.readings(f"clerk: {there.who.name}", self.site.today()))
        return self.page(there, request, "desk_message", text="", back="", opening=found, left=left, unknown=bool(number and not found))

    async def open(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "")
        case = str(form.get("case", ""))
        await self.desk.open(there.who, case, str(form.get("reason", "")), str(form["nonce"]))
        return to(f"/desk/case/{case}")

    def case(self, request: Asked) -> Answer:
        there, case = self.there(request), request.path_params["case"]
        held = self.site.store.held_if(case)
        if held is None or not self.desk.sees(there.who, case):
            return to(f"/desk/open?case={case}")
        if not (there.who.may("open", unit_of(held)) or there.who.may("sample")):
            raise Refused("not-your-desk", {"act": "open"}, "the role that opened it does not hold any more")
        bring_up(self.site, self.desk.store)
        return self.page(there, request, "desk_case", v=case_page(self.desk, there.who, case, words_of(there.language)))

    def paper(self, request: Asked) -> Answer:
        """A paper of a case that was opened today: to be saved, never shown inline, in a sandbox of its own."""
        there, case = self.there(request, "open"), str(request.path_params["case"])
        if self.site.store.held_if(case) is None or not self.desk.sees(there.who, case):
            return to(f"/desk/open?case={case}")
        found = self.site.store.papers.content(case, int(request.path_params["number"]))
        if found is None:
            raise Stop("no_page", 404)
        paper, content = found
        ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}[paper.kind]
        shown = {"Content-Disposition": f'attachment; filename="paper-{paper.id}.{ending}"', "Cache-Control": "no-store"}
        return Response(content, media_type=paper.kind, headers=shown)

    async def letter(self, request: Asked) -> Answer:
        """The letter of a case that was opened today, kept nowhere on its way."""
        there, form = await self._sent(request, "")
        case = str(form.get("case", ""))
        made = await self.desk.letter(there.who, case, str(form["nonce"]))
        return letter_answer(made, f"letter-{case[:8]}")

    async def decision(self, request: Asked) -> Answer:
        """The letter of a decision that can still be taken back, kept nowhere on its way."""
        there, form = await self._sent(request, "")
        made = await self.desk.decision_letter(there.who, int(form.get("proposal", "0")), str(form["nonce"]))
        return letter_answer(made, f"decision-{form['proposal']}")

    # ---- proposing and deciding

    async def propose(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "propose")
        case, (kind, _, outcome) = str(form.get("case", "")), str(form.get("act", "")).partition(" ")
        reason = " ".join(part for part in (str(form.get("prepared", "")), str(form.get("reason", ""))) if part.strip())
        bring_up(self.site, self.desk.store)
        self.desk.propose(there.who, case, kind, outcome, reason, day_of(form, "until"))
        return to(f"/desk/case/{case}")

    async def proposals(self, request: Asked) -> Answer:
        there = self.there(request, "queue")
        await self.desk.settle()
        words = words_of(there.language)
        waiting = self.desk.store.proposals("state IN ('open', 'accepted') AND case_id NOT LIKE 'role %'")
        mine = [one for one in waiting if there.who.may("decide", one.unit) or one.first == there.who.name]
        return self.page(there, request, "desk_proposals", lines=[proposal_line(self.desk, there.who, one, words) for one in mine])

    async def decide(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "decide")
        numbers = [int(number) for number in form.getall("proposal", []) if str(number).isdecimal()]
        if not numbers:
            raise BadInput("not-waiting", {}, "tick a proposal")
        bring_up(self.site, self.desk.store)
        self.desk.decide(there.who, numbers, form.get("accept") == "yes", str(form.get("note", "")))
        return to("/desk/proposals")

    async def undo(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "decide")
        self.desk.undo(there.who, int(form.get("proposal", "0")))
        return to("/desk/proposals")

    async def release(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "")
        self.desk.store.release(str(form.get("case", "")), there.who.name)
        return to("/desk")

    async def recuse(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "open")
        await self.desk.recuse(there.who, str(form.get("case", "")), str(form.get("reason", "")), str(form["nonce"]))
        return self.page(there, request, "desk_message", text=words_of(there.language)["desk_recused"], back="")

    # ---- paper, post, outages

    async def enter(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "enter")
        entered = {name: str(form.get(name, "")) for name in ("kind", "ground", "ref", "words", "paper") if form.get(name)}
        received = day_of(form, "received_on") or self.site.today()
        number = await self.desk.enter(there.who, str(form.get("case", "")), entered, received, str(form["nonce"]))
        text = words_of(there.language)["desk_entered"].format(number=number)
        return self.page(there, request, "desk_message", text=text, back=str(form["case"]))

    async def served(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "enter")
        case, said = str(form.get("case", "")), {name: str(form.get(name, "")) for name in ("ref", "channel", "words")}
        await self.desk.serve(there.who, case, said, day_of(form, "served_on"))
        return self.page(there, request, "desk_message", text=words_of(there.language)["desk_done"], back=case)

    def post_page(self, request: Asked) -> Answer:
        there = self.there(request, "returns")
        return self.page(there, request, "desk_post", outcomes=OUTCOMES, done=None, channels=self._channels())

    def _channels(self) -> tuple[str, ...]:
        return (*self.site.course.decree.channels, "counter")

    async def returns(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "returns")
        scans = read_scans(str(form.get("codes", "")), str(form.get("outcome", "")))
        with looking_as(SERVICE):
            done = await take_returns(self.site, scans, self.site.today())
        return self.page(there, request, "desk_post", outcomes=OUTCOMES, done=done, channels=self._channels())

    async def outage(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "outage")
        since, until, channel = day_of(form, "since"), day_of(form, "until"), str(form.get("channel", ""))
        if since is None or until is None or not since <= until or since > self.site.today() or channel not in self._channels():
            raise BadInput("not-entered", {"channel": channel}, "name the way, its first day, and its last")
        fact = {"case_id": None, "kind": "outage", "actor": "desk", "channel": channel, "until": until.isoformat()}
        fact |= {"happened_on": since.isoformat()}
        await self.site.send("", fact, f"outage {channel} {since} {until}, said by {there.who.name}", str(form["nonce"]))
        return self.page(there, request, "desk_message", text=words_of(there.language)["desk_done"], back="")

    # ---- roles, and who looks at the lookers

    def roles_page(self, request: Asked) -> Answer:
        there, day = self.there(request), self.site.today()
        grants = grants_on(self.site.facts.rows_of_nobody(), day)
        waiting = self.desk.store.proposals(f"state = 'open' AND kind IN ({', '.join('?' * len(KINDS))})", KINDS)
        until = horizon(day, self.site.course.decree.closes_on).isoformat()
        units = [EVERYWHERE, *self._units([EVERYWHERE])]
        return self.page(there, request, "desk_grants", grants=grants, waiting=waiting, granted=GRANTED, units=units, until=until)

    async def grant(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "grant")
        reason = str(form.get("reason", "")).strip()
        if form.get("ends"):
            propose_end(self.site, self.desk.store, there.who, str(form["ends"]), reason)
        else:
            name, role, unit = (str(form.get(part, "")) for part in ("name", "role", "unit"))
            propose_grant(self.site, self.desk.store, there.who, (name, role, unit), day_of(form, "until") or date.min, reason)
        return to("/desk/roles")

    async def confirm(self, request: Asked) -> Answer:
        there, form = await self._sent(request, "grant")
        await confirm_grant(self.site, self.desk.store, there.who, int(form.get("proposal", "0")))
        return to("/desk/roles")

    def watch(self, request: Asked) -> Answer:
        there = self.there(request, "watch")
        with looking_as(SERVICE):  # counts by official and by unit; no case is shown
            seen = watching(self.desk, words_of(there.language))
            more = ombudsman(self.desk, words_of(there.language)) if there.who.may("sample") else None
        return self.page(there, request, "desk_watch", v=seen, o=more)


def letter_answer(made: bytes, name: str) -> Response[bytes]:
    """A letter as the answer to a form, to be looked at and kept by no browser."""
    shown = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=shown)


def day_of(form: FormMultiDict, name: str) -> date | None:
    """A day of a form, or none where it is empty or no day."""
    try:
        return date.fromisoformat(str(form.get(name, "")).strip())
    except ValueError:
        return None


def refused_at_desk(pages: DeskPages) -> Any:
    """What a refusal becomes: at the desk a page in words; elsewhere it is a fault of ours, and is raised."""

    def answer(request: Asked, failure: CallupError) -> Response[str]:
        if not request.url.path.startswith("/desk"):
            raise failure
        return pages.refusal(request, failure)

    return answer


def desk_of(site: Site) -> Desk:
    """The desk of a portal, with a connection of its own."""
    return Desk(site, site.desk_store())
