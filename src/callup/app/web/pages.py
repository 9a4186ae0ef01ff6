"""How pages are made and answered: templates, language, cookies, the headers of every answer, and whether a form is our own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from litestar import Request, Response
from litestar.datastructures import Cookie, FormMultiDict
from litestar.response import Redirect
from litestar.response.base import ASGIResponse
from markupsafe import Markup, escape

from callup.app.web.site import Site
from callup.app.web.store import Session
from callup.app.web.words import chosen, words_of

COOKIE, LANGUAGE = "__Host-callup", "callup-language"
OURS = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""What our own pages may do: no script at all."""
REPORT = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
"""The report carries its style and its pictures in itself, and no script."""
ALONE = OURS.replace("form-action 'self'", "script-src 'self'; form-action 'none'")
"""The page that asks the law in the browser runs its one script, sends no form and fetches nothing: what is entered cannot leave it."""
CHECK = "frame-ancestors 'none'"
"""The page ``v`` names in itself what it may do, the same wherever it lies."""
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
Asked = Request[Any, Any, Any]


class Page(Response[str]):
    """A page of our own. What its headers say is the same on every page, and made once for each policy of what a page may do."""

    policy = OURS

    def to_asgi_response(self, app: Any, request: Any, **handed: Any) -> ASGIResponse:
        """The page as it is sent, with what was added to its own headers and its cookies."""
        more = [(name.lower().encode(), str(value).encode()) for name, value in self.headers.items()]
        cookies = [one.to_encoded_header() for one in self.cookies]
        return _Written(self.status_code or handed["status_code"], [*_written(self.policy), *more, *cookies], self.content.encode())


class _Written(ASGIResponse):
    """A status, headers and bytes that are ready to be sent."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status_code, self.body, self.content_length = status, body, len(body)
        self.background, self.is_head_response, self.encoding = None, False, "utf-8"
        self._headers = [*headers, (b"content-length", b"%d" % len(body))]

    def encode_headers(self) -> list[tuple[bytes, bytes]]:
        return self._headers


@lru_cache(maxsize=8)
def _written(policy: str) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that every page of a policy has."""
    told = HEADERS | {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8"}
    return tuple((name.lower().encode(), value.encode()) for name, value in told.items())


class Stop(Exception):
    """A request that ends with one sentence: a key of the portal's words, and the status of the answer."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key, self.status = key, status


class Nobody(Exception):
    """A page for somebody who is signed in, asked for by somebody who is not, or no longer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: who is signed in, in which language the page is wanted, and which one the browser has kept."""

    token: str
    session: Session | None
    language: str
    kept: str = ""


def visit(site: Site, request: Asked) -> Visit:
    """Who asks, and in which language: by the link just followed, the choice made before, or the browser's wish."""
    token = request.cookies.get(COOKIE, "")
    return Visit(token, site.session(token), language_of(site, request), request.cookies.get(LANGUAGE, ""))


def language_of(site: Site, request: Asked) -> str:
    """In which language a page is wanted; no store is asked."""
    offered = tuple(site.course.decree.languages)
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE, "")
    return wanted if wanted in offered else chosen(request.headers.get("accept-language", ""), offered)


def page(site: Site, who: Visit, name: str, *, status: int = 200, **values: Any) -> Page:
    """One page, never stored by a browser or on the way: it may be somebody's."""
    words = words_of(who.language)
    out = site.nonce(who.token, "sign-out") if who.session else ""
    decree = site.course.decree
    spoken = [(code, str(form_of(site, code, "letter").get("language_name", code))) for code in decree.languages]
    shared = {"w": words, "languages": spoken, "rehearsal": decree.rehearsal, "signed_in": who.session is not None, "out": out}
    shared |= {"sign_out_path": "/sign-out", "desk": None}
    text = _template(name, words["lang"]).render(
        **(shared | values),
        day=lambda one: long_date(one, words["lang"]),
        said=lambda one: _said(one, words),
        figure=lambda one: str(format_decimal(one, locale=words["lang"])),
        decimal=lambda one: str(format_decimal(Decimal(one), format="0." + "0" * len(one.partition(".")[2]), locale=words["lang"])),
        told=lambda one: long_date(date.fromisoformat(one), words["lang"]),
    )
    fresh = [] if who.kept == who.language else [Cookie(key=LANGUAGE, value=who.language, samesite="lax", httponly=True, secure=True)]
    return Page(_ended_once(text), status_code=status, cookies=fresh)


def _ended_once(text: str) -> str:
    """A sentence whose last word is a date that Russian or Lithuanian writes with a full stop ends with one."""
    return text.replace("г..", "г.").replace(" d..", " d.")


def _said(value: object, words: Mapping[str, str]) -> str:
    """A value of the register in words."""
    if isinstance(value, bool):
        return words["said_yes" if value else "said_no"]
    return words["nothing_known"] if value is None else str(value)


def message(site: Site, who: Visit, key: str, status: int) -> Response[str]:
    """A page with one sentence, and where to go on: back to the notice, or to a surer way in where that is what is missing."""
    return page(site, who, "message", status=status, text=words_of(who.language)[key], ways=site.ways if key == "not_sure" else {})


async def sent_form(request: Asked, holds: Callable[[str], bool]) -> FormMultiDict:
    """A form that comes from our own page, which knows a number that only our page was given.

    Raises:
        Stop: it comes from elsewhere.
    """
    form = await request.form()
    if not is_ours(request) or not holds(str(form.get("nonce", ""))):
        raise Stop("forged", 403)
    return form


def to(path: str) -> Redirect:
    """Go there with a reading request (RFC 9110, 15.4.4)."""
    return Redirect(path, status_code=303)


def is_ours(request: Asked) -> bool:
    """Whether a form comes from our own page, by what the browser itself says of it; the form's number is asked for besides."""
    told = request.headers.get("sec-fetch-site")
    if told is not None:
        return told in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def birthday(form: Mapping[str, str]) -> date | None:
    """The date of birth as three numbers; none where it was left empty or is no day."""
    try:
        return date(*(int(form.get(name, "").strip()) for name in ("year", "month", "day")))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def long_date(day: date, language: str) -> str:
    """A day in words, as it is said in a language."""
    return str(format_date(day, "long", locale={"en": "en_GB"}.get(language, language)))


def part(name: str, language: str, **values: Any) -> Markup:
    """A part of a page that is the same for everybody: whoever asks for it keeps it."""
    words = words_of(language)
    return Markup(_template(name, words["lang"]).render(w=words, **values))


_WORD = re.compile(r"\{\{ w\.(\w+) \}\}")


@lru_cache(maxsize=1024)
def _template(name: str, language: str) -> Template:
    """A page with the words of a language in their places: they are escaped once, when it is compiled, and not at every visit."""
    return _environment(language).get_template(f"{name}.html.j2")


def compile_pages(language: str) -> None:
    """Compile every page in a language, so that nobody waits for it."""
    for one in files("callup.app.web").joinpath("templates").iterdir():
        _template(one.name.removesuffix(".html.j2"), words_of(language)["lang"])


_OF_A_DICT = frozenset(dir(dict))


class _Pages(Environment):
    """Looks a name up in a dictionary first where no attribute of a dictionary has it: the same finds, without a failure for each."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute not in _OF_A_DICT:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


@lru_cache(maxsize=64)
def _environment(language: str) -> Environment:
    words = words_of(language)

    def read(name: str) -> str:
        text = files("callup.app.web").joinpath("templates", name).read_text(encoding="utf-8")
        return _WORD.sub(lambda found: str(escape(words[found[1]])), text)

    kept: dict[str, Any] = {"loader": FunctionLoader(read), "auto_reload": False}
    return _Pages(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True, **kept)


def form_of(site: Site, language: str, name: str) -> Mapping[str, Any]:
    """A form of the call-up's country in a language."""
    texts = site.course.jurisdiction.forms.get(language, {})
    return parsed(texts.get(name) or texts.get(f"{name}.toml") or "")


@lru_cache(maxsize=32)
def parsed(text: str) -> Mapping[str, Any]:
    """A form of a country, parsed once."""
    return tomllib.loads(text)
