"""Solved examples of manpower planning that we did not write: one year ahead, stock times transitions, with exits."""

import pytest

from callup.planning import count, forecast, read_model

SALES = {
    "source": "docsbay.net/markov-analysis-example; the exact next stock, of which 163, 150, 75 and 26 are printed",
    "stock": {"sp": 300, "sf": 200, "asm": 50, "rsm": 30},
    "moves": {("sp", "sf"): 0.10, ("sp", "asm"): 0.05, ("sf", "sp"): 0.05, ("sf", "asm"): 0.10, ("asm", "sp"): 0.05, ("asm", "rsm"): 0.10},
    "exits": {"sp": 0.35, "sf": 0.25, "asm": 0.05, "rsm": 0.30},
    "next": {"sp": 162.5, "sf": 150, "asm": 75, "rsm": 26},
}
MAKERS = {
    "source": "mathix.co, Markov analysis, movement counts of a manufacturer",
    "stock": {"pm": 5, "fp": 40, "tl": 120, "pw": 1000},
    "moves": {("fp", "pm"): 0.1, ("tl", "fp"): 0.1, ("tl", "pw"): 0.1, ("pw", "tl"): 0.06},
    "exits": {"pm": 0.2, "fp": 0.2, "tl": 0.0, "pw": 0.2},
    "next": {"pm": 8, "fp": 40, "tl": 156, "pw": 752},
}


def model(example):
    constants, flows = ["{ name = 'year', value = 1, unit = 'year' }"], []
    ways = {**example["moves"], **{(grade, ""): share for grade, share in example["exits"].items()}}
    for (source, target), share in ways.items():
        name = f"{source}_to_{target or 'outside'}"
        constants.append(f"{{ name = 'share_{name}', value = {share}, unit = '1' }}")
        into = f"into = '{target}', " if target else ""
        flows.append(f"{{ name = '{name}', from = '{source}', {into}rate = 'share_{name} * {source} / year' }}")
    constants += [f"{{ name = 'begin_{grade}', value = {persons}, unit = 'persons' }}" for grade, persons in example["stock"].items()]
    stocks = [f"{{ name = '{grade}', unit = 'persons', starts = 'begin_{grade}' }}" for grade in example["stock"]]
    parts = {"constant": constants, "stock": stocks, "flow": flows}
    lists = "\n".join(f"{kind} = [{', '.join(rows)}]" for kind, rows in parts.items())
    return read_model(f"time = {{ unit = 'year', steps = 1 }}\n{lists}\n")


@pytest.mark.parametrize("example", [SALES, MAKERS], ids=["sales force", "manufacturer"])
def test_one_year_ahead(example):
    found = forecast(model(example), {})
    assert {grade: rows[-1, 0] for grade, rows in found.stocks.items()} == pytest.approx(example["next"])


def test_whole_persons_are_counted_the_same():
    ledger = count(model(MAKERS))
    assert {grade: rows[-1] for grade, rows in ledger.stocks.items()} == MAKERS["next"]
    gone = sum(rows[0] for name, rows in ledger.flows.items() if name.endswith("outside"))
    assert gone == 1 + 8 + 0 + 200
    assert sum(MAKERS["stock"].values()) == sum(MAKERS["next"].values()) + gone
