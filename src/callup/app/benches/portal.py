"""What the portal's server spends on a person, in CPU of its own process, beside a bare hello of the same framework and server."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import psycopg

from callup.app.benches import Bench, Figure, Measured, Setting
from callup.app.benches.overload import Crowd, apart, figures, in_turns
from callup.app.benches.postgres import Cluster, cluster, programs
from callup.app.commands.opening import course_at
from callup.app.demo import lay_demo
from callup.app.pipeline import run_line
from callup.app.standing import summonses
from callup.app.stores.database import SqliteDatabase
from callup.app.stores.postgres import PostgresDatabase
from callup.app.voice import Voice
from callup.app.web.desk.store import DeskStore
from callup.app.web.storage import TABLES, Embedded, portal_key
from callup.app.web.store import Keep, PortalStore, Sent
from callup.app.wire import course_of
from callup.terms.errors import Tampered, Unavailable

PERSONS, PEOPLE, HELLOS, ROUNDS, AT_ONCE, COMMITS, AGAIN = 20_000, 150, 2000, 3, 16, 1600, 4
LINES, UNITS, LISTS, ACTS = 50_000, 85, 200, 6000
SHEET = "/static/callup.css"
HELLO = """
import sys, uvicorn
from litestar import Litestar, get
@get("/", sync_to_thread=False)
def hello() -> str:
    return "hello"
uvicorn.run(Litestar([hello], openapi_config=None), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


def run(setting: Setting, folder: Path) -> Measured:
    """Start the servers, then take turns: so many hellos, so many people, on both stores."""
    dossier, people = _laid(setting, folder)
    hello, home, other = _free(), _free(), _free()
    moved = _beside(dossier)  # whose facts move into a PostgreSQL, and stay there
    serve, there = (["-m", "callup", "serve", str(one), "--as-of", "2025-04-10", "--port"] for one in (dossier, moved))
    with ExitStack() as stack:
        bare = stack.enter_context(_serving(["-c", HELLO, str(hello)], hello))
        portal = stack.enter_context(_serving([*serve, str(home)], home))
        server = stack.enter_context(cluster()) if programs() is not None else None
        second = stack.enter_context(_serving([*there, str(other), "--store", _prepared(moved, server)], other)) if server else None
        spent: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            mine = people[number * PEOPLE : (number + 1) * PEOPLE]
            spent.setdefault("hello", []).append(_cpu([bare], lambda: _ask_many(hello, HELLOS)) / HELLOS)
            spent.setdefault("sheet", []).append(_cpu([portal], lambda: _ask_many(home, HELLOS, SHEET)) / HELLOS)
            for name, seconds in _visits([portal], home, mine).items():
                spent.setdefault(name, []).append(seconds / len(mine))
            if server is not None and second is not None:
                for name, seconds in _visits([second, *server.processes()], other, mine).items():
                    spent.setdefault(f"{name}, postgresql", []).append(seconds / len(mine))
        weight = _weight(home, people[-1])
        lists = list(_desk_lists(server)) if server is not None else []
    rush = list(_overload(setting, dossier, people))
    cost = {name: median(values) for name, values in spent.items()}
    about = f"{ROUNDS} rounds of {PEOPLE} people, {AT_ONCE} at once, a connection each; CPU of the processes by the kernel's count"
    both = "on PostgreSQL with row-level security the server's own processes are counted too"
    rushes = f"in the rushes the server has one core and whoever asks the others; of {os.cpu_count()} cores"
    return Measured((*_figures(cost, weight), *lists, *rush, *_commits(folder)), (about, both, rushes))


def _figures(cost: Mapping[str, float], weight: int) -> Iterator[Figure]:
    least = cost["hello"]
    journey = 1000 * sum(cost[name] for name in ("sign in", "read first", "confirm", "why", "sign out"))
    yield Figure("a bare hello of the same server", 1e6 * least, "us of CPU")
    for store, suffix, read_limit, confirm_limit in (("SQLite", "", 7, 6), ("PostgreSQL", ", postgresql", 16, 12)):
        if f"confirm{suffix}" in cost:
            read, confirm = cost[f"read again{suffix}"] / least, cost[f"confirm{suffix}"] / least
            yield Figure(f"{store}: my notice again, of the hello", read, "x", f"at most {read_limit}", read <= read_limit)
            yield Figure(f"{store}: confirm receipt, of the hello", confirm, "x", f"at most {confirm_limit}", confirm <= confirm_limit)
    yield Figure("my notice, the first time: it becomes a fact", 1e3 * cost["read first"], "ms of CPU")
    yield Figure("sign in with the letter's code", 1e3 * cost["sign in"], "ms of CPU")
    yield Figure("whole visit: in, read, confirm, why, out", journey, "ms of CPU", "at most 6", journey <= 6)
    share = least / cost["sheet"]
    yield Figure("a public file from memory: how many for one hello", share, "x", "at least 0.9", share >= 0.9)
    yield Figure("my notice, first view: page and style sheets", weight / 1024, "kB", "at most 40", weight <= 40 * 1024)


def _overload(setting: Setting, dossier: Path, people: Sequence[tuple[str, str]]) -> Iterator[Figure]:
    """Rushes at a portal of its own, which is killed after the last one: what it acknowledged must lie in its store."""
    port = _free()
    with _serving(["-m", "callup", "serve", str(dossier), "--as-of", "2025-04-10", "--port", str(port)], port) as portal:
        crowd = Crowd(port, [_signed_in(port, one) for one in people[:PEOPLE]], setting.seed)
        crowd.gather(ACTS)
        with apart(portal):
            rounds = list(in_turns(crowd))
        os.kill(portal, signal.SIGKILL)
    course = course_at(dossier, None, setting.seed)
    with contextlib.closing(PortalStore(Embedded(course).portal(), portal_key(course))) as store:
        yield from figures(rounds, lambda nonce: store.by_nonce(hashlib.sha256(nonce.encode()).digest()) is not None)
    course.facts.close()
    course.engine.close()


def _signed_in(port: int, who: tuple[str, str]) -> str:
    """The cookies of somebody who came in and read their notice."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    one = _Visitor(line, *who)
    one.come_in()
    one.look("/notice")
    line.close()
    return one.cookie()


def _commits(folder: Path) -> Iterator[Figure]:
    """How many durable acts a second when 16 wait at once, beside one after another on the same disk.

    In a file whose log of writes has grown to its length, as in a portal that runs: while it grows, a sync costs the disk more.
    """
    seconds = {}
    for waiting in (1, AT_ONCE):
        base = SqliteDatabase(folder / f"commits-{waiting}.db", bytes(32), TABLES)
        store = PortalStore(base, bytes(32))
        _done(store, [_kept(number) for number in range(COMMITS)], 1)
        acts = [_kept(number) for number in range(COMMITS, 2 * COMMITS)]
        start = time.perf_counter()
        _done(store, acts, waiting)
        seconds[waiting] = time.perf_counter() - start
        base.close()
    gain = seconds[1] / seconds[AT_ONCE]
    yield Figure(f"durable acts a second, {AT_ONCE} waiting at once, of a commit each", gain, "x", "at least 8", gain >= 8)


def _done(store: PortalStore, acts: Sequence[Keep], waiting: int) -> None:
    """Acts, so many in a commit."""
    for first in range(0, len(acts), waiting):
        store.together(acts[first : first + waiting])


class _Unguarded(PostgresDatabase):
    """A desk list without row-level security: the same query by the service, which sees every line."""

    def listed(self, text: str, bound: Sequence[object], units: Sequence[str]) -> list[tuple[object, ...]]:
        return self.rows(text, bound)


def _desk_lists(server: Cluster) -> Iterator[Figure]:
    """Fifty lines of a desk's list out of a nation's, with row-level security and without."""
    with psycopg.connect(server.address()) as owner:
        schema = str(owner.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'callup_%'").fetchall()[0][0])
    spent = {}
    for kind in (_Unguarded, PostgresDatabase):
        base = kind(server.address("callup_portal"), schema)
        desk = DeskStore(base, bytes(32))
        rows = ((f"{number:024}", f"U-{number % UNITS}", "rule", None, None, None, 0, 0) for number in range(LINES))
        desk.lay_queue(rows, "2025-04-10", 0)
        with psycopg.connect(server.address(), autocommit=True) as owner:
            owner.execute(f"ANALYZE {schema}.queue".encode())

        def work(desk: DeskStore = desk) -> None:
            for number in range(LISTS):
                if len(desk.waiting([f"U-{number % UNITS}"], ["rule"], "", 50)) != 50:
                    raise Tampered("desk-list-short", {"unit": number % UNITS}, "see the policies of the queue")

        work()
        spent[kind] = median(_cpu([os.getpid(), *server.processes()], work) for _ in range(ROUNDS))
        desk.close()
    ratio = spent[PostgresDatabase] / spent[_Unguarded]
    yield Figure(f"desk list of 50 out of {LINES:,} lines, with row-level security, of without", ratio, "x", "at most 2", ratio <= 2)


def _kept(number: int) -> Keep:
    digest = hashlib.sha256(str(number).encode()).digest()
    return Keep(Sent(digest, digest.hex()[:12], "c", 1, {"kind": "responded"}, "words", False))


def _beside(dossier: Path) -> Path:
    """A copy of a dossier and its keys in a folder of its own."""
    for name in (dossier.name, "keys"):
        shutil.copytree(dossier.with_name(name), dossier.parent / "second" / name)
    return dossier.parent / "second" / dossier.name


def _prepared(dossier: Path, server: Cluster) -> str:
    """The address of the portal's login in a cluster that was prepared for this dossier."""
    words = [sys.executable, "-m", "callup", "store", str(dossier), server.address(), "--login", "callup_portal"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return server.address("callup_portal")


def _weight(port: int, who: tuple[str, str]) -> int:
    """Bytes on the line of the notice's page and its style sheets, as a browser asks for them."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    one = _Visitor(line, *who)
    one.come_in()
    one.look("/notice")
    total = len(one.text.encode())
    for name in re.findall(r'href="(/static/[^"]+)"', one.text):
        line.request("GET", name, headers={"Accept-Encoding": "gzip"})
        total += len(line.getresponse().read())
    line.close()
    return total


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
    """A port that is free with the next one, which a rehearsal's identity provider takes."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            found = int(one.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                other.bind(("127.0.0.1", found + 1))
                return found


@contextmanager
def _serving(words: list[str], port: int) -> Iterator[int]:
    """A server in a process of its own; gives its number."""
    program = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _open(port):
            if program.poll() is not None:
                raise Unavailable(
                    "server-ended", {"words": " ".join(words), "code": program.returncode}, "start it by hand and see what it says"
                )
            time.sleep(0.1)
        yield program.pid
    finally:
        program.terminate()
        program.wait()


def _open(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def _cpu(pids: Sequence[int], work: Callable[[], None]) -> float:
    """CPU seconds, user and system, that processes spend while something is done to them."""
    before = sum(map(_spent, pids))
    work()
    return sum(map(_spent, pids)) - before


def _spent(pid: int) -> float:
    """By the kernel's clock of another process (clock_getcpuclockid(3)): finer than the hundredths of a second of ``/proc``."""
    return time.clock_gettime(~pid << 3 | 2)


def _ask_many(port: int, count: int, path: str = "/") -> None:
    def some(number: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(number):
            line.request("GET", path, headers={"Accept-Encoding": "gzip"})
            line.getresponse().read()
        line.close()

    with ThreadPoolExecutor(AT_ONCE) as many:
        list(many.map(some, [count // AT_ONCE] * AT_ONCE))


class _Visitor:
    """One person with a connection and a browser's cookies."""

    def __init__(self, line: http.client.HTTPConnection, code: str, born: str) -> None:
        self.line, self.code, self.born, self.cookies = line, code, born, dict[str, str]()
        self.text = ""

    def come_in(self) -> None:
        """Sign in with the letter's code."""
        year, month, day = self.born.split("-")
        self.look("/sign-in")
        self.send("/sign-in", {"code": self.code, "year": year, "month": month, "day": day}, 303)

    def cookie(self) -> str:
        """What the browser sends along."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def look(self, path: str) -> None:
        self._asked("GET", path, None, 200)

    def send(self, path: str, fields: dict[str, str], answer: int = 200) -> None:
        form = re.search(rf'action="{path}"[^>]*>\s*<input type="hidden" name="nonce" value="(\w+)"', self.text)
        self._asked("POST", path, urlencode({"nonce": form[1] if form else "", **fields}), answer)

    def _asked(self, method: str, path: str, body: str | None, wanted: int) -> None:
        headers = {"Cookie": self.cookie(), "Content-Type": "application/x-www-form-urlencoded"}
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):  # idle for too long while others were asked
            self.line.close()
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        self.text = answer.read().decode()
        if answer.status != wanted:
            raise Tampered("portal-answers-otherwise", {"path": path, "status": answer.status}, "see what the page says")
        set_here = (one.partition(";")[0].partition("=") for one in answer.headers.get_all("Set-Cookie", []))
        self.cookies |= {name: value for name, _, value in set_here}


def _visits(pids: Sequence[int], port: int, people: list[tuple[str, str]]) -> dict[str, float]:
    """CPU of each step, taken by all people, so many at once."""
    all_of_them = [_Visitor(http.client.HTTPConnection("127.0.0.1", port), *one) for one in people]

    def read_again(one: _Visitor) -> None:
        for _ in range(AGAIN):
            one.look("/notice")

    steps: dict[str, Callable[[_Visitor], None]] = {
        "sign in": _Visitor.come_in,
        "read first": lambda one: one.look("/notice"),
        "read again": read_again,
        "confirm": lambda one: one.send("/notice/receipt", {}),
        "why": lambda one: one.look("/notice/why"),
        "sign out": lambda one: one.send("/sign-out", {}),
    }
    spent = {}
    for name, step in steps.items():

        def work(step: Callable[[_Visitor], None] = step) -> None:
            with ThreadPoolExecutor(AT_ONCE) as many:
                list(many.map(step, all_of_them))

        spent[name] = _cpu(pids, work) / (AGAIN if name == "read again" else 1)
    for one in all_of_them:
        one.line.close()
    return spent


BENCH = Bench("portal", "what does one person's visit cost the server?", run)
