"""An identity provider of our own that lies in one way at a time, on a real socket."""

import base64
import contextlib
import hmac
import json
import socket
import threading
import time
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey

from callup.app.web.demo_provider import DemoProvider


def free_port():
    with contextlib.closing(socket.socket()) as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def is_free(port):
    with contextlib.closing(socket.socket()) as made:
        return made.connect_ex(("127.0.0.1", port)) != 0


@contextlib.contextmanager
def served(app, port):
    """An application on the loopback while a test runs."""
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


LIES = {
    "issuer": ({"iss": "http://localhost:1"}, {}),
    "audience": ({"aud": "somebody-else"}, {}),
    "party": ({"aud": ["callup-person", "other"]}, {}),
    "other party": ({"azp": "other"}, {}),
    "nonce": ({"nonce": "0" * 43}, {}),
    "no nonce": ({"nonce": None}, {}),
    "expired": ({"iat": -4000, "exp": -3600}, {}),
    "no end": ({"exp": None}, {}),
    "to come": ({"iat": 4000, "exp": 8000}, {}),
    "nobody": ({"person_id": ""}, {}),
    "not text": ({"person_id": {"is": "x"}}, {}),
    "none": ({}, {"alg": "none"}),
    "shared secret": ({}, {"alg": "HS256"}),
    "other key": ({}, {"key": "other"}),
    "no token": ({}, {"token": "no"}),
    "no json": ({}, {"token": "garbage"}),
}


def text_of(raw):
    """base64url without padding, as tokens have it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def part(value):
    """A part of a token made by hand: no library would make these."""
    return text_of(json.dumps(value).encode())


class HostileProvider(DemoProvider):
    """As honest as the rehearsal's, but for the one lie that a test sets."""

    def __init__(self, issuer, clients, people):
        super().__init__(issuer, clients, people)
        self.lie, self.wait, self.names_itself = "", 0.0, issuer

    def configuration(self) -> dict[str, Any]:
        """What it says of itself."""
        return super().configuration() | {"issuer": self.names_itself}

    def told(self, claims, header):
        """The token as an honest provider would give it, or spoiled."""
        time.sleep(self.wait)
        change, how = LIES.get(self.lie, ({}, {}))
        now = int(time.time())
        claims = {**claims, **{name: now + value if name in ("iat", "exp") and value else value for name, value in change.items()}}
        claims = {name: value for name, value in claims.items() if value is not None}
        if how.get("token"):
            return {"no": None, "garbage": "not.a.token"}[how["token"]]
        if how.get("alg") == "none":
            return f"{part({'alg': 'none'})}.{part(claims)}."
        if how.get("alg") == "HS256":  # the classic confusion: our public key taken for a shared secret
            signed = f"{part({'alg': 'HS256', 'kid': 'rehearsal'})}.{part(claims)}"
            return f"{signed}.{text_of(hmac.digest(self.key.as_pem(private=False), signed.encode(), 'sha256'))}"
        key = ECKey.generate_key("P-256") if how.get("key") else self.key
        return jwt.encode(header, claims, key)
