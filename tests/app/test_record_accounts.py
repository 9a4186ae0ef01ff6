"""What does not add up is found unprompted, in tables carried and in tables never seen; what adds up gives no finding."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callup.app.record.accounts import check_account, read_account
from callup.app.record.carrying import carried
from callup.terms.errors import BadInput

FILES = carried("ru").files


def found(text):
    return [one for one in check_account(read_account(text)) if not one.rounding]


def said(text):
    return " | ".join(one.sentence for one in found(text))


# ---- what the record carries


def test_two_totals_of_the_selective_service_do_not_follow_from_its_years():
    one, other = found(FILES["accounts/us-inductions.csv"])
    assert (one.apart, other.apart) == (89_111, 16_664)
    assert "10,110,104" in one.sentence
    assert "10,020,993 of rows 3 to 9" in one.sentence
    assert "1,857,304" in other.sentence
    more = found(FILES["accounts/us-inductions.csv"].replace("2810296", "2810396"))
    assert [one.apart for one in more] == [89_111, 16_664, 100], "1917 and 1918 make their total to the man: a hundred more are found"


def test_the_edge_of_the_band_is_nine_in_a_hundred():
    (one,) = found(FILES["accounts/band-edge.csv"])
    assert one.rule == "edge of an age band"
    for part in ("8,638,403", "9,415,886", "+5.7 %", "-3.0 %", "the edge of the band alone is 9 %"):
        assert part in one.sentence


def test_what_was_paid_and_what_was_announced():
    apart = {one.rows: one.apart for one in found(FILES["accounts/recruits.csv"])}
    assert apart[(4, 5)] == 90_000 - 37_900
    assert apart[(1, 3)] == 210_000 - 127_500


def test_shares_that_are_more_than_all():
    (one,) = found(FILES["funnel.csv"])
    assert "Chelyabinsk" in one.sentence, "the shares of St Petersburg and of 2007 and 2014 make 1 and are not reported"


# ---- tables that nobody has seen

SEASONS = "season,region,called\nspring,north,1\nspring,south,2\nspring,total,3\nautumn,north,4\nautumn,south,5\n"
ROWS = "year,opening,joined,left,closing\n2020,1000,200,150,1050\n"
RANGES = "date,quantity,low,point,high,said_by\n2025-01-01,toll,10,12,{},one\n2025-01-01,toll,18,20,30,other\n"
WRONG = {
    "a total row": ("region,called\nnorth,100\nsouth,250\nwest,75\ntotal,430\n", 5),
    "a total in each group": (SEASONS + "autumn,total,8\n", 1),
    "stocks and flows in a row": (ROWS + "2021,1050,180,190,1060\n", 20),
    "an opening that is not the closing before": (ROWS + "2021,1150,180,190,1140\n", 100),
    "a stock carried on by unknown names": (
        "jahr,bestand,zugang,abgang\na,1000,0,0\nb,1050,200,150\nc,1040,180,190\nd,1100,240,180\ne,1290,250,100\nf,1300,210,160\n", 40,
    ),
    "a strength, its intake and its outflow, the first row without": (
        "date,strength,intake,outflow\n2019-04-01,1000,,\n2020-04-01,1050,200,150\n2021-04-01,1041,180,189\n2022-04-01,1110,240,180\n"
        "2023-04-01,1260,250,100\n", 9,
    ),
    "a net change, where the strength carries it on rightly": (
        "year,strength,intake,outflow,net\n2015,153720,13350,18640,-5290\n2016,151000,14100,16820,-2720\n2017,149370,12950,14580,-1630\n"
        "2018,146560,11880,14690,-2810\n2019,144430,12460,14600,-2130\n", 10,
    ),
    "a column made of two others": ("place,men,women,everyone\na,10,12,22\nb,30,31,61\nc,17,20,38\nd,40,44,84\n", 1),
    "marked rows": ("what,kind,persons\nat start,stock,1000\nvolunteers,in,300\ndischarged,out,120\nat end,stock,1280\n", 100),
    "marked rows by country": (
        "country,what,kind,persons\nA,start,stock,10\nA,came,in,5\nA,end,stock,15\nB,start,stock,20\nB,left,out,4\nB,end,stock,17\n", 1,
    ),
    "a year that is less than its months": ("period,notices\n2025,100\n2025-01 to 2025-06,60\n2025-07 to 2025-12,70\n", 30),
    "a year that is more than its halves": ("period,notices\n2025,150\n2025-H1,60\n2025-H2,70\n", 20),
    "a war that is less than its whole years": ("period,men\n1950-06 to 1953-06,900\n1951,550\n1952,440\n", 90),
    "two voices": ("period,quantity,value,said_by\n2025-Q2,signed,90000,ministry\n2025-Q2,signed,37900,budget\n", 52_100),
    "two voices whose ranges do not meet": (RANGES.format(15), 3),
    "an age band": ("age,men\n18,100\n19,100\n20,100\n18-20,150\n", 50),
    "shares": ("unit,stage,value\nshare of all,a,0.5\nshare of all,b,0.4\nshare of all,c,0.35\n", Fraction(1, 4)),
}  # fmt: skip
RIGHT = {
    "a total row": "region,called\nnorth,100\nsouth,250\nwest,75\ntotal,425\n",
    "a total of all seasons": SEASONS + "autumn,total,9\n",
    "stocks and flows in a row": ROWS + "2021,1050,180,190,1040\n",
    "start and end as numbers": "year,start,in,out,end\n2020,1900,200,150,1950\n2021,1950,180,190,1940\n2022,1940,9,0,1949\n",
    "marked rows with ranges": "what,kind,low,persons,high\nat start,stock,,1000,\nvolunteers,in,250,300,350\nat end,stock,,1300,\n",
    "halves and months": "period,notices\n2025,130\n2025-H1,60\n2025-H2,70\n2025-01,20\n2025-02,10\n",
    "part of a war": "period,men\n1950-06 to 1953-06,1529539\n1950,219771\n1951,551806\n1952,438479\n1953,471806\n",
    "a stock by year and month does not add up and need not": "period,population\n2025,100\n2025-01,99\n2025-02,100\n2025-03,101\n",
    "two voices that agree": "period,quantity,value,said_by\n2025-Q2,contracts,90000,ministry\n2025-Q2,contracts,90000,budget\n",
    "the same voice corrects itself": "period,quantity,value,said_by\n2025-Q2,contracts,90000,ministry\n2025-Q2,contracts,91000,ministry\n",
    "two voices whose ranges meet": RANGES.format(19),
    "two series are not one": "date,measure,value,said_by\n2025-01-01,wounded,790,one\n2025-01-01,dead by name,100,other\n",
    "an age band to its last age": "age,men\n18,100\n19,100\n20,100\n18-20,300\n",
    "an age band to its last birthday": "age,men\n18,100\n19,100\n20,100\n18-20,200\n",
    "an age band of another voice, rounded": "age,men,source\n18,1012,a\n19,1013,a\n20,1001,a\n18-20,3030,b\n",
    "shares of one whole and of another": "unit,stage,value\nshare,a,0.3\nshare,b,0.32\nshare,c,0.09\nshare,d,0.29\nshare,called,0.21\n",
    "shares that are rounded": "unit,stage,value\nshare,a,0.334\nshare,b,0.334\nshare,c,0.333\n",
    "equal columns with exceptions are no rule": "place,planned,sent\na,10,10\nb,20,20\nc,30,30\nd,40,39\n",
    "shares of several wholes": "of,value,share\nx,a,0.6\nx,b,0.4\ny,a,0.9\ny,b,0.1\nz,a,0.5\nz,b,0.5\n",
    "men, women and all, with a row of totals": "region,men,women,total\nnorth,10,12,22\nsouth,30,31,61\nwest,17,20,37\ntotal,57,63,120\n",
    "seats of a census": "state,census,official,other\nA,1910,7,7\nB,1910,10,10\nA,1920,8,8\nB,1920,11,12\nA,1930,9,9\nB,1930,12,13\n",
    "numbers that have nothing to do with each other": "place,a,b,c\np,13,170,2\nq,55,21,90\nr,7,300,11\ns,81,46,33\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_add_up_is_found(name):
    text, apart = WRONG[name]
    assert [one.apart for one in found(text)] == [apart], said(text)


@pytest.mark.parametrize("name", RIGHT)
def test_what_adds_up_gives_no_finding(name):
    assert said(RIGHT[name]) == ""


def test_a_difference_that_rounding_explains_is_a_remark():
    (one,) = check_account(read_account("region,thousand\nnorth,10.1\nsouth,20.2\ntotal,30.4\n"))
    assert one.rounding
    assert found("region,thousand\nnorth,10.1\nsouth,20.2\ntotal,30.9\n")


def test_the_rule_that_was_found_is_named():
    (one,) = found(WRONG["a stock carried on by unknown names"][0])
    assert one.rule == "bestand = bestand of the row before + zugang - abgang"
    assert one.rows == (4, 5)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=6, max_size=12), st.integers(2, 10), st.integers(1, 50))
def test_a_closed_account_has_no_finding_and_one_wrong_stock_has(flows, wrong, by):
    level, rows = 5_000, []
    for number, (came, went) in enumerate(flows):
        rows.append([f"r{number}", level, came, went, level + came - went])
        level = rows[-1][-1]
    text = lambda: "what,opening,in,out,closing\n" + "\n".join(",".join(map(str, row)) for row in rows)  # noqa: E731 - written twice
    assert found(text()) == []
    assume(sum(0 not in flow for flow in flows) == len(flows))  # a rule that few rows tell is none
    assume(len({row[4] for row in rows}) > 4)
    rows[wrong % len(rows)][4] += by
    assert by in {int(one.apart) for one in found(text())}


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "account-empty"), ("a,b\n", "account-empty"), ("a,b\n1\n", "account-row"), ("a,b\nx,y\n", "account-without-numbers")],
)
def test_what_is_no_table_is_refused(text, code):
    with pytest.raises(BadInput, match=code):
        read_account(text)
