"""Chromium, driven over a pipe by the DevTools protocol, and a loopback server that writes down what it was asked for.

For benches and tests only. Chromium is a program of the machine; nothing of it is needed to run a call-up.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from callup.terms.errors import Unavailable

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--lang=en-US",
    "--host-resolver-rules=MAP mirror.test 127.0.0.1",
)  # fmt: skip
_PIPES = 'exec "$@" 3<&{} 4>&{}'
"""Chromium reads commands from descriptor 3 and answers on 4."""


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
    """One Chromium with one tab; ``said`` keeps what the page reports of itself."""

    def __init__(self) -> None:
        if not CHROMIUM:
            raise Unavailable("no-chromium", {}, "install Chromium: on Debian, apt-get install chromium")
        self.profile = tempfile.mkdtemp(prefix="callup-chromium-")
        inside, self._out = os.pipe()
        self._in, outside = os.pipe()
        shell = ["/bin/bash", "-c", _PIPES.format(inside, outside), "bash"]
        self.program = subprocess.Popen(
            [*shell, CHROMIUM, *_FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(inside, outside),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(inside)
        os.close(outside)
        self.said: list[dict[str, Any]] = []
        self._rest, self._count, self._session = b"", 0, ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        """End the program and remove its profile."""
        with contextlib.suppress(OSError):
            os.close(self._out)
        try:
            self.program.wait(10)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()
        os.close(self._in)
        shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params} | ({"sessionId": self._session} if self._session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise Unavailable("chromium-refused", {"command": method, "why": str(answer["error"])}, "see what the browser says")
                found: dict[str, Any] = answer["result"]
                return found
            self.said.append(answer)

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._in, 1 << 16)
            if not part:
                raise Unavailable("chromium-ended", {}, "run it again; if it ends again, start Chromium by hand and read what it says")
            self._rest += part
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Unavailable("page-script-failed", {"why": json.dumps(result["exceptionDetails"])[:500]}, "mend the page's script")
        return result["result"].get("value")

    def visit(self, address: str) -> None:
        """Open an address in a fresh page."""
        self.ask("Page.navigate", url="about:blank")
        self.said.clear()
        self.ask("Page.navigate", url=address)

    def until(self, expression: str, seconds: int = 60) -> Any:
        """Wait until an expression is true; gives its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.value(expression)
            if found:
                return found
            time.sleep(0.03)
        shown = str(self.value("document.body.innerText"))[:1000]
        raise Unavailable("page-too-slow", {"waited for": expression, "shown": shown, "said": str(self.complaints())}, "look at the page")

    def complaints(self) -> list[dict[str, Any]]:
        """Errors and policy violations that the page reported."""
        return [one["params"] for one in self.said if one.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]

    def picture(self, path: Path, width: int = 900, height: int = 1400) -> None:
        """A picture of the whole page at a width."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        self.ask("Emulation.clearDeviceMetricsOverride")
