"""Stays of the year around today, between those that the import has brought."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from api.models import AutoTaskTemplate, Booking, Property, User
from api.models.booking import BookingSource, BookingStatus
from api.models.task_choices import TaskStatus
from api.services.changes import making_changes
from api.services.demo_workbook.bookings import CODE_LETTERS, FAMILY_NAMES, GIVEN_NAMES
from django_modernize.context import change_context

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_stays", "change_stays", "find_status", "propose_stays"]

GAPS: Final = (0, 0, 1, 1, 2, 3, 5, 9)
NIGHTS: Final = (2, 3, 3, 4, 5, 7, 7, 10, 14)
RULES: Final = ("Preparation for the owner", "Cot for an infant", "Fresh linen in a long stay")
"""The rules, beside that for the cleaning, that the company has switched on."""

Days = tuple[date, date]


def add_stays(company: "Company") -> None:
    """Book the free days of each house; the rules make their tasks."""
    for rule in AutoTaskTemplate.objects.filter(name__in=RULES):
        rule.is_active = True
        rule.save()
    taken = _read_taken()
    now = timezone.now()
    rows = [
        booking
        for house in company.houses
        for booking in propose_stays(company, house, taken[house.pk], now)
    ]
    maria = company.people["maria"]
    with change_context(actor=maria, reason="Taken over from the calendar"), making_changes():
        Booking.objects.bulk_create(rows)


def propose_stays(
    company: "Company", house: Property, taken: list[Days], now: datetime
) -> list[Booking]:
    """Return stays for the free days of a house; the same for the same dice.

    Args:
        company: Its day, how far stays reach, and the dice.
        house: The house.
        taken: The days that are booked.
        now: What is over, and what is to come.
    """
    return [
        _make_booking(company, house, check_in, check_out, now)
        for check_in, check_out in _find_free(company, taken)
    ]


def change_stays(company: "Company") -> None:
    """Change some as people do: call off, correct, shorten, and delete."""
    people = company.people
    coming = Booking.objects.filter(check_in__gt=timezone.now()).exclude(property=company.sold)
    # The work for the very next guests may be done by now, and would not be called off with them.
    in_order = coming.order_by("check_in", "pk")
    called_off = in_order.filter(tasks__status=TaskStatus.PENDING)[0]
    renamed, shortened, doubled = in_order.exclude(pk=called_off.pk)[:3]
    with _acting(people["maria"], "The guest called"):
        called_off.status = BookingStatus.CANCELLED
        called_off.save()
    with _acting(people["tom"], "Name corrected"):
        renamed.guest_name = f"Dr. {renamed.guest_name}"
        renamed.guest_contact = "+1 555-0142-7788"
        renamed.save()
    with _acting(people["maria"], "Leaves an hour earlier"):
        shortened.check_out -= timedelta(hours=1)
        shortened.save()
    with _acting(people.administrator, "Entered twice"):
        doubled.delete()
    with _acting(people.administrator, "The owner has sold it"):
        # With all that belongs to it.
        company.sold.delete()


@contextmanager
def _acting(person: User, reason: str) -> Iterator[None]:
    with change_context(actor=person, source="manual", reason=reason), making_changes():
        yield


def _read_taken() -> dict[int, list[Days]]:
    """Return the days of each house that are booked, in order."""
    taken: dict[int, list[Days]] = defaultdict(list)
    rows = Booking.objects.exclude(status=BookingStatus.CANCELLED).select_related("property")
    for booking in rows.order_by("check_in"):
        zone = ZoneInfo(booking.property.time_zone)
        taken[booking.property_id].append(
            (booking.check_in.astimezone(zone).date(), booking.check_out.astimezone(zone).date())
        )
    return taken


def _find_free(company: "Company", taken: list[Days]) -> Iterator[Days]:
    """Yield stays that touch none of those that are there; turnovers on one day happen."""
    dice = company.dice
    day = company.today - timedelta(days=company.days - dice.randrange(10))
    end = company.today + timedelta(days=company.days)
    while day < end:
        check_in = day + timedelta(days=dice.choice(GAPS))
        check_out = check_in + timedelta(days=dice.choice(NIGHTS))
        in_the_way = [last for first, last in taken if first < check_out and check_in < last]
        if in_the_way:
            day = max(in_the_way)
            continue
        yield check_in, check_out
        day = check_out


def _make_booking(
    company: "Company", house: Property, check_in: date, check_out: date, now: datetime
) -> Booking:
    dice = company.dice
    source = dice.choices(list(BookingSource), (70, 14, 13, 3))[0]
    booking = Booking(
        property=house,
        check_in=house.check_in_at(check_in),
        check_out=house.check_out_at(check_out),
        guest_name=f"{dice.choice(GIVEN_NAMES)} {dice.choice(FAMILY_NAMES)}",
        source=source,
        nights=(check_out - check_in).days,
        adults=dice.randint(1, 6),
        children=dice.choice((0, 0, 0, 1, 2)),
        infants=dice.choice((0, 0, 0, 0, 0, 1)),
        booked_on=check_in - timedelta(days=dice.randrange(4, 150)),
    )
    code = "".join(dice.choices(CODE_LETTERS, k=8))
    if source in (BookingSource.AIRBNB, BookingSource.VRBO):
        booking.external_code = f"{'HM' if source == BookingSource.AIRBNB else 'HA-'}{code}"
    if source != BookingSource.OWNER:
        booking.earnings = (check_out - check_in).days * dice.randrange(110, 420)
    booking.status = find_status(booking, now)
    return booking


def find_status(booking: Booking, now: datetime) -> BookingStatus:
    """Return what a stay's days make of it."""
    if booking.check_out <= now:
        return BookingStatus.COMPLETED
    if booking.source == BookingSource.OWNER:
        return BookingStatus.OWNER_STAYING
    if booking.check_in <= now:
        return BookingStatus.CURRENTLY_HOSTING
    return BookingStatus.CONFIRMED if booking.external_code else BookingStatus.BOOKED
