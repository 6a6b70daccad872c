"""The provider of triggers for the tracked tables and the trail itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model

from ...triggers.catalogue import Catalogue
from ...triggers.declarations import Trigger
from ...triggers.sqlite_slot import SLOT_TABLE
from ...triggers.vendors import find_vendor
from ..masking import HASH_KEY_TABLE, MaskKind, find_secret
from ..tracking import TrackedLink, TrackedModel, get_tracked, wants_hashes
from . import postgresql, sqlite
from .tables import CaptureLink, CaptureTable, EventTables, RecordedColumn

__all__ = ["AuditTriggers"]

BUILDERS: Final[dict[str, ModuleType]] = {"postgresql": postgresql, "sqlite": sqlite}

Columns = Mapping[str, set[str]]


class AuditTriggers:
    """The trigger provider of the audit trail."""

    def required_tables(self) -> set[str]:
        """Return the tables of events, without which a trigger would make every write fail."""
        return {_audit_model(name)._meta.db_table for name in ("AuditEvent", "AuditContext")}

    def target_tables(self) -> set[str]:
        """Return the tables of the tracked models and their links, and those of the trail."""
        tracked = get_tracked()
        return {
            *(model.table for model in tracked),
            *(link.table for model in tracked for link in model.links),
            *self._trail_tables(),
            SLOT_TABLE,
        }

    def find_readers(self, tables: set[str]) -> set[str]:
        """Return nothing: all triggers read the required tables alone."""
        return set()

    def list_sources(self, tables: set[str]) -> set[str]:
        """Return nothing: all triggers read the required tables alone."""
        return set()

    def build_triggers(
        self,
        connection: BaseDatabaseWrapper,
        columns: Columns,
        catalogue: Catalogue,
    ) -> Iterable[Trigger]:
        """Return the triggers for the given tables."""
        builder = BUILDERS[connection.vendor]
        events = self._describe_event_tables(connection, catalogue)
        heirs = catalogue.list_heirs(columns.keys())
        trail = self._trail_tables() & columns.keys()
        # A statement that names a part of the trail does not run the guard of the whole.
        for name in (*trail, *(heir for heir, above in heirs.items() if above in trail)):
            yield from builder.build_guards(connection, name)
        yield from builder.build_support(connection, events, columns)
        for tracked in get_tracked():
            for table in _describe_table(connection, tracked, columns, events):
                yield from builder.build_triggers(connection, table, events)
                for heir in (name for name, above in heirs.items() if above == table.table):
                    same = replace(table, table=heir)
                    yield from builder.build_triggers(connection, same, events)
            for link in _describe_links(connection, tracked, columns, events):
                yield from builder.build_link_triggers(connection, link, events)

    def _trail_tables(self) -> set[str]:
        models = apps.get_app_config("modernize_audit").get_models()
        return {HASH_KEY_TABLE, *(model._meta.db_table for model in models)}

    def _describe_event_tables(
        self, connection: BaseDatabaseWrapper, catalogue: Catalogue
    ) -> EventTables:
        contexts = _audit_model("AuditContext")._meta.db_table
        return EventTables(
            events=catalogue.names[_audit_model("AuditEvent")._meta.db_table],
            contexts=catalogue.names[contexts],
            context_sequence=find_vendor(connection).find_sequence(connection, contexts),
            actor_type=_audit_model("AuditEvent")._meta.get_field("actor").db_type(connection)
            or "text",
            secret=find_secret(connection) if wants_hashes() else None,
        )


def _describe_table(
    connection: BaseDatabaseWrapper, tracked: TrackedModel, columns: Columns, events: EventTables
) -> Iterator[CaptureTable]:
    """Yield a tracked model as its vendor needs it, less the columns that are not there yet."""
    tracked.check_names()
    present = columns.get(tracked.table, set())
    # Without its primary key a half-made table has no rows to tell apart.
    if not {field.column for field in tracked.key_fields} <= present:
        return
    marker = getattr(tracked.model, "deletion_marker", None)
    deletion_column = tracked.column_of(marker) if marker else None
    yield CaptureTable(
        table=tracked.table,
        label=tracked.label,
        keys=tuple(_describe_column(connection, field) for field in tracked.key_fields),
        columns=tuple(
            _describe_column(connection, field, mask=_choose_mask(tracked, field.name, events))
            for field in tracked.recorded_fields
            if field.column in present
        ),
        deletion_column=deletion_column if deletion_column in present else None,
    )


def _describe_links(
    connection: BaseDatabaseWrapper, tracked: TrackedModel, columns: Columns, events: EventTables
) -> Iterator[CaptureLink]:
    for link in tracked.links:
        if {link.owner_column, link.target_column} <= columns.get(link.table, set()):
            yield _describe_link(connection, tracked, link, events)


def _describe_link(
    connection: BaseDatabaseWrapper,
    tracked: TrackedModel,
    link: TrackedLink,
    events: EventTables,
) -> CaptureLink:
    return CaptureLink(
        table=link.table,
        label=tracked.label,
        name=link.name,
        owner=_describe_column(connection, link.owner_key, column=link.owner_column),
        target=_describe_column(
            connection,
            link.target_key,
            column=link.target_column,
            mask=_choose_mask(tracked, link.name, events),
        ),
    )


def _describe_column(
    connection: BaseDatabaseWrapper,
    field: "Field[Any, Any]",
    *,
    column: str = "",
    mask: MaskKind | None = None,
) -> RecordedColumn:
    return RecordedColumn(
        name=field.name,
        column=column or field.column or "",
        kind=_target_kind(field),
        database_type=field.db_type(connection) or "",
        mask=mask,
    )


def _choose_mask(tracked: TrackedModel, name: str, events: EventTables) -> MaskKind | None:
    """Return how a field is masked: with stars if the database has no hash key."""
    kind = tracked.mask.get(name)
    return MaskKind.STARS if kind and not events.secret else kind


def _target_kind(field: "Field[Any, Any]") -> str:
    while (target := getattr(field, "target_field", field)) is not field:
        field = target
    return field.get_internal_type()


def _audit_model(name: str) -> type[Model]:
    return apps.get_model("modernize_audit", name)
