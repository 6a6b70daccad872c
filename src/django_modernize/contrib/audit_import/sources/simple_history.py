"""Read the tables of django-simple-history: one per model, with a whole row per change."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db.models import Model, QuerySet

from django_modernize.audit.keys import render_key
from django_modernize.audit.models import AuditAction
from django_modernize.audit.recording import RecordedEvent

from . import require_tables
from .simple_history_links import LinkTables, read_links
from .states import KNOWN_STATE, compare_snapshots, encode_known, find_previous, name_users

SOURCE: Final = "simple_history"

order: Final = ("history_date", "history_id")

ACTIONS: Final = {"+": AuditAction.CREATE, "~": AuditAction.UPDATE, "-": AuditAction.DELETE}


def list_tables(model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
    """Return the tables of historical rows."""
    tables = [
        table._base_manager.using(using).all()
        for table in apps.get_models()
        if hasattr(table, "history_type") and hasattr(table, "instance_type")
        if model is None or table.instance_type is model
    ]
    return require_tables(tables, "HistoricalRecords()", model)


def describe_records(records: list[Any], using: str) -> list[list[RecordedEvent]]:
    """Return the events of each row: of its columns, and of each of its ``m2m_fields``.

    A row that differs from the one before in nothing has none, unless it tells of an end.
    """
    table = type(records[0])
    key = table.instance_type._meta.pk.attname
    previous = find_previous(records, table._base_manager.using(using).all(), order, (key,))
    users = name_users({record.history_user_id for record in records}, using)
    links = read_links([*records, *(before for before in previous if before is not None)], using)
    return [
        list(_describe_row(record, before, links, users.get(record.history_user_id, "")))
        for record, before in zip(records, previous, strict=True)
    ]


def _describe_row(
    record: Any, before: Any, links: LinkTables, user: str
) -> Iterator[RecordedEvent]:
    action = ACTIONS[record.history_type]
    changes = compare_snapshots(
        action, None if before is None else _read_state(before), _read_state(record)
    )
    if before is None and action == AuditAction.UPDATE:
        changes[KNOWN_STATE][1].update(links.list_keys(record))
        linked = []
    else:
        linked = [_describe(record, user, *change) for change in links.compare(before, record)]
    if action != AuditAction.DELETE:
        if changes or action == AuditAction.CREATE:
            yield _describe(record, user, action, changes)
        yield from linked
    else:
        # As the database does it: links go first.
        yield from linked
        yield _describe(record, user, action, changes)


def _describe(record: Any, user: str, action: str, changes: dict[str, list[Any]]) -> RecordedEvent:
    model = record.instance_type
    return RecordedEvent(
        object_type=model._meta.label_lower,
        object_id=render_key(getattr(record, model._meta.pk.attname)),
        action=action,
        changes=changes,
        created_at=record.history_date,
        actor_id=record.history_user_id,
        actor_label=user,
        source=SOURCE,
        reason=record.history_change_reason or "",
    )


def _read_state(record: Any) -> dict[str, Any]:
    own = {field.name: field for field in record.instance_type._meta.concrete_fields}
    return {
        field.name: encode_known(own[field.name], getattr(record, field.attname))
        for field in record.tracked_fields
        if field.name in own
    }
