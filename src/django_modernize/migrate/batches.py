"""The base of operations that migrate data: batches, resuming and progress."""

import logging
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

__all__ = ["BATCH_SIZE", "BatchOperation", "report_progress"]

BATCH_SIZE: Final = 1_000

LOGGER: Final = logging.getLogger("django_modernize.migrate")


class BatchOperation(ABC, Operation):
    """Processes the rows of a model in batches, forwards and backwards.

    A batch does only what is not done yet, so an interrupted run can be resumed. In a migration
    with ``atomic = False`` each batch is a transaction of its own, and a big table is never locked
    for long; in any other, all batches are one transaction, which a kill rolls back.

    Progress goes to the logger ``django_modernize.migrate``, and to the terminal if there is one.

    Args:
        model_name: The model, in the app of the migration.
        batch_size: How many rows to read at once.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, model_name: str, *, batch_size: int = BATCH_SIZE) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}.")
        self.model_name = model_name
        self.batch_size = batch_size

    @abstractmethod
    def carry_over(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Migrate a batch forwards, within a transaction."""

    @abstractmethod
    def carry_back(self, rows: list[Model], state: ProjectState, using: str) -> None:
        """Migrate a batch backwards, within a transaction."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models unchanged."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Migrate every row forwards."""
        using = schema_editor.connection.alias
        for rows in self._read_batches(app_label, from_state, using, "carried over"):
            with transaction.atomic(using=using):
                self.carry_over(rows, from_state, using)
        _judge_keys(schema_editor.connection)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Migrate every row backwards."""
        using = schema_editor.connection.alias
        for rows in self._read_batches(app_label, to_state, using, "carried back"):
            with transaction.atomic(using=using):
                self.carry_back(rows, to_state, using)
        _judge_keys(schema_editor.connection)

    def references_model(self, name: str, app_label: str) -> bool:
        """Return whether the operation reads or writes a model."""
        return name.lower() == self.model_name.lower()

    @property
    def migration_name_fragment(self) -> str:
        """The name for a migration that has only this operation."""
        return f"{self.model_name.lower()}_{type(self).__name__.lower()}"

    def _read_batches(
        self, app_label: str, state: ProjectState, using: str, verb: str
    ) -> Iterator[list[Model]]:
        """Yield the rows ordered by primary key, so that none is read twice or skipped."""
        model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(using, model):
            return
        # Read all rows, since the default manager may hide some.
        rows = model._base_manager.using(using).order_by("pk")
        total, done = rows.count(), 0
        batch = list(rows[: self.batch_size])
        while batch:
            yield batch
            done += len(batch)
            report_progress(self, f"{app_label}.{self.model_name}", done, total, verb)
            batch = list(rows.filter(pk__gt=batch[-1].pk)[: self.batch_size])


def _judge_keys(connection: BaseDatabaseWrapper) -> None:
    """Check foreign keys now, since PostgreSQL cannot alter a table with pending checks."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.check_constraints()


def report_progress(operation: Operation, model: str, done: int, total: int, verb: str) -> None:
    """Report the progress of an operation to the log, and to the terminal if there is one."""
    message = f"{type(operation).__name__} {model}: {done:,} of {total:,} rows {verb}"
    LOGGER.info(message)
    if sys.stderr.isatty():
        print(f"\r  {message}", end="" if done < total else "\n", file=sys.stderr)  # noqa: T201
