"""The peer of the bench ``letters``: WeasyPrint, one document of one letter after the other, in its own environment.

    python weasyprint_letter.py LETTERS FONT

``LETTERS`` is JSON: for each letter the texts of its front, in order, and the SVG of its codes. Prints one line
of JSON: version, CPU seconds, bytes.
"""

from __future__ import annotations

import json
import sys
import time
from html import escape
from importlib.metadata import version
from pathlib import Path

import weasyprint  # type: ignore[import-not-found]
from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-not-found]

STYLE = "@page{size:A4;margin:12mm 20mm 12mm 25mm}body{font:11pt Carried}p{margin:2mm 0}"


def main(path: str, font: str) -> None:
    """Write each letter as a document of its own, tagged."""
    letters = json.loads(Path(path).read_text(encoding="utf-8"))
    fonts = FontConfiguration()
    face = f"@font-face{{font-family:Carried;src:url({Path(font).as_uri()})}}"
    sheet = weasyprint.CSS(string=face + STYLE, font_config=fonts)
    start, size = time.process_time(), 0
    for letter in letters:
        body = "".join(f"<p>{escape(text)}</p>" for text in letter["texts"])
        page = f'<html lang="en"><title>Letter</title><body>{body}{letter["codes"]}</body></html>'
        size += len(weasyprint.HTML(string=page).write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"))
    print(json.dumps({"version": version("weasyprint"), "seconds": time.process_time() - start, "bytes": size}))


main(sys.argv[1], sys.argv[2])
