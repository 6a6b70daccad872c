"""Asks for a trigger per tracked table and kind of change."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from ...triggers.declarations import Trigger
from ...triggers.vendors import find_vendor
from ..tracking import TrackedModel, get_tracked
from . import postgresql, sqlite
from .tables import CaptureTable, RecordedColumn

__all__ = ["AuditTriggers"]


class AuditTriggers:
    """The audit trail as one who wants triggers."""

    def required_tables(self) -> set[str]:
        """Return the table of events: without it, a trigger would make each write fail."""
        return {_event_model()._meta.db_table}

    def target_tables(self) -> set[str]:
        """Return the tables of the tracked models."""
        return {tracked.table for tracked in get_tracked()}

    def build_triggers(
        self, connection: BaseDatabaseWrapper, columns: Mapping[str, set[str]]
    ) -> Iterable[Trigger]:
        """Return three triggers for each tracked table."""
        build = {
            "postgresql": postgresql.build_triggers,
            "sqlite": sqlite.build_triggers,
        }[connection.vendor]
        event_table = find_vendor(connection).qualify_table(
            connection, _event_model()._meta.db_table
        )
        for tracked in get_tracked():
            present = columns.get(tracked.table, set())
            # Without its primary key a half-made table has no rows to tell apart.
            if tracked.key_column in present:
                table = _describe_table(connection, tracked, present, event_table)
                yield from build(connection, table)


def _describe_table(
    connection: BaseDatabaseWrapper, tracked: TrackedModel, present: set[str], event_table: str
) -> CaptureTable:
    """Return a tracked model as its vendor needs it, less the columns that are not there yet."""
    tracked.check_names()
    marker = getattr(tracked.model, "deletion_marker", None)
    deletion_column = tracked.column_of(marker) if marker else None
    return CaptureTable(
        table=tracked.table,
        label=tracked.label,
        event_table=event_table,
        primary_key=tracked.key_column,
        columns=tuple(
            _describe_column(connection, field, tracked)
            for field in tracked.recorded_fields
            if field.column in present
        ),
        deletion_column=deletion_column if deletion_column in present else None,
        actor_type=_event_model()._meta.get_field("actor").db_type(connection) or "text",
    )


def _describe_column(
    connection: BaseDatabaseWrapper, field: "Field[Any, Any]", tracked: TrackedModel
) -> RecordedColumn:
    return RecordedColumn(
        name=field.name,
        column=tracked.column_of(field.name),
        kind=_target_kind(field),
        database_type=field.db_type(connection) or "",
        is_masked=field.name in tracked.mask,
    )


def _target_kind(field: "Field[Any, Any]") -> str:
    while (target := getattr(field, "target_field", field)) is not field:
        field = target
    return field.get_internal_type()


def _event_model() -> type[Model]:
    return apps.get_model("modernize_audit", "AuditEvent")
