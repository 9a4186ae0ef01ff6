"""Chromium, driven over a pipe by the DevTools protocol, and a loopback server that writes down what it was asked for."""

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
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
NODE = shutil.which("node") or shutil.which("nodejs") or ""
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--lang=en-US",
)  # fmt: skip


@contextlib.contextmanager
def served(folder):
    """The address of a static server over a folder, and the list of what it gave: (path, bytes)."""
    given = []

    class Static(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def guess_type(self, path):
            return "text/html; charset=utf-8" if str(path).endswith("/v") else "application/octet-stream"

        def log_message(self, *args):
            pass

        def log_request(self, code="-", size="-"):
            path = self.translate_path(self.path)
            given.append((self.path, os.path.getsize(path) if int(code) == 200 else 0))

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
    """One Chromium with one tab."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="callup-chromium-")
        inside, self._out = os.pipe()
        self._in, outside = os.pipe()
        shell = ["/bin/bash", "-c", f'exec "$@" 3<&{inside} 4>&{outside}', "bash"]
        self.program = subprocess.Popen(
            [*shell, CHROMIUM, *_FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            pass_fds=(inside, outside),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(inside)
        os.close(outside)
        self._rest, self._count, self.session, self.said = b"", 0, "", []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def close(self):
        with contextlib.suppress(OSError):
            os.close(self._out)
        try:
            self.program.wait(10)
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.program.wait()
        os.close(self._in)
        shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, **params):
        """One command; what the page says meanwhile is kept in ``said``."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params} | ({"sessionId": self.session} if self.session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.said.append(answer)

    def _message(self):
        while b"\0" not in self._rest:
            part = os.read(self._in, 1 << 16)
            if not part:
                raise RuntimeError("Chromium ended")
            self._rest += part
        first, _, self._rest = self._rest.partition(b"\0")
        return json.loads(first)

    def value(self, expression):
        """What an expression gives in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:500])
        return result["result"].get("value")

    def go(self, address):
        """Open an address in a fresh page."""
        self.ask("Page.navigate", url="about:blank")
        self.said.clear()
        self.ask("Page.navigate", url=address)

    def until(self, expression, seconds=60):
        """Wait until an expression is true; gives its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.value(expression)
            if found:
                return found
            time.sleep(0.03)
        raise TimeoutError(f"{expression}: {self.value('document.body.innerText')[:2000]} {self.complaints()}")

    def complaints(self):
        """Errors and policy violations that the page reported."""
        kinds = ("Runtime.exceptionThrown", "Log.entryAdded")
        return [one["params"] for one in self.said if one.get("method") in kinds]

    def picture(self, path, width=900, height=1400):
        """A screenshot of the whole page at a width."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        self.ask("Emulation.clearDeviceMetricsOverride")
