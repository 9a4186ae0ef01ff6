"""The page ``v``: one file for one call-up, put together from its parts. Nothing is built but by putting texts behind each other.

The page holds what a check must not take from the files it checks: the log's keys and witnesses, the beacon's chain, the
releases whose promises are known. It asks its own address for files and nothing else; its content security policy says so.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

from callup.app import beacon
from callup.app.web.words import words_of
from callup.notice.decisions import OUTCOMES
from callup.terms.errors import BadInput

NOBLE = "noble-curves-2.4.0.js"
NOBLE_SHA256 = "598b09346516048d1adede171f1c7fb6029a67448f03c9c5ea254192889b1234"
ENGLISH = "en"
_SCRIPTS = ("noble", "draw", "log", "check", "show")
_SLOT = re.compile(r"\{\{([a-z]+)\}\}")
_PARAM = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What a page is made for.

    Args:
        call_up: id of the call-up.
        origin: the log's origin, without ``/public`` and ``/acts``.
        policy: C2SP tlog-policy text.
        rehearsal: whether the decree says so; the page then says it first.
        languages: codes, the first one is shown where the browser asks for none of them.
        releases: version by digest of its promises (safeguard G22).
    """

    call_up: str
    origin: str
    policy: str
    rehearsal: bool
    languages: Sequence[str]
    releases: Mapping[str, str]

    def html(self) -> bytes:
        """The page, one file.

        Raises:
            BadInput: a language has no words, or other words than English.
        """
        scripts = {name: _part(f"vendor/{NOBLE}" if name == "noble" else f"{name}.js") for name in _SCRIPTS}
        style = _part("page.css")
        if sha256(scripts["noble"].encode()).hexdigest() != NOBLE_SHA256:
            raise BadInput("vendored-file-differs", {"file": NOBLE}, "install callup again: the curves are not those that were vendored")
        allowed = {"csp": _policy([scripts[name] for name in _SCRIPTS], style)}
        filled = {**allowed, **scripts, "style": style, "about": self.about()}
        return _SLOT.sub(lambda slot: filled[slot[1]], _part("page.html")).encode()

    def about(self) -> str:
        """What the page is pinned to, as JSON that may stand inside a script element."""
        about = {
            "callUp": self.call_up,
            "origin": self.origin,
            "policy": self.policy,
            "rehearsal": self.rehearsal,
            "beacon": {
                "chain": beacon.CHAIN,
                "key": beacon.PUBLIC_KEY.hex(),
                "genesis": int(beacon.GENESIS.timestamp()),
                "period": int(beacon.PERIOD.total_seconds()),
                "tag": beacon.TAG.decode(),
            },
            "releases": dict(self.releases),
            "languages": list(self.languages),
            "words": {language: {**words(language), **_decided(language)} for language in self.languages},
        }
        return json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def words(language: str) -> dict[str, str]:
    """The page's words in a language, held against the English ones.

    Args:
        language: code of two letters.

    Raises:
        BadInput: there are none, a key is missing or too many, or a sentence has other parameters than the English one.
    """
    english = _words(ENGLISH)
    found = _words(language)
    differs = sorted(set(english) ^ set(found))
    differs += [key for key in english if key in found and set(_PARAM.findall(english[key])) != set(_PARAM.findall(found[key]))]
    if differs:
        raise BadInput("page-words-differ", {"language": language, "keys": ", ".join(differs)}, "write the same keys as in words.en.json")
    return found


def _decided(language: str) -> dict[str, str]:
    """What a decision says, in the sentence of its letter, by outcome or kind."""
    known = words_of(language)
    return {f"decided.{key.removeprefix('decision_')}": known[key] for key in OUTCOMES}


def _words(language: str) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_part(f"words.{language}.json"))
    except FileNotFoundError:
        raise BadInput("page-language-unknown", {"language": language}, f"write words.{language}.json beside the page's source") from None
    return found


def _part(name: str) -> str:
    return resources.files(__package__).joinpath("v", *name.split("/")).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str], style: str) -> str:
    """The content security policy: these scripts, this style, files of the page's own address, one worker; nothing else."""
    sources = " ".join(_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {sources}; style-src {_source(style)}; connect-src 'self'; worker-src blob:; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
