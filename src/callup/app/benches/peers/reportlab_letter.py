"""The peer of the bench ``letters``: ReportLab's canvas, all letters in one document, untagged, in its own environment.

    python reportlab_letter.py LETTERS FONT

``LETTERS`` is JSON: for each letter the texts of its front, in order, and the runs of its codes. Prints one line
of JSON: version, CPU seconds, bytes.
"""

from __future__ import annotations

import io
import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

from reportlab.lib.utils import simpleSplit  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

WIDTH, LEFT, TOP, PITCH = 467.7, 70.9, 800.0, 13.2


def main(path: str, font: str) -> None:
    """Write all letters, a page each."""
    letters = json.loads(Path(path).read_text(encoding="utf-8"))
    pdfmetrics.registerFont(TTFont("Carried", font))
    start, sink = time.process_time(), io.BytesIO()
    canvas = Canvas(sink, pagesize=(595.276, 841.89), invariant=1)
    for letter in letters:
        canvas.setFont("Carried", 11)
        top = TOP
        for text in letter["texts"]:
            for line in simpleSplit(text, "Carried", 11, WIDTH):
                canvas.drawString(LEFT, top, line)
                top -= PITCH
        drawn = canvas.beginPath()
        for left, up, wide, high in letter["runs"]:
            drawn.rect(400 + left, 680 - up, wide, high)
        canvas.drawPath(drawn, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    spent = time.process_time() - start
    print(json.dumps({"version": version("reportlab"), "seconds": spent, "bytes": len(sink.getvalue())}))


main(sys.argv[1], sys.argv[2])
