"""Replace unique rules so that deleted rows no longer block a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import (
    AlterField,
    AlterUniqueTogether,
    RemoveConstraint,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Field, OneToOneField, UniqueConstraint

from ..integrity import RowsBreakConstraint, UniqueAlive, find_breaches
from .add_constraint_safely import AddConstraintSafely

__all__ = ["UniqueToAlive"]


class UniqueToAlive(Operation):
    """Replaces every uniqueness rule over its fields with a ``UniqueAlive``.

    ``unique=True``, ``unique_together`` and a ``UniqueConstraint`` over exactly these fields are
    removed, once the new constraint is in place: there is always one. In reverse, a deleted row may
    hold a value that a living one has taken since; the operation then names such rows and stops.

    >>> UniqueToAlive("House", UniqueAlive("name", name="house_unique_name"))
    <UniqueToAlive 'House', <UniqueAlive: ...>>

    Put it after the operations that add the fields of ``SoftDeleteMixin``, and write the constraint
    into ``Meta.constraints`` in place of the old rule; ``makemigrations`` then finds no changes.

    Args:
        model_name: The model, in the app of the migration.
        constraint: The new constraint, over fields given by name.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, constraint: UniqueAlive) -> None:
        self.model_name = model_name
        self.constraint = constraint

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name!r}, {self.constraint!r}>"

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to recreate the operation."""
        return type(self).__name__, [self.model_name, self.constraint], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the rules of the model."""
        for step in self._list_steps(app_label, state):
            step.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Add the new rule, then drop the old ones.

        Raises:
            RowsBreakConstraint: Live rows have equal values, for example if case is now ignored.
        """
        for step, before, after in self._walk_steps(app_label, from_state):
            step.database_forwards(app_label, schema_editor, before, after)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Add the old rules again, then drop the new one.

        Raises:
            RowsBreakConstraint: Deleted rows have the same values as others.
        """
        using = schema_editor.connection.alias
        model = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(using, model):
            return
        if not schema_editor.collect_sql:
            old = UniqueConstraint(fields=self.constraint.field_names, name=self.constraint.name)
            if keys := find_breaches(old, model, using):
                advice = "Change or purge the deleted rows, then migrate back."
                label = f"{app_label}.{self.model_name}"
                raise RowsBreakConstraint(f"unique {old.fields}", label, keys, advice)
        for step, before, after in reversed(list(self._walk_steps(app_label, to_state))):
            step.database_backwards(app_label, schema_editor, after, before)

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        names = ", ".join(self.constraint.field_names)
        return f"Let {names} of {self.model_name} be unique among live rows only"

    def references_model(self, name: str, app_label: str) -> bool:
        """Return whether the operation reads or writes a model."""
        return name.lower() == self.model_name.lower()

    @property
    def migration_name_fragment(self) -> str:
        """The name for a migration that has only this operation."""
        return f"{self.model_name.lower()}_{self.constraint.name.lower()}"

    def _walk_steps(
        self, app_label: str, state: ProjectState
    ) -> Iterator[tuple[Operation, ProjectState, ProjectState]]:
        """Yield the steps from a state, each with the states before and after it."""
        for step in self._list_steps(app_label, state):
            after = state.clone()
            step.state_forwards(app_label, after)
            yield step, state, after
            state = after

    def _list_steps(self, app_label: str, state: ProjectState) -> list[Operation]:
        model = state.models[app_label, self.model_name.lower()]
        old = list(self._drop_rules(model))
        if not old:
            names = ", ".join(self.constraint.field_names)
            raise ValueError(
                f"UniqueToAlive found no constraint that keeps {names} of {self.model_name} "
                "unique. If an earlier operation removes unique=True or the constraint, delete "
                "that operation: UniqueToAlive removes it itself. If there was none, use "
                "AddConstraintSafely."
            )
        return [AddConstraintSafely(self.model_name, self.constraint), *old]

    def _drop_rules(self, model: ModelState) -> Iterator[Operation]:
        names = set(self.constraint.field_names)
        for name in names if len(names) == 1 else ():
            field = model.fields[name]
            if field.unique:
                yield AlterField(self.model_name, name, _clone_without_unique(name, field))
        together = {tuple(one) for one in model.options.get("unique_together") or ()}
        kept = {one for one in together if set(one) != names}
        if kept != together:
            yield AlterUniqueTogether(self.model_name, kept)
        for found in model.options.get("constraints", []):
            is_old = isinstance(found, UniqueConstraint) and found.condition is None
            if is_old and set(found.fields) == names:
                yield RemoveConstraint(self.model_name, found.name)


def _clone_without_unique(name: str, field: Field[Any, Any]) -> Field[Any, Any]:
    if field.primary_key or isinstance(field, OneToOneField):
        raise ValueError(
            f"{name} is a {type(field).__name__}, which is always unique. Make it a ForeignKey "
            "first if a deleted row may share its value."
        )
    _name, _path, args, kwargs = field.deconstruct()
    return type(field)(*args, **{**kwargs, "unique": False})
