"""What people do with bookings: create, edit, move and cancel them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.translation import gettext as _

from api.models import Booking, Property, Task, User
from api.models.booking import BookingStatus
from django_modernize.context import change_context
from django_modernize.integrity.refusals import explain_refusals

from .changes import making_changes
from .days import EARLIEST, LATEST, name_day, name_day_and_year
from .editing import refuse_unknown
from .locking import lock_rules_of_bookings, lock_work
from .permission import Access, get_access, list_visible, may_change_object

__all__ = [
    "EDITABLE",
    "LIVE",
    "BookingConflict",
    "cancel_booking",
    "change_booking",
    "create_booking",
    "find_conflicts",
    "move_booking",
    "place_stay",
]

EDITABLE: Final = frozenset(
    {
        *("property", "check_in", "check_out", "guest_name", "guest_contact", "status"),
        *("external_code", "source", "earnings", "currency", "adults", "children", "infants"),
        *("same_day_note",),
    }
)
"""What a person may set; the rest is written by imports and by the database."""


LIVE: Final = ~Q(status=BookingStatus.CANCELLED)
"""The stays that take a house's days."""

DAY_LIMITS: Final = (MinValueValidator(EARLIEST), MaxValueValidator(LATEST))


class BookingConflict(ValidationError):
    """A stay would overlap another one in the same house.

    Args:
        others: The stays in the way that the actor sees, which are named; where that is none, the
            house is only said to be taken.
    """

    def __init__(self, others: list[Booking]) -> None:
        self.others = others
        named = [ValidationError(describe_stay(one), code="overlap") for one in others]
        hidden = ValidationError(_("The house is taken in this time."), code="overlap")
        super().__init__(named or [hidden])


def describe_stay(booking: Booking) -> str:
    """Return who has a house from when to when, in the house's time zone."""
    first, last = booking.find_days()
    return _("%(house)s is taken from %(first)s to %(last)s by %(guest)s (%(status)s).") % {
        "house": booking.property,
        "first": name_day(first),
        "last": name_day_and_year(last),
        "guest": booking.guest_name,
        "status": booking.get_status_display(),
    }


def find_conflicts(booking: Booking) -> list[Booking]:
    """Return the stays that a booking overlaps with its current values, saved or not.

    Args:
        booking: A booking with its house and both instants; a cancelled one is in nobody's way.

    Costs one query, and none for a cancelled one.
    """
    if booking.status == BookingStatus.CANCELLED:
        return []
    rows = Booking.objects.filter(
        LIVE,
        property=booking.property_id,
        check_in__lt=booking.check_out,
        check_out__gt=booking.check_in,
    )
    if booking.pk is not None:
        rows = rows.exclude(pk=booking.pk)
    return list(rows.select_related("property").order_by("check_in"))


def create_booking(*, actor: User, values: Mapping[str, Any]) -> Booking:
    """Create a booking.

    Args:
        actor: Who does it.
        values: Fields out of :data:`EDITABLE`; house, instants and guest are needed.

    Raises:
        PermissionDenied: The actor may not make bookings in this house.
        BookingConflict: The house is taken.
        ValidationError: A value is not possible.

    Costs seven queries, those of the permission included, and what the rules ask.
    """
    booking = Booking(**refuse_unknown(values, EDITABLE))
    access = get_access(actor)
    if not _may_book(access, booking.property, "api.add_booking"):
        raise PermissionDenied(f"{actor} may not make bookings in {booking.property}.")
    with making_changes():
        lock_rules_of_bookings()
        _store(booking, access)
    return booking


def change_booking(
    *, actor: User, booking: Booking, values: Mapping[str, Any], reason: str = ""
) -> Booking:
    """Change a booking, including its house and dates.

    Args:
        actor: Who does it; somebody who may change bookings in the old house and in the new.
        booking: The booking; what is stored counts, not what this object says.
        values: Fields out of :data:`EDITABLE`.
        reason: Why; it stands in the history.

    Returns:
        The booking as it is stored now.

    Raises:
        PermissionDenied: The actor may not change it, or not book in the other house.
        BookingConflict: The house is taken.
        ValidationError: A value is not possible.

    Costs nine queries at most, those of the permission included, and what the rules ask.
    """
    access = get_access(actor)
    with making_changes(), change_context(**({"reason": reason} if reason else {})):
        lock_rules_of_bookings()
        # FOR NO KEY UPDATE: a task that somebody makes of the booking meanwhile need not wait.
        rows = Booking.objects.select_for_update(of=("self",), no_key=True)
        rows = rows.select_related("property")
        stored: Booking = rows.get(pk=booking.pk)
        if not may_change_object(access, "api.change_booking", stored):
            raise PermissionDenied(f"{actor} may not change the booking {stored}.")
        house_id = stored.property_id
        for name, value in refuse_unknown(values, EDITABLE).items():
            setattr(stored, name, value)
        if stored.property_id != house_id and not _may_book(
            access, stored.property, "api.change_booking"
        ):
            raise PermissionDenied(f"{actor} may not move bookings to {stored.property}.")
        if stored.property_id != house_id:
            # They follow the booking.
            lock_work(Task.objects.filter(booking=stored).values("pk"))
        _store(stored, access)
    return stored


def move_booking(
    *, actor: User, booking: Booking, house: Property, first_day: date, last_day: date
) -> Booking:
    """Move a stay to other dates, or to another house, keeping its times of day.

    Args:
        actor: Who does it.
        booking: The booking.
        house: Where it is to be; in another house that house's times of day count.
        first_day: The day of check-in, by the house's clock.
        last_day: The day of check-out.

    Raises:
        PermissionDenied, BookingConflict, ValidationError: As :func:`change_booking`.

    Costs what :func:`change_booking` costs.
    """
    values = place_stay(booking, house=house, first_day=first_day, last_day=last_day)
    return change_booking(actor=actor, booking=booking, values=values)


def place_stay(
    booking: Booking, *, house: Property, first_day: date, last_day: date
) -> dict[str, Any]:
    """Return the values of a stay on other dates or in another house. Costs nothing."""
    check_in, check_out = house.check_in_at(first_day), house.check_out_at(last_day)
    if booking.property_id == house.pk:
        zone = ZoneInfo(house.time_zone)
        arrival, departure = booking.check_in.astimezone(zone), booking.check_out.astimezone(zone)
        check_in = check_in.replace(hour=arrival.hour, minute=arrival.minute)
        check_out = check_out.replace(hour=departure.hour, minute=departure.minute)
    return {"property": house, "check_in": check_in, "check_out": check_out}


def cancel_booking(*, actor: User, booking: Booking, reason: str = "") -> Booking:
    """Cancel a booking: its dates become free, and the booking stays visible.

    Raises:
        PermissionDenied: The actor may not change it.

    Costs what :func:`change_booking` costs.
    """
    values = {"status": BookingStatus.CANCELLED}
    return change_booking(actor=actor, booking=booking, values=values, reason=reason)


def _may_book(access: Access, house: Property, permission: str) -> bool:
    """Return whether a person may create bookings in a house."""
    if access.may(permission):
        return list_visible(access, Property).filter(pk=house.pk).exists()
    return permission == "api.change_booking" and may_change_object(
        access, "api.change_property", house
    )


def _store(booking: Booking, access: Access) -> None:
    _refuse_far_days(booking)
    _count_nights(booking)
    # The caller has checked the house, and the constraints are validated below.
    booking.clean_fields(exclude=["property", "raw_row"])
    if booking.check_in >= booking.check_out:
        raise ValidationError(
            {"check_out": ValidationError(_("Check-out must be after check-in."), code="order")}
        )
    conflicts = find_conflicts(booking)
    if conflicts:
        keys = [one.pk for one in conflicts]
        seen = set(list_visible(access, Booking).filter(pk__in=keys).values_list("pk", flat=True))
        raise BookingConflict([one for one in conflicts if one.pk in seen])
    # Somebody may have booked in the meantime: the database has the last word.
    with explain_refusals(Booking, [booking]):
        booking.save_changed()


def _refuse_far_days(booking: Booking) -> None:
    """Refuse dates outside the supported calendar.

    Raises:
        ValidationError: A day is out of the calendar.
    """
    for name in ("check_in", "check_out"):
        try:
            for judge in DAY_LIMITS:
                judge(getattr(booking, name).date())
        except ValidationError as error:
            raise ValidationError({name: error}) from error


def _count_nights(booking: Booking) -> None:
    first, last = booking.find_days()
    # A stay that ends on the day it begins counts as one night.
    booking.nights = max((last - first).days, 1)
