"""Base classes of AriStay's serializers."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.services.permission import get_access, list_visible
from django_modernize.contrib.rest_framework.serializers import SoftDeleteSerializerMixin
from django_modernize.integrity import find_conflicts
from django_modernize.stamps.fields import SourceStampField

from .instants import InstantField
from .problems import DoubleBooking

__all__ = [
    "STAMPS",
    "BodySerializer",
    "HouseSerializer",
    "RestoreSerializer",
    "VisibleKeyField",
    "WholeBodyMixin",
]

STAMPS: Final = (
    "created_at",
    "created_by",
    "created_via",
    "modified_at",
    "modified_by",
    "modified_via",
)
"""Who made a row and changed it last, when and from where; for reading only."""

LARGEST_KEY: Final = 2**63 - 1


class VisibleKeyField(serializers.PrimaryKeyRelatedField):
    """The key of a row that the caller can see; any other key counts as nonexistent."""

    def get_queryset(self) -> Any:
        """Return the rows that can be referred to."""
        rows = super().get_queryset()
        request = self.context.get("request")
        if rows is None or request is None:
            return rows
        return list_visible(get_access(request.user), rows.model)

    def to_internal_value(self, data: Any) -> Any:
        """Return the row for a key.

        Raises:
            ValidationError: It does not exist, or the caller cannot see it.
        """
        if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 20:
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if not 0 < data <= LARGEST_KEY:
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)


class WholeBodyMixin:
    """Refuses fields that would be ignored: success means that everything sent has been stored.

    Read-only fields may be sent back with their stored values, so that a row that was read can
    be sent with one value changed.
    """

    def to_internal_value(self: Any, data: Any) -> Any:
        """Return the values of a request body.

        Raises:
            ValidationError: A name is unknown, or a value is read-only.
        """
        if isinstance(data, Mapping) and (refused := self.find_ignored(data)):
            raise serializers.ValidationError(refused)
        return super().to_internal_value(data)  # type: ignore[misc]

    def find_ignored(self: Any, data: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return why each of the fields would be ignored."""
        ignored = [one for one in data if one not in self.fields or self.fields[one].read_only]
        known = [one for one in ignored if one in self.fields]
        stored = self.to_representation(self.instance) if known and self.instance else {}
        unknown = _("There is no such field.")
        fixed = _("It is for reading only: another endpoint changes it, if anything does.")
        return {
            one: [fixed if one in known else unknown]
            for one in ignored
            if one not in stored or stored[one] != data[one]
        }


class BodySerializer(WholeBodyMixin, serializers.Serializer):
    """A request body that is not a row of a table, or only part of one."""


class HouseSerializer(WholeBodyMixin, SoftDeleteSerializerMixin, serializers.ModelSerializer):
    """The fields of a row, validated by the model's constraints; keys refer to visible rows."""

    serializer_related_field = VisibleKeyField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: InstantField,
    }

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Return the field of a column; a source can be any word, even one of another program."""
        if isinstance(model_field, SourceStampField):
            return serializers.CharField, {"read_only": True}
        return super().build_standard_field(field_name, model_field)

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the row as it would be stored.

        Raises:
            DoubleBooking: Another row occupies its range.
            ValidationError: Another constraint refuses it.
        """
        for conflict in find_conflicts([candidate]):
            explanation = conflict.constraint.describe_refusal(conflict.other)
            raise DoubleBooking(explanation, conflict.other)
        super().validate_candidate(candidate)


class RestoreSerializer(BodySerializer):
    """How to restore a row."""

    with_parents = serializers.BooleanField(
        default=False, help_text="Bring the deleted rows back that it belongs to, too."
    )
