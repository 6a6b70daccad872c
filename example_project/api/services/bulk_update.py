"""Sets one field of many rows to values of their own, in one statement."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connections, router
from django.db.models import Field, Model

__all__ = ["set_values"]


def set_values(model: type[Model], name: str, values: Mapping[Any, Any]) -> None:
    """Set a field of rows, each to its own value.

    Django's ``bulk_update()`` writes a CASE with a branch for each row, which grows with the square
    of their number. For the records of machines: no stamps are written.

    Args:
        model: The rows' model.
        name: The field.
        values: The value of each row by its primary key.

    Costs one statement on PostgreSQL, and one that is prepared once on SQLite.
    """
    if not values:
        return
    connection = connections[router.db_for_write(model)]
    field, key = model._meta.get_field(name), model._meta.pk
    assert isinstance(field, Field)  # noqa: S101 - a programmer's mistake
    quote = connection.ops.quote_name
    table, column, key_column = (
        quote(str(name)) for name in (model._meta.db_table, field.column, key.column)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = f"key {key.rel_db_type(connection)}, value {field.db_type(connection)}"
            text = json.dumps([{"key": one, "value": value} for one, value in values.items()])
            cursor.execute(
                f"UPDATE {table} SET {column} = given.value "  # noqa: S608 - quoted names
                f"FROM json_to_recordset(%s) AS given ({types}) WHERE {key_column} = given.key",
                [text],
            )
        else:
            cursor.executemany(
                f"UPDATE {table} SET {column} = %s WHERE {key_column} = %s",  # noqa: S608 - quoted names
                [[value, one] for one, value in values.items()],
            )
