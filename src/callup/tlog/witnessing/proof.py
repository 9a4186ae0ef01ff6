"""A proof that something was logged, as one text to be kept and checked offline (C2SP tlog-proof)."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from callup.terms.errors import Tampered
from callup.tlog.hashes import leaf_hash
from callup.tlog.note import bytes_of
from callup.tlog.proofs import verify_inclusion
from callup.tlog.witnessing.policy import Cosigned, Policy

_HEAD = "c2sp.org/tlog-proof@v1"
_MOST_STEPS = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry's place in a log.

    Args:
        index: the entry's index, from 0.
        path: the hashes from the leaf's sibling up to the root's child.
        checkpoint: the log's checkpoint, with its signatures.
        extra: bytes for whoever reads it; nobody vouches for them.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def text(self) -> bytes:
        """The file."""
        extra = [f"extra {b64encode(self.extra).decode()}"] if self.extra else []
        steps = [b64encode(step).decode() for step in self.path]
        return "\n".join([_HEAD, *extra, f"index {self.index}", *steps, "", ""]).encode() + self.checkpoint

    @classmethod
    def read(cls, content: bytes) -> Proof:
        """Read a proof file.

        Raises:
            Tampered: it does not have the form.
        """
        head, gap, checkpoint = content.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise _malformed("encoding") from None
        if not gap or lines.pop(0) != _HEAD:
            raise _malformed("first line")
        extra = bytes_of(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
        index = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines.pop(0) if lines else "")
        path = tuple(map(bytes_of, lines))
        if index is None or len(path) > _MOST_STEPS or any(len(step) != 32 for step in path):
            raise _malformed("index or path")
        return cls(int(index[1]), path, checkpoint, extra)

    def verify(self, entry: bytes, policy: Policy) -> Cosigned:
        """Check that the entry stands at the index of a log of the policy.

        Returns:
            The checkpoint, and who had seen it since when; whether that is enough is for the caller to say.

        Raises:
            Tampered: the path does not lead from the entry to the root, or the checkpoint does not open.
        """
        cosigned = policy.open(self.checkpoint)
        if not verify_inclusion(leaf_hash(entry), self.index, cosigned.checkpoint.head, self.path):
            raise Tampered("not-in-log", {"index": self.index}, "the proof does not lead from this entry to the checkpoint")
        return cosigned


def _malformed(what: str) -> Tampered:
    return Tampered("proof-malformed", {"what": what}, "fetch it again, byte for byte")
