"""What somebody reads who cannot be served now: when to come back, and what they sent, to be sent again from their own browser."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from urllib.parse import parse_qsl

from litestar import Request, Response
from litestar.types import Message, Receive, Scope, Send

from callup.app.web.pages import HEADERS, OURS, Asked, Visit, is_ours, language_of, page
from callup.app.web.site import Site

SOONEST, LATEST = 20, 40
"""Seconds after which one may come back; not all in the same second."""
LONGEST = 256 * 1024
"""Bytes of a form that are given back; the longest words that a page takes are eight thousand letters."""


class ComeBack:
    """Answers with 503 (RFC 9110, 15.6.4) in the language of whoever asks, and asks no store anything.

    Args:
        site: the portal.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._empty: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request: Asked = Request(scope)
        if str(scope["path"]).startswith("/api/"):
            kind, body = b"application/problem+json", _problem()
        else:
            kind, body = b"text/html; charset=utf-8", await self._page(request, receive)
        told = HEADERS | {"Content-Security-Policy": OURS, "Cache-Control": "no-store", "Retry-After": str(random.randint(SOONEST, LATEST))}
        headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        headers += [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
        start: Message = {"type": "http.response.start", "status": 503, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body, "more_body": False})

    async def _page(self, request: Asked, receive: Receive) -> bytes:
        language = language_of(self._site, request)
        if request.method in ("GET", "HEAD"):
            if language not in self._empty:
                self._empty[language] = self._made(language).content.encode()
            return self._empty[language]
        # only what our own page has sent is given back: nobody else's page can fill a form of ours
        kept = await _form(request, receive) if is_ours(request) else ()
        return self._made(language, kept, not kept).content.encode()

    def _made(self, language: str, kept: Sequence[tuple[str, str]] = (), papers: bool = False) -> Response[str]:
        return page(self._site, Visit("", None, language, language), "crowd", status=503, kept=kept, papers=papers)


async def _form(request: Asked, receive: Receive) -> Sequence[tuple[str, str]]:
    """The fields of a form, empty ones too; none where it carries papers or is longer than any form of ours."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ()
    read, more = b"", True
    while more and len(read) <= LONGEST:
        part = await receive()
        if part["type"] != "http.request":
            return ()
        read, more = read + part["body"], part["more_body"]
    return () if len(read) > LONGEST else parse_qsl(read.decode("utf-8", "replace"), keep_blank_values=True)


def _problem() -> bytes:
    """For programs, as RFC 9457 has it."""
    told = {"type": "urn:callup:crowd", "title": "Very many people are here at this moment", "status": 503, "detail": "Try again later."}
    return json.dumps(told).encode()
