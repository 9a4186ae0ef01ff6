"""Every construct outside the notation is refused at load, with file and line."""

import ast
from datetime import date

import pytest

from callup.jurisdictions import available, load
from callup.law import load_law
from callup.law.expressions import Reader
from callup.law.refusal import Source, as_date
from callup.law.tree import spell
from callup.terms.errors import BadInput, NotLawful

HEAD = '"""Testland: Act. Notation, not a program."""\nfrom callup.law.notation import *\n'
REGISTER = 'register = {"born_on": "birth date: date", "is_resident": "residence: flag", "until": "ground: date, absent = no"}\n'
VALUES = 'age_from = dated({"2020-01-01": (18, "Act 1")})\n'
LIABLE = '@liable("Act 1")\ndef bound(p, day):\n    return p.is_resident and age(p.born_on, day) >= age_from\n'
DEFER = '@defer("Act 2", until=p.until)\ndef later(p, day):\n    return p.until > day\n'
SOUND = HEAD + REGISTER + VALUES + LIABLE + DEFER

REFUSED = {
    "a call that is not age": ("law-outside-vocabulary", LIABLE.replace("p.is_resident", "open('x')"), 7),
    "an attribute of something else": ("law-outside-vocabulary", LIABLE.replace("p.is_resident", "day.year == 1"), 7),
    "arithmetic": ("law-outside-vocabulary", LIABLE.replace(">= age_from", ">= age_from + 1"), 7),
    "is": ("law-outside-vocabulary", LIABLE.replace("p.is_resident", "(p.born_on is None)"), 7),
    "an unknown name": ("law-outside-vocabulary", LIABLE.replace("age_from", "age_till"), 7),
    "a loop at the top": ("law-outside-vocabulary", LIABLE + "for x in (): pass\n", 8),
    "an import of something else": ("law-outside-vocabulary", LIABLE + "import os\n", 8),
    "a body of two statements": ("law-outside-vocabulary", LIABLE.replace("    return", "    x = 1\n    return"), 6),
    "a float": ("law-outside-vocabulary", LIABLE.replace(">= age_from", ">= 18.5"), 7),
    "a number past the bounds": ("law-outside-vocabulary", LIABLE.replace(">= age_from", ">= 9007199254740993"), 7),
    "broken syntax": ("law-outside-vocabulary", "def (:\n", 5),
    "an unknown column": ("law-column-unknown", LIABLE.replace("p.is_resident", "p.is_tall"), 7),
    "an unknown key": ("law-key-unknown", LIABLE.replace('"Act 1"', '"Act 1", form=3'), 5),
    "until of a liable rule": ("law-key-unknown", LIABLE.replace('"Act 1"', '"Act 1", until=p.until'), 5),
    "a date compared with a number": ("law-type-mismatch", LIABLE.replace("p.is_resident", "p.born_on > 3"), 7),
    "order among flags": ("law-type-mismatch", LIABLE.replace("p.is_resident", "p.is_resident > True"), 7),
    "a date as a condition": ("law-type-mismatch", LIABLE.replace("p.is_resident", "p.born_on"), 7),
    "age of another column": ("law-type-mismatch", LIABLE.replace("age(p.born_on", "age(p.until"), 7),
    "an age past 150": ("law-type-mismatch", LIABLE.replace(">= age_from", ">= 151"), 7),
    "an age in a list": ("law-type-mismatch", LIABLE.replace(">= age_from", "in (18, 20)"), 7),
    "an age compared with no number of the law": ("law-type-mismatch", LIABLE.replace(">= age_from", ">= age(p.born_on, day)"), 7),
    "a list of two types": ("law-type-mismatch", LIABLE.replace("p.is_resident", 'p.is_resident in (1, "a")'), 7),
    "a list of nothing": ("law-type-mismatch", LIABLE.replace("p.is_resident", "p.is_resident in ()"), 7),
    "a list that is equal to one": ("law-type-mismatch", LIABLE.replace("p.is_resident", "p.is_resident == (True, False)"), 7),
    "a list to the left": ("law-type-mismatch", LIABLE.replace("p.is_resident", "(True, False) == p.is_resident"), 7),
    "until that is no date column": ("law-type-mismatch", LIABLE + DEFER.replace("until=p.until", "until=p.is_resident"), 8),
    "a rule without a decorator": ("law-rule-uncited", LIABLE[LIABLE.index("def") :], 5),
    "an empty citation": ("law-rule-uncited", LIABLE.replace('"Act 1"', '" "'), 5),
    "a value without its act": ("law-rule-uncited", 'more = dated({"2020-01-01": 3})\n' + LIABLE, 5),
    "two values from one day": (
        "law-outside-vocabulary",
        'more = dated({"2020-01-01": (3, "Act"), "2020-01-01": (4, "Act")})\n' + LIABLE,
        5,
    ),
    "a value that comes too late": (
        "law-parameter-without-value",
        'more = dated({"2021-01-01": (3, "Act")})\n' + LIABLE.replace("age_from", "more"),
        7,
    ),
    "a rule more than there are numbers": ("law-outside-vocabulary", "".join(LIABLE.replace("bound", f"bound{n}") for n in range(63)), 192),
    "a rule that never holds": ("law-rule-unreachable", LIABLE.replace(">= age_from", ">= 30 and age(p.born_on, day) < 27"), 6),
    "a rule that ends before it begins": (
        "law-rule-unreachable",
        LIABLE.replace('"Act 1"', '"Act 1", since="2022-01-01", ended="2021-01-01"'),
        6,
    ),
    "a rule that ended when the law begins": ("law-rule-unreachable", LIABLE.replace('"Act 1"', '"Act 1", ended="2020-01-01"'), 6),
    "unless that names nobody": ("law-outside-vocabulary", LIABLE.replace('"Act 1"', '"Act 1", unless=["nobody"]'), 6),
    "two rules that name each other": (
        "law-unless-cycle",
        LIABLE.replace('"Act 1"', '"Act 1", unless=["later"]') + DEFER.replace('"Act 2"', '"Act 2", unless=["bound"]'),
        6,
    ),
    "two rules that name each other, named by a third": (
        "law-unless-cycle",
        LIABLE.replace('"Act 1"', '"Act 1", unless=["later"]')
        + DEFER.replace('"Act 2"', '"Act 2", unless=["last"]')
        + DEFER.replace("later", "last").replace('"Act 2"', '"Act 3", unless=["later"]'),
        9,
    ),
    "a value that is set twice": ("law-outside-vocabulary", VALUES.replace("18", "19") + LIABLE, 5),
    "a value named as a word of the notation": ("law-outside-vocabulary", VALUES.replace("age_from", "age") + LIABLE, 5),
    "a value without days": ("law-outside-vocabulary", "more = dated({})\n" + LIABLE, 5),
    "values of two types": ("law-type-mismatch", 'more = dated({"2020-01-01": (3, "Act"), "2021-01-01": ("a", "Act")})\n' + LIABLE, 5),
    "a value and a list": ("law-type-mismatch", 'more = dated({"2020-01-01": (3, "Act"), "2021-01-01": ((3, 4), "Act")})\n' + LIABLE, 5),
    "a value from a day that is none": ("law-type-mismatch", 'more = dated({"2021-02-29": (3, "Act")})\n' + LIABLE, 5),
    "a value from a day that is no text": ("law-type-mismatch", 'more = dated({2021: (3, "Act")})\n' + LIABLE, 5),
    "a blank of no type": ("law-outside-vocabulary", 'more = blank("colour", "Act")\n' + LIABLE, 5),
    "a blank without its act": ("law-outside-vocabulary", 'more = blank("number")\n' + LIABLE, 5),
    "a blank with an empty act": ("law-rule-uncited", 'more = blank("number", "")\n' + LIABLE, 5),
    "a citation that is no text": ("law-type-mismatch", LIABLE.replace('"Act 1"', "1"), 5),
    "unless that is no list": ("law-outside-vocabulary", LIABLE.replace('"Act 1"', '"Act 1", unless="later"'), 5),
    "unless of no text": ("law-type-mismatch", LIABLE.replace('"Act 1"', '"Act 1", unless=[1]'), 5),
    "waivable that is no flag": ("law-outside-vocabulary", LIABLE + DEFER.replace("until=p.until", 'until=p.until, waivable="yes"'), 8),
    "age on a flag": ("law-type-mismatch", LIABLE.replace("day) >=", "p.is_resident) >="), 7),
    "age on a number": ("law-type-mismatch", LIABLE.replace("day) >=", "age_from) >="), 7),
    "a rule of another effect": ("law-rule-uncited", LIABLE.replace("@liable", "@wanted"), 6),
    "a rule of one argument": ("law-rule-uncited", LIABLE.replace("(p, day)", "(p)"), 6),
    "one name twice": ("law-outside-vocabulary", LIABLE + LIABLE, 6),
    "nobody liable": ("law-outside-vocabulary", DEFER, 1),
}


def test_the_sound_law_loads() -> None:
    assert [rule.name for rule in load_law(SOUND, "t/law.py").rules] == ["bound", "later"]


@pytest.mark.parametrize("named", REFUSED)
def test_refused_with_file_and_line(named: str) -> None:
    code, rules, line = REFUSED[named]
    with pytest.raises(BadInput) as caught:
        load_law(HEAD + REGISTER + VALUES + rules + ("" if "def later" in rules or named == "nobody liable" else DEFER), "t/law.py")
    assert (caught.value.code, caught.value.params["where"]) == (code, f"t/law.py:{line}")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("column", "code", "kind"),
    [
        ('"x": "device: text"', "law-column-refused", NotLawful),
        ('"x": "name: text"', "law-column-refused", NotLawful),
        ('"languages": "language: text"', "law-column-refused", NotLawful),
        ('"born_on": "ground: date"', "law-column-refused", NotLawful),
        ('"child_born_on": "birth date: date"', "law-column-refused", NotLawful),
        ('"x": "ground: float"', "law-type-mismatch", BadInput),
        ('"x": "residence: text"', "law-type-mismatch", BadInput),
        ('"x": "ground: flag, absent = yes"', "law-key-unknown", BadInput),
        ('"x": "ground: flag"', "law-column-unread", BadInput),
        ('"is a": "ground: flag"', "law-outside-vocabulary", BadInput),
        ('"x": 3', "law-type-mismatch", BadInput),
        ('3: "ground: flag"', "law-type-mismatch", BadInput),
    ],
)
def test_columns_refused(column: str, code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        load_law(HEAD + REGISTER.replace("{", "{\n" + column + ", ", 1) + VALUES + LIABLE + DEFER, "t/law.py")
    assert (caught.value.code, caught.value.params["where"]) == (code, "t/law.py:4")  # type: ignore[attr-defined]


def test_a_column_of_every_register_is_of_its_own_kind() -> None:
    with pytest.raises(NotLawful) as caught:
        load_law(HEAD + REGISTER.replace("birth date: date", "ground: date") + VALUES + LIABLE + DEFER, "t/law.py")
    assert "column born_on is of kind 'birth date' in every register" in str(caught.value)


def test_health_may_only_exempt() -> None:
    register = REGISTER.replace("}", ', "health_category": "ground: text"}')
    by_health = LIABLE.replace("p.is_resident", 'p.health_category == "A"')
    with pytest.raises(NotLawful) as caught:
        load_law(HEAD + register + VALUES + by_health + DEFER, "t/law.py")
    assert "G15" in str(caught.value.params["citation"])
    exempt = '@exempt("Act 3")\ndef unfit(p, day):\n    return p.health_category == "D"\n'
    assert load_law(HEAD + register + VALUES + LIABLE + DEFER + exempt, "t/law.py").rules[2].effect == "exempt"


def test_a_bare_number_is_a_warning() -> None:
    law = load_law(HEAD + REGISTER + VALUES + LIABLE.replace("age_from", "18") + DEFER, "t/law.py")
    assert law.warnings == ("t/law.py:6: bound has the bare number 18; a dated value could name its act",)
    assert load_law(SOUND, "t/law.py").warnings == ()


def test_the_digest_is_over_the_tree() -> None:
    plain = load_law(SOUND, "t/law.py").digest
    laid_out = (
        SOUND.replace(VALUES, "# a comment\n\n" + VALUES)
        .replace("(p.born_on, day)", "(p.born_on,   day)")
        .replace(">= age_from", ">= (age_from)")
    )
    assert laid_out != SOUND
    assert load_law(laid_out, "elsewhere/law.py").digest == plain
    for old, new in ((">=", ">"), ("18,", "19,"), ('"Act 2"', '"Act 3"'), ('"Act 2"', 'unverified("Act 2")'), ("absent = no", "absent=no")):
        changed = load_law(SOUND.replace(old, new), "t/law.py").digest
        assert (changed == plain) == (old == "absent = no")


def test_unverified_is_listed() -> None:
    law = load_law(SOUND.replace('@defer("Act 2"', '@defer(unverified("Act 2")'), "t/law.py")
    assert law.unverified == ("Act 2",)
    assert law.rules[1].unverified


def test_a_value_may_be_below_nought_and_has_none_before_its_first_day() -> None:
    law = load_law(SOUND.replace("18,", "-18,").replace("2020-01-01", "2020-02-29"), "t/law.py")
    assert law.parameters["age_from"].at(date(2020, 2, 29)) == -18
    with pytest.raises(BadInput) as refused:
        law.parameters["age_from"].at(date(2020, 2, 28))
    assert refused.value.code == "law-parameter-without-value"
    assert refused.value.params == {"parameter": "age_from", "day": date(2020, 2, 28)}


def test_a_text_is_a_date_only_where_it_is_one() -> None:
    told = ("2024-02-29", "2025-02-29", "2025-13-01", "20250229", "soon", "2025/02/28")
    assert [as_date(text) for text in told] == [date(2024, 2, 29), *told[1:]]
    one_day = LIABLE.replace('"Act 1"', '"Act 1", ended="2020-01-02"') + LIABLE.replace("bound", "other")
    assert load_law(HEAD + REGISTER + VALUES + one_day + DEFER, "t/law.py").rules[0].in_force(date(2020, 1, 1))


def test_a_column_declared_twice_is_refused_and_a_file_names_its_law() -> None:
    twice = REGISTER.replace("}", ', "born_on": "birth date: date"}')
    for text, where, said in (
        (HEAD + twice + VALUES + LIABLE + DEFER, "t/law.py:3", "declare it once"),
        (SOUND.partition("\n")[2], "t/law.py:1", "begin the file with a docstring that names the law"),
        (SOUND.replace("register = {", "register = {**{}, "), "t/law.py:3", "write it in the notation: see callup/law/notation.py"),
    ):
        with pytest.raises(BadInput) as refused:
            load_law(text, "t/law.py")
        assert (refused.value.code, refused.value.params["where"], refused.value.hint) == ("law-outside-vocabulary", where, said)


def test_rules_are_found_by_name_and_the_law_says_what_it_reads() -> None:
    law = load_law(SOUND, "t/law.py")
    assert law.rule("later") is law.rules[1]
    with pytest.raises(KeyError, match="nobody"):
        law.rule("nobody")
    assert law.reads == ("born_on", "is_resident", "until")
    waivable = SOUND.replace("until=p.until)", "until=p.until, waivable=True)")
    given_up = waivable.replace('"until":', '"later_waived": "ground: flag", "until":')
    told = load_law(given_up, "t/law.py")
    assert (told.waiver(told.rules[1]), told.waiver(told.rules[0]), told.reads) == ("later_waived", "", law.reads)
    bare = load_law(waivable, "t/law.py")
    assert (bare.rules[1].waivable, bare.waiver(bare.rules[1])) == (True, "")


DATED = SOUND.replace(
    "return p.until > day", 'return p.until > "2031-12-31" or not (p.is_resident or p.until in ("2024-02-29", "2025-01-01"))'
)


@pytest.mark.parametrize("code", ["a rule with dates in it", *available()])
def test_a_rule_as_it_is_spelled_is_read_back_as_the_same_rule(code: str) -> None:
    """What a page shows as notation, and what the digest of a law is over, is the rule."""
    law = load(code).law if code in available() else load_law(DATED, "t/law.py")
    reader = Reader(Source("t/law.py"), law.columns, law.parameters)
    for rule in law.rules:
        assert reader.node(ast.parse(spell(rule.body), mode="eval").body) == rule.body, rule.name


def test_importing_the_stubs_raises() -> None:
    with pytest.raises(ImportError, match="never imports"):
        __import__("callup.law.notation")
