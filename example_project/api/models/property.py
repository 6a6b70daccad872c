"""Houses, and the labels that workbooks use for them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive

from .base import HouseModel, default_time_zone, validate_time_zone

__all__ = ["Property", "PropertyAlias", "PropertyOwnership", "PropertyTag", "PropertyType"]


class PropertyType(models.TextChoices):
    """The type of a house; rules can refer to it."""

    HOUSE = "house", _("house")
    APARTMENT = "apartment", _("apartment")
    CABIN = "cabin", _("cabin")
    CONDO = "condo", _("condo")
    OTHER = "other", _("other")


@track
class PropertyTag(HouseModel):
    """A tag that groups houses, such as “pool” or “lake side”."""

    name = models.CharField(max_length=50)

    class Meta:
        ordering = ["name"]
        constraints = [UniqueAlive("name", name="property_tag_unique", ignore_case="name")]

    def __str__(self) -> str:
        return self.name


@track
class Property(HouseModel):
    """A house that guests stay in."""

    name = models.CharField(max_length=100)
    address = models.TextField(blank=True)
    property_type = models.CharField(
        "type", max_length=20, choices=PropertyType.choices, default=PropertyType.HOUSE
    )
    tags = models.ManyToManyField(PropertyTag, blank=True, related_name="properties")
    check_in_time = models.TimeField(
        default=time(16), help_text=_("When guests may come, by the house's clock.")
    )
    check_out_time = models.TimeField(
        default=time(10), help_text=_("When guests have to leave, by the house's clock.")
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
        """Return the instant from which guests may check in on a day."""
        return datetime.combine(day, self.check_in_time, ZoneInfo(self.time_zone))

    def check_out_at(self, day: date) -> datetime:
        """Return the instant by which guests have to check out on a day."""
        return datetime.combine(day, self.check_out_time, ZoneInfo(self.time_zone))


@track
class PropertyAlias(HouseModel):
    """A label that workbooks use for a house; creating one approves it."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="aliases")
    label = models.CharField(max_length=200, help_text=_("Case and spaces do not count."))

    class Meta:
        verbose_name_plural = "property aliases"
        ordering = ["label"]
        constraints = [UniqueAlive("label", name="property_alias_unique")]

    def __str__(self) -> str:
        return self.label


@track
class PropertyOwnership(HouseModel):
    """The relation of a person to a house, which lets the person see it."""

    class Type(models.TextChoices):
        """The kind of relation."""

        OWNER = "owner", _("owner")
        VIEWER = "viewer", _("viewer")
        MANAGER = "manager", _("manager")

    property = models.ForeignKey(Property, models.CASCADE, related_name="ownerships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ownerships")
    ownership_type = models.CharField(
        "type", max_length=20, choices=Type.choices, default=Type.OWNER
    )
    can_edit = models.BooleanField(
        default=False, help_text=_("May change the house and its bookings, whatever the role says.")
    )

    class Meta:
        ordering = ["property__name", "user__username"]
        constraints = [
            UniqueAlive("property", "user", "ownership_type", name="property_ownership_unique")
        ]

    def __str__(self) -> str:
        return gettext("%(user)s, %(role)s of %(house)s") % {
            "user": self.user,
            "role": self.get_ownership_type_display(),
            "house": self.property,
        }
