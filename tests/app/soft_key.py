"""An authenticator in a few lines (Web Authentication Level 3, 6.1 and 6.5.4), so that a test can also make one that lies."""

import base64
import hashlib
import json
import os

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class SoftKey:
    """One passkey; what it says can be spoiled."""

    def __init__(self, host, origin):
        self.host, self.origin, self.count, self.flags = host, origin, 0, 0x45
        self.key, self.number = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    def _client(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _head(self, flags):
        self.count += 1
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def made(self, challenge):
        """The answer to a challenge to make one, attested by nobody."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        told = self._head(self.flags) + bytes(16) + len(self.number).to_bytes(2, "big") + self.number + cbor2.dumps(public)
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})
        answer = {"clientDataJSON": text(self._client("webauthn.create", challenge)), "attestationObject": text(attested)}
        return {"id": text(self.number), "rawId": text(self.number), "type": "public-key", "response": answer}

    def used(self, challenge):
        """The answer to a challenge to sign in."""
        client, told = self._client("webauthn.get", challenge), self._head(self.flags & ~0x40)
        signed = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": text(client), "authenticatorData": text(told), "signature": text(signed)}
        return {"id": text(self.number), "rawId": text(self.number), "type": "public-key", "response": answer}
