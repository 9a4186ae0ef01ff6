"""Every scenario holds at a size that fits a test; a wrong expectation does not hold, and a wrong file is refused."""

import copy
import tomllib
from importlib.resources import files

import duckdb
import pytest

from callup.app.simulate.facts_world import counts
from callup.app.simulate.running import simulate
from callup.app.simulate.scenario import available, parse_scenario, read_scenario
from callup.terms.errors import BadInput

ALL = [f"S{number}" for number in range(1, 16)]


def table(name):
    return tomllib.loads(files("callup.app.simulate").joinpath("scenarios", f"{name}.toml").read_text(encoding="utf-8"))


def test_all_fifteen_are_here():
    assert list(available()) == ALL


@pytest.mark.parametrize("name", ALL)
def test_what_must_hold_holds(name):
    scenario = read_scenario(name)
    found = simulate(scenario, scenario.few)
    assert found.held
    assert [one for one in found.held if not one.held] == []


@pytest.mark.parametrize("name", ["S2", "S3", "S11", "S15"])
def test_what_does_not_hold_is_said(name):
    changed = table(name)
    changed["looks"][-1]["holds"][-1]["cases"] = 1
    scenario = parse_scenario(changed)
    found = simulate(scenario, scenario.few)
    assert not found.right
    assert [one.wanted for one in found.held if not one.held] == [1]


@pytest.mark.parametrize("name", [name for name in ALL if table(name)["kind"] == "facts"])
def test_a_share_without_a_source_says_so(name):
    for act in table(name)["acts"]:
        assert act.get("share") is None or act["why"], act["name"]


@pytest.mark.parametrize("size", [280, 300, 12_345])
def test_shares_are_taken_exactly(size):
    acts = table("S2")["acts"]
    with duckdb.connect() as base:
        found = dict(base.sql(counts(acts, size, 7)).fetchall())
    assert found["written"] == round(size * 0.9333)
    assert found["answered"] == round(found["written"] * 0.6)


def test_latvia_is_exact():
    """168 of 280 answered, 112 did not."""
    with duckdb.connect() as base:
        assert dict(base.sql(counts(table("S2")["acts"], 300, 2025)).fetchall()) == {
            "everybody": 300, "written": 280, "posted": 280, "answered": 168, "noted": 112,
        }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(kind="magic"),
        lambda one: one.update(colour="red"),
        lambda one: one["acts"][0].update(penalty="fine"),
        lambda one: one["acts"][0].update(of="answered"),
        lambda one: one["acts"].append(one["acts"][0]),
        lambda one: one.pop("sources"),
        lambda one: one["looks"][0]["holds"][0].update(where={"state; DROP TABLE facts": 1}),
        lambda one: one["looks"][0]["holds"][0].update(cases="nobody_known"),
        lambda one: one["acts"][1].update(by="nobody"),
    ],
)
def test_a_wrong_file_is_refused(change):
    changed = copy.deepcopy(table("S2"))
    change(changed)
    with pytest.raises(BadInput):
        simulate(parse_scenario(changed), 300)


def test_the_command(call):
    code, out, _ = call("simulate")
    assert code == 0
    assert all(f"{name}  " in out for name in ALL)
    code, out, _ = call("simulate", "S7")
    assert (code, "holds: the town that was forgotten is named: 1" in out) == (0, True)
    assert call("simulate", "S16")[0] == 2
    assert call("simulate", "S2", "--cases", 10)[0] == 2
    code, out, _ = call("simulate", "S9", "--json")
    assert (code, '"right": true' in out) == (0, True)
