"""A made-up company with realistic data: houses, people, a year of stays, and their work."""

from .filling import DEFAULT_DAYS, fill_company
from .open_import import add_open_import
from .people import MANAGER_NAME, PEOPLE

__all__ = ["DEFAULT_DAYS", "MANAGER_NAME", "PEOPLE", "add_open_import", "fill_company"]
