"""An index of the changes of one field, for fields that rarely change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Index, Q

from ..audit.expressions import mentions_field
from ..audit.models import AuditEvent
from ..audit.partitions.catalog import EVENT_TABLE, read_layout
from ..triggers.identifiers import digest_name

__all__ = ["IndexChanges"]

DROP: Final = "DROP INDEX IF EXISTS {0}"

DROP_BROKEN: Final = "DROP INDEX CONCURRENTLY IF EXISTS {0}"


class IndexChanges(Operation):
    """Adds an index of the events that mention one field of a model.

    ``AuditEvent.objects.for_model(Booking).changed("commission")`` then reads only these events,
    with or without a value to look for; without the index, a search with few results reads the
    whole trail. Creations and deletions mention every field, so the index includes them.

    >>> IndexChanges("Booking", "commission")
    <IndexChanges 'Booking', 'commission'>

    The migration has to depend on ``("modernize_audit", "0005_block_ranges")``. With
    ``atomic = False``, PostgreSQL builds the index without blocking writers.

    Args:
        model_name: The model, in the app of the migration.
        field_name: The field's name in the events; for events from before a renaming, the old one.

    Costs one scan of the trail.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, field_name: str) -> None:
        if not field_name.isidentifier():
            raise ValueError(f"{field_name!r} is not a field name.")
        self.model_name = model_name
        self.field_name = field_name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.model_name!r}, {self.field_name!r}>"

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        """Return what a migration needs to recreate the operation."""
        return type(self).__name__, [self.model_name, self.field_name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the models unchanged, since the index is on the table of events."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the index."""
        if self.allow_migrate_model(schema_editor.connection.alias, AuditEvent):
            index = self._build_index(app_label, schema_editor.connection.vendor)
            for statement in _list_statements(index, schema_editor):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the index."""
        if self.allow_migrate_model(schema_editor.connection.alias, AuditEvent):
            index = self._build_index(app_label, schema_editor.connection.vendor)
            schema_editor.execute(DROP.format(schema_editor.quote_name(index.name)))

    def describe(self) -> str:
        """Return what ``migrate`` prints."""
        return f"Index the events that tell of {self.field_name} of {self.model_name}"

    @property
    def migration_name_fragment(self) -> str:
        """The name for a migration that has only this operation."""
        return f"index_changes_{self.model_name.lower()}_{self.field_name.lower()}"

    def _build_index(self, app_label: str, vendor: str) -> Index:
        label = f"{app_label}.{self.model_name.lower()}"
        return Index(
            # The order in which events are read, so that no sorting is needed.
            fields=["id"],
            # Exactly the condition of for_model() and changed(), or no planner would use it.
            condition=Q(object_type=label) & mentions_field(self.field_name, vendor),
            name=f"modernize_changed_{digest_name(f'{label}.{self.field_name}')}",
        )


def _list_statements(index: Index, schema_editor: BaseDatabaseSchemaEditor) -> Iterator[str]:
    create = str(index.create_sql(AuditEvent, schema_editor))
    create = create.replace("INDEX", "INDEX IF NOT EXISTS", 1)
    connection = schema_editor.connection
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield create
        return
    layout = None if schema_editor.collect_sql else read_layout(connection)
    quote = schema_editor.quote_name
    concurrently = create.replace("INDEX IF NOT EXISTS", "INDEX CONCURRENTLY", 1)
    if layout is None:
        # An interrupted run may have left an invalid index.
        yield DROP_BROKEN.format(quote(index.name))
        yield concurrently
        return
    yield DROP.format(quote(index.name))
    for partition in layout.partitions:
        name = f"{index.name}_{digest_name(partition.name)}"
        yield DROP_BROKEN.format(quote(name))
        yield concurrently.replace(quote(index.name), quote(name), 1).replace(
            quote(EVENT_TABLE), quote(partition.name), 1
        )
    # This attaches the indexes of the partitions, so it only waits for writers.
    yield create
