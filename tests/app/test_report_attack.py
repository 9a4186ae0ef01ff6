"""Whoever adds, subtracts and bounds everything published about outcomes still opens no small cell.

The reader of this attack has every table of the report together, the exact size of each roll and, from the public log, how many
were called in each unit. Two attacks: linear algebra (is the cell a combination of printed numbers?) and intervals (do the
printed numbers and the fact that a count is never negative leave one value only?).
"""

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app.report import ReportModel
from callup.app.report.tables import CLASSES, OTHERWISE, SERVED, STAGES, published
from callup.jurisdictions import resource
from callup.terms.decree import read_decree

ENDS = ("enlisted", "deferred", "unfit", "exempt", "lapsed (never served)", "lapsed (no answer, not referred)", "not called")
UNITS = {"A": ("a", "north"), "B": ("b", "north"), "C": ("c", "south"), "D": ("d", "south")}
WAYS = tuple((finding, channel) for finding in (*SERVED, "none", "failed") for channel in ("mail", "portal", "counter"))
EARLY, LAST = date(2025, 5, 1), date(2025, 7, 15)
COLUMNS = {
    "digests": {}, "acts": {}, "unit_names": UNITS, "unverified": (), "law": "", "harsher": 0, "doors": {},
    "undertakings": (), "log_sizes": None,
}  # fmt: skip
SHAPES = {
    "register": "finding persons", "roll": "unit persons", "quotas": "unit base quota", "account": "unit outcome persons",
    "funnel": "step persons", "states_by_day": "day state cases", "service": "channel finding cases", "due": "unit step cases",
    "followup": "diagnosis next_step cases", "claims": "kind outcome cases", "waves": "wave day notices",
    "clocks": "what decided median_days nine_in_ten_days law_days", "equality": "by group in_roll called", "panel": "age law_2023 law_2024",
    "undetermined": "reason persons", "months": "unit month register roll called",
}  # fmt: skip
SOURCE = resource("ru", "data/decree.toml").decode()
NOBODY = ReportModel(
    decree=read_decree(tomllib.loads(SOURCE), SOURCE),
    **COLUMNS,
    **{name: pa.table({column: pa.array([], pa.int64()) for column in columns.split()}) for name, columns in SHAPES.items()},
)


def rows(columns, lines):
    return pa.Table.from_pylist([dict(zip(columns.split(), line, strict=True)) for line in lines])


def class_of(end):
    return CLASSES.get(end, OTHERWISE)


def truth(ended, before, ways):
    """Every hidden number by its name: outcomes, those that ended early, the growth since then, and service."""
    hidden = {("end", *cell): persons for cell, persons in ended.items()}
    hidden |= {("way", *way): cases for way, cases in ways.items()}
    for name in ("enlisted", OTHERWISE, "lapsed"):
        last = sum(persons for (_, end), persons in ended.items() if class_of(end) == name)
        early = last * before[name] // 10
        hidden |= {("early", name): early, ("grown", name): last - early}
    called = sum(persons for (_, end), persons in ended.items() if end != "not called")
    hidden["early", "answered or came"] = called - sum(hidden["early", name] for name in ("enlisted", OTHERWISE, "lapsed"))
    return hidden, called


def model_of(ended, hidden, called):
    roll = [(unit, sum(persons for (where, _), persons in ended.items() if where == unit)) for unit in UNITS]
    served = sum(hidden["way", *way] for way in WAYS if way[0] in SERVED)
    totals = {end: sum(ended[unit, end] for unit in UNITS) for end in ENDS}
    words = {"enlisted": "enlisted", OTHERWISE: "exempt", "lapsed": "lapsed (never served)", "answered or came": "answered"}
    days = [(EARLY, words[name], hidden["early", name]) for name in words]
    days += [(LAST, end, totals[end]) for end in ENDS if end != "not called"]
    return replace(
        NOBODY,
        account=rows("unit outcome persons", [(*cell, persons) for cell, persons in ended.items()]),
        roll=rows("unit persons", roll),
        states_by_day=rows("day state cases", days),
        service=rows("finding channel cases", [(*way, hidden["way", *way]) for way in WAYS]),
        funnel=rows("step persons", [("called", called), ("served", served), ("enlisted", totals["enlisted"])]),
    )


def ends(names, units=UNITS):
    return [("end", unit, end) for unit in units for end in ENDS if end in names or class_of(end) in names]


def equations(model, hidden):
    """Every equation that a reader has: cells with their sign, and what they sum to."""
    everyone = sum(hidden[cell] for cell in hidden if cell[0] == "end")
    outcomes = [(name, cell) for name in ENDS for cell in ends([name])]
    known = [(dict.fromkeys(ends(ENDS, [unit]), 1), model.roll.to_pylist()[place]["persons"]) for place, unit in enumerate(UNITS)]
    known += [({("end", unit, "not called"): 1}, hidden["end", unit, "not called"]) for unit in UNITS]
    known += [
        ({**dict.fromkeys(ends([name]), 1), ("early", name): -1, ("grown", name): -1}, 0) for name in ("enlisted", OTHERWISE, "lapsed")
    ]
    known.append(({("way", *way): 1 for way in WAYS}, everyone - sum(hidden[cell] for name, cell in outcomes if name == "not called")))
    tables = published(model)
    for labels, persons in tables["outcomes"].rows:
        known.append((dict.fromkeys([cell for name, cell in outcomes if name in labels.split("; ")], 1), persons))
    units = tables["units"]
    for line in units.rows:
        for name, persons in zip(units.columns[4:], line[4:], strict=True):
            chosen = name.split("; ") if name != "called" else [end for end in ENDS if end != "not called"]
            known.append((dict.fromkeys(ends(chosen, line[0].split()), 1), persons))
    for day, labels, cases in tables["progress"].rows:
        names = labels.split("; ")
        cells = ends(names) if day == LAST.isoformat() else [("early", name) for name in names]
        known.append((dict.fromkeys(cells, 1), cases))
    funnel = dict(tables["funnel"].rows)
    known.append(({("way", *way): 1 for way in WAYS if way[0] in SERVED}, funnel["served"]))
    known.append((dict.fromkeys(ends(["enlisted"]), 1), funnel["enlisted"]))
    service = [(finding.split("; "), channel.split("; "), cases) for finding, channel, cases in tables["service"].rows]
    merged = [("; ".join(finding), "; ".join(channel)) for finding, channel, _ in service]
    assert len(set(merged)) == len(merged)
    for findings, channels, cases in service:
        if len(findings) == 1 or len(channels) == 1:
            known.append(({("way", finding, channel): 1 for finding in findings for channel in channels}, cases))
    return [(cells, value) for cells, value in known if value is not None]


def bounded(known, cells):
    """The interval that printed numbers leave to each cell, every one at least 0."""
    low, high = dict.fromkeys(cells, 0), dict.fromkeys(cells, 10_000)
    moved = True
    while moved:
        moved = False
        for signs, value in known:
            least = sum(sign * (low[cell] if sign > 0 else high[cell]) for cell, sign in signs.items())
            most = sum(sign * (high[cell] if sign > 0 else low[cell]) for cell, sign in signs.items())
            for cell, sign in signs.items():
                first, last = (value - most + high[cell], value - least + low[cell]) if sign > 0 else (
                    least + high[cell] - value, most + low[cell] - value)  # fmt: skip
                if first > low[cell] or last < high[cell]:
                    low[cell], high[cell], moved = max(low[cell], first), min(high[cell], last), True
    return {cell: (low[cell], high[cell]) for cell in cells}


def opened(known, hidden):
    """Small cells that an attack opens; those not called stand in the public log."""
    place = {cell: number for number, cell in enumerate(hidden)}
    matrix = np.zeros((len(known), len(place)))
    for number, (signs, _) in enumerate(known):
        for cell, sign in signs.items():
            matrix[number, place[cell]] = sign
    _, spread, directions = np.linalg.svd(matrix, full_matrices=True)
    free = directions[int((spread > 1e-9).sum()) :]
    fixed = {cell for cell in hidden if np.abs(free[:, place[cell]]).sum() < 1e-9}
    fixed |= {cell for cell, (low, high) in bounded(known, hidden).items() if low == high}
    return {cell for cell in fixed if 0 < hidden[cell] < 10 and cell[-1] != "not called"}


def attack(ended, before, ways):
    hidden, called = truth(ended, before, ways)
    model = model_of(ended, hidden, called)
    known = equations(model, hidden)
    for signs, value in known:
        assert sum(sign * hidden[cell] for cell, sign in signs.items()) == value, "the attack's own equations hold"
    return opened(known, hidden)


def service_of(shares, called):
    """Cases by way: the shares as far as the called reach, the rest confirmed by mail."""
    left, ways = called, dict.fromkeys(WAYS, 0)
    for way, share in zip(WAYS[1:], shares, strict=True):
        ways[way] = min(left, share)
        left -= ways[way]
    return {**ways, WAYS[0]: left}


small = st.integers(0, 25) | st.just(0)
counts = st.fixed_dictionaries({(unit, end): small for unit in UNITS for end in ENDS})
early = st.fixed_dictionaries({name: st.integers(0, 10) for name in ("enlisted", OTHERWISE, "lapsed")})


@given(counts, early, st.lists(small, min_size=len(WAYS) - 1, max_size=len(WAYS) - 1))
@settings(max_examples=150)
def test_no_sum_and_no_bound_opens_a_small_cell(ended, before, shares):
    called = sum(persons for (_, end), persons in ended.items() if end != "not called")
    assert not attack(ended, before, service_of(shares, called))


def test_the_attack_opens_what_is_open():
    """An attack that finds nothing must be able to find something."""
    hidden = {("x",): 3, ("y",): 20, ("z",): 4, ("w",): 0}
    assert opened([({("x",): 1, ("y",): 1}, 23), ({("y",): 1}, 20)], hidden) == {("x",)}
    assert opened([({("x",): 1, ("y",): 1}, 23)], hidden) == set()
    bounds_only = [({("x",): 1, ("w",): 1}, 3), ({("w",): 1, ("z",): 1}, 0)]
    assert opened(bounds_only, {("x",): 3, ("w",): 0, ("z",): 0}) == {("x",)}, "two that sum to nothing are both nothing"


def test_every_stage_of_the_report_is_attacked():
    assert set(STAGES.values()) >= {"enlisted", "lapsed", "answered or came"}
