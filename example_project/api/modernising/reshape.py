"""Changes tables as one step: models are rendered once, and a table is copied once at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterModelManagers,
    AlterModelOptions,
    CreateModel,
    RemoveField,
    RenameField,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

from .tables import TableChange, triggers_aside

__all__ = ["Reshape"]

FieldStep = AddField | AlterField | RemoveField | RenameField
RuleStep = AddConstraint | AddIndex
Step = CreateModel | FieldStep | RuleStep | AlterModelManagers | AlterModelOptions


class Reshape(Operation):
    """Makes models, and changes fields, constraints and indexes of others, all at once.

    SQLite copies a table for most changes of a column, and Django renders the models anew for each
    operation: together both are done once. PostgreSQL alters each column in place. What is done
    to the tables follows from the models before and after, so the steps need no order.

    Args:
        *steps: Django's operations on models, fields and rules. A field is renamed once at most.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, *steps: Step) -> None:
        self.steps = steps

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what makes the operation again in a migration file."""
        return type(self).__name__, list(self.steps), {}

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Change {', '.join([*self._list_made(), *self._list_changed()])}"

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the models."""
        rendered = state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)
        if rendered is not None:
            # Once, not after every step; states that are copied from this one share it.
            _rendered = state.apps

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the new tables, then change the others."""
        renames = {
            (step.model_name_lower, step.new_name): step.old_name
            for step in self.steps
            if isinstance(step, RenameField)
        }
        with triggers_aside(schema_editor.connection):
            for name in self._list_made():
                schema_editor.create_model(to_state.apps.get_model(app_label, name))
            for name, old, new in self._read_models(app_label, from_state, to_state):
                change = TableChange(schema_editor, old, new, _select(renames, name))
                change.apply(added=self._list_rules(name))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Change the tables back, then drop the new ones."""
        renames = {
            (step.model_name_lower, step.old_name): step.new_name
            for step in self.steps
            if isinstance(step, RenameField)
        }
        with triggers_aside(schema_editor.connection):
            for name, old, new in self._read_models(app_label, from_state, to_state):
                change = TableChange(schema_editor, old, new, _select(renames, name))
                change.apply(removed=self._list_rules(name))
            for name in reversed(self._list_made()):
                schema_editor.delete_model(from_state.apps.get_model(app_label, name))

    def references_model(self, name: str, app_label: str) -> bool:
        """Say whether the operation changes a model."""
        return name.lower() in {*self._list_made(), *self._list_changed()}

    def _list_made(self) -> list[str]:
        return [step.name_lower for step in self.steps if isinstance(step, CreateModel)]

    def _list_changed(self) -> list[str]:
        names = [
            step.model_name.lower() for step in self.steps if isinstance(step, FieldStep | RuleStep)
        ]
        return list(dict.fromkeys(names))

    def _list_rules(self, name: str) -> list[RuleStep]:
        return [
            step
            for step in self.steps
            if isinstance(step, RuleStep) and step.model_name.lower() == name
        ]

    def _read_models(
        self, app_label: str, from_state: ProjectState, to_state: ProjectState
    ) -> Iterator[tuple[str, type[Model], type[Model]]]:
        for name in self._list_changed():
            old = from_state.apps.get_model(app_label, name)
            yield name, old, to_state.apps.get_model(app_label, name)


def _select(renames: dict[tuple[str, str], str], model_name: str) -> dict[str, str]:
    return {new: old for (name, new), old in renames.items() if name == model_name}
