"""The navigation: each person sees what the permission matrix lets them open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from api.services.import_plan import count_open_conflicts
from api.services.notification import count_unread
from api.services.permission import Access, get_access

__all__ = ["ENTRIES", "Entry", "list_entries", "show_navigation"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the navigation."""

    route: str
    """The name of its first page, as ``portal:houses``."""
    label: Any
    icon: str
    """A name of Lucide."""
    permissions: tuple[str, ...] = ()
    """Any of them opens it; none of them: everybody."""
    is_near: bool = False
    """Whether it is within the thumb's reach on a phone."""

    @property
    def address(self) -> str:
        """The path of its first page."""
        return reverse(self.route)

    def is_open(self, access: Access) -> bool:
        """Return whether a person may open it."""
        return not self.permissions or any(map(access.may, self.permissions))


ENTRIES: Final = (
    Entry(
        route="portal:overview",
        label=_("Overview"),
        icon="layout-dashboard",
        permissions=("api.view_reports",),
        is_near=True,
    ),
    Entry(
        route="portal:my_day",
        label=_("My day"),
        icon="sun",
        permissions=("api.change_task",),
        is_near=True,
    ),
    Entry(
        route="portal:calendar",
        label=_("Calendar"),
        icon="calendar",
        permissions=("api.view_booking",),
        is_near=True,
    ),
    Entry(
        route="portal:houses",
        label=_("Houses"),
        icon="house",
        permissions=("api.view_property",),
    ),
    Entry(
        route="portal:bookings",
        label=_("Bookings"),
        icon="bed",
        permissions=("api.view_booking",),
    ),
    Entry(
        route="portal:tasks",
        label=_("Tasks"),
        icon="list-checks",
        permissions=("api.view_task",),
        is_near=True,
    ),
    Entry(
        route="portal:rules",
        label=_("Task rules"),
        icon="workflow",
        permissions=("api.view_autotasktemplate",),
    ),
    Entry(
        route="portal:schedules",
        label=_("Schedules"),
        icon="calendar-clock",
        permissions=("api.view_scheduletemplate",),
    ),
    Entry(
        route="portal:photos",
        label=_("Photos"),
        icon="image",
        permissions=("api.approve_taskimage",),
    ),
    Entry(
        route="portal:inventory",
        label=_("Inventory"),
        icon="package",
        permissions=("api.view_propertyinventory",),
    ),
    Entry(
        route="portal:lost_found",
        label=_("Lost and found"),
        icon="search",
        permissions=("api.view_lostfounditem",),
    ),
    Entry(
        route="portal:people",
        label=_("People"),
        icon="users",
        permissions=("api.view_user",),
    ),
    Entry(
        route="portal:activity",
        label=_("Who did what"),
        icon="history",
        permissions=("api.view_history",),
    ),
    Entry(
        route="portal:recycle",
        label=_("Recycle bin"),
        icon="trash-2",
        permissions=("api.restore_deleted",),
    ),
    Entry(route="portal:notices", label=_("Notices"), icon="bell"),
    Entry(
        route="portal:imports",
        label=_("Imports"),
        icon="file-up",
        permissions=("api.import_bookings",),
    ),
    Entry(route="portal:profile", label=_("My profile"), icon="circle-user"),
)


def list_entries(access: Access) -> list[Entry]:
    """Return the entries that a person may open, in order."""
    return [entry for entry in ENTRIES if entry.is_open(access)]


def show_navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``navigation``, the active route as ``here``, and counts of pending items.

    A context processor; it runs no query until a template uses the values.
    """
    match = request.resolver_match
    return {
        "navigation": SimpleLazyObject(lambda: list(_list_for(request))),
        "unread_notices": SimpleLazyObject(lambda: _count_for(request)),
        "open_conflicts": SimpleLazyObject(lambda: _count_conflicts(request)),
        "here": match.view_name if match else "",
    }


def _count_for(request: HttpRequest) -> int:
    return count_unread(actor=request.user) if request.user.is_authenticated else 0


def _count_conflicts(request: HttpRequest) -> int:
    return count_open_conflicts(get_access(request.user))


def _list_for(request: HttpRequest) -> Iterator[Entry]:
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        yield from list_entries(get_access(user))
