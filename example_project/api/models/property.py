"""The houses, and what workbooks call them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive

from .base import HouseModel

__all__ = ["Property", "PropertyAlias"]


def default_time_zone() -> str:
    """Return the zone of a new house: that of the company."""
    return settings.TIME_ZONE


def validate_time_zone(name: str) -> None:
    """Refuse a time zone that does not exist."""
    if name not in available_timezones():
        raise ValidationError("%(name)s is no time zone.", params={"name": name}, code="time_zone")


@track
class Property(HouseModel):
    """A house that guests stay in."""

    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, blank=True)
    check_in_time = models.TimeField(
        default=time(16), help_text="When guests may come, by the house's clock."
    )
    check_out_time = models.TimeField(
        default=time(10), help_text="When guests have to leave, by the house's clock."
    )
    time_zone = models.CharField(
        max_length=63, default=default_time_zone, validators=[validate_time_zone]
    )

    class Meta:
        verbose_name_plural = "properties"
        ordering = ["name"]
        constraints = [UniqueAlive("name", name="property_name_unique")]
        permissions = [("approve_property", "Can approve properties that an import found")]

    def __str__(self) -> str:
        return self.name

    def check_in_at(self, day: date) -> datetime:
        """Return the instant at which guests who arrive on a day may come."""
        return datetime.combine(day, self.check_in_time, ZoneInfo(self.time_zone))

    def check_out_at(self, day: date) -> datetime:
        """Return the instant at which guests who depart on a day have to leave."""
        return datetime.combine(day, self.check_out_time, ZoneInfo(self.time_zone))


@track
class PropertyAlias(HouseModel):
    """A label that workbooks use for a house; whoever makes it approves it."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="aliases")
    label = models.CharField(max_length=200, help_text="Case and spaces do not count.")

    class Meta:
        verbose_name_plural = "property aliases"
        ordering = ["label"]
        constraints = [UniqueAlive("label", name="property_alias_unique")]

    def __str__(self) -> str:
        return self.label
