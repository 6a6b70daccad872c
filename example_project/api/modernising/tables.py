"""Makes one table what another state of its model says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import AddIndex
from django.db.models import Field, Model

from django_modernize.triggers.connection import find_watcher
from django_modernize.triggers.installer import drop_triggers, synchronize_triggers

__all__ = ["TableChange", "triggers_aside"]


@contextmanager
def triggers_aside(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take all triggers away for a block that copies tables, and make them once after it.

    Else they would go and come for each table, with those of all tables that point to it. On
    PostgreSQL, which copies none, they stay. After an error it is the transaction that brings them
    back.
    """
    if connection.vendor != "sqlite":
        yield
        return
    drop_triggers(connection)
    watcher = find_watcher(connection)
    connection.execute_wrappers.remove(watcher)
    try:
        yield
    finally:
        connection.execute_wrappers.insert(0, watcher)
        watcher.delivery.change_schema()
    synchronize_triggers(connection)


class TableChange:
    """How a table differs between two states of its model.

    Args:
        schema_editor: Of the database.
        old: The model as the table is.
        new: The model as it is to be.
        renames: New names of fields to their old ones.
    """

    def __init__(
        self, schema_editor: Any, old: type[Model], new: type[Model], renames: Mapping[str, str]
    ) -> None:
        self.editor = schema_editor
        self.old = old
        self.new = new
        before = {field.name: field for field in old._meta.local_concrete_fields}
        self.fields = new._meta.local_concrete_fields
        self.pairs: dict[str, Field[Any, Any]] = {
            field.name: before[source]
            for field in self.fields
            if (source := renames.get(field.name, field.name)) in before
        }
        kept = {field.name for field in self.pairs.values()}
        self.added = [field for field in self.fields if field.name not in self.pairs]
        self.removed = [field for name, field in before.items() if name not in kept]
        self.altered = [
            (self.pairs[field.name], field)
            for field in self.fields
            if field.name in self.pairs
            and schema_editor._field_should_be_altered(self.pairs[field.name], field)
        ]

    def apply(self, *, added: Sequence[Any] = (), removed: Sequence[Any] = ()) -> None:
        """Change the table.

        Args:
            added: The operations whose constraints and indexes are new.
            removed: Those whose constraints and indexes go.
        """
        self._drop_links()
        if self.editor.connection.vendor == "sqlite" and not self._is_cheap(added, removed):
            self._rebuild_table()
        else:
            self._alter_table(added, removed)
        self._make_links()

    def _is_cheap(self, *rules: Sequence[Any]) -> bool:
        """Tell whether SQLite can do it without a copy of the table."""
        return (
            not self.altered
            and not any(map(len, rules))
            and all(map(_can_be_added, self.added))
            and all(map(_can_be_dropped, self.removed))
        )

    def _alter_table(self, added: Sequence[Any], removed: Sequence[Any]) -> None:
        for rule in removed:
            if isinstance(rule, AddIndex):
                self.editor.remove_index(self.old, rule.index)
            else:
                self.editor.remove_constraint(self.old, rule.constraint)
        for before, after in self.altered:
            self.editor.alter_field(self.old, before, after)
        for field in self.added:
            self.editor.add_field(self.new, field)
        for field in self.removed:
            self.editor.remove_field(self.old, field)
        for rule in added:
            if isinstance(rule, AddIndex):
                self.editor.add_index(self.new, rule.index)
            else:
                self.editor.add_constraint(self.new, rule.constraint)

    def _rebuild_table(self) -> None:
        """Make the new table beside the old one, copy the rows, put it in the old one's place."""
        quote = self.editor.quote_name
        table = self.old._meta.db_table
        temporary = f"new__{table}"
        links, self.new._meta.local_many_to_many = self.new._meta.local_many_to_many, []
        self.new._meta.db_table = temporary
        try:
            self.editor.create_model(self.new)
            columns = {quote(field.column): self._render_source(field) for field in self.fields}
            self.editor.execute(
                f"INSERT INTO {quote(temporary)} ({', '.join(columns)}) "  # noqa: S608 - quoted
                f"SELECT {', '.join(columns.values())} FROM {quote(table)}"
            )
            self.editor.delete_model(self.old, handle_autom2m=False)
            self.editor.alter_db_table(self.new, temporary, table)
        finally:
            self.new._meta.db_table = table
            self.new._meta.local_many_to_many = links
        for statement in self.editor.deferred_sql:
            self.editor.execute(statement)
        self.editor.deferred_sql = []

    def _render_source(self, field: Field[Any, Any]) -> str:
        """Return what a column gets: the old one, or the default where there is none."""
        default: str = self.editor.prepare_default(self.editor.effective_default(field))
        before = self.pairs.get(field.name)
        if before is None:
            return default
        column: str = self.editor.quote_name(before.column)
        return f"coalesce({column}, {default})" if before.null and not field.null else column

    def _drop_links(self) -> None:
        for name in _list_links(self.old).keys() - _list_links(self.new):
            self.editor.delete_model(_list_links(self.old)[name])

    def _make_links(self) -> None:
        for name in _list_links(self.new).keys() - _list_links(self.old):
            self.editor.create_model(_list_links(self.new)[name])


def _list_links(model: type[Model]) -> dict[str, Any]:
    """Return the tables that Django makes for the model's many-to-many relations."""
    return {
        field.name: through
        for field in model._meta.local_many_to_many
        if (through := field.remote_field.through) is not None and through._meta.auto_created
    }


def _can_be_added(field: Field[Any, Any]) -> bool:
    return bool(field.null) and not field.unique and not field.has_default()


def _can_be_dropped(field: Any) -> bool:
    return not (field.unique or field.db_index or field.is_relation)
