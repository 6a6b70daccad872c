"""The occupancy calendar: houses by days, and stays that can be moved."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST

from api.models import Booking, Property
from api.models.booking import BookingStatus
from api.services.booking import LIVE, find_conflicts, move_booking, place_stay
from api.services.import_plan import OpenConflict, list_open_conflicts
from api.services.permission import list_visible, may_change_object

from .calendar_rows import COLUMNS, STATUS_CLASSES, DayCount, make_rows
from .pages import PortalRequest, portal_page, read_page
from .query_parameters import read_day

__all__ = ["preview_move", "save_move", "show_calendar"]

SPANS: Final = (14, 30, 60)
LEGEND: Final = (
    BookingStatus.CONFIRMED,
    BookingStatus.BOOKED,
    BookingStatus.CURRENTLY_HOSTING,
    BookingStatus.OWNER_STAYING,
    BookingStatus.COMPLETED,
)
HOUSES_PER_PAGE: Final = 60
LOOK_BACK: Final = timedelta(days=3)


@gzip_page
@portal_page("api.view_booking")
def show_calendar(request: PortalRequest) -> HttpResponse:
    """Show who stays where, and when.

    Costs three statements besides the frame's, plus one for import conflicts if the user may
    import, or four if there are any.
    """
    return render(request, "portal/calendar/calendar.html", _collect(request))


@portal_page("api.view_booking")
def preview_move(request: PortalRequest, booking_id: int) -> HttpResponse:
    """Show what moving a stay would do, before anything is stored.

    The query string has ``shift``, a number of days, and ``house``, the target. Costs four
    statements besides the frame's.
    """
    booking, move = _read_move(request, booking_id)
    stay = Booking(pk=booking.pk, status=booking.status, **place_stay(booking, **move))
    context = {
        "booking": booking,
        "stay": stay,
        "conflicts": find_conflicts(stay),
        "shift": request.GET.get("shift", 0),
        "may_change": may_change_object(request.access, "api.change_booking", booking),
    }
    return render(request, "portal/calendar/move.html", context)


@portal_page("api.view_booking")
@require_POST
def save_move(request: PortalRequest, booking_id: int) -> HttpResponse:
    """Move a stay, and show the updated calendar."""
    booking, move = _read_move(request, booking_id)
    try:
        move_booking(actor=request.user, booking=booking, **move)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, _("The stay of %(guest)s is moved.") % {"guest": booking.guest_name}
        )
    if request.htmx:
        return render(request, "portal/calendar/moved.html", _collect(request))
    return redirect("portal:calendar")


def _read_move(request: PortalRequest, booking_id: int) -> tuple[Booking, dict[str, Any]]:
    """Return a booking, and its new place."""
    asked = request.POST or request.GET
    rows = list_visible(request.access, Booking).select_related("property")
    booking = get_object_or_404(rows, pk=booking_id)
    houses = list_visible(request.access, Property)
    house_id = _read_number(asked.get("house"), booking.property_id)
    house = booking.property
    if house_id != booking.property_id:
        house = get_object_or_404(houses, pk=house_id)
    shift = timedelta(days=max(-3650, min(3650, _read_number(asked.get("shift"), 0))))
    first, last = booking.find_days()
    return booking, {"house": house, "first_day": first + shift, "last_day": last + shift}


def _collect(request: PortalRequest) -> dict[str, Any]:
    first = read_day(request, "from") or timezone.localdate() - LOOK_BACK
    days = _read_number(request.GET.get("days"), SPANS[1])
    days = days if days in SPANS else SPANS[1]
    houses = list_visible(request.access, Property)
    words = request.GET.get("q", "").strip()
    if words:
        houses = houses.filter(name__icontains=words)
    page = read_page(request, houses, size=HOUSES_PER_PAGE)
    dates = [first + timedelta(days=number) for number in range(days)]
    conflicts = _list_conflicts(request, page, dates)
    stays = _list_stays(request, page, first, days)
    disputed = {one.row.booking_id for one in conflicts if one.row.booking_id}
    rows, counts = make_rows(page.object_list, stays, first, days, disputed=disputed)
    return {
        "page": page,
        "rows": rows,
        "conflicts": conflicts,
        "legend": [(STATUS_CLASSES[one], one.label) for one in LEGEND],
        "days": list(_describe_days(dates, counts)),
        "first": first,
        "span": days,
        "spans": SPANS,
        "earlier": first - timedelta(days=days),
        "later": first + timedelta(days=days),
        "words": words,
        "may_move": request.access.may("api.change_booking"),
    }


def _list_stays(request: PortalRequest, page: Page[Any], first: date, days: int) -> list[Any]:
    # One more day on each side, since a house's day may differ from the company's.
    begin = timezone.make_aware(datetime.combine(first - timedelta(days=1), time.min))
    end = begin + timedelta(days=days + 2)
    stays = list_visible(request.access, Booking).filter(
        LIVE,
        property__in=[house.pk for house in page.object_list],
        check_in__lt=end,
        check_out__gt=begin,
    )
    return list(stays.order_by("property_id", "check_in").values_list(*COLUMNS))


def _list_conflicts(
    request: PortalRequest, page: Page[Any], dates: list[date]
) -> list[OpenConflict]:
    """Return the import conflicts in the shown range, also those of houses yet to be created."""
    shown = {house.pk for house in page.object_list} | {None}
    found = list_open_conflicts(request.access, first_day=dates[0], last_day=dates[-1])
    return [one for one in found if one.house_id in shown]


def _describe_days(dates: list[date], counts: list[DayCount]) -> Any:
    today = timezone.localdate()
    for day, count in zip(dates, counts, strict=True):
        yield {
            "day": day,
            "count": count,
            "is_today": day == today,
            "is_weekend": day.weekday() >= 5,
            "begins_month": day.day == 1,
        }


def _read_number(text: str | None, default: int) -> int:
    try:
        return int(text or default)
    except ValueError:
        return default
