"""The portal's own words, one file a language; a word that a language lacks fails a test, not a person."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

FALLBACK = "en"


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    folder = files("callup.app.web.person").joinpath("words")
    return tuple(sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml")))


def _read(package: str, language: str) -> dict[str, str]:
    return tomllib.loads(files(package).joinpath("words", f"{language}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def words_of(language: str) -> Mapping[str, str]:
    """The words of a language, the person's and the desk's; of one that there are none for, the English."""
    name = language if language in languages() else FALLBACK
    return {**_read("callup.app.web.person", name), **_read("callup.app.web.desk", name), "lang": name}


@lru_cache(maxsize=64)
def rights_of(country: str, language: str) -> list[dict[str, Any]]:
    """What others owe somebody who is called in a country: key, article, whether it was compared with a text of it, and the words.

    They stand beside the pages and not in the country's folder: nothing is decided by them, and a better sentence changes no law's digest.
    None for a country that was brought from outside.
    """
    found = files("callup.app.web.person").joinpath("rights", f"{country}.toml")
    rights = tomllib.loads(found.read_text(encoding="utf-8")) if found.is_file() else {}
    return [{**one, "key": key, "text": one.get(language) or one["en"]} for key, one in rights.items()]


def chosen(wanted: str, offered: tuple[str, ...]) -> str:
    """The first language of an ``Accept-Language`` header (RFC 9110, 12.5.4) that a decree offers, else the decree's first."""
    parts = [one.strip().partition(";") for one in wanted.split(",")]
    ranked = sorted(((_weight(rest), name.split("-")[0].lower()) for name, _, rest in parts if name), key=lambda one: -one[0])
    return next((name for weight, name in ranked if weight > 0 and name in offered), offered[0])


def _weight(rest: str) -> float:
    try:
        return float(rest.strip().removeprefix("q=")) if rest.strip() else 1.0
    except ValueError:
        return 0.0
