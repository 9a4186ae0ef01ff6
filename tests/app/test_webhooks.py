"""Webhooks: what a public log has new, in order, signed, until it is taken; never a person."""

import hashlib
import hmac
import json
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from app.portal_line import somebody

from callup.app.stores.tiles import PosixTileStore
from callup.app.web.webhooks import Hook, read_hooks
from callup.terms.errors import BadInput, Unavailable
from callup.tlog import Tree

SECRET = b"a secret of the authority's own"


@pytest.fixture
def listener():
    """A system of the authority: remembers what it is told, and refuses as long as it is told to."""

    class Told(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.told.append((dict(self.headers), body))
            self.send_response(503 if server.refuses else 200)
            self.end_headers()

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Told)
    server.told, server.refuses = [], False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_each_entry_is_told_once_in_order_signed_and_without_a_person(clocked, listener):
    site = clocked.site
    site.hooks = (Hook(f"http://127.0.0.1:{listener.server_port}/", SECRET),)
    listener.refuses = True
    with pytest.raises(Unavailable, match="webhook-not-taken"):
        site.tell()
    listener.refuses = False
    assert (site.tell(), site.tell()) == (2, 0)
    refused, taken = listener.told[:2], listener.told[2:]
    assert [head["webhook-id"] for head, _ in refused] == [head["webhook-id"] for head, _ in taken], "what was not taken is sent again"
    logs = site.course.dossier.open / "log"
    for head, body in taken:
        signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
        assert b64decode(head["webhook-signature"].removeprefix("v1,")) == hmac.digest(SECRET, signed, hashlib.sha256)
        told = json.loads(body)["data"]
        entries = Tree(PosixTileStore(logs, logs), told["log"], told["next"]).entries(told["first"])
        assert (told["first"], told["next"], sum(told["kinds"].values())) == (0, told["size"], len(entries))
        person = somebody(site)
        assert not [word for word in (person["case_id"], person["person_id"], person["notice_id"], person["code"]) if word in body.decode()]


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ({"url": "https://a.example"}, "secret_file"),
        ({"url": "http://a.example", "secret_file": "s"}, "https"),
        ({"url": "https://a.example", "secret_file": "none"}, "holds the secret"),
        ({"url": "https://a.example", "secret_file": "short"}, "24 bytes"),
    ],
)
def test_a_webhook_that_cannot_be_used_is_refused(tmp_path, entry, hint):
    (tmp_path / "s").write_bytes(SECRET)
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(BadInput, match="portal-webhook") as refused:
        read_hooks({"webhook": [entry]}, tmp_path / "portal.toml")
    assert hint in refused.value.hint


def test_a_webhook_is_read_with_its_secret(tmp_path):
    (tmp_path / "s").write_bytes(SECRET + b"\n")
    entry = {"url": "https://a.example/callup", "secret_file": "s"}
    assert read_hooks({"webhook": [entry]}, tmp_path / "portal.toml") == (Hook("https://a.example/callup", SECRET),)
