"""The words of a record and a certificate in each official language, and what they say with them: one content for page and paper.

What the law folders and the portal have words for already (rules, columns, states, yes and no) is taken from there. Articles, reasons
and what people typed stay as they were written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from callup.app.web.words import FALLBACK, words_of
from callup.notice.law_words import LawWords, law_words, words_there
from callup.terms.facts import DUES, VOCABULARY

if TYPE_CHECKING:
    from callup.jurisdictions import Jurisdiction

_DAY = r"\d{4}-\d\d-\d\d"
STEPS: tuple[tuple[str, str], ...] = (
    ("undone", rf"(?P<what>.+) of (?P<day>{_DAY}) no longer counts"),
    ("contested", rf"contested on (?P<day>{_DAY}): nothing earlier counts"),
    ("counted", rf"(?P<effect>[a-z ]+), (?P<days>\d+) days after (?P<from>{_DAY}): (?P<day>{_DAY})"),
    ("deemed", rf"the law deems it (?P<effect>[a-z ]+) on (?P<day>{_DAY}); callup does not act on that"),
    ("found_since", rf"service: (?P<finding>[a-z]+) since (?P<day>{_DAY})"),
    ("found", r"service: (?P<finding>[a-z]+)"),
    (
        "claim_late",
        rf"(?P<claim>\S+) claimed on (?P<day>{_DAY}): (?P<status>[a-z]+); (?P<rests>[a-z ]+)"
        rf"; the authority had until (?P<until>{_DAY}) to decide",
    ),
    ("claim", rf"(?P<claim>\S+) claimed on (?P<day>{_DAY}): (?P<status>[a-z]+); (?P<rests>[a-z ]+)"),
    ("absent_not", rf"did not come on (?P<day>{_DAY}) is not said"),
    ("stood_still", rf"the clock (?P<clock>\S+) stood still from (?P<from>{_DAY}) to (?P<day>{_DAY}): (?P<ground>.+)"),
    ("state", r"so the case is: (?P<state>.+)"),
    ("tried", rf"(?P<what>.+) by (?P<channel>\S+) on (?P<day>{_DAY})"),
    ("fact_outcome", rf"(?P<what>.+) on (?P<day>{_DAY}): (?P<outcome>\S+)"),
    ("fact", rf"(?P<what>.+) on (?P<day>{_DAY})"),
)
"""How `callup.cases` says a step, by the name of its words here; the first form that fits counts."""
_KINDS = {"what": "kind", "state": "state"}
_ANSWERS = {"True": "yes", "False": "no"}
_PLAIN = ("day", "days", "from", "until")


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of one language.

    Args:
        language: its code.
        words: the tables of ``words/<language>.toml``: labels, certificate, fields, steps, and but for English kinds, dues and values.
        portal: what the portal says: states, yes and no, rule, article and answer.
    """

    language: str
    words: Mapping[str, Mapping[str, str]]
    portal: Mapping[str, str]

    def label(self, name: str, **filled: object) -> str:
        """A sentence or a heading of the record."""
        return self.words["labels"][name].format(**filled)

    def field(self, name: str) -> str:
        """What a field is called."""
        return self.words["fields"].get(name) or self.value(name)

    def value(self, word: str) -> str:
        """A word of callup's own lists, of people and of channels; what is none of them stays as it is."""
        return self.words.get("values", {}).get(word) or word.replace("_", " ")

    def kind(self, kind: str) -> str:
        """What a kind of fact means."""
        return self.words.get("kinds", {}).get(kind) or VOCABULARY[kind].meaning

    def due(self, step: str) -> str:
        """What falls due."""
        return self.words.get("dues", {}).get(step) or DUES[step]

    def state(self, state: str) -> str:
        """What a case is."""
        return self.portal.get(f"state {state}") or self.value(state)

    def actor(self, actor: str) -> str:
        """Who did it: the role in words, the name as it is."""
        role, colon, name = actor.partition(":")
        return f"{self.value(role)}{colon}{name}"

    def shown(self, value: object) -> str:
        """A plain value: yes, no, not known, a word of callup's lists, or as it is written."""
        if value is None:
            return self.portal["nothing_known"]
        if isinstance(value, bool):
            return self.portal["said_yes" if value else "said_no"]
        return ", ".join(map(str, value)) if isinstance(value, list) else self.value(str(value))

    def step(self, said: str) -> str:
        """A step of the standing, with the article behind it; one that has no form here stays English."""
        plain, article = said, ""
        if found := re.fullmatch(r"(.+?) (\([^()]*(?:\([^()]*\)[^()]*)*\))", said):
            plain, article = found[1], f" {found[2]}"
        if self.language == FALLBACK:
            return said
        for name, form in STEPS:
            if shape := re.fullmatch(form, plain):
                filled = {key: self._part(key, value) for key, value in shape.groupdict().items()}
                return self.words["steps"][name].format(**filled) + article
        return said

    def _part(self, key: str, value: str) -> str:
        if key in _PLAIN:
            return value
        if key == "what":
            kind = value.replace(" ", "_")
            return self.kind(kind) if kind in VOCABULARY else value
        if key == "state":
            return self.state(value)
        if key == "rests":
            until = value.removeprefix("the duty rests until it is ")
            return self.words["steps"]["rests_not"] if until == value else self.words["steps"]["rests"].format(until=self.value(until))
        return self.value(value)


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    folder = files("callup.app.exports").joinpath("words")
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir()))


@lru_cache(maxsize=32)
def telling(language: str) -> Telling:
    """The words of a language; of one that there are none for, the English."""
    folder = files("callup.app.exports").joinpath("words")
    name = language if folder.joinpath(f"{language}.toml").is_file() else FALLBACK
    return Telling(name, tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")), words_of(name))


def law_in(jurisdiction: Jurisdiction, language: str) -> LawWords:
    """The law's rules and columns in a language; where the folder lacks it, in English as far as it has words."""
    law, forms = jurisdiction.law, jurisdiction.forms
    there = {"law", "law.toml"} & set(forms.get(language, {}))
    return law_words(law, forms, language) if there else words_there(law, forms)


# ---- the record


def told_record(found: Mapping[str, Any], language: str, law: LawWords | None = None) -> dict[str, Any]:
    """A record as headings, sentences, lists and tables in a language: what page and paper lay out.

    Args:
        found: what `record` gives.
        language: a code of ``words/``.
        law: the law's rules and columns in this language.
    """
    say, law = telling(language), law or LawWords({}, {})
    state = say.state(found["standing"]["state"])
    dated = {"as_of": found["as_of"], "known_at": found["known_at"], "state": state}
    sections = (_stand, _why, _register, _clocks, _facts, _looked, _notice, _kept, _promised)
    return {
        "lang": say.language,
        "skip": say.label("skip"),
        "banner": say.label("banner") if found["rehearsal"] else "",
        "eyebrow": say.label("eyebrow"),
        "title": say.label("title", case=found["case"]),
        "lead": say.label("lead", **dated),
        "own": say.label("own"),
        "sections": [_EMPTY | section(say, found, law) for section in sections],
        "footer": say.label("footer", call_up=found["call_up"], law=found["law"]),
    }


_Part = dict[str, Any]
_EMPTY: _Part = {"words": [], "after": [], "steps": [], "table": None, "text": None}


def _rows(say: Telling, caption: str, rows: Iterator[tuple[str, str]]) -> _Part:
    return {"caption": caption, "head": [say.label("field"), say.label("value")], "rows": [list(row) for row in rows]}


def _stand(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    def rows() -> Iterator[tuple[str, str]]:
        for name, value in found["standing"].items():
            if name in ("means", "next") or value is None or value in ("", []):
                continue
            special = {"state": say.state, "next_step": say.due}.get(name, say.shown)
            yield say.field(name), special(value)

    steps = [say.step(one) for one in found["how_it_was_found"]]
    table = _rows(say, say.label("stand"), rows())
    return {"id": "standing", "title": say.label("stand"), "table": table, "steps_title": say.label("how"), "steps": steps}


def _why(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    finding, words = found["finding"], say.portal
    rows = [
        [one["article"], law.rules.get(one["rule"], one["rule"].replace("_", " ")), words[_ANSWERS.get(str(one["answer"]), "unknown")]]
        for one in finding["rules"]
    ]
    head = [words["article"], words["rule"], words["answer"]]
    decided = say.label("decided", day=finding["on"], finding=say.value(finding["finding"]))
    return {"id": "why", "title": say.label("why"), "words": [decided], "table": {"caption": say.label("why"), "head": head, "rows": rows}}


def _register(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    def rows() -> Iterator[tuple[str, str]]:
        for name, value in (*found["register"].items(), *((name, one) for name, one in found["address"].items() if name != "person_id")):
            plain = value is None or isinstance(value, bool)
            yield law.label(name) if name in law.facts else say.field(name), say.shown(value) if plain else law.shown(name, value)

    table = _rows(say, say.label("holds"), rows())
    return {"id": "data", "title": say.label("holds"), "table": table, "after": [say.label("wrong")]}


def _clocks(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    head = [say.label("clock"), say.label("from"), say.label("to"), say.portal["article"], say.label("stood_still")]
    rows = [
        [say.value(one["name"]), one["starts_on"], say.shown(one["ends_on"]), one["citation"], str(len(one["stood_still"]))]
        for one in found["clocks"]
    ]
    words = [] if rows else [say.label("no_clock")]
    for one in found["presumptions"]:
        who = ", ".join(say.value(who) for who in one["rebutted_by"])
        words.append(say.label("presumed", day=one["holds_on"], article=one["citation"], who=who, by=say.value(one["rebutted_on"])))
    table = {"caption": say.label("clocks"), "head": head, "rows": rows} if rows else None
    return {"id": "clocks", "title": say.label("clocks"), "words": words, "table": table}


def _facts(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    return {"id": "facts", "title": say.label("facts"), "table": _fact_table(say, found["facts"], say.label("facts"))}


def _looked(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    rows = found["who_looked"]
    said = {"id": "looked", "title": say.label("looked")}
    return said | ({"table": _fact_table(say, rows, say.label("looked"))} if rows else {"words": [say.label("nobody_looked")]})


_MORE = ("channel", "ground", "outcome", "reason", "appear_on", "until")


def _fact_table(say: Telling, facts: list[Mapping[str, Any]], caption: str) -> _Part:
    head = [say.label(name) for name in ("day", "field", "by", "more", "recorded_on", "in_log")]
    rows = []
    for one in facts:
        who = say.actor(one["by"])
        who = say.label("and", one=who, two=one["second"]) if one.get("second") else who
        more = "; ".join(f"{say.field(name)}: {say.value(str(one[name]))}" for name in _MORE if one.get(name))
        act = say.label("no_act") if one["log_index"] is None else say.label("act", index=one["log_index"])
        rows.append([one["on"], say.kind(one["kind"]), who, more, one["known_on"], act])
    return {"caption": caption, "head": head, "rows": rows}


def _notice(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    notice = found["notice"]
    rows = ((say.field(name), say.shown(one)) for name, one in notice.items() if one is not None and name != "document")
    text = [say.label("text"), notice["document"]] if notice.get("document") else None
    return {"id": "notice", "title": say.label("notice"), "table": _rows(say, say.label("notice"), rows), "text": text}


def _kept(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    kept = found["kept_until"]
    until = say.label("no_time") if kept is None else say.label("kept_until", day=kept["day"], article=kept["article"])
    return {"id": "kept", "title": say.label("kept"), "words": [until, say.label("erased")]}


def _promised(say: Telling, found: Mapping[str, Any], law: LawWords) -> _Part:
    words = [say.label("promise", **one) for one in found["undertakings"]] or [say.label("nothing")]
    return {"id": "promises", "title": say.label("promised"), "words": words}


# ---- the certificate


_CERTIFIED = ("case", "state", "service", "served_on", "rule", "respond_by", "appear_on", "claim", "suspended", "next_step")
_SHOWN = {"rule": "service_rule", "case": "case_id"}
_BOOLEANS = {"True": True, "False": False}


def told_certificate(note: str, language: str) -> dict[str, Any]:
    """A signed certificate as a page says it in a language; what counts is the text, which is attached and printed as it is.

    Args:
        note: the signed text.
        language: a code of ``words/``.
    """
    say, lines = telling(language), [line.partition(": ")[::2] for line in note.split("\n\n")[0].split("\n") if ": " in line]
    said: dict[str, str] = dict(reversed(lines))  # the first of a name counts
    words = say.words["certificate"]

    def shown(name: str) -> str:
        value: str = said.get(name.replace("_", "-"), "-")
        if value == "-":
            return words["none"]
        if say.language == FALLBACK:
            return value
        if name in ("state", "next_step"):
            return say.state(value) if name == "state" else say.due(value)
        return say.shown(_BOOLEANS.get(value, value))

    return {
        "lang": say.language,
        "rehearsal": words["rehearsal"] if "REHEARSAL" in said else "",
        **{name: words[name] for name in ("title", "as_found", "steps", "not_known", "vouches", "check")},
        "what": say.label("field"),
        "stood": words["stood"].format(call_up=said["call-up"], day=said["as-of"], known=said["known-at"]),
        "rows": [[say.field(_SHOWN.get(name, name)), shown(name)] for name in _CERTIFIED],
        "found": [say.step(step) for name, step in lines if name == "step"],
        "after": words["after"].format(day=said["known-at"]),
        "signed": words["signed"].format(log=said["log"]),
    }
