"""What a long run says: one line a stage with its seconds, a moving line while it works, nothing when nobody looks."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from callup.app.watch import Watch, cpu_seconds, family

_A_WHILE = 10.0
"""Seconds over which the pace of a stage is taken; before the first two reports nothing is estimated."""


@dataclass(slots=True)
class Spent:
    """What a stage took.

    Args:
        seconds: by the clock.
        cpu: CPU seconds of all processes.
        rows: rows of what it made, the largest of its artefacts; 0 where that says nothing.
        megabytes: the largest memory of all processes together; 0 where nobody looked.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    rows: int = 0
    megabytes: float = 0.0


class _Left(ProgressColumn):
    """How far a stage is, at which pace, and how long the rest takes at the pace of the last seconds."""

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text("")
        said = f"{task.completed:,.0f} of {task.total:,.0f} {task.fields['of']}"
        left, speed = task.time_remaining, task.speed
        if left is None or speed is None:
            return Text(said)
        return Text(f"{said}, {speed:,.0f} a second, about {left:.0f} s left of this part at this pace")


class Voice:
    """Says what is going on, on standard error, and remembers what each stage took.

    Args:
        quiet: say nothing.
        watch: looks at the memory of all processes; none where nobody asks for it.
    """

    def __init__(self, quiet: bool = False, watch: Watch | None = None) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self.stages: dict[str, Spent] = {}
        self._watch = watch
        self._moving: tuple[Progress, TaskID] | None = None

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each stage."""
        return {name: spent.seconds for name, spent in self.stages.items()}

    @contextlib.contextmanager
    def stage(self, name: str, words: str) -> Iterator[Spent]:
        """Say that a stage works, then how long it took; whoever works says in the result how many rows were made."""
        start, cpu, made = time.perf_counter(), _cpu(), Spent()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(20), _Left())
        shown = Progress(*columns, console=self.console, transient=True, speed_estimate_period=_A_WHILE)
        with shown:
            self._moving = shown, shown.add_task(f"{words} ...", total=None, of="")
            try:
                yield made
            finally:
                self._moving = None
        whole = self.stages.setdefault(name, Spent())
        spent = time.perf_counter() - start
        whole.seconds, whole.cpu, whole.rows = whole.seconds + spent, whole.cpu + _cpu() - cpu, whole.rows + made.rows
        whole.megabytes = max(whole.megabytes, self._watch.since_last() if self._watch else 0.0)
        self.say(f"  {spent:6.1f} s  {words}")

    def part(self, words: str, whole: int, of: str) -> Callable[[int], None]:
        """Begin a part of the stage whose length is known; what is given is told how much was done, time and again.

        Args:
            words: what is done.
            whole: how much there is to do.
            of: what is counted, e.g. letters; all cost about the same, or the estimate would not be honest.
        """
        self._show(words, whole, of)
        return lambda done: self._moving[0].advance(self._moving[1], done) if self._moving else None

    def counted(self, batches: Iterable[pa.RecordBatch], words: str, whole: int, of: str) -> Iterator[pa.RecordBatch]:
        """Batches as they pass by; when the last has passed, no estimate is shown of what follows."""
        done = self.part(words, whole, of)
        for batch in batches:
            yield batch
            done(batch.num_rows)
        self.pause(f"{words}: looking at the whole")

    def pause(self, words: str) -> None:
        """Go on with something of which nobody knows how long it takes."""
        self._show(words, None, "")

    def _show(self, words: str, whole: int | None, of: str) -> None:
        if self._moving is not None:
            shown, before = self._moving
            shown.remove_task(before)
            self._moving = shown, shown.add_task(words, total=whole, of=of)

    def say(self, words: str) -> None:
        """Say one line, however narrow the terminal is: whoever reads it by program, or copies a path out of it, has it whole."""
        self.console.print(words, soft_wrap=True)

    def show(self, text: str) -> None:
        """Show a text as it is: no line is broken, no bracket read as a colour."""
        self.console.print(text, markup=False, soft_wrap=True)

    def shares(self) -> Table:
        """What each stage took, its share of the run, its throughput, and how much of the processors and of the memory it used."""
        whole, cores = sum(self.seconds.values()) or 1.0, os.cpu_count() or 1
        table = Table(title="what each stage took", box=None, title_justify="left")
        table.add_column("stage")
        for name in ("rows", "seconds", "share", "rows a second", "CPU s", f"of {cores} cores", "largest memory"):
            table.add_column(name, justify="right")
        for name, spent in self.stages.items():
            table.add_row(name, *_cells(spent, whole, cores))
        most = max((spent.megabytes for spent in self.stages.values()), default=0.0)
        table.add_row("all", *_cells(Spent(whole, sum(spent.cpu for spent in self.stages.values()), 0, most), whole, cores))
        return table


def _cells(spent: Spent, whole: float, cores: int) -> Iterator[str]:
    seconds = spent.seconds or 1e-9
    yield f"{spent.rows:,}" if spent.rows else ""
    yield f"{spent.seconds:.1f}"
    yield f"{100 * spent.seconds / whole:.0f} %"
    yield f"{spent.rows / seconds:,.0f}" if spent.rows else ""
    yield f"{spent.cpu:.1f}"
    yield f"{100 * spent.cpu / seconds / cores:.0f} %"
    yield f"{spent.megabytes:,.0f} MB" if spent.megabytes else ""


def _cpu() -> float:
    return cpu_seconds(family(os.getpid()))
