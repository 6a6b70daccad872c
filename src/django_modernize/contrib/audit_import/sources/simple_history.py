"""Reads django-simple-history's tables: a whole row for each change, a table for each model."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.db.models import Model, QuerySet

from django_modernize.audit.keys import render_key
from django_modernize.audit.models import AuditAction
from django_modernize.audit.recording import RecordedEvent

from .states import compare_snapshots, encode_known, find_previous, name_users

SOURCE: Final = "simple_history"

order: Final = ("history_date", "history_id")

ACTIONS: Final = {"+": AuditAction.CREATE, "~": AuditAction.UPDATE, "-": AuditAction.DELETE}


def list_tables(model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
    """Return the tables of historical rows."""
    return [
        table._base_manager.using(using).all()
        for table in apps.get_models()
        if hasattr(table, "history_type") and hasattr(table, "instance_type")
        if model is None or table.instance_type is model
    ]


def describe_records(records: list[Any], using: str) -> list[list[RecordedEvent]]:
    """Return an event for each row that differs from the one before, or tells of an end."""
    table = type(records[0])
    key = table.instance_type._meta.pk.attname
    previous = find_previous(records, table._base_manager.using(using).all(), order, (key,))
    users = name_users({record.history_user_id for record in records}, using)
    return [
        list(_describe_row(record, before, users))
        for record, before in zip(records, previous, strict=True)
    ]


def _describe_row(record: Any, before: Any, users: dict[Any, str]) -> Iterator[RecordedEvent]:
    action = ACTIONS[record.history_type]
    changes = compare_snapshots(
        action, None if before is None else _read_state(before), _read_state(record)
    )
    if not changes and action == AuditAction.UPDATE:
        return
    model = record.instance_type
    yield RecordedEvent(
        object_type=model._meta.label_lower,
        object_id=render_key(getattr(record, model._meta.pk.attname)),
        action=action,
        changes=changes,
        created_at=record.history_date,
        actor_id=record.history_user_id,
        actor_label=users.get(record.history_user_id, ""),
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
