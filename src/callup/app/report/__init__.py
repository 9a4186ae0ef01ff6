"""The public report: one page, its charts, its tables, and ``report.json`` for the verifier."""

from callup.app.report.model import ReportModel
from callup.app.report.writing import write_report

__all__ = ["ReportModel", "write_report"]
