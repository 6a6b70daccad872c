"""Base classes of AriStay's models."""

from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from django_modernize.models import (
    SoftDeleteMixin,
    SourceStampedMixin,
    TimeStampedMixin,
    UserStampedMixin,
)

__all__ = [
    "HouseModel",
    "StampedModel",
    "default_time_zone",
    "list_time_zones",
    "refuse_past",
    "validate_time_zone",
]


def default_time_zone() -> str:
    """Return the default time zone of a new house or person: the company's."""
    return settings.TIME_ZONE


@cache
def list_time_zones() -> frozenset[str]:
    """Return the names of all time zones. Cached, since finding them walks hundreds of folders."""
    return frozenset(available_timezones())


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist."""
    if name not in list_time_zones():
        raise ValidationError("%(name)s is no time zone.", params={"name": name}, code="time_zone")


def refuse_past(moment: datetime) -> None:
    """Refuse an expiry date in the past.

    Raises:
        ValidationError: It is in the past, with the code ``expired``.
    """
    if moment <= timezone.now():
        raise ValidationError(_("This is over already."), code="expired")


class StampedModel(TimeStampedMixin, UserStampedMixin, SourceStampedMixin):
    """A row that records when, by whom and from which source it was created and last changed."""

    class Meta:
        abstract = True


class HouseModel(SoftDeleteMixin, StampedModel):
    """A stamped row that can be soft-deleted and restored."""

    class Meta:
        abstract = True
