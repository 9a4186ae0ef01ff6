"""The rehearsal's world: a function of seed and case, with rates that name their source."""

import csv
import re
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files

import pyarrow as pa

from callup.cases import fact_problems, whole_facts
from callup.channels.rehearsal import assumed_rates, officials, read_rates, world
from callup.channels.rehearsal.chance import draws, happens

RATES = read_rates()
HANDED = date(2025, 4, 4)


def notices(count: int, first: int = 0) -> pa.Table:
    numbers = range(first, first + count)
    return pa.table(
        {
            "case_id": [f"{n:024x}" for n in numbers],
            "notice_id": [f"{n:032x}" for n in numbers],
            "channels": ["mail portal" if n % 3 else "mail" for n in numbers],
            "appear_on": pa.array([date(2025, 5, 5)] * count, pa.date32()),
            "handed_on": pa.array([HANDED] * count, pa.date32()),
        }
    )


def dues(step: str, count: int, **more: object) -> pa.Table:
    row = {"unit": "north", "wave": 1, "step": step, "ref": None, "ground": None, "service": "confirmed", "service_channel": "mail"}
    row |= {"served_on": HANDED, "appear_on": date(2025, 5, 5), "absent": False} | more
    return pa.Table.from_pylist([{"case_id": f"{n:024x}", "notice_id": f"{n:032x}", "rank": n, **row} for n in range(count)])


def act(table: pa.Table, day: date, left: int = 10) -> pa.Table:
    return officials(7, table, day, closing=date(2025, 7, 15), left={"north": left}, rates=RATES)


def test_each_rate_names_its_source_or_says_that_it_is_an_assumption() -> None:
    rows = list(csv.DictReader((files("callup.channels.rehearsal") / "rates.csv").read_text().splitlines()))
    assert all(row["source"] and row["note"] for row in rows)
    assert all(0 < Fraction(row["rate"]) < 1 for row in rows if row["unit"] in ("share", "share a day"))
    assert all(Fraction(row["rate"]).denominator == 1 for row in rows if row["unit"] in ("days", "weeks"))
    assert {row["unit"] for row in rows} == {"share", "share a day", "days", "weeks"}
    assert len(rows) == len(RATES)
    assert assumed_rates() == (sum(row["source"] == "assumption" for row in rows), len(rows))


def test_no_rate_is_hidden_in_the_code_and_none_in_the_table_is_idle() -> None:
    """Every share and every number of days that makes the world stands in the table, and what stands there is used."""
    folder = files("callup.channels.rehearsal")
    text = "".join((folder / name).read_text() for name in ("world.py", "officials.py"))
    assert not re.findall(r"Fraction\([1-9]|timedelta\(days=\d+\)|days\([^)]*\], \d", text)
    keys = {key.removesuffix("-least").removesuffix("-most") for key in RATES}
    assert [key for key in keys if f'"{key}"' not in text] == []


def test_each_case_is_a_function_of_seed_and_case_alone() -> None:
    whole, half = world(7, notices(400), RATES), world(7, notices(200, 200), RATES)
    late = whole.filter(pa.array([case >= f"{200:024x}" for case in whole.column("case_id").to_pylist()]))
    assert late == half
    assert world(8, notices(400), RATES) != whole


def test_every_fact_of_the_world_can_be_recorded_and_comes_after_the_hand_over() -> None:
    facts = whole_facts(world(7, notices(2000), RATES))
    assert fact_problems(facts).num_rows == 0
    assert min(facts.column("happened_on").to_pylist()) >= HANDED
    late = [known - happened for happened, known in zip(*(facts.column(n).to_pylist() for n in ("happened_on", "known_on")), strict=True)]
    assert max(late) >= timedelta(days=14)


def test_rates_are_met() -> None:
    facts = world(7, notices(6000), RATES)
    returned = facts.column("kind").to_pylist().count("returned") / 6000
    assert abs(returned - 0.12) < 0.015
    assert abs((draws(1, "x", [str(n) for n in range(4000)]) / 2**32).mean() - 0.5) < 0.01
    assert abs(sum(happens(1, "x", str(n), Fraction(1, 4)) for n in range(4000)) / 4000 - 0.25) < 0.03


def test_a_full_unit_releases_and_an_open_one_enlists_in_rank_order() -> None:
    facts = act(dues("enlist-or-release", 5), date(2025, 6, 2), left=2)
    assert facts.column("kind").to_pylist() == ["enlisted", "enlisted", "released", "released", "released"]
    assert fact_problems(whole_facts(facts)).num_rows == 0


def test_only_people_confirmed_to_have_the_notice_come() -> None:
    day = date(2025, 5, 5)
    assert act(dues("await-appearance", 50), day).column("kind").to_pylist().count("appeared") > 30
    assert act(dues("await-appearance", 50, service="presumed"), day).num_rows == 0


STEPS = (
    ("decide-claim", {"ref": "f", "ground": "deferral"}),
    ("serve-decision", {"ref": "f"}),
    ("await-appeal", {"ref": "f", "ground": "refused"}),
    ("await-appeal", {"ref": "f", "ground": "appealed"}),
    ("resolve-contest", {"ref": "f"}),
    ("try-other-channel", {}),
    ("remind", {}),
    ("await-appearance", {"absent": True}),
    ("ask-why", {}),
    ("assess", {}),
)


def test_every_step_of_officials_can_be_recorded() -> None:
    kinds = set()
    for step, more in STEPS:
        facts = act(dues(step, 1500, **more), date(2025, 4, 15))
        assert facts.num_rows > 0, step
        assert fact_problems(whole_facts(facts)).num_rows == 0
        kinds |= set(facts.column("kind").to_pylist())
    assert {"decided", "decision_served", "appealed", "appeal_decided", "claim_withdrawn", "did_not_come", "excused", "assessed"} <= kinds
