"""Add a constraint to a table with existing rows, after checking them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint
from django.db.migrations.state import ProjectState
from django.db.models import BaseConstraint, Model

from ..integrity import RowsBreakConstraint, find_breaches
from .batches import BATCH_SIZE, report_progress
from .quarantine import Quarantine
from .unlocked_constraints import add_unlocked, can_add_unlocked

__all__ = ["AddConstraintSafely"]


class AddConstraintSafely(AddConstraint):
    """Adds a constraint; reports the rows that violate it and stops, or moves them out of the way.

    In a migration with ``atomic = False``, PostgreSQL validates the rows or builds the index while
    others go on writing, and a run that was killed can be resumed. Rows are moved to a table named
    ``quarantine_`` and the constraint's name, each batch in a transaction of its own; the reverse
    operation puts them back. A row that others refer to is never moved: the operation stops.

    >>> AddConstraintSafely(
    ...     "Booking", Before("check_in", "check_out", name="booking_order"), quarantine=True
    ... )
    <AddConstraintSafely  model_name='Booking', constraint=<Before: ...>, quarantine=True>

    Args:
        model_name: The model, in the app of the migration.
        constraint: One of this library, a ``CheckConstraint`` or a ``UniqueConstraint``.
        quarantine: Whether to move the rows that violate it; otherwise an error names them.
        batch_size: How many rows to move at once.

    Costs one query that reads the table, one more after rows were moved, and two for each batch
    of them, in addition to the constraint itself.
    """

    def __init__(
        self,
        model_name: str,
        constraint: BaseConstraint,
        *,
        quarantine: bool = False,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}.")
        super().__init__(model_name, constraint)
        self.quarantine = quarantine
        self.batch_size = batch_size

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to recreate the operation."""
        options: dict[str, Any] = {"quarantine": True} if self.quarantine else {}
        if self.batch_size != BATCH_SIZE:
            options["batch_size"] = self.batch_size
        return type(self).__name__, [self.model_name, self.constraint], options

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Check the rows, then add the constraint.

        Raises:
            RowsBreakConstraint: Rows violate it, and moving them is disabled or impossible.
        """
        using = schema_editor.connection.alias
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(using, model):
            return
        # sqlmigrate does not read rows.
        if not schema_editor.collect_sql:
            self._make_way(f"{app_label}.{self.model_name}", model, using)
        if can_add_unlocked(self.constraint, schema_editor.connection):
            add_unlocked(self.constraint, model, schema_editor)
            return
        with transaction.atomic(using=using):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Remove the constraint, and put back the rows that were moved."""
        using = schema_editor.connection.alias
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(using, model):
            return
        with transaction.atomic(using=using):
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            store = Quarantine(self.constraint, model, using)
            if self.quarantine and not schema_editor.collect_sql and store.exists():
                store.move_out()
                store.drop_table()

    def _make_way(self, label: str, model: type[Model], using: str) -> None:
        keys = find_breaches(self.constraint, model, using)
        if keys and not self.quarantine:
            advice = "Fix them, or pass quarantine=True to move them to a table of their own."
            raise RowsBreakConstraint(self.constraint.name, label, keys, advice)
        store = Quarantine(self.constraint, model, using)
        if keys:
            store.create_table()
        while keys:
            self._move_rows(store, keys, label)
            # Rows that conflicted only with moved ones may stay. Find the rest of each chain.
            keys = find_breaches(self.constraint, model, using)

    def _move_rows(self, store: Quarantine, keys: list[Any], label: str) -> None:
        for first in range(0, len(keys), self.batch_size):
            batch = keys[first : first + self.batch_size]
            if held := store.list_held(batch):
                advice = "Other rows point to them, so they were not moved: fix them first."
                raise RowsBreakConstraint(self.constraint.name, label, held, advice)
            store.move_in(batch)
            report_progress(self, label, first + len(batch), len(keys), "moved")
        # PostgreSQL cannot alter a table with pending foreign key checks.
        store.connection.check_constraints()
