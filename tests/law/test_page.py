"""The page for a jurist shows every article, period, mark and example, and nothing unescaped."""

from datetime import date
from html import escape

from callup.jurisdictions import load
from callup.law import load_law, page


def test_it_shows_each_article_once_at_least() -> None:
    found = load("freedonia")
    shown = page(found.law, found.procedure, date(2021, 1, 1), found.examples)
    for rule in found.law.rules:
        assert rule.citation in shown
        assert f'id="{rule.name}"' in shown
    for provision in found.procedure.provisions:
        assert provision.citation in shown
    assert found.law.digest in shown
    assert found.procedure.digest in shown
    assert "Amending Act 7/2024, art. 1" in shown
    assert '<section id="parent" class="old">' in shown
    assert "born on 29 February, of age on 1 March of a common year (2022-03-01): LIABLE" in shown
    assert "http" not in shown


def test_it_marks_what_is_unverified_or_blank_and_escapes() -> None:
    found = load("freedonia")
    law = load_law(
        '"""T: <b>Act</b>."""\nregister = {"a": "ground: flag"}\nfine = blank("flag", "G20")\n'
        '@liable(unverified("Act <1>"))\ndef bound(p, day):\n    "Who & when."\n    return p.a and fine\n',
        "t/law.py",
    )
    shown = page(law, found.procedure, date(2025, 1, 1), ())
    assert "<b>Act" not in shown
    assert "Not checked against the official text (1)" in shown
    assert "Act &lt;1&gt; <mark>unverified</mark>" in shown
    assert "Left blank: whoever needs it is undetermined (1)" in shown
    assert "Who &amp; when." in shown


def test_it_shows_every_value_with_its_day_and_says_what_is_not_known() -> None:
    """A value that the law lacks on some day is no empty cell: whoever needs it is undetermined."""
    found = load("ru")
    shown = page(found.law, found.procedure, date(2025, 1, 1), ())
    values = [(parameter, one) for parameter in found.law.parameters.values() for one in parameter.values]
    assert any(one.value is None for _, one in values)
    for parameter, one in values:
        said = "<mark>not known</mark>" if one.value is None else escape(_said(one.value))
        since = "always" if one.since == date.min else one.since.isoformat()
        assert f"<tr><td>{since}</td><td>{said}</td><td>{escape(one.act)}</td></tr>" in shown, parameter.name


def _said(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
