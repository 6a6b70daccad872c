"""Tells other systems when a house is taken, at an address that nobody can guess."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from icalendar import Calendar, Event

from api.models import Booking, CalendarShare, Property, User
from api.models.booking import BookingStatus
from api.services.changes import making_changes
from django_modernize.context import change_context

from .reading import OWN_DOMAIN

__all__ = ["find_share", "share_calendar", "write_calendar"]

TOKEN_BYTES: Final = 32
PAST: Final = timedelta(days=30)
SHOWN: Final = "Booked"
"""All that an event says: neither guest nor contact."""


def share_calendar(house: Property, name: str, *, actor: User) -> tuple[CalendarShare, str]:
    """Make an address at which somebody may read when a house is taken.

    Args:
        house: The house.
        name: Who reads it.
        actor: Who allows it.

    Returns:
        The share, and its token, which is shown this once: only its digest is stored.

    Raises:
        PermissionDenied: The actor may not share calendars, or does not see the house.
        ValidationError: The house has a share of that name.
    """
    if not actor.has_perm("api.add_calendarshare") or not actor.has_perm(
        "api.view_property", house
    ):
        raise PermissionDenied
    token = token_urlsafe(TOKEN_BYTES)
    share = CalendarShare(property=house, name=name, token_digest=digest_token(token))
    with change_context(actor=actor), making_changes():
        share.full_clean(exclude=["token_digest"])
        share.save()
    return share, token


def find_share(token: str) -> CalendarShare | None:
    """Return the share of a token, ``None`` where there is none, or it was deleted.

    Costs a query.
    """
    shares = CalendarShare.objects.select_related("property")
    return shares.filter(
        token_digest=digest_token(token), property__deleted_at__isnull=True
    ).first()


def write_calendar(share: CalendarShare) -> bytes:
    """Return the calendar of a house: the days that are taken, and not by whom.

    Costs two statements.
    """
    zone = ZoneInfo(share.property.time_zone)
    calendar = Calendar()
    calendar.add("PRODID", "-//AriStay//Calendar//EN")
    calendar.add("VERSION", "2.0")
    now = timezone.now()
    stays = Booking.objects.filter(property=share.property_id, check_out__gt=now - PAST)
    rows = stays.exclude(status=BookingStatus.CANCELLED).order_by("check_in")
    for key, check_in, check_out, changed in rows.values_list(
        "pk", "check_in", "check_out", "modified_at"
    ):
        event = Event()
        event.add("UID", f"{key}{OWN_DOMAIN}")
        event.add("SUMMARY", SHOWN)
        event.add("DTSTART", check_in.astimezone(zone).date())
        event.add("DTEND", check_out.astimezone(zone).date())
        event.add("DTSTAMP", changed)
        calendar.add_component(event)
    CalendarShare.objects.filter(pk=share.pk).update(read_at=now)
    written: bytes = calendar.to_ical()
    return written


def digest_token(token: str) -> str:
    """Return what is stored of a token."""
    return sha256(token.encode()).hexdigest()
