"""Read django-pghistory's event tables: a whole row for each event, with its context."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import pghistory
from django.apps import apps
from django.db.models import Model, QuerySet
from pghistory.models import Context, Event

from django_modernize.audit.keys import render_key
from django_modernize.audit.models import AuditAction
from django_modernize.audit.recording import RecordedEvent

from . import SourceError, require_tables
from .states import compare_snapshots, encode_known, find_previous, name_users

SOURCE: Final = "pghistory"

order: Final = ("pgh_id",)

KINDS: Final = (
    (pghistory.InsertEvent, AuditAction.CREATE),
    (pghistory.UpdateEvent, AuditAction.UPDATE),
    (pghistory.DeleteEvent, AuditAction.DELETE),
)


def list_tables(model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
    """Return the event tables."""
    candidates: list[Any] = apps.get_models()
    tables = [
        table
        for table in candidates
        if issubclass(table, Event) and table.pgh_tracked_model is not None
        if not table._meta.proxy and (model is None or table.pgh_tracked_model is model)
    ]
    for table in tables:
        _refuse_old_rows(table)
    rows = [table._base_manager.using(using).all() for table in tables]
    return require_tables(rows, "@pghistory.track()", model)


def describe_records(records: list[Any], using: str) -> list[list[RecordedEvent]]:
    """Return an event for each row; of one that tells of nothing new, where it has a label."""
    table = type(records[0])
    same = "pgh_obj_id" if hasattr(table, "pgh_obj") else table.pgh_tracked_model._meta.pk.attname
    previous = find_previous(records, table._base_manager.using(using).all(), order, (same,))
    contexts = _read_contexts(records, using)
    users = name_users({said.get("user") for _number, said in contexts.values()}, using)
    return [
        list(_describe_event(record, before, same, contexts.get(record.pk), users))
        for record, before in zip(records, previous, strict=True)
    ]


def _refuse_old_rows(table: Any) -> None:
    """Refuse a table whose updates hold the row as it was before."""
    for tracker in table.pgh_trackers or ():
        if isinstance(tracker, pghistory.UpdateEvent) and "OLD" in str(tracker.row).upper():
            raise SourceError(
                f"{table._meta.label} keeps the old row on update ({tracker.label!r}), which does "
                "not show what it was changed to. Choose other models with --model."
            )


def _read_contexts(records: list[Any], using: str) -> dict[Any, tuple[UUID | None, dict[str, Any]]]:
    """Return each record's context, where it has one: its number and what it says."""
    if not hasattr(type(records[0]), "pgh_context"):
        return {}
    numbers = {getattr(record, "pgh_context_id", None) for record in records} - {None}
    shared = Context._base_manager.using(using)
    is_key = type(records[0])._meta.get_field("pgh_context").is_relation
    said = dict(shared.filter(pk__in=numbers).values_list("pk", "metadata")) if is_key else {}
    contexts = {}
    for record in records:
        number = getattr(record, "pgh_context_id", None)
        metadata = said.get(number) if is_key else record.pgh_context
        if metadata is not None:
            contexts[record.pk] = (number, metadata)
    return contexts


def _describe_event(
    record: Any,
    before: Any,
    same: str,
    context: tuple[UUID | None, dict[str, Any]] | None,
    users: Mapping[Any, str],
) -> Iterator[RecordedEvent]:
    action = _find_action(record)
    changes = compare_snapshots(
        action, None if before is None else _read_state(before), _read_state(record)
    )
    number, said = (None, {}) if context is None else context
    reasons = [f"{name}: {value}" for name, value in said.items() if name != "user"]
    if action is None:
        reasons.insert(0, record.pgh_label)
    elif not changes and action == AuditAction.UPDATE:
        return
    yield RecordedEvent(
        object_type=record.pgh_tracked_model._meta.label_lower,
        object_id=render_key(getattr(record, same)),
        action=action or AuditAction.UPDATE,
        changes=changes,
        created_at=record.pgh_created_at,
        actor_id=said.get("user"),
        actor_label=users.get(said.get("user"), ""),
        source=SOURCE,
        reason=", ".join(reasons),
        request_id=number,
    )


def _find_action(record: Any) -> AuditAction | None:
    """Return what an event's label means, ``None`` for one of the project's own."""
    for tracker in record.pgh_trackers or ():
        if tracker.label == record.pgh_label:
            return next((action for kind, action in KINDS if isinstance(tracker, kind)), None)
    return None


def _read_state(record: Any) -> dict[str, Any]:
    own = {field.name: field for field in record.pgh_tracked_model._meta.concrete_fields}
    return {
        field.name: encode_known(own[field.name], getattr(record, field.attname))
        for field in record._meta.concrete_fields
        if field.name in own
    }
