"""What a long run says of itself: how far a stage is, what it took, and how much of its limits the whole used."""

import io
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from callup.app.demo import lay_demo, of_the_limits, scaled_decree
from callup.app.voice import Voice
from callup.app.watch import Watch
from callup.terms.errors import BadInput


def heard(voice: Voice, terminal: bool) -> io.StringIO:
    """The voice speaks into what is given back."""
    into = io.StringIO()
    seen = {"TERM": "xterm"}  # whatever this runs in: nothing moves on a terminal that calls itself dumb
    voice.console = Console(file=into, force_terminal=terminal, width=160, highlight=False, _environ=seen)
    return into


def test_a_stage_says_how_far_it_is_and_estimates_only_what_it_can_count() -> None:
    voice = Voice()
    into = heard(voice, terminal=True)
    batch = pa.record_batch({"one": [1, 2, 3]})
    with voice.stage("print", "printing") as spent:
        assert list(voice.counted([batch, batch], "letters", 6, "letters")) == [batch, batch]
        spent.rows = 6
    said = into.getvalue()
    assert "0 of 6 letters" in said
    assert "looking at the whole" in said
    assert "left" not in said.split("looking at the whole")[-1]
    assert voice.stages["print"].rows == 6


def test_a_stage_that_runs_twice_is_one_line_of_the_table() -> None:
    watch = Watch()
    voice = Voice(watch=watch)
    into = heard(voice, terminal=False)
    for rows in (10, 20):
        with voice.stage("world", "what happened") as spent:
            spent.rows = rows
    watch.end()
    voice.console.print(voice.shares())
    table = into.getvalue()
    assert table.count("world") == 1
    assert "30" in table
    assert "rows a second" in table


def test_nobody_counts_outside_a_stage() -> None:
    done = Voice(quiet=True).part("nothing", 3, "letters")
    assert done(3) is None


def test_a_run_is_held_against_the_limits_of_the_next_size() -> None:
    assert of_the_limits(1_000_000, 150.0, 2_048.0) == (
        "150.0 s and 2,048 MB at most: 50 % of the 300 s, 50 % of the 4,096 MB that 1,000,000 rows may take on two cores"
    )
    assert "10,000,000 rows" in of_the_limits(1_000_001, 1.0, 1.0)


def test_a_demo_may_ask_for_another_number_and_says_so() -> None:
    text = scaled_decree("ru", 10_000_000, 284_000)
    assert "\npersons_to_enlist = 284000\n" in text
    assert text.startswith('scale_note = "scaled: 284,000 of 160,000, for a synthetic register of 10,000,000 rows')
    assert "\npersons_to_enlist = 160000\n" in scaled_decree("ru", 10_000_000)


def test_nobody_is_asked_for_whom_the_register_does_not_have(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="enlist-out-of-range"):
        lay_demo("ru", 1_000, 1, tmp_path, Voice(quiet=True), enlist=1_001)
