"""Jurisdictions by code, each loaded once a process: loading tries the law on every corner of its columns (about a second)."""

from __future__ import annotations

import functools

from callup.jurisdictions import Jurisdiction, load


@functools.cache
def jurisdiction(code: str) -> Jurisdiction:
    """The jurisdiction of that code, frozen and checked."""
    return load(code)
