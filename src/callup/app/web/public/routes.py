"""What everyone may read: the first page, the page that checks a letter, the log and the report, as the static files that they are."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from litestar import Response, Router, asgi, get
from litestar.exceptions import NotFoundException
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import Message, Receive, Scope, Send

from callup.app.report.shapes import Table
from callup.app.report_model import unit_names
from callup.app.report_words import words_in
from callup.app.stores.viewer import SERVICE, Viewer, looking_as
from callup.app.web.doors import unit_of
from callup.app.web.pages import ALONE, CHECK, HEADERS, OURS, REPORT, Asked, Page, Visit, form_of, page, visit
from callup.app.web.person.view import advice_lines, fixed_words, general_answer, general_days
from callup.app.web.public.progress import Progress
from callup.app.web.public.roles import lines_of, role_files, roles_table
from callup.app.web.site import Site
from callup.app.web.words import rights_of, words_of
from callup.law.portable import portable


class Everyone:
    """The handlers of what is public.

    Args:
        site: the portal.
        works: whether this process makes the numbers of the week as well.
    """

    def __init__(self, site: Site, *, works: bool = True) -> None:
        self.site, self.opened = site, site.course.dossier.open
        self._answers: dict[tuple[str, date], list[tuple[str, list[str], list[str]]]] = {}
        self.progress = Progress(site, works)
        found = Path(str(files("callup.app.web").joinpath("static"))).glob("*.*s")
        self.sheets = [asgi(f"/static/{one.name}", copy_scope=False)(Sheet(one)) for one in found]

    def handlers(self) -> list[HTTPRouteHandler | ASGIRouteHandler | Router]:
        """Every public page and file."""
        return [
            get("/", sync_to_thread=False)(self.start),
            get("/rights", sync_to_thread=False)(self.rights),
            get("/progress", sync_to_thread=True)(self.progress_page),
            get("/progress/{name:str}", sync_to_thread=True)(self.progress_file),
            get("/roles", sync_to_thread=False)(self.roles_page),
            get("/roles/{name:str}", sync_to_thread=False)(self.roles_file),
            get("/affected", sync_to_thread=False, after_request=headed(ALONE))(self.affected),
            get("/v", sync_to_thread=False, after_request=headed(CHECK))(self.check_page),
            get("/favicon.ico", status_code=204, sync_to_thread=False)(self.no_icon),
            get("/healthz", sync_to_thread=False)(self.health),
            *self.sheets,
            *self._folders(),
        ]

    def start(self, request: Asked) -> Response[str]:
        who = visit(self.site, request)
        return page(self.site, who, "start", questions=self._asked(who.language), report=self._report(who.language))

    def _asked(self, language: str) -> list[tuple[str, list[str], list[str]]]:
        """The five questions in their order, with what is true for everybody before anybody signs in; made once a day."""
        day = self.site.today()
        if (language, day) not in self._answers:
            words, procedure = words_of(language), self.site.course.jurisdiction.procedure.at(day)
            asked = form_of(self.site, language, "letter").get("questions", ())
            real, _, _, cannot, helps = (general_answer(self.site, language, one) for one in asked)
            others = fixed_words(procedure, form_of(self.site, language, "procedure"))["others"]
            follows = [words["others_line"].format(**one) for one in others] or [
                form_of(self.site, language, "letter")["sections"]["others_none"]
            ]
            said = ([real], [words["start_must"]], general_days(self.site, language), [cannot, words["start_silence"]], [helps])
            more: tuple[list[str], ...] = ([], [], [], follows, [])
            kept = {key: one for key, one in self._answers.items() if key[1] == day}
            self._answers = kept | {
                (language, day): [(one["ask"], lines, rest) for one, lines, rest in zip(asked, said, more, strict=True)]
            }
        return self._answers[language, day]

    def _report(self, language: str) -> str:
        """The report's page in a language, else the English one; none before it is written."""
        names = (f"index.{language}.html", "index.html")
        return next((name for name in names if (self.opened / "90-report" / name).exists()), "")

    def rights(self, request: Asked) -> Response[str]:
        """What others owe somebody who is called, by country."""
        who = visit(self.site, request)
        procedure, forms = self.site.course.jurisdiction.procedure.at(self.site.today()), form_of(self.site, who.language, "procedure")
        advice = advice_lines(procedure, forms, self._unit(who))
        return page(self.site, who, "rights", rights=rights_of(self.site.course.jurisdiction.code, who.language), advice=advice)

    def _unit(self, who: Visit) -> str:
        """The unit of whoever is signed in; none for everybody else."""
        if who.session is None:
            return ""
        with looking_as(Viewer("person", who.session.case_id)):
            return unit_of(self.site.store.held(who.session.case_id))

    def progress_page(self, request: Asked) -> Response[str]:
        """How the call-up goes, of the last Sunday."""
        who, course = visit(self.site, request), self.site.course
        own = words_in(course.jurisdiction, unit_names(course), course.decree).get(who.language, {})
        return page(self.site, who, "progress", v=self.progress.seen(), decree=course.decree, own=own)

    def progress_file(self, request: Asked) -> Response[bytes]:
        """The page's charts and its tables, for whoever counts again."""
        seen, name = self.progress.seen(), str(request.path_params["name"])
        charts = {f"chart.{language}.svg": chart for language, chart in seen.charts.items()}
        if name not in charts and name not in seen.files:
            raise NotFoundException
        kind, content = seen.files.get(name) or ("image/svg+xml", charts[name])
        return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    def _roles(self) -> Table:
        with looking_as(SERVICE):  # who holds which role is about no case
            return roles_table(self.site.facts.rows_of_nobody(), self.site.today())

    def roles_page(self, request: Asked) -> Response[str]:
        """Who may act at the desk, and who could before."""
        holds, over = lines_of(self._roles(), self.site.today())
        return page(self.site, visit(self.site, request), "roles", holds=holds, over=over)

    def roles_file(self, request: Asked) -> Response[bytes]:
        """The same as a file; a role that was ended a moment ago is not kept by anybody's cache."""
        found = role_files(self._roles()).get(str(request.path_params["name"]))
        if found is None:
            raise NotFoundException
        return Response(found[1], media_type=found[0], headers={"Cache-Control": "no-cache"})

    def affected(self, request: Asked) -> Response[str]:
        """Whether the law of this call-up affects somebody: the law itself is sent, and the browser asks it; no answer comes back."""
        who, course = visit(self.site, request), self.site.course
        law, said = course.jurisdiction.law, self.site.law_words[who.language]
        fields = [{"column": law.columns[name], "said": said.facts[name]} for name in law.reads]
        tree = portable(law, course.window)
        rules = [{**one, "words": said.rules[one["name"]]} for one in tree["rules"]]
        return page(self.site, who, "affected", fields=fields, rules=rules, tree=tree, window=course.window)

    def check_page(self, request: Asked) -> Response[bytes]:
        """The page that checks a letter brings its own policy of what it may do: it runs scripts, and fetches the log's files only."""
        return Response((self.opened / "log" / "v").read_bytes(), media_type="text/html")

    def no_icon(self, request: Asked) -> None:
        """Browsers ask for one by themselves."""

    def health(self, request: Asked) -> dict[str, Any]:
        return {"call_up": self.site.course.decree.id, "cases": self.site.store.doors()}

    def _folders(self) -> list[Router]:
        """The log lies at the root, as on every mirror: its files are what the page asks for."""
        folders = [("/report", self.opened / "90-report", REPORT)]
        folders += [(f"/{name}", self.opened / "log" / name, OURS) for name in ("public", "acts", "roll")]
        return [
            create_static_files_router(path=path, directories=[folder], name=path[1:], after_request=headed(policy))
            for path, folder, policy in folders
            if folder.exists()
        ]


class Sheet:
    """A style sheet or one of our scripts, answered from memory: small on the line, and not sent again to who has it.

    Its answers are made once, headers and all; nothing of the framework is asked for what a million people fetch alike.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        self.tag = f'"{hashlib.sha256(plain).hexdigest()[:16]}"'.encode()
        kind = "text/css; charset=utf-8" if path.suffix == ".css" else "text/javascript; charset=utf-8"
        told = HEADERS | {"Content-Security-Policy": OURS, "Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
        shared = [(b"etag", self.tag), *((name.lower().encode(), value.encode()) for name, value in told.items())]
        self._plain, self._packed = (
            ({"type": "http.response.start", "status": 200, "headers": [*shared, (b"content-type", kind.encode()), *more]}, body)
            for body, more in (
                (plain, [(b"content-length", b"%d" % len(plain))]),
                (packed, [(b"content-length", b"%d" % len(packed)), (b"content-encoding", b"gzip")]),
            )
        )
        self._known = {"type": "http.response.start", "status": 304, "headers": shared}, b""
        self._refused = {"type": "http.response.start", "status": 405, "headers": [*shared, (b"allow", b"GET, HEAD")]}, b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asked = dict(scope["headers"])
        method = str(scope.get("method", ""))
        if method not in ("GET", "HEAD"):
            start, body = self._refused
        elif asked.get(b"if-none-match") == self.tag:
            start, body = self._known
        else:
            start, body = self._packed if b"gzip" in asked.get(b"accept-encoding", b"") else self._plain
        await send(cast("Message", start))
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body, "more_body": False})


def headed(policy: str) -> Any:
    """Gives every answer the headers of the portal and a policy of what its page may do."""
    told = HEADERS | {"Content-Security-Policy": policy}

    async def add(response: Response[Any]) -> Response[Any]:
        if isinstance(response, Page):
            response.policy = policy
        else:
            response.headers.update(told)
        return response

    return add
