"""The page on which a person hands in papers: what is there, what was refused, and that a paper is being checked."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler

from callup.app.web.pages import Asked, Visit, page, sent_form, to
from callup.app.web.papers import LARGEST, Paper, made_anew
from callup.app.web.person.view import pending
from callup.app.web.site import Site
from callup.app.web.store import PortalStore, Session
from callup.app.web.words import words_of
from callup.terms.errors import BadInput

_ROOM = LARGEST + 64 * 1024
"""Bytes that a form with one paper may have."""


class PaperPages:
    """The handlers of papers.

    Args:
        site: the portal.
        known: who is signed in, as the person's pages ask it.
    """

    def __init__(self, site: Site, known: Callable[[Asked], tuple[Visit, Session]]) -> None:
        self.site, self.known = site, known

    def handlers(self) -> list[HTTPRouteHandler]:
        """Its page, and what it takes."""
        return [
            get("/notice/papers", sync_to_thread=False)(self.papers),
            post("/notice/papers", status_code=200, request_max_body_size=_ROOM)(self.hand_in),
        ]

    def papers(self, request: Asked) -> Response[str]:
        """What was handed in."""
        who, session = self.known(request)
        return self._shown(who, session, "")

    def _shown(self, who: Visit, session: Session, problem: str) -> Response[str]:
        words = words_of(who.language)
        rows = self.site.store.papers.of_case(session.case_id)
        told = [{"name": one.name, "day": datetime.fromtimestamp(one.at, UTC).date(), "state": one.state} for one in rows]
        found = [("paper", words.get(problem, words["paper-not-readable"]))] if problem else []
        form = self.site.nonce(who.token, "papers")
        return page(self.site, who, "papers", status=422 if problem else 200, found=found, papers=told, form=form)

    async def hand_in(self, request: Asked) -> Any:
        """Make a paper anew and keep it; where a claim waits, that a paper came in is a fact of the case."""
        who, session = self.known(request)
        form = await sent_form(request, lambda nonce: self.site.holds(who.token, "papers", nonce))
        sent = form.get("paper")
        if not isinstance(sent, UploadFile) or not sent.filename:
            return self._shown(who, session, "paper-missing")
        try:
            await self.handed_in(session.case_id, str(form["nonce"]), sent.filename, await sent.read())
        except BadInput as failure:
            return self._shown(who, session, failure.code)
        return to("/notice/papers")

    async def handed_in(self, case: str, nonce: str, name: str, content: bytes) -> tuple[Paper, str]:
        """Make a paper anew and keep it, once for a nonce; gives it as it is kept, and the digest of what was made now.

        Raises:
            BadInput: it cannot be read, is of no known type, or the case has as many as it may have.
        """
        made = await asyncio.to_thread(made_anew, content)
        once = hashlib.sha256(f"paper {nonce}".encode()).digest()
        await self.site.writer.perform(self._kept(case, nonce, (once, name, made)))
        (paper,) = self.site.store.papers.of_nonce(once)
        return paper, hashlib.sha256(made[1]).hexdigest()

    def _kept(self, case: str, nonce: str, sent: tuple[bytes, str, tuple[str, bytes]]) -> Callable[[PortalStore], Any]:
        facts = self.site.facts.rows_of_case(case)
        given = {row["ref"] for row in facts if row["kind"] == "papers_given"}
        asked = [row["fact_id"] for row in facts if row["kind"] == "papers_asked" and row["fact_id"] not in given]
        waits = [*asked, *(row["fact_id"] for row in pending(facts))]
        now = self.site.now()

        def act(portal: PortalStore) -> Any:
            paper = portal.papers.keep(case, *sent, now)
            if not waits:
                return None
            fact = {"kind": "papers_given", "ref": str(waits[0])}
            return portal.keep(self.site.sent(case, fact, f"paper {paper.digest}", nonce))

        return act
