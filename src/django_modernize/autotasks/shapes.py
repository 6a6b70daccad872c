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
    """Insert rows by ``bulk_create()``, and return their keys in the same order.

    Args:
        template: An unsaved instance with nothing but defaults.
        names: The columns that are given.
        rows: Their values, row by row.
    """
    model = type(template)
    made = model._base_manager.bulk_create(
        model(**dict(zip(names, row, strict=True))) for row in rows
    )
    return [one.pk for one in made]


@dataclass(frozen=True, kw_only=True)
class TaskShape:
    """How the project's tasks are written and read: which of its fields hold what."""

    due_at: str = "due_date"
    earliest: str | None = None
    """The task's field of the instant from which on it may be done, where the project keeps it."""

    latest: str | None = None
    """That of the instant until which it may be done; both are empty without a window."""

    title: str = "title"
    description: str = "description"

    subject: str | None = None
    """The task's key to the subject, ``None`` if it has none."""

    from_subject: Mapping[str, str] = field(default_factory=dict)
    """Task's column to the subject's path: ``{"property_id": "property_id"}``."""

    from_template: Mapping[str, str] = field(default_factory=dict)
    """Task's column to the template's attribute: ``{"task_type": "task_type"}``."""

    assignee: str | None = None
    """The task's key to whoever does it, set from the template's ``assignee_id``."""

    rotation: str | None = None
    """The template's relation to people who take turns, before the assignee if there are any."""

    open: Q = field(default_factory=Q)
    """Which tasks automation may still touch; finished ones are left as they are."""

    cancel: Mapping[str, Any] = field(default_factory=dict)
    """What is written to a task that is no longer needed: ``{"status": "cancelled"}``."""

    reopen: Mapping[str, Any] = field(default_factory=dict)
    """What is written to a cancelled task that is needed again: ``{"status": "pending"}``."""

    locked: str | None = None
    """The task's field with the list of names that a person has set, and automation leaves."""

    insert: Callable[[Model, Sequence[str], Sequence[Sequence[Any]]], list[Any]] = insert_in_bulk
    """What inserts tasks and records; a project with a quicker way gives its own."""

    judge: Callable[[Any, Sequence[Any] | None], None] | None = None
    """Called with a template that is about to be stored from a file, and with the people who are to
    take turns, where the file names them. It raises ``ValidationError`` for people who may not do
    the work."""

    made: Callable[[Sequence[tuple[Any, Any]]], None] | None = None
    """Called with the key of each new task and its template, as to add a checklist."""
