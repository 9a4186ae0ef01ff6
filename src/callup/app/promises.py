"""What is vouched for (safeguard G22): the digest of promises, the tests that hold them, column kinds, fact vocabulary and release.

The digests of published releases stand in ``releases.json``, in ``verifier/verify.py`` and in the page. A build whose digest is none
of them draws as correctly as any other, and is named: its promises are not vouched for. ``make map`` writes the tests' names and this
release's digest; ``tests/house`` holds them to the code.
"""

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
    whole = {
        "release": __version__,
        "promises": _carried("promises.txt"),
        "held by": _carried("held_by.txt"),
        "column kinds": COLUMN_KINDS,
        "facts": {kind: asdict(row) for kind, row in VOCABULARY.items()},
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def promises_digest() -> str:
    """SHA-256 of the promises, 64 hex digits; it stands in the plan, in every notice and in the report."""
    return hashlib.sha256(promises_text()).hexdigest()


def known_releases() -> dict[str, str]:
    """The published releases: version by digest of its promises."""
    releases: dict[str, str] = json.loads(_carried("releases.json"))
    return releases


def _carried(name: str) -> str:
    return resources.files("callup.app").joinpath(name).read_text(encoding="utf-8")
