"""Read django-reversion's ``Version``: serialized objects, in one table for all models."""

import json
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.core.serializers.base import DeserializationError, SerializerDoesNotExist
from django.db.models import Model, QuerySet
from reversion.models import Version

from django_modernize.audit.models import AuditAction
from django_modernize.audit.recording import RecordedEvent
from django_modernize.audit.values import find_field

from .states import compare_states, encode_known, find_previous

SOURCE: Final = "reversion"

order: Final = ("pk",)

SAME: Final = ("object_id", "content_type_id", "db")


def list_tables(model: type[Model] | None, using: str) -> "list[QuerySet[Any]]":
    """Return the one table of versions."""
    versions = _list_versions(using)
    if model is None:
        return [versions]
    content_type = ContentType.objects.db_manager(using).get_for_model(model)
    return [versions.filter(content_type=content_type)]


def describe_records(records: list[Any], using: str) -> list[list[RecordedEvent]]:
    """Return an event for each version that differs from the one before."""
    previous = find_previous(records, _list_versions(using), order, SAME)
    return [
        list(_describe_version(version, before))
        for version, before in zip(records, previous, strict=True)
    ]


def _list_versions(using: str) -> "QuerySet[Any]":
    versions: QuerySet[Any] = Version._base_manager.using(using)
    return versions.select_related("revision__user", "content_type")


def _describe_version(version: Any, before: Any) -> Iterator[RecordedEvent]:
    changes = compare_states(None if before is None else _read_state(before), _read_state(version))
    if not changes:
        return
    revision = version.revision
    yield RecordedEvent(
        object_type=_name_model(version),
        object_id=version.object_id,
        action=AuditAction.CREATE if before is None else AuditAction.UPDATE,
        changes=changes,
        created_at=revision.date_created,
        actor_id=revision.user_id,
        actor_label=revision.user.get_username()[:150] if revision.user else "",
        source=SOURCE,
        reason=revision.get_comment(),
    )


def _name_model(version: Any) -> str:
    return f"{version.content_type.app_label}.{version.content_type.model}"


def _read_state(version: Any) -> dict[str, Any]:
    label = _name_model(version)
    if version.format != "json":
        return _deserialize(version)
    row = json.loads(version.serialized_data)[0]
    fields = {name: find_field(label, name) for name in row["fields"]}
    return {
        name: value if field is None or field.many_to_many else encode_known(field, value)
        for name, value in row["fields"].items()
        for field in [fields[name]]
    }


def _deserialize(version: Any) -> dict[str, Any]:
    try:
        found = next(
            iter(
                serializers.deserialize(
                    version.format, version.serialized_data, ignorenonexistent=True
                )
            )
        )
    except (DeserializationError, SerializerDoesNotExist):
        return {f"serialized as {version.format}": version.serialized_data}
    # The key is no value of a version, in JSON neither.
    fields = [field for field in found.object._meta.local_concrete_fields if not field.primary_key]
    return {
        field.name: encode_known(field, field.value_from_object(found.object)) for field in fields
    }
