"""Chromium under Playwright, and a loopback server that writes down what it was asked for.

For benches and tests only. Chromium is a program of the machine; nothing of it is needed to run a call-up.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callup.terms.errors import Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP mirror.test 127.0.0.1")


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The address of a static server over a folder, and the list of what it was asked for: (path, bytes given)."""
    given: list[tuple[str, int]] = []

    class Static(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def guess_type(self, path: str | os.PathLike[str]) -> str:
            return "text/html; charset=utf-8" if str(path).endswith("/v") else "application/octet-stream"

        def log_message(self, format: str, *words: Any) -> None:  # noqa: A002  (the name is the library's)
            """Nothing is printed."""

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            given.append((self.path, Path(self.translate_path(self.path)).stat().st_size if int(code) == 200 else 0))

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Static, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", given
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Browser:
    """The machine's Chromium under Playwright, with one page; ``asked`` and ``complaints`` are of the address visited last.

    One at a time in a thread, and no ``asyncio.run`` in that thread before it is closed: Playwright keeps a loop there.

    Raises:
        Unavailable: this machine has no Chromium, or this environment no Playwright.
    """

    def __init__(self) -> None:
        if not CHROMIUM:
            raise Unavailable("no-chromium", {}, "install Chromium: on Debian, apt-get install chromium")
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            raise Unavailable("no-playwright", {}, "install what `make test` installs: requirements/dev.txt") from None
        self._driver = sync_playwright().start()
        try:
            self._program = self._driver.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        except BaseException:
            self._driver.stop()
            raise
        self.page = self._program.new_context(locale="en-US").new_page()
        self.asked: list[str] = []
        """Addresses that the page asked for."""
        self.complaints: list[str] = []
        """Errors, warnings and violations of its policy that the page reported."""
        self.page.on("request", lambda one: self.asked.append(one.url))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on("console", lambda one: self.complaints.append(one.text) if one.type in ("error", "warning") else None)

    def close(self) -> None:
        """End the program and its driver."""
        self._program.close()
        self._driver.stop()

    def protocol(self) -> CDPSession:
        """A session of Chromium's own protocol, for what Playwright has no word for: passkeys, the tree that a screen reader is given."""
        return self.page.context.new_cdp_session(self.page)

    def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        return self.page.evaluate(expression)

    def visit(self, address: str) -> None:
        """Open an address in a fresh page."""
        self.page.goto("about:blank")
        self.asked.clear()
        self.complaints.clear()
        self.page.goto(address)

    def until(self, expression: str, seconds: int = 60) -> Any:
        """Wait until an expression is true; gives its value. Unlike Playwright's own waiting, it needs no leave of the page's policy."""
        from playwright.sync_api import Error

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(Error):  # between two pages there is none to ask
                if found := self.value(expression):
                    return found
            self.page.wait_for_timeout(30)
        shown = str(self.value("document.body.innerText"))[:1000]
        raise Unavailable("page-too-slow", {"waited for": expression, "shown": shown, "said": str(self.complaints)}, "look at the page")

    def sized(self, width: int = 1280, height: int = 900) -> None:
        """Show the page on a screen of so many pixels."""
        self.page.set_viewport_size({"width": width, "height": height})

    def picture(self, path: Path, width: int = 900) -> None:
        """A picture of the whole page at a width."""
        self.sized(width)
        self.page.screenshot(path=path, full_page=True)
        self.sized()
