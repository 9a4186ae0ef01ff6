"""What a demo says at its end: the funnel, what was found, and where to look."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from callup.app import sealed
from callup.app.course import Course
from callup.app.engines.typst import one_letter
from callup.app.logs import CallUpLogs
from callup.app.printing import stamp_of, texts_of, unit_of
from callup.app.stages.dispatching import wave_letters
from callup.app.standing import roll_by_unit, state_counts, summonses

SAMPLES = 3


def sample_letters(course: Course, folder: Path) -> list[Path]:
    """Three letters in clear: a rehearsal only, the people are made up."""
    logs = CallUpLogs(course)
    letters = wave_letters(course, logs, 1)
    stamp = stamp_of(course, logs.size_after("enter-1"))
    languages, strata = (letters.column(name).to_pylist() for name in ("language", "stratum"))
    chosen = [languages.index(one) for one in dict.fromkeys(languages)]
    chosen += [row for row in range(letters.num_rows) if row not in chosen][: SAMPLES - len(chosen)]
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, row in enumerate(chosen[:SAMPLES], 1):
        one = letters.slice(row, 1)
        path = folder / f"letter-{number}-{languages[row]}.pdf"
        path.write_bytes(one_letter(one, texts_of(course, unit_of(strata[row]))[languages[row]], stamp))
        made.append(path)
    return made


def print_summary(course: Course, out: Path, console: Console) -> None:
    """Print the funnel and where everything lies."""
    decree = course.decree
    states = state_counts(course, decree.closes_on, decree.closes_on)
    findings = course.dossier.entry("findings").rows
    roll = sum(roll_by_unit(course).values())
    notices = summonses(course).num_rows
    seen = sealed.read_sealed(course.table_path("80-outcomes", "outcomes.parquet"), course.dossier.key).read_all()
    console.print(f"\n{decree.title}: {decree.scale_note}", highlight=False)
    console.print(f"order: {decree.order_method}: {decree.order_basis}", highlight=False)
    table = Table(title="from the register to the last day", box=None, title_justify="left")
    table.add_column("")
    table.add_column("persons", justify="right")
    rows = [("in the register", findings), ("in the roll", roll), ("notices entered", notices), ("cases closed", seen.num_rows)]
    for words, count in [
        *rows,
        *((f"  {state}", count) for state, count in states.items()),
        ("asked for by the decree", decree.persons_to_enlist),
    ]:
        table.add_row(words, f"{count:,}")
    console.print(table)
    samples = sample_letters(course, out / "letters")
    console.print("\nlook at", highlight=False)
    console.print(f"  {course.dossier.open / '90-report' / 'index.html'}   the public report", highlight=False, soft_wrap=True)
    console.print(f"  {samples[0].parent}   {len(samples)} letters in clear, persons made up", highlight=False, soft_wrap=True)
    console.print("check it", highlight=False)
    console.print(f"  python3 verifier/verify.py {course.dossier.open}", highlight=False, soft_wrap=True)
    console.print(f"  callup replay {course.dossier.root}", highlight=False, soft_wrap=True)
