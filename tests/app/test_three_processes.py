"""The portal as three processes on one PostgreSQL: pages, what nobody waits for, and the one that enters in the log."""

import contextlib
import datetime
import json
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import pytest
from app.hostile_provider import free_port, is_free
from app.portal_line import freedonia_again, somebody
from replay.freedonia_line import KEY

from callup.app.benches.postgres import cluster
from callup.app.dossier import Dossier
from callup.app.logs import CallUpLogs
from callup.app.sealed import read_sealed
from callup.app.stores.only_one import OnlyOne
from callup.app.web.running import Asked, run_portal
from callup.app.web.site import Site
from callup.app.web.storage import InPostgres, prepare_postgres, schema_of
from callup.app.wire import own_facts, store_named
from callup.terms.errors import OutOfOrder

pytestmark = pytest.mark.postgresql
LOGIN = "callup_portal"
SOON = 60.0


@pytest.fixture
def prepared(tmp_path, open_line):
    """A dossier whose facts a PostgreSQL holds, and somebody of it."""
    shutil.copytree(open_line, tmp_path / "line")
    (tmp_path / "line" / "dossier.key").write_text(KEY.hex())
    with cluster() as server:
        with freedonia_again(tmp_path / "line") as course:
            prepare_postgres(course, server.address(), LOGIN)
            site = Site(course, lambda: datetime.date(2025, 4, 8), lambda: 1, InPostgres(course, server.address(LOGIN)))
            person = somebody(site)
            site.store.close()
            site.facts.close()
        yield tmp_path / "line" / "dossier", person


@contextlib.contextmanager
def started(dossier, role, *words):
    said = dossier.with_name(f"{role}.txt")
    with said.open("wb") as out:
        asked = [sys.executable, "-m", "callup", "serve", str(dossier), "--as-of", "2025-04-08", "--role", role, *words]
        running = subprocess.Popen(asked, stdout=out, stderr=out)
        try:
            yield running
        finally:
            running.terminate()
            assert running.wait(20) is not None


def until(what, why):
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if found := what():
                return found
        time.sleep(0.3)
    raise AssertionError(why)


def asked(home, path, body=None, token="", key=""):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "Idempotency-Key": key}
    told = urllib.request.Request(
        f"{home}/api/v1{path}", data=None if body is None else json.dumps(body).encode(), headers={k: v for k, v in headers.items() if v}
    )
    with urllib.request.urlopen(told, timeout=10) as answer:
        return json.load(answer)


def entered(dossier):
    """The facts that the acts log has, with their indexes, as far as a checkpoint covers them."""
    folder = dossier / "sealed" / "60-facts" / "acts"
    rows = [row for path in sorted(folder.glob("*.parquet")) for row in read_sealed(path, KEY).read_all().to_pylist()]
    size = int((dossier / "open" / "log" / "acts" / "checkpoint").read_text().split("\n")[1])
    return {row["fact_id"]: row["index"] for row in rows if row["index"] < size}


def facts_of_person(dossier, case, kind):
    with contextlib.closing(own_facts(Dossier.at(dossier, KEY))) as facts:
        return [row["fact_id"] for row in facts.of_case(case).to_pylist() if row["kind"] == kind]


def test_three_processes_serve_one_call_up_and_the_log_catches_up_after_its_writer_was_killed(prepared):
    dossier, person = prepared
    port = next(port for port in iter(free_port, 0) if is_free(port + 1))
    home, case = f"http://localhost:{port}", person["case_id"]
    before = len(entered(dossier))
    with started(dossier, "web", "--port", str(port)) as web, started(dossier, "work") as work:
        with started(dossier, "sequencer") as sequencer:
            until(lambda: urllib.request.urlopen(f"{home}/healthz", timeout=1), "the web process answers")
            token = asked(home, "/sign-in", {"code": person["code"], "born_on": person["born"].isoformat()})["token"]
            first = asked(home, "/me/receipt", {}, token, "one receipt")
            assert first == asked(home, "/me/receipt", {}, token, "one receipt"), "the same key twice is one act"
            (told,) = until(lambda: [one for one in asked(home, "/me/proofs", token=token) if one["proof"]], "its proof arrives")
            assert told["number"] == first["number"]
            with freedonia_again(dossier.parent) as course, pytest.raises(OutOfOrder, match="one-runs-already"):
                run_portal(course, dossier, Asked(port, None, role="sequencer"))
            sequencer.send_signal(signal.SIGKILL)
            sequencer.wait(20)
        there = len(entered(dossier))
        sent = asked(home, "/me/requests", {"kind": "deferral", "words": "I study"}, token, "one request")
        assert sent["number"], "what is sent is safe without it"
        assert facts_of_person(dossier, case, "claimed") == []
        with started(dossier, "sequencer"):
            until(lambda: all(one["proof"] for one in asked(home, "/me/proofs", token=token)), "the log catches up")
        assert len(entered(dossier)) > there > before
        assert (web.poll(), work.poll()) == (None, None)
    with freedonia_again(dossier.parent) as course:
        logs = CallUpLogs(course)
        assert logs.acts.check() == logs.store.head("acts")
        with contextlib.closing(own_facts(course.dossier)) as own:
            assert own.all().to_pylist() == course.facts.all().to_pylist(), (
                "the dossier's own file has the same facts under the same numbers"
            )
        with contextlib.closing(OnlyOne(store_named(course.dossier), f"{schema_of(course)}.sequencer")) as one:
            one.hold()
            one.hold()


@pytest.mark.parametrize(("words", "code"), [(("--role", "web"), "role without postgresql"), (("--role", "all"), "role unknown")])
def test_a_role_that_cannot_be_is_refused_plainly(call, tmp_path, open_line, words, code):
    shutil.copytree(open_line, tmp_path / "line")
    exit_code, _, said = call("serve", tmp_path / "line" / "dossier", "--key", tmp_path / "line" / "dossier.key", *words)
    assert (exit_code != 0, code in said) == (True, True), said


def test_a_run_beside_another_waits_or_is_refused(tmp_path, open_line):
    shutil.copytree(open_line, tmp_path / "line")
    first, second = (Dossier.at(tmp_path / "line" / "dossier", KEY) for _ in range(2))
    with first.alone(), first.alone(), pytest.raises(OutOfOrder, match="dossier-in-use"), second.alone(wait=False):
        raise AssertionError("never here")
    with second.alone(wait=False):
        assert second.lines()
