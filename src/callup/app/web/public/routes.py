"""What everyone may read: the first page, the page that checks a letter, the log and the report, as the static files that they are."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from litestar import Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.static_files import create_static_files_router

from callup.app.web.pages import CHECK, HEADERS, OURS, REPORT, Asked, form_of, page, visit
from callup.app.web.site import Site


class Everyone:
    """The handlers of what is public.

    Args:
        site: the portal.
    """

    def __init__(self, site: Site) -> None:
        self.site, self.opened = site, site.course.dossier.open

    def handlers(self) -> list[HTTPRouteHandler | Router]:
        """Every public page and file."""
        return [
            get("/", sync_to_thread=False)(self.start),
            get("/v", sync_to_thread=False, after_request=headed(CHECK))(self.check_page),
            get("/favicon.ico", status_code=204, sync_to_thread=False)(self.no_icon),
            get("/healthz", sync_to_thread=False)(self.health),
            *self._folders(),
        ]

    def start(self, request: Asked) -> Response[str]:
        who = visit(self.site, request)
        letter = form_of(self.site, who.language, "letter")
        questions = [(one["ask"], self._general(one)) for one in letter.get("questions", ())]
        shown = [pair for pair in questions if "{" not in pair[1]]
        return page(self.site, who, "start", questions=shown, report=(self.opened / "90-report").exists())

    def _general(self, question: dict[str, Any]) -> str:
        """An answer that is right for everybody; one that speaks of a single letter keeps its braces and is left out."""
        decree = self.site.course.decree
        said: str = question["rehearsal"] if decree.rehearsal and "rehearsal" in question else question["answer"]
        return said.replace("{mirror}", decree.log_origin.partition("/")[0])

    def check_page(self, request: Asked) -> Response[bytes]:
        """The page that checks a letter brings its own policy of what it may do: it runs scripts, and fetches the log's files only."""
        return Response((self.opened / "log" / "v").read_bytes(), media_type="text/html")

    def no_icon(self, request: Asked) -> None:
        """Browsers ask for one by themselves."""

    def health(self, request: Asked) -> dict[str, Any]:
        return {"call_up": self.site.course.decree.id, "cases": self.site.store.doors()}

    def _folders(self) -> list[Router]:
        """The log lies at the root, as on every mirror: its files are what the page asks for."""
        static = Path(str(files("callup.app.web").joinpath("static")))
        folders = [("/static", static, OURS), ("/report", self.opened / "90-report", REPORT)]
        folders += [(f"/{name}", self.opened / "log" / name, OURS) for name in ("public", "acts", "roll")]
        return [
            create_static_files_router(path=path, directories=[folder], name=path[1:], after_request=headed(policy))
            for path, folder, policy in folders
            if folder.exists()
        ]


def headed(policy: str) -> Any:
    """Gives every answer the headers of the portal and a policy of what its page may do."""

    async def add(response: Response[Any]) -> Response[Any]:
        response.headers.update(HEADERS | {"Content-Security-Policy": policy})
        return response

    return add
