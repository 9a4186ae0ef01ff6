"""Synthetic persons: row i is a function of (seed, i) by SHA-256, so any part of a register can be made alone (design D7).

One SHA-256 a row gives four lanes of 64 bits; each column draws from a lane by the SplitMix64 finaliser (Steele, Lea and
Flood, OOPSLA 2014), so columns do not move together. Birth dates do not go back from row to row but for the last rows:
the register lies clustered by birth date without a sort. Two in a hundred are persons whom the law must refuse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from callup.register.snapshot import arrow_schema
from callup.register.tables import OLDEST, YOUNGEST, Share, SynthTables
from callup.terms.schema import Schema

Draws = npt.NDArray[np.uint64]
Whole = npt.NDArray[np.int64]
_ONE = 1 << 32
_EPOCH = date(1970, 1, 1).toordinal()
_WOMEN, _ODD_TAIL = Fraction(1, 100), Fraction(1, 500)


def synth(tables: SynthTables, schema: Schema, seed: int, total: int, rows: range, key_date: date) -> pa.RecordBatch:
    """Make some rows of a synthetic register.

    Args:
        tables: population, names and shares.
        schema: the register's schema: core columns and the law's own.
        seed: same seed, same persons.
        total: rows of the whole register.
        rows: which rows to make, step 1.
        key_date: the day on which the ages of the tables hold.

    Returns:
        One batch of ``len(rows)`` rows, columns in schema order.
    """
    lanes = _lanes(seed, rows)
    born, ages, known = _births(tables, total, rows, key_date)
    women = _draw(lanes, 1) < int(_WOMEN * _ONE)
    units, unit_of = _units(tables, ages, _draw(lanes, 2))
    columns: dict[str, pa.Array] = {
        "person_id": pa.array([f"S{row:09d}" for row in rows], pa.string()),
        "born_on": pa.array(born.astype(np.int32), pa.date32(), mask=~known),
        "sex": pc.if_else(pa.array(women), "f", "m"),
        "unit": pa.DictionaryArray.from_arrays(pa.array(unit_of), pa.array(units)).cast(pa.string()),
        "languages": pc.if_else(pa.array(_draw(lanes, 3) < _ONE // 50), "en ru", "ru"),
        "country": pa.array(["RU"] * len(rows), pa.string()),
        "name": _names(tables, lanes, women),
        **_addresses(tables, units, unit_of, lanes),
    }
    for number, (column, shares) in enumerate(sorted(tables.shares.items()), 20):
        columns[column] = _ground(shares, ages, lanes, number, schema[column].type)
    if "health_until" in columns:
        columns["health_until"] = pc.if_else(pc.fill_null(pc.equal(columns["health_category"], "G"), False), columns["health_until"], None)
    shape = arrow_schema(schema)
    made = [columns.get(name, pa.nulls(len(rows), shape.field(name).type)).cast(shape.field(name).type) for name in schema.names]
    return pa.record_batch(made, schema=shape)


def _lanes(seed: int, rows: range) -> Draws:
    """Four lanes of 64 bits a row, shape [4, rows]."""
    start = hashlib.sha256(f"callup/synth/1\n{seed}\n".encode())
    digests = []
    for row in rows:
        state = start.copy()
        state.update(b"%d" % row)
        digests.append(state.digest())
    return np.frombuffer(b"".join(digests), dtype="<u8").reshape(len(rows), 4).T.copy()


def _draw(lanes: Draws, column: int) -> Whole:
    """A number from 0 to 2^32 - 1 for each row, for one column."""
    with np.errstate(over="ignore"):
        mixed = lanes[column % 4] + np.uint64(column + 1) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn: Whole = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(32)).astype(np.int64)
    return drawn


def _births(tables: SynthTables, total: int, rows: range, key_date: date) -> tuple[Whole, Whole, npt.NDArray[np.bool_]]:
    """Day of birth (days since 1970), age on the key date, and whether the birth date is known."""
    tail = int(total * _ODD_TAIL)
    body = total - tail
    at = np.arange(rows.start, rows.stop, dtype=np.int64)
    ages = list(range(OLDEST, YOUNGEST - 1, -1))
    counts = np.array([sum(men.get(age, 0) for men in tables.men.values()) for age in ages], dtype=np.int64)
    ends = np.cumsum(counts)
    place = np.minimum(at, body - 1) * int(ends[-1]) // body
    which = np.searchsorted(ends, place, side="right")
    firsts = np.array([_day(key_date, age + 1) + 1 for age in ages], dtype=np.int64)
    lasts = np.array([_day(key_date, age) for age in ages], dtype=np.int64)
    within = place - (ends[which] - counts[which])
    born = firsts[which] + within * (lasts[which] - firsts[which] + 1) // counts[which]
    odd = at >= body
    born = np.where(odd, _day(key_date, 45) + at % 4000, born)
    age = np.where(odd, 40, np.array(ages, dtype=np.int64)[which])
    return born, age, ~(odd & (at % 2 == 0))


def _day(key_date: date, years: int) -> int:
    """The key date some years earlier, in days since 1970."""
    return date(key_date.year - years, key_date.month, min(key_date.day, 28)).toordinal() - _EPOCH


def _units(tables: SynthTables, ages: Whole, draws: Whole) -> tuple[list[str], Whole]:
    """The units, and which of them each row has: as the men of its age are spread."""
    units = sorted(tables.men)
    found = np.zeros(len(ages), dtype=np.int64)
    for age in np.unique(ages):
        men = np.array([tables.men[unit].get(min(int(age), OLDEST), 0) for unit in units], dtype=np.int64)
        mine = ages == age
        found[mine] = np.searchsorted(np.cumsum(men), draws[mine] * int(men.sum()) // _ONE, side="right")
    return units, found


def _names(tables: SynthTables, lanes: Draws, women: npt.NDArray[np.bool_]) -> pa.Array:
    parts = []
    for number, part in enumerate(("last", "first", "middle"), 4):
        draws = _draw(lanes, number)
        men, others = (_pick(tables.names[f"{part}_{sex}"], draws) for sex in "mf")
        parts.append(pc.if_else(pa.array(women), others, men))
    return pc.binary_join_element_wise(*parts, " ")


def _pick(values: tuple[str, ...], draws: Whole) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(draws * len(values) // _ONE))


def _addresses(tables: SynthTables, units: list[str], unit_of: Whole, lanes: Draws) -> dict[str, pa.Array]:
    """A made-up address in a real town of the unit, towns by their size."""
    towns = [town for unit in units for town in tables.towns[unit]]
    counts = np.array([len(tables.towns[unit]) for unit in units], dtype=np.int64)
    starts = np.cumsum(counts) - counts
    sizes = np.cumsum(np.array([town[2] for town in towns], dtype=np.int64))
    before = np.where(starts > 0, sizes[np.maximum(starts - 1, 0)], 0)
    whole = sizes[starts + counts - 1] - before
    which = np.searchsorted(sizes, before[unit_of] + _draw(lanes, 8) * whole[unit_of] // _ONE, side="right")
    street = _pick(tables.streets, _draw(lanes, 9))
    house = pa.array(_draw(lanes, 10) * 120 // _ONE + 1).cast(pa.string())
    flat = pa.array(_draw(lanes, 11) * 180 // _ONE + 1).cast(pa.string())
    line = pc.binary_join_element_wise(street, pa.scalar(", д. "), house, pa.scalar(", кв. "), flat, "")
    return {
        "address_line": line,
        "locality": pa.array([town[0] for town in towns]).take(pa.array(which)),
        "postal_code": pa.array([town[1] for town in towns]).take(pa.array(which)),
    }


def _ground(shares: tuple[Share, ...], ages: Whole, lanes: Draws, number: int, kind: str) -> pa.Array:
    """One column of grounds: its value by age band, null where no share covers the draw."""
    draws = _draw(lanes, number)
    choice = np.full(len(ages), -1, dtype=np.int64)
    for age in np.unique(ages):
        mine = ages == age
        low = 0
        for which, share in enumerate(shares):
            if share.from_age <= age <= share.to_age:
                high = low + int(share.share * _ONE)
                choice[mine & (draws >= low) & (draws < high)] = which
                low = high
    if kind == "date":
        return _dates(shares, choice, _draw(lanes, number + 40))
    values: Mapping[str, object] = {"true": True, "false": False}
    listed = [int(share.value) if kind == "int" else values.get(share.value, share.value) for share in shares]
    return pa.array(listed).take(pa.array(choice, mask=choice < 0))


def _dates(shares: tuple[Share, ...], choice: Whole, draws: Whole) -> pa.Array:
    """Dates between the first and last day of the chosen share; on a fixed day of a year where the table says so."""
    days = np.zeros(len(choice), dtype=np.int64)
    for which, share in enumerate(shares):
        if share.first_day is None or share.last_day is None:
            continue
        mine = choice == which
        if share.on:
            month, day = (int(part) for part in share.on.split("-"))
            years = range(share.first_day.year, share.last_day.year + 1)
            listed = np.array([date(year, month, day).toordinal() - _EPOCH for year in years], dtype=np.int64)
            days[mine] = listed[draws[mine] * len(listed) // _ONE]
        else:
            first, last = share.first_day.toordinal() - _EPOCH, share.last_day.toordinal() - _EPOCH
            days[mine] = first + draws[mine] * (last - first + 1) // _ONE
    return pa.array(days.astype(np.int32), pa.date32(), mask=choice < 0)
