"""The rule that was written into the legacy import, as a template with the tasks that it made."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Min, QuerySet

from .ledger import Ledger

__all__ = ["adopt_cleanings", "release_cleanings"]

TITLE: Final = "Pre-arrival Cleaning - "
SUBJECT: Final = "booking"
AHEAD: Final = timedelta(days=1)


def adopt_cleanings(ledger: Ledger) -> None:
    """Make the template where the legacy system has had bookings, and give it their tasks."""
    if not ledger.rows("Booking").exists():
        return
    template: Any = ledger.apps.get_model("api", "AutoTaskTemplate")(
        name="Pre-arrival Cleaning",
        is_active=_made_tasks(ledger),
        subject_key=SUBJECT,
        task_type="cleaning",
        anchor="check_in",
        offset=-AHEAD.days,
        title=TITLE + "{property_name}",
    )
    ledger.make([template], "The legacy import made a cleaning for each booking.")
    # An import made one for each booking; a later one of that title was made by hand.
    cleanings = ledger.rows("Task").filter(title__startswith=TITLE, booking__isnull=False)
    first = cleanings.order_by().values("booking").annotate(first=Min("pk")).values("first")
    tasks = ledger.rows("Task").filter(pk__in=first).select_related("booking", "property")
    for batch in ledger.batches(tasks):
        _adopt(ledger, template, batch)


def release_cleanings(ledger: Ledger) -> None:
    """Let go of the tasks, and take the template away unless somebody has changed it."""
    made = ledger.recorded("AutoTaskTemplate").order_by().values("object_id")
    tasks = ledger.rows("Task").filter(made_by__in=made)
    for batch in ledger.batches(tasks.select_related("booking", "property")):
        _release(ledger, batch)
    tasks.order_by().update(made_by=None)
    ledger.rows("AutoTaskRecord").order_by().filter(template__in=made)._raw_delete(ledger.using)
    ledger.undo()


def _made_tasks(ledger: Ledger) -> bool:
    templates = ledger.rows("BookingImportTemplate")
    return not templates.exists() or templates.filter(makes_tasks=True).exists()


def _adopt(ledger: Ledger, template: Any, tasks: list[Any]) -> None:
    model: Any = ledger.apps.get_model("api", "AutoTaskRecord")
    QuerySet(model, using=ledger.using).bulk_create(
        model(
            template=template,
            subject_key=SUBJECT,
            subject_id=str(task.booking_id),
            template_version=template.version,
            task=task,
            due_at=task.due_date,
        )
        for task in tasks
    )
    rows = ledger.rows("Task").order_by()
    rows.filter(pk__in=[task.pk for task in tasks]).update(made_by=template)
    changed = []
    for task in tasks:
        task.locked_fields = _list_own_values(task)
        if task.locked_fields:
            changed.append(task)
    if changed:
        rows.bulk_update(changed, ["locked_fields"])


def _release(ledger: Ledger, tasks: list[Any]) -> None:
    """Forget what was locked because it differs; what somebody has locked since stays."""
    ours = [task for task in tasks if task.locked_fields == _list_own_values(task) != []]
    for task in ours:
        task.locked_fields = []
    if ours:
        ledger.rows("Task").bulk_update(ours, ["locked_fields"])


def _list_own_values(task: Any) -> list[str]:
    """Return the fields in which a task differs from what the template would make."""
    made = {
        "title": TITLE + task.property.name,
        "due_date": task.booking.check_in - AHEAD if task.booking else None,
        "assigned_to": None,
    }
    return [name for name, value in made.items() if getattr(task, name) != value]
