"""What somebody reads who cannot be served now: when to come back, and what they sent, to be sent again from their own browser."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import Message, Receive, Scope, Send

from callup.app.web.pages import HEADERS, LANGUAGE, OURS, Asked, Visit, is_ours, language_of, page
from callup.app.web.site import Site
from callup.app.web.words import chosen

SOONEST, LATEST = 20, 40
"""Seconds after which one may come back; not all in the same second."""
_WANTED = re.compile(rf"(?:^|[&; ])(?:lang|{LANGUAGE})=([a-z]+)".encode())
LONGEST = 256 * 1024
"""Bytes of a form that are given back; the longest words that a page takes are eight thousand letters."""
_TOLD = b'{"type":"urn:callup:crowd","title":"Very many people are here at this moment","status":503,"detail":"Try again later."}'
"""For programs, as RFC 9457 has it."""
_SHARED = HEADERS | {"Content-Security-Policy": OURS, "Cache-Control": "no-store"}
_PAGE, _PROBLEM = (
    [*((name.lower().encode(), value.encode()) for name, value in _SHARED.items()), (b"content-type", kind)]
    for kind in (b"text/html; charset=utf-8", b"application/problem+json")
)


class ComeBack:
    """Answers with 503 (RFC 9110, 15.6.4) in the language of whoever asks, and asks no store anything.

    Args:
        site: the portal.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._empty = {language: self._made(language) for language in site.course.decree.languages}
        told = {"": (_PROBLEM, _TOLD)} | {language: (_PAGE, made) for language, made in self._empty.items()}
        self._written = {name: _in_two(shared, body) for name, (shared, body) in told.items()}

    def written(self, path: bytes, query: bytes, cookie: bytes, accepted: bytes) -> list[bytes]:
        """What a reader is told, as it is written on the line after the status and the server's own headers."""
        before, after = self._written["" if path.startswith(b"/api/") else self._language(query, cookie, accepted)]
        return [before, b"%d" % random.randint(SOONEST, LATEST), after]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == ScopeType.HTTP, "nothing else is refused"
        if scope["path"].startswith("/api/"):
            shared, body = _PROBLEM, _TOLD
        elif scope["method"] in ("GET", "HEAD"):
            told = dict(scope["headers"])
            language = self._language(scope["query_string"], told.get(b"cookie", b""), told.get(b"accept-language", b""))
            shared, body = _PAGE, self._empty[language]
        else:
            shared, body = _PAGE, await self._given_back(Request(scope), receive)
        wait = b"%d" % random.randint(SOONEST, LATEST)
        headers = [*shared, (b"retry-after", wait), (b"content-length", b"%d" % len(body))]
        start: Message = {"type": "http.response.start", "status": 503, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})

    def _language(self, query: bytes, cookie: bytes, accepted: bytes) -> str:
        """As `pages.language_of` finds it, for a hundredth of what a page costs: most that are refused are read here."""
        for told in (query, cookie):
            found = _WANTED.search(told)
            if found is not None and found[1].decode() in self._empty:
                return found[1].decode()
        return chosen(accepted.decode("latin-1"), tuple(self._empty))

    async def _given_back(self, request: Asked, receive: Receive) -> bytes:
        # only what our own page has sent is given back: nobody else's page can fill a form of ours
        kept = await _form(request, receive) if is_ours(request) else ()
        return self._made(language_of(self._site, request), kept, not kept)

    def _made(self, language: str, kept: Sequence[tuple[str, str]] = (), papers: bool = False) -> bytes:
        made = page(self._site, Visit("", None, language, language), "crowd", status=503, kept=kept, papers=papers)
        return made.content.encode()


def _in_two(shared: Sequence[tuple[bytes, bytes]], body: bytes) -> tuple[bytes, bytes]:
    """Headers and body as they are written, before and after the seconds to wait."""
    lines = b"".join(b"%b: %b\r\n" % one for one in shared)
    return lines + b"retry-after: ", b"\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


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
