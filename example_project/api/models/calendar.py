"""Calendars that AriStay reads from other systems, and those that it publishes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive

from .base import HouseModel
from .booking import Booking, BookingSource
from .property import Property
from .saying_field import SayingField
from .spelling import spell_day

__all__ = ["CalendarEvent", "CalendarFeed", "CalendarShare"]


@track(mask=["url"], exclude=["fetched_at", "content_digest", "etag", "error_code", "error"])
class CalendarFeed(HouseModel):
    """A platform's calendar of one house, read from a URL."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="calendar_feeds")
    name = models.CharField(max_length=100)
    # Whoever knows the URL can read the calendar, so it must not be in the audit trail.
    url = models.URLField(_("address"), max_length=500, help_text=_("It begins with https://."))
    source = models.CharField(max_length=50, default=BookingSource.AIRBNB)
    is_active = models.BooleanField(default=True)
    cancels_vanished = models.BooleanField(
        _("vanished means cancelled"),
        default=False,
        help_text=_("A booking to come that is no longer in the calendar is cancelled."),
    )
    fetched_at = models.DateTimeField(null=True, blank=True, editable=False)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error = SayingField(blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar feed")
        ordering = ["property__name", "name"]
        constraints = [
            UniqueAlive("property", "name", name="calendar_feed_unique"),
            models.CheckConstraint(
                condition=Q(url__startswith="https://"), name="calendar_feed_https"
            ),
        ]

    def __str__(self) -> str:
        return self.name


# Written by code; deleted together with its feed.
class CalendarEvent(models.Model):
    """One event of a feed, and the booking that it became."""

    feed = models.ForeignKey(CalendarFeed, models.CASCADE, related_name="events")
    uid = models.CharField(max_length=255)
    starts_on = models.DateField()
    ends_on = models.DateField()
    summary = models.CharField(max_length=200, blank=True)
    booking = models.ForeignKey(
        Booking, models.SET_NULL, null=True, blank=True, related_name="calendar_events"
    )
    made_booking = models.BooleanField(default=False)
    is_gone = models.BooleanField(default=False)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = SayingField(blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("event of a calendar feed")
        ordering = ["starts_on", "pk"]
        indexes = [models.Index(fields=["starts_on"], name="calendar_event_starts_on")]
        constraints = [
            models.UniqueConstraint(fields=["feed", "uid"], name="calendar_event_unique"),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")), name="calendar_event_in_order"
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(first)s to %(last)s") % {
            "first": spell_day(self.starts_on),
            "last": spell_day(self.ends_on),
        }


@track(mask=["token_digest"], exclude=["read_at"])
class CalendarShare(HouseModel):
    """A private URL at which others can read when a house is occupied."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="calendar_shares")
    name = models.CharField(max_length=100, help_text=_("Who reads it."))
    token_digest = models.CharField(max_length=64, editable=False)
    read_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("shared calendar")
        ordering = ["property__name", "name"]
        constraints = [
            UniqueAlive("property", "name", name="calendar_share_unique"),
            UniqueAlive("token_digest", name="calendar_share_token_unique"),
        ]

    def __str__(self) -> str:
        return self.name
