"""Public claims side by side: what they come to, what is refused; and the carried record as claims."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.app.record.public import ANNOUNCEMENT, public_claims
from callup.planning import claims_of_rows
from callup.planning.claims import COLUMNS, read_claims
from callup.terms.errors import BadInput

HEAD = ",".join(COLUMNS)


def row(number: int, **said: str) -> dict[str, str]:
    return {
        "id": f"c{number}", "quantity": "strength", "unit": "persons", "population": "active", "period_until": "2025-01-31",
        "said_by": f"voice {number}", "source": f"paper {number}",
    } | said  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "result", "apart"),
    [
        ([{}], "missing", 0),
        ([{"point": "5", "source": "leaflet"}], "as printed", 0),
        ([{"point": "5", "source": "leaflet"}, {}], "as printed", 0),
        ([{"point": "5"}], "one voice", 0),
        ([{"point": "5"}, {"point": "5", "said_by": "voice 0"}], "one voice", 0),
        ([{"point": "5", "source": "leaflet"}, {"point": "5"}], "agree", 0),
        ([{"point": "5"}, {"low": "4", "point": "6", "high": "8"}], "agree", 0),
        ([{"low": "4"}, {"point": "9"}], "agree", 0),
        ([{"low": "10"}, {"point": "9"}], "differ", 1),
        ([{"point": "5"}, {"point": "9"}, {"point": "6"}], "differ", 4),
        ([{"point": "5", "said_by": "voice 0"}, {"point": "9", "said_by": "voice 0"}], "differ", 4),
    ],
)
def test_findings(rows, result, apart):
    claims = claims_of_rows((row(number, **said) for number, said in enumerate(rows)), "leaflet")
    (found,) = claims.findings("strength")
    assert (found.result, found.apart, len(found.claims)) == (result, apart, len(rows))


def test_nothing_known_is_missing_and_not_zero():
    (found,) = claims_of_rows([]).findings("strength")
    assert (found.result, found.claims) == ("missing", ())


def test_the_sentence_gives_each_voice_and_no_mean():
    (found,) = claims_of_rows([row(1, point="1134000"), row(2, low="1300000", high="1500000"), row(3)]).findings("strength")
    assert found.sentence == (
        "strength, active, persons: differ by 166,000. voice 1: 1,134,000 (paper 1); voice 2: from 1,300,000 to 1,500,000 (paper 2);"
        " voice 3: no value (paper 3)"
    )


@pytest.mark.parametrize(("column", "other", "code"), [("population", "posts", "populations"), ("unit", "persons/year", "units")])
def test_two_series_are_not_mixed(column, other, code):
    claims = claims_of_rows([row(1, point="5"), row(2, point="6", **{column: other})])
    with pytest.raises(BadInput, match=f"claims-of-different-{code}"):
        claims.findings("strength")


def test_a_named_population_is_a_series():
    claims = claims_of_rows([row(1, point="5"), row(2, point="6", population="posts")])
    assert [claim.id for claim in claims.series("strength", "posts")] == ["c2"]


def test_periods_are_apart():
    claims = claims_of_rows([row(1, point="5"), row(2, point="6", period_until="2024-01-31")])
    assert [found.period_until for found in claims.findings("strength")] == [date(2024, 1, 31), date(2025, 1, 31)]
    assert {found.result for found in claims.findings("strength")} == {"one voice"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"said_by": ""}, "claim-incomplete"),
        ({"source": " "}, "claim-incomplete"),
        ({"point": "many"}, "claim-number"),
        ({"point": "1/0"}, "claim-number"),
        ({"low": "6", "point": "5"}, "claim-out-of-order"),
        ({"low": "6", "high": "5"}, "claim-out-of-order"),
        ({"period_from": "2025-02-01"}, "claim-out-of-order"),
        ({"period_from": "spring"}, "claim-day"),
        ({"id": "c0"}, "claim-twice"),
    ],
)
def test_refused(said, code):
    with pytest.raises(BadInput) as refused:
        claims_of_rows([row(0), row(1, **said)])
    assert refused.value.code == code
    assert refused.value.params.get("row") == 2


def test_a_table_of_text():
    claims = read_claims(f"{HEAD}\na,strength,persons,active,,2025-01-31,,1134000.5,,book,agency,2025,page 3,\n", "page 3")
    assert claims.all[0].point == Fraction(2268001, 2)
    assert claims.findings("strength")[0].result == "as printed"
    with pytest.raises(BadInput, match="claims-columns"):
        read_claims(f"{HEAD},colour\n")


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
def test_no_number_is_made_up_and_order_does_not_matter(points):
    rows = [row(number, point=str(point)) for number, point in enumerate(points)]
    (found,), (turned,) = claims_of_rows(rows).findings("strength"), claims_of_rows(rows[::-1]).findings("strength")
    assert sorted(claim.point for claim in found.claims) == sorted(points)
    assert (found.result, found.apart) == (turned.result, turned.apart)
    assert found.apart == max(points) - min(points)


def test_the_record_of_spring_2025():
    claims = public_claims("ru")
    assert claims.examined == ANNOUNCEMENT
    spring = {found.period_until.year: found for found in claims.findings("call-up", "to enlist by the decree of spring")}
    assert spring[2025].result == "one voice"
    assert {claim.point for claim in spring[2025].claims} == {160_000}
    assert len(spring[2025].claims) == 3


def test_the_toll_of_the_announcement_is_as_printed_and_the_two_series_stay_apart():
    claims = public_claims("ru")
    with pytest.raises(BadInput, match="claims-of-different-populations"):
        claims.series("losses")
    toll = {found.period_until: found for found in claims.findings("losses", "casualties killed and wounded")}
    assert toll[date(2024, 12, 31)].result == "as printed"
    assert toll[date(2025, 1, 7)].result == "one voice"


def test_a_post_is_not_a_person_in_service():
    claims = public_claims("ru")
    with pytest.raises(BadInput, match="posts of servicemen by decree"):
        claims.series("strength")
    (found,) = [one for one in claims.findings("strength", "active military personnel") if one.period_until == date(2025, 1, 31)]
    assert (found.result, {claim.point for claim in found.claims}, len(found.claims)) == ("one voice", {1_134_000}, 2)


def test_a_country_without_a_record_has_no_claims():
    assert public_claims("freedonia").all == ()
