"""The operation of a phase that changes rows."""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from django_modernize.audit.locking import unlocked
from django_modernize.context import ChangeSource, change_context

from .ledger import Ledger

__all__ = ["Carry", "undo_records"]

Step = Callable[[Ledger], None]


def undo_records(ledger: Ledger) -> None:
    """Undo what the phase wrote down, and nothing else."""
    ledger.undo()


class Carry(Operation):
    """Carries rows over by a function, and back by another.

    Args:
        phase: The name under which the ledger keeps what the function does.
        forward: What is done.
        backward: What undoes it; by default what the ledger says.
    """

    reduces_to_sql = False
    reversible = True

    def __init__(self, phase: str, forward: Step, backward: Step = undo_records) -> None:
        self.phase = phase
        self.forward = forward
        self.backward = backward

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what makes the operation again in a migration file."""
        return type(self).__name__, [self.phase, self.forward, self.backward], {}

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Carry rows: {self.phase}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models as they are."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Carry the rows over."""
        # Rendered there, the models are there for the operations that follow.
        self._run(self.forward, schema_editor, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Carry the rows back."""
        self._run(self.backward, schema_editor, to_state)

    def _run(
        self, step: Step, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState
    ) -> None:
        connection = schema_editor.connection
        # Books that nobody may change are carried over as all else is, and the trail tells of it.
        told = change_context(source=ChangeSource.MIGRATION, reason=self.phase)
        with told, unlocked(connection.alias):
            step(Ledger(self.phase, state.apps, connection.alias))
        if connection.vendor == "postgresql":
            # It alters no table on which foreign keys are still to be judged.
            connection.check_constraints()
