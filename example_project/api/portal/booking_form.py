"""The booking form: days and times of day in the house's time zone."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from api.models import Booking, Property
from api.models.booking import BookingSource
from api.seen_values import SeenValuesMixin

from .forms import offer_rows

__all__ = ["BookingForm"]

if TYPE_CHECKING:
    BookingModelForm = forms.ModelForm[Booking]
else:
    BookingModelForm = forms.ModelForm

PLACES: Final = {"check_in": "first_day", "check_out": "last_day"}
"""Where the form asks for what the booking has."""


def ask_day(label: Any) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def ask_time(label: Any) -> forms.TimeField:
    """Return a field for a time of day, for which the house has a default."""
    return forms.TimeField(
        label=label,
        required=False,
        help_text=_("Without one the house's time."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


def read_days(booking: Booking) -> dict[str, Any]:
    """Return the days and times of a stay in the house's time zone, as the form shows them."""
    zone = ZoneInfo(booking.property.time_zone)
    first, last = booking.check_in.astimezone(zone), booking.check_out.astimezone(zone)
    return {
        "first_day": first.date(),
        "arrival": first.time(),
        "last_day": last.date(),
        "departure": last.time(),
    }


class BookingForm(SeenValuesMixin, BookingModelForm):
    """The form of a booking; the service validates it."""

    first_day = ask_day(_("Check-in"))
    arrival = ask_time(_("Time of check-in"))
    last_day = ask_day(_("Check-out"))
    departure = ask_time(_("Time of check-out"))
    source = forms.CharField(label=_("Source"), max_length=50, required=False)

    field_order = [
        *("property", "guest_name", "first_day", "arrival", "last_day", "departure", "status"),
    ]

    class Meta:
        model = Booking
        fields = [
            *("property", "guest_name", "guest_contact", "status", "adults", "children", "infants"),
            *("source", "external_code", "earnings", "currency", "same_day_note"),
        ]
        labels = {
            "property": _("House"),
            "guest_name": _("Guest"),
            "guest_contact": _("Contact"),
            "status": _("Status"),
            "adults": _("Adults"),
            "children": _("Children"),
            "infants": _("Infants"),
            "external_code": _("Confirmation code"),
            "earnings": _("Earnings"),
            "currency": _("Currency"),
            "same_day_note": _("Note for the day of the turnover"),
        }

    def __init__(
        self,
        *args: Any,
        houses: QuerySet[Property],
        instance: Booking | None,
        initial: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        shown = read_days(instance) if instance else {"source": BookingSource.DIRECT}
        super().__init__(*args, instance=instance, initial=shown | (initial or {}), **kwargs)
        offer_rows(self, "property", houses)

    def _post_clean(self) -> None:
        """Leave validation to the service, which knows what the days mean."""

    def read_values(self) -> dict[str, Any]:
        """Return the values for the service."""
        given = dict(self.cleaned_data)
        house: Property = given["property"]
        zone = ZoneInfo(house.time_zone)
        arrival = given.pop("arrival") or house.check_in_time
        departure = given.pop("departure") or house.check_out_time
        given["check_in"] = datetime.combine(given.pop("first_day"), arrival, zone)
        given["check_out"] = datetime.combine(given.pop("last_day"), departure, zone)
        return given

    def show_refusal(self, refusal: ValidationError) -> None:
        """Show the service's errors beside the fields that they concern."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, errors in refusal.error_dict.items():
            place = PLACES.get(name, name)
            self.add_error(place if place in self.fields else None, errors)
