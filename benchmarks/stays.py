"""The bookings that most measurements work on, in every variant of their model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from .database import clear_tables
from .harness import Variant
from .models import FullStay, House, PlainStay, StampedStay, StayFields, TrackedStay, make_stay

__all__ = ["StayTable", "compare_stays"]

KINDS: tuple[tuple[str, type[StayFields], bool], ...] = (
    ("plain Django", PlainStay, False),
    ("not tracked", PlainStay, True),
    ("tracked", TrackedStay, True),
    ("stamped", StampedStay, True),
    ("all mixins, tracked", FullStay, True),
)
"""Name, model, and whether the library is on the connection."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StayTable:
    """The bookings of one model, as one measurement finds them."""

    model: type[StayFields]
    rows: int

    def make_new(self) -> list[Any]:
        """Empty the table and return unsaved rows for it."""
        clear_tables(self.model._meta.db_table)
        house, _ = House._default_manager.get_or_create(name="measured")
        return [make_stay(self.model, number, house) for number in range(self.rows)]

    def store(self) -> "QuerySet[Any]":
        """Fill the table, leave no event, and return a queryset of all rows."""
        table = self.model._meta.db_table
        copy = f"{table}_copy_{self.rows}"
        if copy not in connection.introspection.table_names():
            self.model._base_manager.bulk_create(self.make_new())
            _execute(f"CREATE TABLE {copy} AS SELECT * FROM {table}")
        clear_tables(table)
        _execute(f"INSERT INTO {table} SELECT * FROM {copy}")
        clear_tables()
        # Else the planner's idea of the table depends on when autovacuum came by.
        _execute("ANALYZE")
        return self.model._base_manager.all()

    def load(self) -> list[Any]:
        """Fill the table and return its rows as instances."""
        return list(self.store())


def compare_stays(
    rows: int, prepare: Callable[[StayTable], Any], run: Callable[[Any], object]
) -> tuple[Variant, ...]:
    """Return the variants of a piece of work on bookings, from plain Django to all mixins.

    Args:
        rows: How many rows there are.
        prepare: A method of :class:`StayTable`.
        run: The work, on what the method returns.
    """

    def make_variant(name: str, model: type[StayFields], uses_library: bool) -> Variant:
        table = StayTable(model=model, rows=rows)
        return Variant(
            name=name, prepare=lambda: prepare(table), run=run, uses_library=uses_library
        )

    return tuple(make_variant(*kind) for kind in KINDS)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
