"""What the portal's server spends on a person, in CPU of its own process, beside a bare hello of the same framework and server."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.demo import lay_demo
from callup.app.pipeline import run_line
from callup.app.standing import summonses
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.terms.errors import Tampered, Unavailable

PERSONS, PEOPLE, HELLOS, ROUNDS, AT_ONCE = 20_000, 150, 2000, 3, 16
HELLO = """
import sys, uvicorn
from litestar import Litestar, get
@get("/", sync_to_thread=False)
def hello() -> str:
    return "hello"
uvicorn.run(Litestar([hello], openapi_config=None), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
_TICKS = os.sysconf("SC_CLK_TCK")


def run(setting: Setting, folder: Path) -> Measured:
    """Start both servers, then take turns: so many hellos, so many people."""
    dossier, people = _laid(setting, folder)
    hello, home = _free(), _free()
    serve = ["-m", "callup", "serve", str(dossier), "--port", str(home), "--as-of", "2025-04-10"]
    with _serving(["-c", HELLO, str(hello)], hello) as bare, _serving(serve, home) as portal:
        spent: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            mine = people[number * PEOPLE : (number + 1) * PEOPLE]
            spent.setdefault("hello", []).append(_cpu(bare, lambda: _ask_many(hello, HELLOS)) / HELLOS)
            for name, seconds in _visits(portal, home, mine).items():
                spent.setdefault(name, []).append(seconds / len(mine))
    cost = {name: median(values) for name, values in spent.items()}
    least = cost["hello"]
    read, confirm = cost["read again"] / least, cost["confirm"] / least
    journey = 1000 * sum(value for name, value in cost.items() if name not in ("hello", "read again"))
    figures = (
        Figure("a bare hello of the same server", 1e6 * least, "us of CPU"),
        Figure("my notice, the first time: it becomes a fact", 1e3 * cost["read first"], "ms of CPU"),
        Figure("my notice again, of the hello", read, "x", "at most 7", read <= 7),
        Figure("confirm receipt, of the hello", confirm, "x", "at most 6", confirm <= 6),
        Figure("sign in with the letter's code", 1e3 * cost["sign in"], "ms of CPU"),
        Figure("whole visit: in, read, confirm, why, out", journey, "ms of CPU", "at most 6", journey <= 6),
    )
    about = f"{ROUNDS} rounds of {PEOPLE} people, {AT_ONCE} at once, a connection each; CPU of the server's process by the kernel's count"
    return Measured(figures, (about,))


def _laid(setting: Setting, folder: Path) -> tuple[Path, list[tuple[str, str]]]:
    dossier, register = lay_demo("ru", setting.persons or PERSONS, setting.seed, folder, Voice(quiet=True))
    course = course_of(dossier, Voice(quiet=True), register, setting.seed)
    try:
        run_line(course, "dispatch-1")
        days = course.read("10-snapshot", "snapshot.parquet").select(["person_id", "born_on"]).to_pylist()
        born = {row["person_id"]: row["born_on"].isoformat() for row in days if row["born_on"]}
        called = [row for row in summonses(course).to_pylist() if row["person_id"] in born]
        found = [(course.ring.letter_code(row["notice_id"]), born[row["person_id"]]) for row in called]
    finally:
        course.facts.close()
        course.engine.close()
    if len(found) < ROUNDS * PEOPLE:
        raise Unavailable("too-few-called", {"called": len(found), "wanted": ROUNDS * PEOPLE}, "run it with more --persons")
    return dossier.root, found


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _serving(words: list[str], port: int) -> Iterator[int]:
    """A server in a process of its own; gives its number."""
    program = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield program.pid
    finally:
        program.terminate()
        program.wait()


def _cpu(pid: int, work: Callable[[], None]) -> float:
    """CPU seconds, user and system, that a process spends while something is done to it."""
    before = _spent(pid)
    work()
    return _spent(pid) - before


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _ask_many(port: int, count: int) -> None:
    def some(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(number):
            line.request("GET", "/")
            line.getresponse().read()
        line.close()

    with ThreadPoolExecutor(AT_ONCE) as many:
        list(many.map(some, [count // AT_ONCE] * AT_ONCE))


class _Visitor:
    """One person with a connection and a cookie."""

    def __init__(self, line: http.client.HTTPConnection, code: str, born: str) -> None:
        self.line, self.code, self.born, self.cookie = line, code, born, ""
        self.text = ""

    def look(self, path: str) -> None:
        self._asked("GET", path, None, 200)

    def send(self, path: str, fields: dict[str, str], answer: int = 200) -> None:
        form = re.search(rf'action="{path}"[^>]*>\s*<input type="hidden" name="nonce" value="(\w+)"', self.text)
        self._asked("POST", path, urlencode({"nonce": form[1] if form else "", **fields}), answer)

    def _asked(self, method: str, path: str, body: str | None, wanted: int) -> None:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        self.text = answer.read().decode()
        if answer.status != wanted:
            raise Tampered("portal-answers-otherwise", {"path": path, "status": answer.status}, "see what the page says")
        cookies = [one for one in answer.headers.get_all("Set-Cookie", []) if one.startswith("__Host-callup=")]
        self.cookie = cookies[0].partition(";")[0] if cookies else self.cookie


def _visits(pid: int, port: int, people: list[tuple[str, str]]) -> dict[str, float]:
    """CPU of each step, taken by all people, so many at once."""
    all_of_them = [_Visitor(http.client.HTTPConnection("127.0.0.1", port), *one) for one in people]

    def sign_in(one: _Visitor) -> None:
        year, month, day = one.born.split("-")
        one.look("/sign-in")
        one.send("/sign-in", {"code": one.code, "year": year, "month": month, "day": day}, 303)

    steps: dict[str, Callable[[_Visitor], None]] = {
        "sign in": sign_in,
        "read first": lambda one: one.look("/notice"),
        "read again": lambda one: one.look("/notice"),
        "confirm": lambda one: one.send("/notice/receipt", {}),
        "why": lambda one: one.look("/notice/why"),
        "sign out": lambda one: one.send("/sign-out", {}),
    }
    spent = {}
    for name, step in steps.items():

        def work(step: Callable[[_Visitor], None] = step) -> None:
            with ThreadPoolExecutor(AT_ONCE) as many:
                list(many.map(step, all_of_them))

        spent[name] = _cpu(pid, work)
    for one in all_of_them:
        one.line.close()
    return spent


BENCH = Bench("portal", "what does one person's visit cost the server?", run)
