"""The same notice as an accessible page and as JSON, in all languages of the decree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Formatter
from typing import Any

from jinja2 import Environment, StrictUndefined

from callup.notice.codes import check_url, letter_number
from callup.notice.document import within_of
from callup.notice.letter import Stamp
from callup.notice.wording import LetterTexts, day_words

_CSS = (
    "body{font:1.125rem/1.5 'PT Sans','DejaVu Sans',sans-serif;color:#111;background:#fff;max-width:42rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;margin:1.2rem 0 .2rem}p{margin:.3rem 0}"
    ".mark{border:2px solid #111;padding:.5rem;font-weight:bold}"
    "a{color:#003a8c}a:focus{outline:3px solid #111;outline-offset:2px}.skip{position:absolute;left:-99rem}.skip:focus{position:static}"
    "dl div{border-bottom:1px solid #767676;padding:.4rem 0}dt{color:#444}dd{margin:0;font-weight:bold}nav ul{list-style:none;padding:0}"
    "nav li{display:inline-block;margin-right:1rem;min-height:1.5rem}.from{color:#444}"
)
"""Every colour on white has a contrast of at least 7 to 1, borders 4.5 to 1 (WCAG 2.2, 1.4.3, 1.4.6 and 1.4.11)."""


class Portal:
    """The pages of one wave: what is the same for all is put together once.

    Args:
        texts: the words of each language, the most wanted first.
        stamp: as for the letters.
    """

    def __init__(self, texts: Sequence[LetterTexts], stamp: Stamp) -> None:
        self._texts = tuple(texts)
        self._stamp = stamp
        source = files("callup.notice").joinpath("portal.html").read_text(encoding="utf-8")
        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        shown = _shown
        page = environment.from_string(source).render(texts=self._texts, shown=shown)
        self._page = [(words, name) for words, name, _, _ in Formatter().parse(page)]
        fixed = {one.language: {"marks": one.fixed["marks"], "sections": one.fixed["sections"]} for one in self._texts}
        self._fixed = json.dumps(fixed, ensure_ascii=False)

    def html(self, row: Mapping[str, Any]) -> str:
        """The page of one notice: no script, nothing fetched, the sign-in code left out.

        Args:
            row: a row of LETTERS.
        """
        values = {key: escape(str(value)) for key, value in self._values(row).items()}
        values |= {"css": _CSS, "check": escape(self._check(row))}
        return "".join(words if name is None else words + values[name] for words, name in self._page)

    def json(self, row: Mapping[str, Any]) -> str:
        """The notice for programs: format ``callup/portal/1``; where it names no day, ``answer`` stands in the place of ``appear``.

        Args:
            row: a row of LETTERS.
        """
        values = self._values(row)
        words = {}
        for one in self._texts:
            here = {**values, "date": values[f"date_{_key(one)}"]}
            asks = [{"ask": ask, "answer": text.format_map(here)} for ask, text in zip(one.fixed["asks"], one.answers, strict=True)]
            right = [text.format_map(here) for text in one.facts[:-1]]
            facts = [{"label": label, "value": value} for label, value in zip(one.fixed["labels"], right, strict=False)]
            words[one.language] = {"title": one.title.format_map(here), "questions": asks, "facts": facts}
        day = row["appear_on"]
        appear = {"on": day and day.isoformat(), "at": row["appear_at"], "place_id": row["place_id"], "place": row["place"]}
        notice = {
            "format": "callup/portal/1",
            "notice_id": row["notice_id"],
            "number": values["number"],
            **({"answer": {"within": within_of(row["document"])}} if day is None else {"appear": appear}),
            "document": row["document"],
            "check": self._check(row),
            "words": words,
        }
        return json.dumps(notice, ensure_ascii=False)[:-1] + f', "fixed": {self._fixed}}}'

    def _check(self, row: Mapping[str, Any]) -> str:
        return check_url(self._stamp.mirror, self._stamp.size, row["entry"], row["salt"], row["document"])

    def _values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What the texts have in braces; the date once in each language."""
        day = row["appear_on"]
        dates = {f"date_{_key(one)}": day_words(day, one.language) if day else "" for one in self._texts}
        kept = {key: row[key] for key in ("name", "place", "place_id", "rank", "stratum", "position")}
        return {**kept, **dates, "time": row["appear_at"], "number": letter_number(row["notice_id"])}


def _key(texts: LetterTexts) -> str:
    return texts.language.replace("-", "_")


def _shown(texts: LetterTexts, text: str) -> str:
    """A text whose date will be filled in for its own language."""
    return text.replace("{date}", "{date_" + _key(texts) + "}")
