"""Locks rows in one common order.

Rules and schedules come first, then the log of an import, houses, bookings, tasks, and last what
belongs to a task or a stock; the rows of a table in the order of their keys. Transactions that lock
in different orders deadlock, until PostgreSQL aborts one of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

from api.models import (
    AutoTaskTemplate,
    Booking,
    ChecklistTemplate,
    Property,
    PropertyInventory,
    ScheduleTemplate,
    Task,
    TaskDependency,
    TaskImage,
)
from django_modernize.autotasks.applying import lock_rules
from django_modernize.softdelete.journal import DeletionJournal

__all__ = [
    "hold_rows",
    "lock_before_deletion",
    "lock_rules_of_bookings",
    "lock_stock_rows",
    "lock_work",
]


def lock_rules_of_bookings() -> None:
    """Keep the rules about bookings from running elsewhere until the transaction ends.

    Whoever writes bookings calls it before the first lock of an import's log, a house or a booking.

    Costs one query on PostgreSQL.
    """
    lock_rules("booking")


def hold_rows(rows: "QuerySet[Any]") -> None:
    """Keep rows from being deleted until the transaction ends; others may still change them.

    The database does so by itself for whatever a new row names, but only then: behind the locks
    that the writer has by that time, while a deletion takes its rows from the parent down.

    Args:
        rows: The rows, of any order.

    Costs one query on PostgreSQL.
    """
    if not _locks_rows(rows):
        return
    try:
        sql, parameters = rows.order_by("pk").values("pk").query.sql_with_params()
    except EmptyResultSet:
        return
    with connections[rows.db].cursor() as cursor:
        # Django has no API for this lock.
        cursor.execute(f"{sql} FOR KEY SHARE", parameters)


def lock_work(task_ids: "Collection[int] | QuerySet[Any]") -> None:
    """Lock tasks until the transaction ends, together with those that wait for them.

    A task that comes after another waits or no longer does, as soon as that one is done: whoever
    does it writes both. Two who do the last two tasks before one would otherwise each see the
    other's undone. The houses are held, since people are told of a task and its house.

    Args:
        task_ids: The keys of the tasks, deleted ones too, or a query of them.

    Costs two queries on PostgreSQL.
    """
    named = Task._base_manager.filter(pk__in=task_ids).order_by()
    if not _locks_rows(named):
        return
    after = TaskDependency._base_manager.filter(needed__in=task_ids).order_by()
    tasks = Task._base_manager.filter(pk__in=named.values("pk").union(after.values("task")))
    hold_rows(Property._base_manager.filter(pk__in=tasks.values("property")))
    _lock(tasks)


def lock_stock_rows(stock_ids: "Collection[int] | QuerySet[Any]") -> None:
    """Lock stocks until the transaction ends; their houses are kept from being deleted.

    Costs two queries on PostgreSQL.
    """
    stocks = PropertyInventory._base_manager.filter(pk__in=stock_ids)
    hold_rows(Property._base_manager.filter(pk__in=stocks.values("property")))
    _lock(stocks)


def lock_before_deletion(model: type[Model], keys: Iterable[int]) -> None:
    """Take the locks that come before those of rows to be deleted or restored.

    Args:
        model: Whose rows they are.
        keys: Their keys.

    Costs nine queries at most on PostgreSQL.
    """
    if not connections[model._base_manager.db].features.has_select_for_update:
        return
    found = list(keys)
    if model in (AutoTaskTemplate, Booking, ChecklistTemplate, Property):
        lock_rules_of_bookings()
    if model is ChecklistTemplate:
        _lock(ScheduleTemplate._base_manager.filter(checklist__in=found))
    if model is Property:
        _lock(ScheduleTemplate._base_manager.filter(property__in=found))
    if model in (Booking, Property):
        # As in a deletion, since whoever holds the house may be about to lock a task.
        _lock(model._base_manager.filter(pk__in=found), no_key=False)
    if model in WORK:
        lock_work([*_list_work(WORK[model], found), *_list_lost_work(WORK[model], found)])


WORK: Final[Mapping[type[Model], str]] = {
    AutoTaskTemplate: "made_by",
    Booking: "booking",
    Property: "property",
    Task: "pk",
    TaskImage: "images",
}
"""By what tasks are found that belong to rows of a model."""


def _list_work(path: str, keys: Sequence[int]) -> list[int]:
    return list(Task._base_manager.filter(**{f"{path}__in": keys}).values_list("pk", flat=True))


def _list_lost_work(name: str, keys: Sequence[int]) -> list[int]:
    """Return the tasks that lost their reference to a row by its deletion, and get it back."""
    lost = DeletionJournal.objects.filter(model="api.task", field=name, old_key__in=map(str, keys))
    return [int(key) for key in lost.values_list("row_key", flat=True)]


def _lock(rows: "QuerySet[Any]", *, no_key: bool = True) -> None:
    """Lock rows; FOR NO KEY UPDATE, so that rows that only refer to them need not wait."""
    if _locks_rows(rows):
        list(rows.order_by("pk").select_for_update(no_key=no_key).values_list("pk"))


def _locks_rows(rows: "QuerySet[Any]") -> bool:
    """Return whether the database locks rows; SQLite has one writer at a time."""
    return bool(connections[rows.db].features.has_select_for_update)
