"""The only file that asks which Django, and which database driver, runs."""

from typing import Any, Final

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = [
    "CASCADING_RULES",
    "driver_cursor",
    "replace_driver_cursor",
    "sends_one_message",
    "show_next_result",
]


def driver_cursor(context: dict[str, Any]) -> Any:
    """Return the driver's cursor out of an execute wrapper's context.

    Django documents ``context["cursor"]``, its own wrapper, but not the attribute on it.
    """
    return context["cursor"].cursor


def replace_driver_cursor(context: dict[str, Any], cursor: Any) -> None:
    """Put another cursor in place of the driver's for the rest of the wrapper's life."""
    context["cursor"].cursor = cursor


def sends_one_message(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether a PostgreSQL connection can send several statements as one message.

    It can while parameters are bound by the client: psycopg 3 as Django sets it up by default.
    """
    return (
        connection.Database.__name__ == "psycopg"
        and not connection.features.uses_server_side_binding
    )


def show_next_result(cursor: Any) -> None:
    """Move a psycopg cursor from the first statement's result to the second's."""
    cursor.nextset()


CASCADING_RULES: Final = tuple(
    getattr(models, name) for name in ("CASCADE", "DB_CASCADE") if hasattr(models, name)
)
"""The values of ``on_delete`` that take children along; ``DB_CASCADE`` came with Django 6.1."""
