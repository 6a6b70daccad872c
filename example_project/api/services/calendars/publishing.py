"""Publishes when a house is occupied, at a URL that nobody can guess."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from api.models import Booking, CalendarShare, Property, User
from api.models.booking import BookingStatus
from api.services.changes import making_changes
from api.services.idempotency import hold_key
from django_modernize.context import change_context

from .reading import OWN_DOMAIN

__all__ = ["find_share", "find_token", "share_calendar", "write_calendar"]

TOKEN_BYTES: Final = 32
PAST: Final = timedelta(days=30)
SHOWN: Final = "Booked"
"""All that an event says: neither guest nor contact."""


def share_calendar(
    house: Property, name: str, *, actor: User, sending: str = ""
) -> tuple[CalendarShare, str]:
    """Create a URL at which somebody can read when a house is occupied.

    Args:
        house: The house.
        name: Who reads it.
        actor: Who allows it.
        sending: What tells this order from others, if it may come twice: it is one share then,
            with the token that it had.

    Returns:
        The share, and its token, which is shown this once: only its digest is stored.

    Raises:
        PermissionDenied: The actor may not share calendars, or does not see the house.
        ValidationError: The house has a share of that name, or the one that was made before is
            over.
    """
    if not actor.has_perm("api.add_calendarshare") or not actor.has_perm(
        "api.view_property", house
    ):
        raise PermissionDenied
    token = _derive_token(actor, sending) if sending else token_urlsafe(TOKEN_BYTES)
    share = CalendarShare(property=house, name=name, token_digest=digest_token(token))
    with change_context(actor=actor), making_changes():
        if sending:
            hold_key(actor, f"form {sending}")
            if made := _find_made(token):
                return made, token
        share.full_clean(exclude=["token_digest"])
        share.save()
    return share, token


def find_token(actor: User, sending: str) -> str:
    """Return the token of the share that a request created, or an empty string if it created none.

    Args:
        actor: Who shared the calendar.
        sending: What tells the order from others.

    Raises:
        ValidationError: The share is over.

    Costs a query.
    """
    token = _derive_token(actor, sending)
    return token if _find_made(token) else ""


def _find_made(token: str) -> CalendarShare | None:
    """Return the share with a token, if one was created.

    Raises:
        ValidationError: It was deleted: nobody shares an address anew by sending a form again.
    """
    shares = CalendarShare.all_objects.filter(token_digest=digest_token(token))
    made: CalendarShare | None = shares.first()
    if made is not None and made.is_deleted:
        raise ValidationError(_("This address is no longer shared. Reload the page."))
    return made


def _derive_token(actor: User, sending: str) -> str:
    """Return the token of a request, which nobody can compute without the secret key."""
    salted = salted_hmac("api.calendar_share", f"{actor.pk} {sending}", algorithm="sha256")
    return urlsafe_b64encode(salted.digest()).decode().rstrip("=")


def find_share(token: str) -> CalendarShare | None:
    """Return the share of a token, or ``None`` if there is none or it was deleted.

    Costs a query.
    """
    shares = CalendarShare.objects.select_related("property")
    return shares.filter(
        token_digest=digest_token(token), property__deleted_at__isnull=True
    ).first()


def write_calendar(share: CalendarShare) -> bytes:
    """Return the calendar of a house: the occupied days, without the guests.

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
    """Return the stored digest of a token."""
    return sha256(token.encode()).hexdigest()
