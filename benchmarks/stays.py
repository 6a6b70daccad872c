"""The bookings that most measurements work on, in every variant of their model."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from .database import clear_tables
from .hand_written import list_hand_written
from .harness import Variant
from .kinds import OWN_KINDS, StayKind
from .models import House, StayFields, make_stay
from .peers.kinds import list_peers

__all__ = ["StayTable", "compare_stays"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StayTable:
    """The bookings of one model, as one measurement finds them."""

    model: type[StayFields]
    rows: int
    event_tables: tuple[str, ...] = ()
    """Of a peer; those of the library are known."""

    def make_new(self) -> list[Any]:
        """Empty the table and return unsaved rows for it."""
        clear_tables(self.model._meta.db_table, *self.event_tables)
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
        clear_tables(*self.event_tables)
        # Else the planner's idea of the table depends on when autovacuum came by.
        _execute("ANALYZE")
        return self.model._base_manager.all()

    def load(self) -> list[Any]:
        """Fill the table and return its rows as instances."""
        return list(self.store())


def compare_stays(
    rows: int,
    prepare: Callable[[StayTable], Any],
    run: Callable[[Any], object],
    *,
    kinds: Iterable[StayKind] | None = None,
) -> tuple[Variant, ...]:
    """Return the variants of a piece of work on bookings: plain, the library, by hand, the peers.

    Args:
        rows: How many rows there are.
        prepare: A method of :class:`StayTable`.
        run: The work, on what the method returns.
        kinds: The ways to store a booking; all of them by default.
    """
    chosen = (*OWN_KINDS, *list_hand_written(), *list_peers()) if kinds is None else kinds
    return tuple(_make_variants(rows, prepare, run, chosen))


def _make_variants(
    rows: int,
    prepare: Callable[[StayTable], Any],
    run: Callable[[Any], object],
    kinds: Iterable[StayKind],
) -> Iterator[Variant]:
    for kind in kinds:
        if kind.own_ways and run.__name__ not in kind.own_ways:
            continue
        table = StayTable(model=kind.model, rows=rows, event_tables=kind.event_tables)
        yield Variant(
            name=kind.name,
            prepare=lambda table=table: prepare(table),
            run=kind.own_ways.get(run.__name__, run),
            uses_library=kind.uses_library,
            context=kind.context,
            count_events=None if kind.event is None else kind.count_events,
        )


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
