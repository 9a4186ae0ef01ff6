"""Real witnesses: processes of their own on the loopback, a line that waits for their quorum, a fork that none of them cosigns."""

import base64
import http.client
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from replay.freedonia_line import DECREE, QUIET, freedonia

from callup.app.pipeline import run_line
from callup.app.replay import replay
from callup.app.witness import Witness, known_logs, server
from callup.app.witnesses import RemoteWitnesses
from callup.terms.errors import BadInput, OutOfOrder, Unavailable
from callup.tlog import Checkpoint, Log, MemoryStore, Signer
from callup.tlog.witnessing import Cosigner, read_policy

NAMES = ("court", "press", "university")
ORIGIN = "rehearsal.callup.example/freedonia-2025"


def key(number):
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def callup(*words):
    return [sys.executable, "-m", "callup", *map(str, words)]


class Processes:
    """Three witnesses, each a process with a folder of its own."""

    def __init__(self, folder):
        self.folder, self.running, self.ports = folder, {}, dict.fromkeys(NAMES, 0)
        self.vkeys = {name: self._made(name) for name in NAMES}

    def _made(self, name):
        words = callup("witness", "new", f"{name}.example.org/w", "--to", self.folder / f"{name}.key")
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, name, logs):
        words = callup("witness", "serve", f"{name}.example.org/w", "--witness-key", self.folder / f"{name}.key")
        words += ["--state", str(self.folder / name), "--port", str(self.ports[name])]
        words += [word for log in logs for word in ("--log", log)]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline().strip() == self.vkeys[name]
        self.ports[name] = int(process.stdout.readline().rpartition(":")[2])
        self.running[name] = process

    def kill(self, name):
        process = self.running.pop(name)
        process.kill()
        process.wait()
        process.stdout.close()

    def decree(self):
        rows = [
            f'[[witness]]\nname = "{name}"\nvkey = "{self.vkeys[name]}"\nurl = "http://127.0.0.1:{self.ports[name]}/"\n' for name in NAMES
        ]
        return DECREE + "\n[witnesses]\nquorum = 2\n\n" + "\n".join(rows)


@pytest.fixture
def processes(tmp_path):
    made = Processes(tmp_path)
    yield made
    for name in list(made.running):
        made.kill(name)


def log_keys(root):
    """The verifier keys of both logs of a Freedonia call-up, from a dossier laid aside."""
    with freedonia(root) as course:
        return [Signer(f"{ORIGIN}/{name}", course.ring.signing_key(f"log-{name}")).vkey for name in ("public", "acts")]


def test_the_line_halts_without_a_quorum_prints_nothing_and_goes_on_with_it(processes, tmp_path):
    logs = log_keys(tmp_path / "aside")
    for name in NAMES:
        processes.start(name, logs)
    with freedonia(tmp_path / "line", decree=processes.decree()) as course:
        course.witnesses = RemoteWitnesses({one.name: one.url for one in course.decree.witnesses}, pauses=(0.05,))
        run_line(course, "cast")
        policy = read_policy((course.dossier.open / "log" / "policy").read_bytes())
        newest = policy.open((course.dossier.open / "log" / "public" / "checkpoint").read_bytes())
        assert set(newest.seen) == set(NAMES)
        processes.kill("court")
        run_line(course, "size-1")
        processes.kill("press")
        with pytest.raises(Unavailable, match="too-few-cosigned") as halted:
            run_line(course, "render-1")
        assert {"court", "press"} <= set(halted.value.params)
        assert "no answer" in str(halted.value.params["press"])
        assert not (course.dossier.sealed / "50-notices" / "wave-1-print").exists()
        assert not (course.dossier.open / "log" / "acts" / "checkpoint").exists(), "a checkpoint without a quorum is not published"
        processes.start("press", logs)
        run_line(course, "dispatch-1")
        found = policy.open((course.dossier.open / "log" / "acts" / "checkpoint").read_bytes())
        assert set(found.seen) == {"press", "university"}
        processes.start("court", logs)
        run_line(course, "facts-2")
        found = policy.open((course.dossier.open / "log" / "acts" / "checkpoint").read_bytes())
        assert set(found.seen) == set(NAMES), "court was behind, was told so by its own answer, and has caught up"
    assert replay(course.dossier, QUIET) == []


# ---- one witness, by the protocol


@contextmanager
def serving(folder, logs, now=1_000):
    witness = Witness(Cosigner("w.example.org/w", key(5)), known_logs(logs), folder, lambda: now)
    with server(witness, "127.0.0.1", 0) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield listening.server_port
        finally:
            listening.shutdown()
            witness.close()


def post(port, body, path="/add-checkpoint", head=None):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    link.request("POST", path, body, head or {})
    answer = link.getresponse()
    found = answer.status, answer.read().decode(), answer.headers["Content-Type"]
    link.close()
    return found


def grown(signer, count, word="entry"):
    log = Log(MemoryStore(), "acts", signer)
    log.append([f"{word} {number}\n".encode() for number in range(count)])
    log.checkpoint()
    return log


def asked(log, old, steps=None):
    path = log.tree().consistency(old) if steps is None and 0 < old < log.size else steps or []
    lines = "".join(f"{base64.b64encode(step).decode()}\n" for step in path)
    return f"old {old}\n{lines}\n".encode() + log.store.read("acts/checkpoint")


SIGNER = Signer("log.example.org/acts", key(1))


def test_a_witness_follows_a_log_that_grows_and_no_fork(tmp_path):
    small, large, fork = grown(SIGNER, 5), grown(SIGNER, 300), grown(SIGNER, 300, "other")
    with serving(tmp_path, [SIGNER.vkey]) as port:
        assert post(port, asked(large, 5)) == (409, "0\n", "text/x.tlog.size")
        status, line, _ = post(port, asked(small, 0))
        assert status == 200
        assert line == Cosigner("w.example.org/w", key(5)).cosign(Checkpoint("log.example.org/acts", small.check()).text(), 1_000)
        assert post(port, asked(small, 5))[0] == 200, "the same again"
        assert post(port, asked(fork, 5))[0] == 422
        assert post(port, asked(large, 5, [bytes(32)]))[0] == 422
        assert post(port, asked(large, 5))[0] == 200
        assert post(port, asked(fork, 300)) == (409, "300\n", "text/x.tlog.size"), "another root for a size it has cosigned"
        assert post(port, asked(small, 0)) == (409, "300\n", "text/x.tlog.size"), "it never goes back"
        assert post(port, asked(small, 300))[0] == 400
    with serving(tmp_path, [SIGNER.vkey]) as port:
        assert post(port, asked(fork, 300))[:2] == (409, "300\n"), "remembered after a restart"
        assert post(port, asked(grown(SIGNER, 301), 300))[0] == 200


def test_a_first_sight_must_bring_no_proof(tmp_path):
    """RFC 6962 has no proof from an empty tree; the exchange of witnesses allows the empty one, and nothing else."""
    with serving(tmp_path, [SIGNER.vkey]) as port:
        assert post(port, asked(grown(SIGNER, 5), 0, [bytes(32)]))[0] == 422
        assert post(port, asked(grown(SIGNER, 5), 0))[0] == 200


def test_what_is_no_request_or_not_signed_by_the_log_gets_its_status(tmp_path):
    log = grown(SIGNER, 5)
    with serving(tmp_path, [SIGNER.vkey]) as port:
        assert post(port, b"")[0] == 400
        assert post(port, asked(log, 0).replace(b"old 0", b"old 00"))[0] == 400
        assert post(port, asked(log, 0).replace(b"old 0\n", b"old 0\nnot base64!\n"))[0] == 400
        assert (
            post(port, b"old 0\n" + b"".join(base64.b64encode(bytes(32)) + b"\n" for _ in range(64)) + b"\n" + asked(log, 0)[7:])[0] == 400
        )
        assert post(port, asked(grown(Signer("other.example.org/acts", key(1)), 5), 0))[0] == 404
        assert post(port, asked(grown(Signer("log.example.org/acts", key(9)), 5), 0))[0] == 403
        assert post(port, b"x", path="/")[0] == 404
        assert post(port, b"x" * 70_000)[0] == 413
        assert post(port, asked(log, 0))[0] == 200, "nothing of this moved it"


def test_one_process_uses_a_folder_and_one_key_a_log(tmp_path):
    with serving(tmp_path, [SIGNER.vkey]), pytest.raises(OutOfOrder, match="witness-runs-already"):
        Witness(Cosigner("w.example.org/w", key(5)), {}, tmp_path, lambda: 0)
    with pytest.raises(BadInput, match="log-twice"):
        known_logs([SIGNER.vkey, Signer("log.example.org/acts", key(2)).vkey])


def test_the_client_names_each_refusal(tmp_path):
    log, fork = grown(SIGNER, 5), grown(SIGNER, 5, "other")
    note = log.store.read("acts/checkpoint")
    with serving(tmp_path / "one", [SIGNER.vkey]) as one, serving(tmp_path / "two", [Signer("other", key(1)).vkey]) as two:
        post(one, asked(fork, 0))
        addresses = {"forked": f"http://127.0.0.1:{one}", "stranger": f"http://127.0.0.1:{two}/", "nobody": "http://127.0.0.1:9"}
        answers = RemoteWitnesses(addresses, pauses=(0.01,)).cosign(note, log.tree(), None)
    assert answers.lines == ()
    assert "another root" in answers.refused["forked"]
    assert "does not know this log" in answers.refused["stranger"]
    assert "no answer" in answers.refused["nobody"]
