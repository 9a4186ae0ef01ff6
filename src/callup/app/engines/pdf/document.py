"""The objects of a tagged PDF 1.7 (ISO 32000-1) that says of itself PDF/UA-1 (ISO 14289-1): fonts, cross references."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from struct import pack
from xml.sax.saxutils import escape

import deflate
import numpy as np
import numpy.typing as npt

from callup.app.engines.pdf.faces import Face

_LEVEL, _OBJECTS_LEVEL = 1, 6
"""How hard to look for repetitions: in what a page says, and among objects, where there is much to find. The pinned libdeflate does it, not
the machine's zlib: the same letters give the same bytes on every machine."""
_FREE = 65535
"""What a free entry says in its last column."""
_TOGETHER = 200
"""Small objects packed together: enough to pack well, few enough that a reader who wants one unpacks little."""
_FEW = 100
"""Lines in one section of a character map (Adobe Technical Note 5014)."""


@dataclass(slots=True)
class Objects:
    """Objects written one after the other; small ones are gathered and packed together (ISO 32000-1, 7.5.7)."""

    parts: list[bytes] = field(default_factory=lambda: [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"])
    at: int = 15
    count: int = 1
    places: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    together: list[tuple[npt.NDArray[np.int64], int]] = field(default_factory=list)
    gathered: list[tuple[int, str]] = field(default_factory=list)

    def new(self, count: int = 1) -> int:
        """A number for an object that is written later; the first of ``count`` numbers in a row."""
        self.count += count
        return self.count - count

    def put(self, body: str | bytes, number: int = 0) -> int:
        """Write an object by itself; gives its number."""
        number = number or self.new()
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body.encode("ascii") if isinstance(body, str) else body)
        self.places[number] = (1, self.at, 0)
        self.parts.append(whole)
        self.at += len(whole)
        return number

    def small(self, body: str, number: int = 0) -> int:
        """Write an object that is no stream together with others like it; gives its number."""
        number = number or self.new()
        self.gathered.append((number, body))
        if len(self.gathered) == _TOGETHER:
            self._pack()
        return number

    def stream(
        self, content: bytes, words: str = "", *, packed: bool = True, number: int = 0, before: bytes = b"", level: int = _LEVEL
    ) -> int:
        """Write a stream; what stands ``before`` its content is not made smaller, since nothing would make it so."""
        data = _deflated(content, before, level) if packed else content
        how = "/Filter/FlateDecode" if packed else ""
        return self.put(b"<<%b/Length %d%b>>\nstream\n%b\nendstream" % (words.encode(), len(data), how.encode(), data), number)

    def alike(self, numbers: npt.NDArray[np.int64], bodies: Sequence[npt.NDArray[np.uint8]]) -> None:
        """Write objects that are no streams, many of the same kinds.

        Args:
            numbers: [rows, kinds].
            bodies: by kind, [rows, width]: each object in bytes that end in white space.
        """
        starts = np.cumsum([0, *(body.shape[1] for body in bodies)])
        whole = np.concatenate(bodies, axis=1)
        together = max(1, _TOGETHER // len(bodies))
        for at in range(0, len(numbers), together):
            some = numbers[at : at + together]
            places = np.arange(len(some))[:, None] * starts[-1] + starts[:-1]
            self._hold(some.reshape(-1), places.reshape(-1), whole[at : at + together].tobytes())

    def _pack(self) -> None:
        numbers, bodies = zip(*self.gathered, strict=True)
        starts = [0, *accumulate(len(body) + 1 for body in bodies)]
        self._hold(np.array(numbers), np.array(starts[:-1]), "\n".join(bodies).encode("ascii"))
        self.gathered.clear()

    def _hold(self, numbers: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], bodies: bytes) -> None:
        """A stream of objects, which begins with the number and the place of each."""
        head = " ".join(map(str, np.stack((numbers, starts), axis=1).reshape(-1).tolist())).encode() + b"\n"
        holder = self.stream(head + bodies, f"/Type/ObjStm/N {len(numbers)}/First {len(head)}", level=_OBJECTS_LEVEL)
        self.together.append((numbers, holder))

    def whole(self, root: int, about: int) -> bytes:
        """The file: objects, and a stream that says where each lies (ISO 32000-1, 7.5.8)."""
        if self.gathered:
            self._pack()
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part)
        mark = digest.hexdigest()[:32]
        start = self.at
        number = self.new()
        self.places[number] = (1, start, 0)
        words = f"/Type/XRef/Size {self.count}/W[1 4 2]/DecodeParms<</Predictor 12/Columns 7>>"
        self.stream(self._where(), f"{words}/Root {root} 0 R/Info {about} 0 R/ID[<{mark}><{mark}>]", number=number)
        return b"".join([*self.parts, f"startxref\n{start}\n%%EOF\n".encode()])

    def _where(self) -> bytes:
        """Rows of seven bytes, each as its difference to the one above, which is nearly always the same few bytes."""
        table = np.full((self.count, 3), (0, 0, _FREE))
        table[list(self.places)] = list(self.places.values())
        for numbers, holder in self.together:
            table[numbers] = np.stack((np.full(len(numbers), 2), np.full(len(numbers), holder), np.arange(len(numbers))), axis=1)
        rows = np.zeros((self.count, 8), dtype=np.uint8)
        rows[:, 1] = table[:, 0]
        for byte in range(4):
            rows[:, 5 - byte] = table[:, 1] >> (8 * byte) & 255
        for byte in range(2):
            rows[:, 7 - byte] = table[:, 2] >> (8 * byte) & 255
        rows[1:] = rows[1:] - rows[:-1]
        rows[:, 0] = 2
        return rows.tobytes()


def _deflated(content: bytes, before: bytes, level: int) -> bytes:
    """Content in the zlib format (RFC 1950); what stands before it in a block of its own, as it is (RFC 1951, 3.2.4)."""
    block = b"\0" + pack("<HH", len(before), len(before) ^ 0xFFFF) + before if before else b""
    check = deflate.adler32(content, deflate.adler32(before))
    return b"".join((b"\x78\x01", block, deflate.deflate_compress(content, level), check.to_bytes(4, "big")))


def text(words: str) -> str:
    """A text string for people, in UTF-16 with its mark."""
    return f"<FEFF{words.encode('utf-16-be').hex().upper()}>"


def put_font(into: Objects, face: Face) -> int:
    """Write a font and everything it needs: the file, the widths, and which characters its glyphs stand for."""
    file = into.stream(face.data, f"/Length1 {len(face.data)}")
    low, down, high, up = face.box
    describes = into.put(
        f"<</Type/FontDescriptor/FontName/{face.name}/Flags 4/FontBBox[{low} {down} {high} {up}]/ItalicAngle 0/Ascent {face.rise[0]}"
        f"/Descent {face.rise[1]}/CapHeight {face.capital:g}/StemV 80/FontFile2 {file} 0 R>>"
    )
    known = [(code.encode("latin-1").hex().upper(), point) for point, code in face.codes.items()]
    widths = "".join(f"{int(code, 16)}[{face.widths[chr(point)]:g}]" for code, point in known)
    inner = into.put(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{face.name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {describes} 0 R/DW 0/W[{widths}]/CIDToGIDMap {into.stream(_glyphs(face))} 0 R>>"
    )
    meanings = [f"<{code}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in known]
    means = into.stream(_character_map("Adobe-Identity-UCS", "UCS", "bfchar", meanings))
    codes = "/Identity-H" if len(known[0][0]) == 4 else f"{_put_codes(into, [code for code, _ in known])} 0 R"
    return into.put(
        f"<</Type/Font/Subtype/Type0/BaseFont/{face.name}/Encoding {codes}/DescendantFonts[{inner} 0 R]/ToUnicode {means} 0 R>>"
    )


def _glyphs(face: Face) -> bytes:
    """The glyph of every code, two bytes each."""
    glyphs = {int.from_bytes(code.encode("latin-1"), "big"): face.glyphs[point] for point, code in face.codes.items()}
    return b"".join(glyphs.get(code, 0).to_bytes(2, "big") for code in range(max(glyphs) + 1))


def _put_codes(into: Objects, codes: Sequence[str]) -> int:
    """A map by which codes of one byte stand for themselves; that of two bytes every reader knows."""
    words = "/Type/CMap/CMapName/Callup-Codes/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/WMode 0"
    return into.stream(_character_map("Callup-Codes", "Identity", "cidchar", [f"<{code}> {int(code, 16)}" for code in codes]), words)


def _character_map(name: str, ordering: str, kind: str, rows: Sequence[str]) -> bytes:
    """What codes stand for: glyphs or characters (Adobe Technical Notes 5014 and 5411)."""
    parts = [rows[at : at + _FEW] for at in range(0, len(rows), _FEW)]
    body = "\n".join(f"{len(part)} begin{kind}\n" + "\n".join(part) + f"\nend{kind}" for part in parts)
    digits = rows[0].index(">") - 1
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        f"/CIDSystemInfo <</Registry (Adobe) /Ordering ({ordering}) /Supplement 0>> def\n/CMapName /{name} def\n"
        f"/CMapType {2 if kind == 'bfchar' else 1} def\n/WMode 0 def\n"
        f"1 begincodespacerange\n<{'0' * digits}> <{'F' * digits}>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode("ascii")


def put_about(into: Objects, title: str, author: str, day: date) -> tuple[int, int]:
    """What the file says of itself, twice as the standard asks: the information dictionary and the metadata."""
    moment = f"D:{day:%Y%m%d}000000Z"
    told = into.put(f"<</Title {text(title)}/Author {text(author)}/Producer(callup)/CreationDate({moment})/ModDate({moment})>>")
    stamp = f"{day.isoformat()}T00:00:00Z"
    packet = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator><pdf:Producer>callup</pdf:Producer>
<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
    return told, into.stream(packet.encode(), "/Type/Metadata/Subtype/XML", packed=False)
