"""Tasks in the house of their booking, and their links as rows of their own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from .houses import house_homeless
from .ledger import Ledger, Repair

__all__ = ["bring_tasks_home", "carry_links_back", "carry_links_over"]

LINK: Final = "Task_depends_on"
"""The table that Django made for the legacy many-to-many relation."""


def bring_tasks_home(ledger: Ledger) -> None:
    """Give every task a house: that of its booking where it has one."""
    ledger.change(_follow_bookings(ledger))
    house_homeless(ledger, "Task")


def carry_links_over(ledger: Ledger) -> None:
    """Copy the links between tasks; those that close a circle are set aside."""
    links = ledger.rows(LINK)
    ledger.set_aside(list(_find_circles(links)), "The tasks would wait for one another.")
    model: Any = ledger.apps.get_model("api", "TaskDependency")
    for batch in ledger.batches(links):
        QuerySet(model, using=ledger.using).bulk_create(
            model(task_id=link.from_task_id, needed_id=link.to_task_id) for link in batch
        )


def carry_links_back(ledger: Ledger) -> None:
    """Copy the living links back, with those that close circles."""
    model: Any = ledger.apps.get_model("api", LINK)
    kept = ledger.rows("TaskDependency").filter(deleted_at__isnull=True)
    for batch in ledger.batches(kept):
        QuerySet(model, using=ledger.using).bulk_create(
            model(from_task_id=link.task_id, to_task_id=link.needed_id) for link in batch
        )
    records = ledger.recorded(LINK)
    # Numbered anew, as the others are.
    QuerySet(model, using=ledger.using).bulk_create(
        model(from_task_id=one.old["from_task_id"], to_task_id=one.old["to_task_id"])
        for one in records
    )
    records.order_by().delete()


def _follow_bookings(ledger: Ledger) -> Iterator[Repair]:
    strays = ledger.rows("Task").filter(booking__isnull=False)
    strays = strays.filter(Q(property=None) | ~Q(property=F("booking__property")))
    for row in ledger.read(strays.select_related("booking")):
        reason = f"Its booking {row.booking_id} is in that house."
        yield Repair(row, {"property_id": row.booking.property_id}, reason)


def _find_circles(links: QuerySet[Any]) -> Iterator[Any]:
    """Yield each link over which a task would wait for itself by way of those before it."""
    needed: defaultdict[Any, set[Any]] = defaultdict(set)
    for link in list(links):
        if _leads_to(link.to_task_id, link.from_task_id, needed):
            yield link
        else:
            needed[link.from_task_id].add(link.to_task_id)


def _leads_to(start: Any, wanted: Any, needed: Mapping[Any, set[Any]]) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        task = waiting.pop()
        if task == wanted:
            return True
        if task not in seen:
            seen.add(task)
            waiting.extend(needed.get(task, ()))
    return False
