"""Fonts cut down to the characters that a wave needs, with the widths that lines are broken by."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FILES = {"F1": "PTS55F.ttf", "F2": "PTS75F.ttf"}
"""The name in a page's resources, and the font: regular and bold."""
_SPARE = "DejaVuSans.ttf"
"""What Typst takes for characters that the first lacks."""


_PLAIN = [chr(byte) for byte in range(1, 256) if chr(byte) not in "\n\r()\\"]
"""Bytes that stand for themselves in a string of a PDF (ISO 32000-1, 7.3.4.2)."""


def _codes(count: int) -> list[str]:
    """Codes of one byte as long as they suffice, else of two for all."""
    return _PLAIN[:count] if count <= len(_PLAIN) else [high + low for high in _PLAIN for low in _PLAIN][:count]


@dataclass(frozen=True, slots=True)
class Face:
    """A font cut down to some characters.

    Args:
        name: PostScript name with the tag of a subset.
        data: the TrueType file.
        codes: code point to its code in the PDF, one character a byte.
        glyphs: code point to its glyph.
        widths: character to its advance, in thousandths of the size.
        capital: height of a capital, in thousandths of the size.
        box: the box around all glyphs.
        rise: ascent and descent.
    """

    name: str
    data: bytes = field(repr=False)
    codes: Mapping[int, str] = field(repr=False)
    glyphs: Mapping[int, int] = field(repr=False)
    widths: Mapping[str, float] = field(repr=False)
    capital: float
    box: tuple[int, int, int, int]
    rise: tuple[int, int]

    def covers(self, text: str) -> bool:
        """Whether every character of a text has a glyph."""
        return self.widths.keys() >= set(text)

    def coded(self, text: str) -> str:
        """A text in the codes of this font; every character must be covered."""
        return text.translate(self.codes)

    def measured(self, texts: Sequence[str]) -> list[tuple[float, str]]:
        """Width at size 1,000 and codes of many texts at once; every character must be covered.

        Raises:
            KeyError: a character has no glyph.
        """
        known = np.array(list(self.codes))
        points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        at = np.searchsorted(known, points).clip(max=len(known) - 1)
        if not np.array_equal(known[at], points):
            raise KeyError("a character has no glyph")
        advances = np.array([self.widths[chr(point)] for point in self.codes])
        codes = np.frombuffer("".join(self.codes.values()).encode("latin-1"), np.uint8).reshape(len(known), -1)
        ends = np.concatenate(([0], np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))))
        reached = np.concatenate(([0.0], np.cumsum(advances[at])))[ends]
        coded, spans = codes[at].tobytes().decode("latin-1"), (ends * codes.shape[1]).tolist()
        wide = (reached[1:] - reached[:-1]).tolist()
        return [(width, coded[start:end]) for width, (start, end) in zip(wide, pairwise(spans), strict=True)]

    def width(self, text: str) -> float:
        """How wide a text is at size 1,000; kerning is left out, both here and on paper."""
        return sum(map(self.widths.__getitem__, text))


def faces_for(texts: Iterable[str]) -> dict[str, Face]:
    """Both fonts, cut down to the characters of some texts; the same characters give the same bytes."""
    characters = frozenset().union(*texts) | frozenset(" ")
    return {name: _cut(file, characters) for name, file in FILES.items()}


class Widths:
    """How wide texts are in the carried regular fonts: the first that has a character gives its width."""

    def __init__(self) -> None:
        self._widths: dict[int, float] = {}
        for file in (_SPARE, FILES["F1"]):
            font = _opened(file)
            scale, advances = 1000 / font["head"].unitsPerEm, font["hmtx"].metrics
            self._widths.update({code: advances[name][0] * scale for code, name in font.getBestCmap().items()})

    def covers(self, text: str) -> bool:
        """Whether some carried font has every character."""
        return self._widths.keys() >= set(map(ord, text))

    def short(self, texts: Sequence[str], most: float) -> frozenset[str]:
        """Those of some texts, none of them empty, that stand on one line of a width, in characters that some carried font has."""
        if not texts:
            return frozenset()
        points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
        advances = np.full(int(points.max()) + 1, np.inf)
        known = [code for code in self._widths if code < len(advances)]
        advances[known] = [self._widths[code] for code in known]
        starts = np.cumsum([0, *map(len, texts)])[:-1]
        fits = np.add.reduceat(advances[points], starts) <= most
        return frozenset(text for text, one in zip(texts, fits.tolist(), strict=True) if one)

    def lines(self, text: str, most: float) -> int:
        """How many lines of a width a text takes, words whole; 0 where a word is wider than a line."""
        lines, taken = 1, 0.0
        for word in text.split(" "):
            wide = sum(map(self._widths.__getitem__, map(ord, word)))
            if wide > most:
                return 0
            after = taken + self._widths[32] + wide if taken else wide
            lines, taken = (lines + 1, wide) if after > most else (lines, after)
        return lines


@lru_cache(maxsize=1)
def carried_widths() -> Widths:
    """The widths of both carried regular fonts, read once."""
    return Widths()


def _opened(file: str) -> TTFont:
    return TTFont(io.BytesIO(files("callup.app").joinpath("fonts", file).read_bytes()), recalcTimestamp=False)


@lru_cache(maxsize=8)
def _cut(file: str, characters: frozenset[str]) -> Face:
    font = _opened(file)
    options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[6], glyph_names=False)
    options.drop_tables += ["GPOS", "GSUB", "kern", "LTSH", "hdmx", "gasp", "DSIG"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=[ord(one) for one in characters])
    cutter.subset(font)
    sink = io.BytesIO()
    font.save(sink)
    glyphs = {code: font.getGlyphID(name) for code, name in sorted(font.getBestCmap().items())}
    scale = 1000 / font["head"].unitsPerEm
    advance = {glyph: font["hmtx"][name][0] * scale for name, glyph in font.getReverseGlyphMap().items()}
    tag = hashlib.sha256("".join(sorted(characters)).encode()).digest()[:6]
    head, lines = font["head"], font["hhea"]
    return Face(
        name="".join(chr(65 + byte % 26) for byte in tag) + "+" + str(font["name"].getDebugName(6)),
        data=sink.getvalue(),
        codes=dict(zip(glyphs, _codes(len(glyphs)), strict=True)),
        glyphs=glyphs,
        widths={chr(code): advance[glyph] for code, glyph in glyphs.items()},
        capital=font["OS/2"].sCapHeight * scale,
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        rise=(lines.ascent, lines.descent),
    )
