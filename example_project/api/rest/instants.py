"""Instants in requests and responses; each has a UTC offset."""

from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _
from django_filters import filters
from django_filters.fields import IsoDateTimeField
from rest_framework import serializers

__all__ = ["InstantField", "InstantFilter"]

OFFSET_MISSING: Final = _(
    "It does not say by which clock: add an offset, as 2027-01-01T16:00:00Z or "
    "2027-01-01T16:00:00-05:00."
)


class InstantField(serializers.DateTimeField):
    """An instant in UTC: old offsets of other zones have seconds, which clients cannot read."""

    default_error_messages = {"offset_missing": OFFSET_MISSING}

    def to_representation(self, value: Any) -> Any:
        """Return the instant as text."""
        return super().to_representation(value.astimezone(UTC) if value else value)

    def enforce_timezone(self, value: Any) -> Any:
        """Return an instant in UTC unchanged, since that is how responses show it.

        Raises:
            ValidationError: It has no offset; a caller does not know the server's time zone.
        """
        if is_naive(value):
            self.fail("offset_missing")
        return value if value.tzinfo is UTC else super().enforce_timezone(value)


class InstantParameter(IsoDateTimeField):
    """Accepts an instant with any offset, and converts it to UTC.

    PostgreSQL refuses offsets of sixteen hours and more, which the standard allows.
    """

    def to_python(self, value: Any) -> Any:
        """Return the instant, or None if the parameter is empty.

        Raises:
            ValidationError: It is invalid or has no offset, or its year in UTC is out of range.
        """
        if value not in self.empty_values and _is_local(str(value)):
            raise ValidationError(OFFSET_MISSING, code="offset_missing")
        instant = super().to_python(value)
        try:
            return instant and instant.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError("Enter a valid date/time.", code="invalid") from error


class InstantFilter(filters.IsoDateTimeFilter):
    """Filters by an instant."""

    field_class = InstantParameter


def _is_local(text: str) -> bool:
    try:
        instant: datetime | None = parse_datetime(text.strip())
    except ValueError:
        return False
    return instant is not None and is_naive(instant)
