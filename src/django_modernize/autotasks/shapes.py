"""How the project's own tasks are written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q

__all__ = ["TaskShape"]


def insert_in_bulk(
    template: Model, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[Any]:
    """Insert rows with ``bulk_create()``, and return their keys in the same order.

    Args:
        template: An unsaved instance with only default values.
        names: The names of the given columns.
        rows: The values for each row.
    """
    model = type(template)
    made = model._base_manager.bulk_create(
        model(**dict(zip(names, row, strict=True))) for row in rows
    )
    return [one.pk for one in made]


@dataclass(frozen=True, kw_only=True)
class TaskShape:
    """How the project's tasks are written and read: the role of each of their fields."""

    due_at: str = "due_date"
    earliest: str | None = None
    """The task's field for the start of its window, if the project stores it."""

    latest: str | None = None
    """The task's field for the end of its window. Both are empty without a window."""

    title: str = "title"
    description: str = "description"

    subject: str | None = None
    """The task's foreign key to the subject, or ``None`` if it has none."""

    from_subject: Mapping[str, str] = field(default_factory=dict)
    """Maps columns of the task to paths from the subject: ``{"property_id": "property_id"}``."""

    from_template: Mapping[str, str] = field(default_factory=dict)
    """Maps columns of the task to attributes of the template: ``{"task_type": "task_type"}``."""

    assignee: str | None = None
    """The task's foreign key to the assignee, set from the template's ``assignee_id``."""

    rotation: str | None = None
    """The template's relation to people who take turns. It takes precedence over the assignee."""

    open: Q = field(default_factory=Q)
    """Which tasks automation may still change. Finished ones are left alone."""

    cancel: Mapping[str, Any] = field(default_factory=dict)
    """The values to set on a task that is no longer needed: ``{"status": "cancelled"}``."""

    reopen: Mapping[str, Any] = field(default_factory=dict)
    """The values to set on a cancelled task that is needed again: ``{"status": "pending"}``."""

    locked: str | None = None
    """The task's field with the list of fields set by a person, which automation leaves alone."""

    lock: Callable[[Sequence[Any]], None] | None = None
    """Called with the keys of the tasks that a run changes, before it does; it locks them until the
    transaction ends, in the order in which the project's own code locks tasks. Without it they are
    locked in the order of their keys."""

    insert: Callable[[Model, Sequence[str], Sequence[Sequence[Any]]], list[Any]] = insert_in_bulk
    """The function that inserts tasks and records. A project can provide a faster one."""

    judge: Callable[[Any, Sequence[Any] | None], None] | None = None
    """Called with a template to be stored from a file, and with the people who take turns, if the
    file lists them. It should raise ``ValidationError`` for people who may not do the work."""

    made: Callable[[Sequence[tuple[Any, Any]]], None] | None = None
    """Called with the key of each new task and its template, for example to add a checklist."""
