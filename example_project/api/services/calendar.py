"""Occupancy: which house is taken on which day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.models import Booking, Property, User

from .booking import LIVE
from .permission import get_access, list_visible

__all__ = ["DayState", "HouseCalendar", "Stay", "read_calendar"]

WIDEST_OFFSET: Final = timedelta(days=1)
"""How far a house's day can be from the same day in UTC."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """A booking with its days in the house's time zone."""

    booking_id: int
    guest_name: str
    status: str
    arrival: date
    departure: date


@dataclass(frozen=True, kw_only=True, slots=True)
class DayState:
    """The state of a house on one day."""

    day: date
    state: str
    """``free``, ``arrival``, ``taken``, ``departure`` or ``turnover``."""

    booking_ids: list[int]


@dataclass(kw_only=True, slots=True)
class HouseCalendar:
    """The stays in a house that touch a range of days."""

    house: Property
    first: date
    last: date
    stays: list[Stay] = field(default_factory=list)

    @property
    def taken_nights(self) -> int:
        """How many nights of the range are taken, including that of the last day."""
        end = self.last + timedelta(days=1)
        spans = (min(stay.departure, end) - max(stay.arrival, self.first) for stay in self.stays)
        return sum(max(span.days, 0) for span in spans)

    def list_days(self) -> Iterator[DayState]:
        """Yield the state of the house on each day."""
        for number in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=number)
            here = [stay for stay in self.stays if stay.arrival <= day <= stay.departure]
            yield DayState(
                day=day,
                state=_name_state(day, here),
                booking_ids=[stay.booking_id for stay in here],
            )


def read_calendar(
    *, actor: User, first: date, last: date, house_id: int | None = None
) -> list[HouseCalendar]:
    """Return the houses that a person can see, by name, each with its stays.

    Args:
        actor: Who looks; stays are shown to who may see them.
        first: The first day.
        last: The last day, shown as well.
        house_id: One house alone.

    Costs two queries beside those of the permission, whatever the number of houses and days.
    """
    access = get_access(actor)
    houses = list_visible(access, Property).order_by("name", "pk")
    if house_id is not None:
        houses = houses.filter(pk=house_id)
    calendars = {house.pk: HouseCalendar(house=house, first=first, last=last) for house in houses}
    stays = list_visible(access, Booking).filter(
        LIVE,
        property__in=calendars,
        check_in__lt=_start(last) + timedelta(days=1) + WIDEST_OFFSET,
        check_out__gt=_start(first) - WIDEST_OFFSET,
    )
    columns = ("pk", "property_id", "check_in", "check_out", "guest_name", "status")
    for row in stays.order_by("check_in", "pk").values_list(*columns):
        _add_stay(calendars[row[1]], row)
    return list(calendars.values())


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo("UTC"))


def _add_stay(calendar: HouseCalendar, row: tuple[Any, ...]) -> None:
    pk, _house, check_in, check_out, guest_name, status = row
    zone = ZoneInfo(calendar.house.time_zone)
    arrival, departure = check_in.astimezone(zone).date(), check_out.astimezone(zone).date()
    if arrival <= calendar.last and departure >= calendar.first:
        calendar.stays.append(
            Stay(
                booking_id=pk,
                guest_name=guest_name,
                status=status,
                arrival=arrival,
                departure=departure,
            )
        )


def _name_state(day: date, stays: list[Stay]) -> str:
    if not stays:
        return "free"
    comes = any(stay.arrival == day for stay in stays)
    goes = any(stay.departure == day for stay in stays)
    if comes and goes:
        return "turnover"
    return "arrival" if comes else "departure" if goes else "taken"
