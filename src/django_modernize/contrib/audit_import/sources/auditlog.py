"""Read django-auditlog's ``LogEntry``: differences as text, in one table for all models.

``AUDITLOG_LOGENTRY_MODEL`` may name a model of the project's own (since 3.4), with more fields.
"""

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import auditlog
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from django_modernize.audit.masking import STARS
from django_modernize.audit.models import AuditAction
from django_modernize.audit.recording import RecordedEvent, is_hidden
from django_modernize.audit.values import find_field

from .states import encode_known

SOURCE: Final = "auditlog"

order: Final = ("pk",)

ACTIONS: Final = {
    LogEntry.Action.CREATE: AuditAction.CREATE,
    LogEntry.Action.UPDATE: AuditAction.UPDATE,
    LogEntry.Action.DELETE: AuditAction.DELETE,
}
"""An access is no change, and is left out."""

NOTHING: Final = "None"

USUAL_FIELDS: Final = frozenset(field.name for field in LogEntry._meta.concrete_fields)

EMPTY: Final = (None, "")


def list_tables(model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
    """Return the one table of entries."""
    entries = find_entry_model()._base_manager.using(using)
    entries = entries.select_related("actor", "content_type")
    if model is None:
        return [entries]
    content_type = ContentType.objects.db_manager(using).get_for_model(model)
    return [entries.filter(content_type=content_type)]


def describe_records(records: list[Any], using: str) -> list[list[RecordedEvent]]:
    """Return an event for each entry that tells of a change."""
    return [[_describe_entry(entry)] if entry.action in ACTIONS else [] for entry in records]


def _describe_entry(entry: Any) -> RecordedEvent:
    label = f"{entry.content_type.app_label}.{entry.content_type.model}"
    known = entry.changes or {}
    return RecordedEvent(
        object_type=label,
        object_id=entry.object_pk,
        action=ACTIONS[entry.action],
        changes=dict(_read_change(label, name, change) for name, change in known.items()),
        created_at=entry.timestamp,
        actor_id=entry.actor_id,
        actor_label=(entry.actor.get_username() if entry.actor else entry.actor_email or "")[:150],
        source=SOURCE,
        reason=_render_reason(entry),
        request_id=_read_correlation(entry.cid),
        ip_address=entry.remote_addr,
    )


def find_entry_model() -> Any:
    """Return the model of entries: that of the settings, where django-auditlog knows of it."""
    find = getattr(auditlog, "get_logentry_model", None)
    return find() if find else LogEntry


def _render_reason(entry: Any) -> str:
    """Return what an entry says besides, as JSON: its additional data, and fields of one's own."""
    own = {
        field.name: encode_known(field, getattr(entry, field.attname))
        for field in type(entry)._meta.concrete_fields
        if field.name not in USUAL_FIELDS and getattr(entry, field.attname) not in EMPTY
    }
    data = entry.additional_data
    if own and data:
        data = {**data, **own} if isinstance(data, dict) else {"additional_data": data, **own}
    return json.dumps(data or own) if data or own else ""


def _read_change(label: str, name: str, change: Any) -> tuple[str, list[Any]]:
    if isinstance(change, dict):
        # Of a link it keeps what the objects were called, and no keys.
        verb = "added" if change.get("operation") == "add" else "removed"
        objects = change.get("objects")
        if is_hidden(label, name):
            objects = [STARS for _object in objects or ()]
        return f"{name} {verb}", [None, objects]
    return name, [_read_value(label, name, value) for value in change]


def _read_value(label: str, name: str, value: Any) -> Any:
    field: Any = find_field(label, name)
    if value == NOTHING or field is None:
        return None if value == NOTHING else value
    if not isinstance(value, str):
        return encode_known(field, value)
    kind = getattr(field, "target_field", field).get_internal_type()
    try:
        if kind == "JSONField":
            return json.loads(value)
        if kind == "DateTimeField":
            # It writes them without a zone, as UTC.
            moment = datetime.fromisoformat(value)
            value = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return value
    # Bytes are written as Python shows them, so they stay the text that they are.
    return value if kind == "BinaryField" else encode_known(field, value)


def _read_correlation(cid: str | None) -> UUID | None:
    if not cid:
        return None
    try:
        return UUID(cid)
    except ValueError:
        return uuid5(NAMESPACE_URL, cid)
