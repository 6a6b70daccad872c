"""Makes workbooks that look like the company's own, with made-up bookings."""

from .bookings import FLAWS, make_bookings
from .workbook import write_workbook

__all__ = ["FLAWS", "make_bookings", "write_workbook"]
