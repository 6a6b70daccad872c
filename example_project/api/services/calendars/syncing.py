"""Syncs the bookings of a house with a calendar: by the events' UIDs, then by dates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from api.models import Booking, CalendarEvent, CalendarFeed, Property, User
from api.models.booking import BookingStatus
from api.models.import_reasons import Saying
from api.services.changes import making_changes
from api.services.locking import lock_rules_of_bookings
from django_modernize.context import change_context, get_context

from .fetching import CalendarFetcher, CalendarUnreachable
from .reading import FeedEvent, read_events

__all__ = ["FeedReport", "sync_feed"]

SOURCE: Final = "ical"
NOTHING: Final = Saying("")
EVENT_FIELDS: Final = (
    "starts_on",
    "ends_on",
    "summary",
    "booking",
    "made_booking",
    "is_gone",
    "problem_code",
    "problem",
    "seen_at",
)


@dataclass(kw_only=True, slots=True)
class FeedReport:
    """What fetching a calendar changed."""

    created: int = 0
    """Bookings that were made."""
    moved: int = 0
    """Bookings that got other days."""
    cancelled: int = 0
    """Bookings that were cancelled, since they vanished."""
    problems: list[str] = field(default_factory=list)
    """What a person has to look at."""
    is_unchanged: bool = False
    """Whether the calendar is the one that was read the last time."""


def sync_feed(
    feed: CalendarFeed, *, actor: User | None = None, fetcher: CalendarFetcher | None = None
) -> FeedReport:
    """Fetch a calendar, and sync the bookings of its house with it.

    An event is known by its name, then by its days; only what no booking stands for is made new. A
    booking that a person moved is left where it is. What vanished is cancelled where the feed says
    so, and never because a calendar came empty.

    Args:
        feed: The feed.
        actor: Who asks for it; nobody for the command that runs by the clock.
        fetcher: What fetches.

    Raises:
        PermissionDenied: The actor may not change the feed.
        CalendarUnreachable: There is no calendar to be had; the feed keeps the reason.

    Costs some fifteen statements, and three for each booking that is made or moved.
    """
    if actor is not None and not actor.has_perm("api.change_calendarfeed", feed):
        raise PermissionDenied
    context = get_context() if actor is None else get_context().replace(actor=actor)
    with change_context(context, source=SOURCE):
        try:
            fetched = (fetcher or CalendarFetcher()).fetch(feed.url, etag=feed.etag)
            if fetched.content is None:
                _note_result(feed, etag=feed.etag, digest=feed.content_digest)
                return FeedReport(is_unchanged=True)
            events = read_events(fetched.content, ZoneInfo(feed.property.time_zone))
            with making_changes():
                lock_rules_of_bookings()
                report = _Sync(feed, events).run()
        except CalendarUnreachable as error:
            _note_result(feed, code=error.code, saying=error.saying)
            raise
        # A calendar with problems is processed again next time, even if it did not change.
        etag = "" if report.problems else fetched.etag
        _note_result(feed, etag=etag, digest=sha256(fetched.content).hexdigest())
    return report


def _note_result(
    feed: CalendarFeed,
    *,
    etag: str = "",
    digest: str = "",
    code: str = "",
    saying: Saying = NOTHING,
) -> None:
    feed.fetched_at, feed.etag, feed.content_digest = timezone.now(), etag, digest
    feed.error_code, feed.error = code, saying
    feed.save(update_fields=["fetched_at", "etag", "content_digest", "error_code", "error"])


class _Sync:
    """One sync of a calendar, with its house locked."""

    def __init__(self, feed: CalendarFeed, events: Sequence[FeedEvent]) -> None:
        self.feed = feed
        self.events = events
        self.report = FeedReport()
        self.now = timezone.now()
        self.house: Property = Property.objects.select_for_update(no_key=True).get(
            pk=feed.property_id
        )
        self.zone = ZoneInfo(self.house.time_zone)
        self.known = {one.uid: one for one in feed.events.select_related("booking")}
        stays = Booking.objects.filter(property=self.house).exclude(status=BookingStatus.CANCELLED)
        self.stays = list(stays)

    def run(self) -> FeedReport:
        """Run the sync.

        Raises:
            CalendarUnreachable: The calendar is empty, and was not before.
        """
        waiting = [one for one in self.known.values() if not one.is_gone and self._is_to_come(one)]
        if not self.events and waiting:
            raise CalendarUnreachable("empty", _("The calendar is empty, and was not before."))
        kept = [self._settle(event) for event in self.events]
        seen = {event.uid for event in self.events}
        vanished = [one for one in self.known.values() if one.uid not in seen and not one.is_gone]
        self._settle_vanished(vanished)
        links = [*kept, *vanished]
        CalendarEvent.objects.bulk_create(one for one in links if one.pk is None)
        known = [one for one in links if one.pk is not None]
        CalendarEvent.objects.bulk_update(known, EVENT_FIELDS, batch_size=500)
        return self.report

    def _settle(self, event: FeedEvent) -> CalendarEvent:
        """Match one event with its booking."""
        link = self.known.get(event.uid) or CalendarEvent(feed=self.feed, uid=event.uid)
        was_gone, former = link.is_gone, (link.starts_on, link.ends_on)
        link.starts_on, link.ends_on = event.starts_on, event.ends_on
        link.summary, link.seen_at, link.is_gone = event.summary, self.now, False
        link.problem_code, link.problem = "", NOTHING
        if not event.is_stay:
            return link
        if link.booking is not None and not link.booking.is_deleted:
            self._follow(link, link.booking, former, was_gone=was_gone)
        elif event.ends_on > self._today():
            self._find_or_make(link, event)
        return link

    def _follow(
        self,
        link: CalendarEvent,
        booking: Booking,
        former: tuple[date | None, date | None],
        *,
        was_gone: bool,
    ) -> None:
        days = self._days_of(booking)
        if was_gone and link.made_booking and booking.status == BookingStatus.CANCELLED:
            self._save(link, booking, {"status": BookingStatus.CONFIRMED})
        if days == (link.starts_on, link.ends_on):
            return
        if not link.made_booking or days != former:
            self._note(link, "differs", Saying(_("the booking has other days; a person decides")))
            return
        values = {
            "check_in": self.house.check_in_at(link.starts_on),
            "check_out": self.house.check_out_at(link.ends_on),
            "nights": (link.ends_on - link.starts_on).days,
        }
        if self._save(link, booking, values):
            self.report.moved += 1

    def _find_or_make(self, link: CalendarEvent, event: FeedEvent) -> None:
        days = (event.starts_on, event.ends_on)
        same = next((one for one in self.stays if self._days_of(one) == days), None)
        if same is not None:
            link.booking, link.made_booking = same, False
            return
        booking = Booking(
            property=self.house,
            check_in=self.house.check_in_at(event.starts_on),
            check_out=self.house.check_out_at(event.ends_on),
            nights=(event.ends_on - event.starts_on).days,
            guest_name=event.summary or self.feed.source,
            status=BookingStatus.CONFIRMED,
            source=self.feed.source,
        )
        overlap = next((one for one in self.stays if self._overlaps(one, booking)), None)
        if overlap is not None:
            text = _("it overlaps the booking %(booking)s")
            self._note(link, "overlap", Saying(text, {"booking": self._name(overlap)}))
        elif self._save(link, booking, {}):
            link.booking, link.made_booking = booking, True
            self.stays.append(booking)
            self.report.created += 1

    def _settle_vanished(self, vanished: Iterable[CalendarEvent]) -> None:
        """Cancel the bookings of vanished events if the feed says so; else a person decides."""
        cancelled: list[int] = []
        for link in vanished:
            link.is_gone, link.seen_at = True, self.now
            booking = link.booking
            if booking is None or booking.is_deleted or not self._is_to_come(link):
                continue
            if self.feed.cancels_vanished and link.made_booking:
                cancelled.append(booking.pk)
            else:
                self._note(link, "vanished", Saying(_("it is no longer in the calendar")))
        living = Booking.objects.filter(pk__in=cancelled).exclude(status=BookingStatus.CANCELLED)
        self.report.cancelled = living.update(status=BookingStatus.CANCELLED) if cancelled else 0

    def _save(self, link: CalendarEvent, booking: Booking, values: Mapping[str, object]) -> bool:
        """Save a booking in a savepoint; return whether the database accepted it."""
        former = {name: getattr(booking, name) for name in values}
        for name, value in values.items():
            setattr(booking, name, value)
        try:
            with transaction.atomic():
                booking.save()
        except IntegrityError:
            for name, value in former.items():
                setattr(booking, name, value)
            self._note(link, "overlap", Saying(_("another booking is in the way")))
            return False
        return True

    def _note(self, link: CalendarEvent, code: str, saying: Saying) -> None:
        link.problem_code, link.problem = code, saying
        self.report.problems.append(f"{link}: {saying}")

    def _name(self, booking: Booking) -> Saying:
        first, last = self._days_of(booking)
        text = _("%(guest)s, %(first)s to %(last)s")
        return Saying(text, {"guest": booking.guest_name, "first": first, "last": last})

    def _days_of(self, booking: Booking) -> tuple[date, date]:
        check_in, check_out = booking.check_in, booking.check_out
        return check_in.astimezone(self.zone).date(), check_out.astimezone(self.zone).date()

    def _overlaps(self, one: Booking, other: Booking) -> bool:
        return one.check_in < other.check_out and other.check_in < one.check_out

    def _is_to_come(self, link: CalendarEvent) -> bool:
        return link.starts_on > self._today()

    def _today(self) -> date:
        return self.now.astimezone(self.zone).date()
