"""Puts the portal together: pages of the person, what everyone may read, and nothing that a browser must fetch elsewhere."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import Litestar, Response, get
from litestar.exceptions import MethodNotAllowedException, NotFoundException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from callup.app.web.pages import CHECK, HEADERS, OURS, REPORT, Asked, form_of, message, page, to, visit
from callup.app.web.person.routes import Person
from callup.app.web.site import Site
from callup.terms.errors import Unavailable


def portal(site: Site) -> Litestar:
    """The application of one dossier; its writer starts and stops with it."""
    opened = site.course.dossier.open

    @get("/", sync_to_thread=False)
    def start(request: Asked) -> Response[str]:
        who = visit(site, request)
        letter = form_of(site, who.language, "letter")
        questions = [(one["ask"], _general(one, site)) for one in letter.get("questions", ())]
        shown = [pair for pair in questions if "{" not in pair[1]]
        return page(site, who, "start", questions=shown, report=(opened / "90-report").exists())

    @get("/v", sync_to_thread=False, after_request=headed(CHECK))
    def check_page() -> Response[bytes]:
        """The page that checks a letter brings its own policy of what it may do: it runs scripts, and fetches the log's files only."""
        return Response((opened / "log" / "v").read_bytes(), media_type="text/html")

    @get("/favicon.ico", status_code=204, sync_to_thread=False)
    def no_icon() -> None:
        """Browsers ask for one by themselves."""

    @get("/healthz", sync_to_thread=False)
    def health() -> dict[str, Any]:
        return {"call_up": site.course.decree.id, "cases": site.store.doors()}

    static = Path(str(files("callup.app.web").joinpath("static")))
    folders = [("/static", static, OURS), ("/report", opened / "90-report", REPORT)]
    # the log lies at the root, as on every mirror: its files are what the page asks for
    folders += [(f"/{name}", opened / "log" / name, OURS) for name in ("public", "acts", "roll")]
    routers = [
        create_static_files_router(path=path, directories=[folder], name=path[1:], after_request=headed(policy))
        for path, folder, policy in folders
        if folder.exists()
    ]
    return Litestar(
        route_handlers=[start, check_page, no_icon, health, *Person(site).handlers(), *routers],
        on_startup=[site.writer.start],
        on_shutdown=[site.close],
        after_request=headed(OURS),
        exception_handlers={NotFoundException: _no_page(site), MethodNotAllowedException: _elsewhere, Unavailable: _busy(site)},
        openapi_config=None,
    )


def _general(question: dict[str, Any], site: Site) -> str:
    """An answer that is right for everybody; one that speaks of a single letter keeps its braces and is left out."""
    said: str = question["rehearsal"] if site.course.decree.rehearsal and "rehearsal" in question else question["answer"]
    return said.replace("{mirror}", site.course.decree.log_origin.partition("/")[0])


def headed(policy: str) -> Any:
    """Gives every answer the headers of the portal and a policy of what its page may do."""

    async def add(response: Response[Any]) -> Response[Any]:
        response.headers.update(HEADERS | {"Content-Security-Policy": policy})
        return response

    return add


def _no_page(site: Site) -> Any:
    return lambda request, failure: message(site, visit(site, request), "no_page", 404)


def _elsewhere(request: Asked, failure: Exception) -> Redirect:
    """Somebody reloads the address of a form, or comes back to it after signing in: the page before it is shown."""
    return to("/notice" if request.url.path.startswith("/notice/") else "/")


def _busy(site: Site) -> Any:
    def answer(request: Asked, failure: Exception) -> Response[str]:
        made = message(site, visit(site, request), "busy", 503)
        made.headers["Retry-After"] = "60"
        return made

    return answer
