"""What the decree says in other languages, and which problems of a decree are named together."""

import tomllib

import pytest

from callup.jurisdictions import resource
from callup.terms.decree import read_decree
from callup.terms.errors import BadInput

SOURCE = resource("ru", "data/decree.toml").decode()


def with_lines(lines):
    return read_decree(tomllib.loads(SOURCE + lines), SOURCE)


def test_a_text_of_the_decree_in_another_language_or_as_it_stands():
    decree = with_lines('[words.de]\ntitle = "Einberufung"\n[words.de.undertakings.U2]\ntext = "Zwölf Monate."\n')
    promise = decree.undertakings[1]
    assert decree.said(decree.title, "de") == "Einberufung"
    assert decree.said(promise.text, "de") == "Zwölf Monate."
    assert decree.said(promise.by, "de") == promise.by
    assert decree.said(decree.title, "fr") == decree.title


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ('[words.de]\ntitel = "Einberufung"\n', "words.de.titel: translates no text"),
        ('[words.de.undertakings.U9]\ntext = "Nie."\n', "words.de.undertakings.U9.text: translates no text"),
        ("[words.de]\ntitle = 7\n", "words.de.title: must be a text"),
    ],
)
def test_words_that_translate_nothing_are_refused(lines, named):
    with pytest.raises(BadInput, match="decree-unusable") as refused:
        with_lines(lines)
    assert named in refused.value.params["words"]


def test_the_reference_decree_is_whole_in_russian():
    decree = with_lines("")
    promised = [text for one in decree.undertakings for text in (one.text, one.by)]
    for text in (decree.title, decree.authority, decree.legal_basis, decree.order_basis, decree.receiving_body, *promised):
        assert decree.said(text, "ru") != text
