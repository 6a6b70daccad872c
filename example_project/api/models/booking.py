"""Bookings: who stays in which house, and when."""

from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import Before, NoOverlap, ParentKey, UniqueAlive
from django_modernize.models import ModelDiffMixin

from .base import HouseModel
from .imports import BookingImportLog
from .property import Property
from .spelling import spell_day

__all__ = ["Booking", "BookingSource", "BookingStatus"]


class BookingStatus(models.TextChoices):
    """The state of a booking."""

    BOOKED = "booked", _("booked")
    CONFIRMED = "confirmed", _("confirmed")
    CURRENTLY_HOSTING = "currently_hosting", _("currently hosting")
    OWNER_STAYING = "owner_staying", _("owner staying")
    CANCELLED = "cancelled", _("cancelled")
    COMPLETED = "completed", _("completed")


class BookingSource(models.TextChoices):
    """The usual sources of bookings; other sources are stored as they are written."""

    AIRBNB = "Airbnb", "Airbnb"
    VRBO = "Vrbo", "Vrbo"
    DIRECT = "Direct", "Direct"
    OWNER = "Owner", "Owner"


def default_currency() -> str:
    """Return the company's currency."""
    return str(settings.ARISTAY_CURRENCY)


@track
class Booking(ModelDiffMixin, HouseModel):
    """A stay of a guest, or of the owner, in one house."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="bookings")
    check_in = models.DateTimeField()
    check_out = models.DateTimeField()
    guest_name = models.CharField(max_length=200)
    guest_contact = models.CharField(max_length=200, blank=True)
    status = models.CharField(
        max_length=20, choices=BookingStatus.choices, default=BookingStatus.BOOKED
    )
    external_code = models.CharField("confirmation code", max_length=100, blank=True)
    external_status = models.CharField(
        max_length=100, blank=True, help_text=_("The word that the booking's source uses.")
    )
    source = models.CharField(max_length=50, blank=True, default=BookingSource.DIRECT)
    listing_name = models.CharField(max_length=200, blank=True)
    earnings = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default=default_currency)
    booked_on = models.DateField(null=True, blank=True)
    adults = models.PositiveSmallIntegerField(default=1)
    children = models.PositiveSmallIntegerField(default=0)
    infants = models.PositiveSmallIntegerField(default=0)
    nights = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    property_label_raw = models.CharField(max_length=200, blank=True, editable=False)
    same_day_note = models.CharField(max_length=255, blank=True)
    same_day_flag = models.BooleanField("same-day turnover", default=False)
    # Null for bookings that do not come from a workbook.
    raw_row = models.JSONField(default=dict, null=True, blank=True, editable=False)
    last_import_update = models.DateTimeField(null=True, blank=True, editable=False)
    import_log = models.ForeignKey(
        BookingImportLog,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="bookings",
        verbose_name="imported by",
    )

    class Meta:
        ordering = ["check_in", "pk"]
        constraints = [
            Before("check_in", "check_out", name="booking_in_before_out"),
            NoOverlap(
                "check_in",
                "check_out",
                partition_by=["property"],
                condition=Q(deleted_at__isnull=True) & ~Q(status=BookingStatus.CANCELLED),
                name="booking_no_overlap",
            ),
            UniqueAlive(
                "property",
                "source",
                "external_code",
                condition=~Q(external_code=""),
                name="booking_code_unique",
            ),
            ParentKey("property", name="booking_key_in_property"),
        ]
        indexes = [
            # An import looks for stays of a house that end after a given day, not for past ones.
            models.Index(fields=["property", "check_out"], name="booking_property_out"),
            models.Index(fields=["external_code"], name="booking_code"),
            models.Index(fields=["check_in"], name="booking_check_in"),
        ]
        permissions = [("import_bookings", "Can import bookings from a workbook")]

    def __str__(self) -> str:
        first, last = self._find_days_at_hand()
        return gettext("%(guest)s, %(first)s to %(last)s") % {
            "guest": self.guest_name,
            "first": spell_day(first),
            "last": spell_day(last),
        }

    def find_days(self) -> tuple[date, date]:
        """Return the days of check-in and check-out in the house's time zone."""
        return self._find_days_in(ZoneInfo(self.property.time_zone))

    def _find_days_at_hand(self) -> tuple[date, date]:
        """Return the same days, in the company's time zone if the house is not loaded."""
        house: Any = self._meta.get_field("property")
        if house.is_cached(self):
            return self.find_days()
        return self._find_days_in(timezone.get_default_timezone())

    def _find_days_in(self, zone: tzinfo) -> tuple[date, date]:
        return self.check_in.astimezone(zone).date(), self.check_out.astimezone(zone).date()
