"""The modules that implement constraints for each database."""

from types import ModuleType
from typing import Final

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper

from . import cycles_postgresql, cycles_sqlite, postgresql, sqlite

__all__ = ["find_cycle_vendor", "find_vendor", "is_supported"]

VENDORS: Final[dict[str, ModuleType]] = {"postgresql": postgresql, "sqlite": sqlite}
CYCLE_VENDORS: Final[dict[str, ModuleType]] = {
    "postgresql": cycles_postgresql,
    "sqlite": cycles_sqlite,
}


def is_supported(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the library's constraints support this database."""
    return connection.vendor in VENDORS


def find_vendor(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module that implements ``NoOverlap`` for a database.

    Raises:
        NotSupportedError: The database is neither PostgreSQL nor SQLite.
    """
    if not is_supported(connection):
        raise NotSupportedError(
            f"NoOverlap works on PostgreSQL and SQLite, not on {connection.display_name}."
        )
    return VENDORS[connection.vendor]


def find_cycle_vendor(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module that implements ``NoCycle`` for a database.

    Raises:
        NotSupportedError: The database is neither PostgreSQL nor SQLite.
    """
    if not is_supported(connection):
        raise NotSupportedError(
            f"NoCycle works on PostgreSQL and SQLite, not on {connection.display_name}."
        )
    return CYCLE_VENDORS[connection.vendor]
