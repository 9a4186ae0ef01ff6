"""The objects of a tagged PDF 1.7 (ISO 32000-1) that says of itself PDF/UA-1 (ISO 14289-1): fonts, pages, structure, cross references."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from xml.sax.saxutils import escape

import pyarrow as pa

from callup.app.engines.pdf.faces import Face

_DEFLATE = pa.Codec("gzip", compression_level=1)
"""Deflation of the pinned pyarrow, not of the machine's zlib: the same letters give the same bytes on every machine."""
_GZIP_HEAD, _GZIP_TAIL = 10, 8
_FEW = 100
"""Lines in one section of a character map (Adobe Technical Note 5014)."""


@dataclass(slots=True)
class Objects:
    """Objects written one after the other, with the places at which they begin."""

    parts: list[bytes] = field(default_factory=lambda: [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"])
    at: int = 15
    places: list[int] = field(default_factory=lambda: [0])

    def new(self) -> int:
        """A number for an object that is written later."""
        self.places.append(0)
        return len(self.places) - 1

    def put(self, body: str | bytes, number: int = 0) -> int:
        """Write an object; gives its number."""
        number = number or self.new()
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body.encode("ascii") if isinstance(body, str) else body)
        self.places[number] = self.at
        self.parts.append(whole)
        self.at += len(whole)
        return number

    def stream(self, content: bytes, words: str = "", *, packed: bool = True) -> int:
        """Write a stream."""
        data = _deflated(content) if packed else content
        how = "/Filter/FlateDecode" if packed else ""
        return self.put(b"<<%b/Length %d%b>>\nstream\n%b\nendstream" % (words.encode(), len(data), how.encode(), data))

    def whole(self, root: int, about: int) -> bytes:
        """The file: objects, cross references, trailer."""
        table = ["0000000000 65535 f \n", *(f"{place:010} 00000 n \n" for place in self.places[1:])]
        digest = hashlib.sha256()
        for part in self.parts:
            digest.update(part)
        mark = digest.hexdigest()[:32]
        count = len(self.places)
        tail = f"trailer\n<</Size {count}/Root {root} 0 R/Info {about} 0 R/ID[<{mark}><{mark}>]>>\nstartxref\n{self.at}\n%%EOF\n"
        return b"".join([*self.parts, f"xref\n0 {count}\n".encode(), "".join(table).encode(), tail.encode()])


def _deflated(content: bytes) -> bytes:
    """Content in the zlib format (RFC 1950)."""
    raw: bytes = _DEFLATE.compress(content, asbytes=True)[_GZIP_HEAD:-_GZIP_TAIL]
    return b"\x78\x01" + raw + zlib.adler32(content).to_bytes(4, "big")


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
    known = sorted((code, chr(point)) for point, code in face.codes.items())
    widths = "".join(f"{int(code, 16)}[{face.widths[character]:g}]" for code, character in known)
    inner = into.put(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{face.name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {describes} 0 R/DW 0/W[{widths}]/CIDToGIDMap/Identity>>"
    )
    means = into.stream(_meanings(known).encode())
    return into.put(
        f"<</Type/Font/Subtype/Type0/BaseFont/{face.name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]/ToUnicode {means} 0 R>>"
    )


def _meanings(known: Sequence[tuple[str, str]]) -> str:
    rows = [f"<{code}> <{character.encode('utf-16-be').hex().upper()}>" for code, character in known]
    parts = [rows[at : at + _FEW] for at in range(0, len(rows), _FEW)]
    body = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    )


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


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        content: its operators; every piece stands in a marked sequence numbered from 0.
        roles: the role of each such piece, in the order of reading.
        more: what a role's element says besides, by the piece's number, e.g. the words for a picture.
    """

    content: bytes
    roles: Sequence[str]
    more: Mapping[int, str] = field(default_factory=dict)


def marked(roles: Sequence[str], parts: Sequence[str]) -> bytes:
    """Operators of a page, each part in a marked sequence of its own."""
    pieces = enumerate(zip(roles, parts, strict=True))
    return "".join(f"/{role}<</MCID {at}>>BDC\n{part}EMC\n" for at, (role, part) in pieces).encode("ascii")


def put_pages(into: Objects, pages: Sequence[Page], resources: int) -> tuple[int, int]:
    """Write the pages and the tree of their structure, a section for each page; gives the numbers of both trees."""
    tree, structure, whole = into.new(), into.new(), into.new()
    numbers, sections, parents = [], [], []
    for place, page in enumerate(pages):
        content, number, section = into.stream(page.content), into.new(), into.new()
        into.put(
            f"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 595.276 841.89]/Resources {resources} 0 R/Contents {content} 0 R"
            f"/StructParents {place}/Tabs/S>>",
            number,
        )
        marks = [
            into.put(f"<</Type/StructElem/S/{role}/P {section} 0 R/Pg {number} 0 R/K {mark}{page.more.get(mark, '')}>>")
            for mark, role in enumerate(page.roles)
        ]
        listed = " ".join(f"{mark} 0 R" for mark in marks)
        into.put(f"<</Type/StructElem/S/Sect/P {whole} 0 R/K[{listed}]>>", section)
        numbers.append(f"{number} 0 R")
        sections.append(f"{section} 0 R")
        parents.append(f"{place}[{listed}]")
    into.put(f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(numbers)}]>>", tree)
    into.put(f"<</Type/StructElem/S/Document/P {structure} 0 R/K[{' '.join(sections)}]>>", whole)
    nums = into.put(f"<</Nums[{' '.join(parents)}]>>")
    into.put(f"<</Type/StructTreeRoot/K[{whole} 0 R]/ParentTree {nums} 0 R/ParentTreeNextKey {len(pages)}>>", structure)
    return tree, structure
