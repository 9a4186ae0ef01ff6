"""What a long run says: one line a stage with its seconds, a moving line while it works, nothing when nobody looks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table


class Voice:
    """Says what is going on, on standard error, and remembers the seconds of each stage."""

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.seconds: dict[str, float] = {}
        self._status: object = None

    @contextlib.contextmanager
    def stage(self, name: str, words: str) -> Iterator[None]:
        """Say that a stage works, then how long it took."""
        start = time.perf_counter()
        with self.console.status(f"{words} ..."):
            yield
        spent = time.perf_counter() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + spent
        self.say(f"  {spent:6.1f} s  {words}")

    def say(self, words: str) -> None:
        """Say one line, however narrow the terminal is: whoever reads it by program, or copies a path out of it, has it whole."""
        self.console.print(words, soft_wrap=True)

    def show(self, text: str) -> None:
        """Show a text as it is: no line is broken, no bracket read as a colour."""
        self.console.print(text, markup=False, soft_wrap=True)

    def shares(self) -> Table:
        """Seconds and share of each stage."""
        whole = sum(self.seconds.values()) or 1.0
        table = Table(title="seconds by stage", box=None, title_justify="left")
        table.add_column("stage")
        table.add_column("seconds", justify="right")
        table.add_column("share", justify="right")
        for name, spent in self.seconds.items():
            table.add_row(name, f"{spent:.1f}", f"{100 * spent / whole:.0f} %")
        table.add_row("all", f"{whole:.1f}", "100 %")
        return table
