"""The modules that implement triggers for each database."""

from types import ModuleType
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

from . import postgresql, sqlite
from .sqlite_slot import SLOT_TABLE

__all__ = ["find_vendor", "is_supported", "list_support_tables"]

VENDORS: Final[dict[str, ModuleType]] = {"postgresql": postgresql, "sqlite": sqlite}


def is_supported(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the library supports triggers in this database."""
    return connection.vendor in VENDORS


def find_vendor(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module with ``read_columns``, ``read_installed`` and ``drop_statements``."""
    return VENDORS[connection.vendor]


def list_support_tables(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the library's own tables that triggers read and ``prepare()`` creates."""
    return {SLOT_TABLE} if connection.vendor == "sqlite" else set()
