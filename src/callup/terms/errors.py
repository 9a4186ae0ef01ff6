"""The five ways in which callup refuses to go on. A finding about a person is a value, never one of these."""

from __future__ import annotations

from collections.abc import Mapping


class CallupError(Exception):
    """A refusal: a stable code, what it is about, and what to do. The words are made at the edge.

    Args:
        code: a stable kebab-case word, e.g. ``decree-dates-out-of-order``.
        params: what and where (file, row, column, article, value), by name.
        hint: what the reader can do about it, one sentence.
    """

    exit_code = 2

    def __init__(self, code: str, params: Mapping[str, object] | None = None, hint: str = "") -> None:
        self.code = code
        self.params = dict(params or {})
        self.hint = hint
        shown = ", ".join(f"{name} {value}" for name, value in self.params.items())
        super().__init__(f"{code}: {shown}" if shown else code)


class BadInput(CallupError):
    """What was given cannot be used: mend the data and run again."""


class NotLawful(CallupError):
    """The law, or the floor that no law folder can lower, forbids it; ``params`` carries the citation."""


class OutOfOrder(CallupError):
    """A stage, a signature or a commitment that must come first is missing."""


class Tampered(CallupError):
    """A digest or a proof does not hold: stop."""

    exit_code = 1


class Unavailable(CallupError):
    """The world failed (disk, network, another program): try again."""
