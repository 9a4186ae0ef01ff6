"""A witness's signature under a checkpoint, with the time at which it saw it (C2SP tlog-cosignature, v1)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from callup.tlog.note import COSIGNATURE, cosigned_message, key_id_of, signature_line, vkey_of


class Cosigner:
    """Cosigns checkpoints under a name. It does not look at what it signs: whoever calls it has checked the log's consistency.

    Args:
        name: key name, by custom an address without scheme. No space and no plus sign.
        key: the private key; it must not be used under another name.
    """

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.name, self._key = name, key
        self._public = key.public_key().public_bytes_raw()
        self.vkey = vkey_of(name, COSIGNATURE, self._public)

    def cosign(self, text: str, time: int) -> str:
        """The signature line of a checkpoint.

        Args:
            text: the checkpoint's text, without signatures.
            time: seconds since 1970, UTC.
        """
        signature = time.to_bytes(8, "big") + self._key.sign(cosigned_message(text, time))
        return signature_line(self.name, key_id_of(self.name, COSIGNATURE, self._public) + signature)
