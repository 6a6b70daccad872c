"""Which module speaks for which database."""

from types import ModuleType
from typing import Final

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper

from . import postgresql, sqlite

__all__ = ["find_vendor", "is_supported"]

VENDORS: Final[dict[str, ModuleType]] = {"postgresql": postgresql, "sqlite": sqlite}


def is_supported(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the library can keep ranges apart in this database."""
    return connection.vendor in VENDORS


def find_vendor(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module that knows ``NoOverlap`` in the SQL of a database.

    Raises:
        NotSupportedError: The database is neither PostgreSQL nor SQLite.
    """
    if not is_supported(connection):
        raise NotSupportedError(
            f"NoOverlap works on PostgreSQL and SQLite, not on {connection.display_name}."
        )
    return VENDORS[connection.vendor]
