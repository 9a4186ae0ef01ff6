"""Papers and proofs for programs: hand in, see what became of it, take it back; and where in the log stands what one has sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody

from callup.app.exports.case import entered
from callup.app.exports.proofs import proofs_of
from callup.app.web.api import shapes
from callup.app.web.api.asking import Asked, Key, Known
from callup.app.web.pages import Stop
from callup.app.web.papers import LARGEST, Paper
from callup.app.web.person.papers import PaperPages
from callup.app.web.store import Sent
from callup.app.web.writer import fact_row
from callup.cases.rows import row_fact_id

ROOM = LARGEST * 4 // 3 + 64 * 1024
"""Bytes that a request with one paper in base64 may have."""
_STATES = {"waiting": 409, "refused": 410}


class PaperInterface:
    """The handlers of papers and proofs.

    Args:
        pages: the pages of papers, which take them in.
        known: who asks, as the rest of the interface finds it.
    """

    def __init__(self, pages: PaperPages, known: Callable[..., Known]) -> None:
        self.pages, self.site, self._known = pages, pages.site, known

    async def hand_in(self, request: Asked, data: JSONBody[shapes.PaperSent], key: Key) -> shapes.Paper:
        """Hand in a paper: it is made anew without what it could carry, sealed, and shown to nobody before it was found clean."""
        case = self._known(request).session.case_id
        paper, digest = await self.pages.handed_in(case, f"api {case} {key}", data.name, data.content)
        if paper.digest != digest:
            raise Stop("key_of_another_act", 422)
        return _told(paper)

    def papers(self, request: Asked) -> list[shapes.Paper]:
        """The papers that were handed in, the oldest first."""
        case = self._known(request).session.case_id
        return [_told(one) for one in self.site.store.papers.of_case(case)]

    def paper(self, request: Asked, number: FromPath[int]) -> shapes.Paper:
        """One of them: whether it is being checked, was found clean, or was refused."""
        return _told(self._mine(self._known(request).session.case_id, number))

    def content(self, request: Asked, number: FromPath[int]) -> Response[bytes]:
        """What is kept of a paper, for its owner, who must be known surely; not before it was found clean."""
        case = self._known(request, surely=True).session.case_id
        paper = self._mine(case, number)
        if paper.state in _STATES:
            raise Stop(f"paper_{paper.state}", _STATES[paper.state])
        found = self.site.store.papers.content(case, number)
        if found is None:
            raise Stop("no_page", 404)
        shown = {"Content-Disposition": f'attachment; filename="paper-{number}"', "Cache-Control": "no-store"}
        return Response(found[1], media_type="application/octet-stream", headers=shown)

    def _mine(self, case: str, number: int) -> Paper:
        found = next((one for one in self.site.store.papers.of_case(case) if one.id == number), None)
        if found is None:
            raise Stop("no_page", 404)
        return found

    async def proofs(self, request: Asked) -> list[shapes.Entered]:
        """Where in the acts log stands what one has sent, with the proof and the signed tree head that covers it."""
        case = self._known(request).session.case_id
        facts = {row["fact_id"]: row for row in self.site.facts.rows_of_case(case)}
        sent = {
            row_fact_id(fact_row(one)): one for one in self.site.store.sent_by(case) if one.fact["actor"] in ("person", "agent", "desk")
        }
        mine = [facts[fact] for fact in sent if fact in facts]
        acts = await sync_to_thread(entered, self.site.course, mine)
        found = await sync_to_thread(proofs_of, self.site.course, mine, acts)
        return [_entered(one, acts[fact].index if fact in found else None, found.get(fact)) for fact, one in sent.items()]


def _told(paper: Paper) -> shapes.Paper:
    at = datetime.fromtimestamp(paper.at, UTC)
    state: Any = paper.state
    return shapes.Paper(paper.id, paper.name, paper.kind, paper.digest, at, state)


def _entered(sent: Sent, index: int | None, proof: str | None) -> shapes.Entered:
    day = date.fromisoformat(str(sent.fact["known_on"]))
    return shapes.Entered(sent.number, str(sent.fact["kind"]), day, str(sent.fact["evidence"]), index, proof)
