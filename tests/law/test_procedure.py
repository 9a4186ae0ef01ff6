"""Procedure notation: what is read, what is refused, and the floor, each part of it broken once (G15, G17, G20)."""

from datetime import date

import pytest

from callup.cases.desk import article_of
from callup.cases.rules import rules_of
from callup.jurisdictions import load
from callup.law import load_law, load_procedure
from callup.law.floor import check_together
from callup.terms.errors import BadInput, NotLawful

SOUND = '''"""Testland: Procedure."""
from callup.law.notation import *
term(months=9, cite="Act 4")
conscience(cite="Act 10", until_days_before=30)
order("draw", cite="Act 12")
channel("mail", cite="Act 20")
channel("portal", cite="Act 21", since="2022-01-01", ended="2025-01-01")
service("mail", start="handed_over", days=7, on_expiry="presume", rebuttable=30, cite=unverified("Act 22"))
service("portal", start="opened", days=0, on_expiry="confirm", cite="Act 23")
clock("response", starts="served", days=14, working=True, cite="Act 24")
claim("deferral", papers=["certificate"], cite="Act 25")
suspends("deferral", what="duty", until="final", cite="Act 26")
remedy("notice", body="Court", days=30, cite="Act 27")
remedy("decision", body="Court", days=30, cite="Act 27")
consequence("fine", imposed_by="Court", from_clock="served", days=20, fight="appeal", cite="Act 28")
advice(unit="*", key="ombudsman")
blank("lead", cite="Act 29")
'''


def line(start: str) -> str:
    return next(row for row in SOUND.splitlines(keepends=True) if row.startswith(start))


def test_what_is_read() -> None:
    procedure = load_procedure(SOUND, "t/procedure.py")
    mail = procedure.services[0]
    assert (mail.channel, mail.start, mail.days, mail.on_expiry, mail.rebuttable, mail.unverified) == (
        "mail",
        "handed_over",
        7,
        "presume",
        30,
        True,
    )
    assert procedure.unverified == ("Act 22",)
    assert (procedure.clocks[0].name, procedure.clocks[0].working) == ("response", True)
    assert procedure.claims[0].papers == ("certificate",)
    assert [blank.name for blank in procedure.blanks] == ["lead"]
    assert procedure.clock("lead") is None
    assert procedure.military


def test_at_filters_by_period() -> None:
    procedure = load_procedure(SOUND, "t/procedure.py")
    names = {day: [one.name for one in procedure.at(day).channels] for day in (date(2021, 12, 31), date(2022, 1, 1), date(2025, 1, 1))}
    assert list(names.values()) == [["mail"], ["mail", "portal"], ["mail"]]


def test_advice_of_a_unit_comes_before_that_of_the_country() -> None:
    text = SOUND + 'advice(unit="south", key="clinic")\nadvice(unit="north", key="bar")\nadvice(unit="south", key="bar")\n'
    procedure = load_procedure(text, "t/procedure.py")
    assert procedure.advised_units == ("north", "south")
    assert load_procedure(SOUND, "t/procedure.py").advised_units == ()
    told = {unit: [one.key for one in procedure.advice_for(unit)] for unit in ("", "north", "south", "east")}
    assert told == {"": ["ombudsman"], "north": ["bar", "ombudsman"], "south": ["clinic", "bar", "ombudsman"], "east": ["ombudsman"]}


def test_the_digest_is_over_the_tree() -> None:
    digest = load_procedure(SOUND, "t/procedure.py").digest
    assert load_procedure(SOUND.replace("term(", "\n# note\nterm( "), "x").digest == digest
    assert load_procedure(SOUND.replace("days=7", "days=8"), "x").digest != digest


REFUSED = {
    "an unknown call": ("law-outside-vocabulary", SOUND + "track()\n"),
    "code": ("law-outside-vocabulary", SOUND + "x = 1\n"),
    "an unknown key": ("law-key-unknown", SOUND.replace("days=7", "days=7, place='x'")),
    "a missing key": ("law-key-unknown", SOUND.replace("days=7, ", "")),
    "no citation": ("law-rule-uncited", SOUND.replace(', cite="Act 20"', "")),
    "a fact that serves nothing": ("law-type-mismatch", SOUND.replace('"handed_over"', '"appeared"')),
    "an unknown word": ("law-type-mismatch", SOUND.replace('"presume"', '"punish"')),
    "a text for a number": ("law-type-mismatch", SOUND.replace("days=7", 'days="7"')),
    "a negative number": ("law-type-mismatch", SOUND.replace("days=7", "days=-7")),
    "confirm that waits": ("law-type-mismatch", SOUND.replace("days=0", "days=3")),
    "service by no channel": ("law-outside-vocabulary", SOUND.replace('service("mail"', 'service("pigeon"')),
    "a channel that never serves": ("law-outside-vocabulary", SOUND + 'channel("pigeon", cite="Act")\n'),
    "a claim nobody can file": ("law-outside-vocabulary", SOUND.replace(line("claim"), "")),
    "a greatest lead from service": ("law-type-mismatch", SOUND + 'clock("greatest_lead", starts="served", days=30, cite="Act 30")\n'),
    "code for a value": ("law-outside-vocabulary", SOUND.replace("days=14", "days=7 + later")),
    "a number past a hundred years": ("law-type-mismatch", SOUND.replace("days=14", "days=36501")),
    "an empty word": ("law-type-mismatch", SOUND.replace('body="Court"', 'body=" "')),
    "a list with an empty word": ("law-type-mismatch", SOUND.replace('["certificate"]', '["certificate", ""]')),
    "a number for a yes": ("law-type-mismatch", SOUND.replace("working=True", "working=1")),
    "a consequence on a relative": ("law-key-unknown", SOUND.replace('imposed_by="Court"', 'imposed_by="Court", on="mother"')),
}


@pytest.mark.parametrize("named", REFUSED)
def test_refused(named: str) -> None:
    code, text = REFUSED[named]
    with pytest.raises(BadInput) as caught:
        load_procedure(text, "t/procedure.py")
    assert caught.value.code == code
    assert str(caught.value.params["where"]).startswith("t/procedure.py:")


FLOOR = {
    "floor-no-conscience": (line("conscience"), "Bayatyan"),
    "floor-no-term": (line("term"), "ICCPR"),
    "floor-no-remedy": (line('remedy("notice"'), "ICCPR art. 2(3)"),
    "floor-no-consequences": (line("consequence"), "G17"),
    "floor-no-advice": (line("advice"), "G17"),
}


@pytest.mark.parametrize("code", FLOOR)
def test_the_floor(code: str) -> None:
    without, cited = FLOOR[code]
    with pytest.raises(NotLawful) as caught:
        load_procedure(SOUND.replace(without, ""), "t/procedure.py")
    assert caught.value.code == code
    assert cited in str(caught.value.params["citation"])


def test_a_month_is_a_length_of_service_and_none_is_not() -> None:
    assert load_procedure(SOUND.replace("months=9", "months=1"), "t/procedure.py").terms[0].months == 1
    with pytest.raises(NotLawful, match="floor-no-term"):
        load_procedure(SOUND.replace("months=9", "months=0"), "t/procedure.py")


def test_a_remedy_against_decisions_is_needed_too() -> None:
    with pytest.raises(NotLawful):
        load_procedure(SOUND.replace(line('remedy("decision"'), ""), "t/procedure.py")


def test_a_jury_needs_no_conscience_route() -> None:
    text = SOUND.replace(line("conscience"), "").replace(line("term"), "")
    assert not load_procedure(text + 'duty("jury")\n', "t/procedure.py").military


LAW = '"""T: Act."""\nregister = {"born_on": "birth date: date"}\n@liable("Act 1")\ndef bound(p, day):\n    return BODY\n'
YOUNG = {
    "age(p.born_on, day) >= 17": True,
    "age(p.born_on, day) > 17": False,
    "age(p.born_on, day) >= 18": False,
    "age(p.born_on, day) < 30": True,
    "18 <= age(p.born_on, day) < 30": False,
    "not age(p.born_on, day) < 18": False,
    'age(p.born_on, "2030-12-31") >= 18': True,
    'p.born_on <= "2010-01-01"': True,
    "age(p.born_on, day) >= 18 or age(p.born_on, day) == 16": True,
}


@pytest.mark.parametrize("body", YOUNG)
def test_nobody_under_18_serves(body: str) -> None:
    law = load_law(LAW.replace("BODY", body), "t/law.py")
    military, jury = load_procedure(SOUND, "t"), load_procedure(SOUND + 'duty("jury")\n', "t")
    check_together(law, jury)
    if not YOUNG[body]:
        check_together(law, military)
        return
    with pytest.raises(NotLawful) as caught:
        check_together(law, military)
    assert "Rights of the Child" in str(caught.value.params["citation"])
    assert caught.value.params["where"] == "t/law.py:4"


def test_freedonia_stands_on_the_floor() -> None:
    procedure = load("freedonia").procedure
    assert {remedy.against for remedy in procedure.remedies} == {"notice", "decision", "finding"}
    assert procedure.terms[0].months == 9


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('channel(cite="Act")', "channel takes one word first, then key=value"),
        ('advice("ombudsman", unit="*", key="x")', "advice takes only key=value"),
        ('term(months="9", cite="Act")', "give a whole number, at most 36500"),
        ('remedy("notice", body=" ", days=30, cite="Act")', "give a text that is not empty"),
        ('order("lottery", cite="Act")', "one of list, draw, volunteers-then-draw, list-with-objections, agreed-then-lot, panels"),
        ('claim("deferral", papers=["a", ""], cite="Act")', "give a list of texts, none empty"),
        ('clock("response", starts="served", days=1, working="yes", cite="Act")', "give True or False"),
    ],
)
def test_how_a_call_is_written_is_said(call: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_procedure(SOUND + call + "\n", "t/procedure.py")
    assert caught.value.hint == said


def test_the_article_of_a_step_is_that_of_its_clock_on_its_day_or_none() -> None:
    later = 'clock("decision", starts="claimed", days=9, cite="Act 30", since="2025-06-01")\n'
    procedure = load_procedure(SOUND + later, "t/procedure.py")
    asked = [
        ("decide-claim", date(2025, 6, 1)),
        ("decide-claim", date(2025, 5, 31)),
        ("remind", date(2025, 1, 1)),
        ("nothing", date(2025, 1, 1)),
    ]
    assert [article_of(procedure, *one) for one in asked] == ["Act 30", "", "Act 24", ""]


@pytest.mark.parametrize("turned", [1, -1], ids=["in order", "the later one first"])
def test_what_follows_on_the_day_on_which_the_other_ends_is_not_said_twice(turned: int) -> None:
    told = [
        'claim("deferral", papers=["paper"], cite="Act 1", ended="2025-01-01")',
        'claim("deferral", papers=["paper"], cite="Act 2", since="2025-01-01")',
    ]
    kept = [one for one in SOUND.splitlines() if not one.startswith('claim("deferral"')]
    assert load_procedure("\n".join([*kept, *told[::turned], ""]), "t").at(date(2025, 1, 1)).claims
    with pytest.raises(BadInput, match="said-twice"):
        load_procedure("\n".join([*kept, *told[::turned], ""]).replace('since="2025-01-01"', 'since="2024-12-31"'), "t")


@pytest.mark.parametrize("suspends", [True, False], ids=["an appeal suspends", "an appeal does not"])
def test_where_an_appeal_suspends_each_claim_rests_until_it_is_final(suspends: bool) -> None:
    text = SOUND.replace('until="final"', 'until="decided"') + 'claim("exemption", papers=["paper"], cite="Act 25")\n'
    text += 'suspends("exemption", what="duty", until="final", cite="Act 26")\n'
    text += 'suspends("appeal", what="duty", until="decided", cite="Act 31")\n' if suspends else ""
    rests = {one.claim: one.until for one in rules_of(load_procedure(text, "t/procedure.py")).rests if one.claim != "appeal"}
    assert rests == {"deferral": "final" if suspends else "decided", "exemption": "final", "liability": "final" if suspends else "decided"}


def test_a_way_serves_while_the_law_has_it_and_no_other_way_does() -> None:
    """Each rule of service counts by its own channel, in the days in which both are law."""
    text = SOUND.replace('on_expiry="confirm", cite="Act 23"', 'on_expiry="confirm", cite="Act 23", since="2023-01-01"')
    found = [(one.channel, one.start, one.since, one.ended) for one in rules_of(load_procedure(text, "t/procedure.py")).service]
    assert found == [
        ("mail", "handed_over", date.min, date.max),
        ("portal", "opened", date(2023, 1, 1), date(2025, 1, 1)),
    ]
