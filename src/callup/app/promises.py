"""What is vouched for (safeguard G22): the digest of promises, column kinds, fact vocabulary and release."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib import resources

from callup import __version__
from callup.terms.facts import VOCABULARY
from callup.terms.tables import COLUMN_KINDS


def promises_text() -> bytes:
    """The promises of this release as one canonical text."""
    promises = resources.files("callup.app").joinpath("promises.txt").read_text(encoding="utf-8")
    whole = {
        "release": __version__,
        "promises": promises,
        "column kinds": COLUMN_KINDS,
        "facts": {kind: asdict(row) for kind, row in VOCABULARY.items()},
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def promises_digest() -> str:
    """SHA-256 of the promises, 64 hex digits; it stands in the plan, in every notice and in the report."""
    return hashlib.sha256(promises_text()).hexdigest()
