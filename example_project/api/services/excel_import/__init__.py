"""Imports the company's schedule workbook; the entry point is :func:`import_bookings`."""

from .errors import ImportRefused
from .report import ImportReport, Problem, ReportRow, Timings
from .service import import_bookings

__all__ = ["ImportRefused", "ImportReport", "Problem", "ReportRow", "Timings", "import_bookings"]
