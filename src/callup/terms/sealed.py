"""Names and addresses are sealed: they cannot be printed, logged or shown by accident."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sealed:
    """A personal text whose ``repr`` and ``str`` show nothing; ``reveal`` is called only where it is printed on paper.

    Example:
        >>> Sealed("Vasya Pupkin")
        Sealed()
    """

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __str__(self) -> str:
        return "Sealed()"
