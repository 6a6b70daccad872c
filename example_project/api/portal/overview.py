"""The manager's overview: occupancy, upcoming and late work, and recent imports."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from api.models import Booking, BookingImportLog, Property, Task
from api.models.task_choices import TaskType
from api.services.booking import LIVE
from api.services.days import name_day
from api.services.import_plan import count_open_conflicts
from api.services.permission import list_visible

from .charts import Bar, Part, draw_bars
from .pages import PortalRequest, portal_page
from .tasks import OPEN, SOON

__all__ = ["show_overview"]

DAYS: Final = 30
IMPORTS: Final = 12


@portal_page("api.view_reports")
def show_overview(request: PortalRequest) -> HttpResponse:
    """Show a few figures and charts. Costs eight statements beside the frame's."""
    today = timezone.localdate()
    houses = list_visible(request.access, Property).count()
    days = _count_days(request, today)
    late = _count_late(request)
    context = {
        "today": today,
        "houses": houses,
        "figures": _list_figures(request, houses, days, late),
        "occupancy": _draw_occupancy(today, days, houses),
        "turnovers": _draw_turnovers(today, days),
        "late": _draw_late(late),
        "imports": _draw_imports(request),
    }
    return render(request, "portal/overview/overview.html", context)


class DayCounts:
    """The counts of each day, in the houses' time zones."""

    def __init__(self) -> None:
        self.nights: Counter[date] = Counter()
        self.arrivals: Counter[date] = Counter()
        self.departures: Counter[date] = Counter()
        self.turnovers: Counter[date] = Counter()


def _count_days(request: PortalRequest, today: date) -> DayCounts:
    begin = timezone.make_aware(datetime.combine(today - timedelta(days=1), time.min))
    stays = list_visible(request.access, Booking).filter(
        LIVE, check_out__gt=begin, check_in__lt=begin + timedelta(days=DAYS + 2)
    )
    found = stays.order_by("property_id", "check_in").values_list(
        "property_id", "property__time_zone", "check_in", "check_out"
    )
    days = DayCounts()
    previous: tuple[int, date] | None = None
    for house, zone_name, check_in, check_out in found:
        zone = ZoneInfo(zone_name)
        first, last = check_in.astimezone(zone).date(), check_out.astimezone(zone).date()
        days.arrivals[first] += 1
        days.departures[last] += 1
        days.turnovers[first] += previous == (house, first)
        previous = (house, last)
        day = max(first, today)
        while day < min(last, today + timedelta(days=DAYS)):
            days.nights[day] += 1
            day += timedelta(days=1)
    return days


def _count_late(request: PortalRequest) -> dict[str, int]:
    tasks = list_visible(request.access, Task).filter(status__in=OPEN, due_date__lt=timezone.now())
    counted = tasks.order_by().values_list("task_type").annotate(count=Count("pk"))
    return dict(counted.values_list("task_type", "count"))


def _list_figures(
    request: PortalRequest, houses: int, days: DayCounts, late: dict[str, int]
) -> list[dict[str, Any]]:
    today = timezone.localdate()
    conflicts = count_open_conflicts(request.access)
    unassigned = list_visible(request.access, Task).filter(
        status__in=OPEN, assigned_to__isnull=True, due_date__lt=timezone.now() + SOON
    )
    tasks, calendar = reverse("portal:tasks"), reverse("portal:calendar")
    return [
        {
            "label": _("Houses taken tonight"),
            "value": f"{days.nights[today]} / {houses}",
            "address": f"{reverse('portal:bookings')}?when=now",
        },
        {"label": _("Arrivals today"), "value": days.arrivals[today], "address": calendar},
        {"label": _("Departures today"), "value": days.departures[today], "address": calendar},
        {"label": _("Turnovers today"), "value": days.turnovers[today], "address": calendar},
        {
            "label": _("Late tasks"),
            "value": sum(late.values()),
            "is_bad": bool(late),
            "address": f"{tasks}?due=late",
        },
        {
            "label": _("For nobody yet, due in two days"),
            "value": unassigned.count(),
            "address": f"{tasks}?who=nobody&due=soon",
        },
        *([_describe_conflicts(conflicts)] if conflicts else []),
    ]


def _describe_conflicts(count: int) -> dict[str, Any]:
    address = reverse("portal:imports")
    return {
        "label": _("Conflicts of imports to decide"),
        "value": count,
        "is_bad": True,
        "address": address,
    }


def _list_dates(today: date) -> list[date]:
    return [today + timedelta(days=number) for number in range(DAYS)]


def _draw_occupancy(today: date, days: DayCounts, houses: int) -> dict[str, Any]:
    title = _("Nights taken, of %(houses)s houses") % {"houses": houses}
    rows = [(day, days.nights[day]) for day in _list_dates(today)]
    bars = [
        Bar(str(day.day), _say(day, count), (Part(count, "main"),), day.weekday() >= 5)
        for day, count in rows
    ]
    drawn = draw_bars(bars, title=title, top=houses)
    return {
        "title": title,
        "drawing": drawn,
        "rows": [(name_day(day), count) for day, count in rows],
    }


def _draw_turnovers(today: date, days: DayCounts) -> dict[str, Any]:
    # Not named by color, which differs between light and dark mode.
    title = _(
        "Departures for each day, at the foot of each bar those with an arrival on the same day"
    )
    rows = [(day, days.departures[day], days.turnovers[day]) for day in _list_dates(today)]
    bars = [
        Bar(
            str(day.day),
            _say(day, departures),
            (Part(turnovers, "strong"), Part(departures - turnovers, "main")),
            day.weekday() >= 5,
        )
        for day, departures, turnovers in rows
    ]
    return {
        "title": title,
        "drawing": draw_bars(bars, title=title),
        "rows": [(name_day(day), f"{count} ({turnovers})") for day, count, turnovers in rows],
    }


def _draw_late(late: dict[str, int]) -> dict[str, Any]:
    ranked = sorted(late.items(), key=lambda pair: -pair[1])
    return {
        "title": _("Late tasks by type"),
        "rows": [(str(TaskType(kind).label), count) for kind, count in ranked],
        "most": max(late.values(), default=1),
    }


def _draw_imports(request: PortalRequest) -> dict[str, Any]:
    title = _("The last imports: rows that were taken, in conflict and refused")
    logs = list(list_visible(request.access, BookingImportLog)[:IMPORTS])[::-1]
    bars, rows = [], []
    for log in logs:
        taken = log.created_count + log.updated_count + log.unchanged_count
        day = timezone.localdate(log.imported_at)
        words = _("%(taken)s taken, %(conflicts)s in conflict, %(refused)s refused") % {
            "taken": taken,
            "conflicts": log.conflict_count,
            "refused": log.refused_count,
        }
        parts = (
            Part(taken, "good"),
            Part(log.conflict_count, "warn"),
            Part(log.refused_count, "bad"),
        )
        bars.append(Bar(str(day.day), f"{log.file_name}, {name_day(day)}: {words}", parts))
        rows.append((f"{name_day(day)}, {log.file_name}", words))
    return {"title": title, "drawing": draw_bars(bars, title=title), "rows": rows}


def _say(day: date, count: int) -> str:
    words = ngettext("%(count)s house", "%(count)s houses", count) % {"count": count}
    return f"{name_day(day)}: {words}"
