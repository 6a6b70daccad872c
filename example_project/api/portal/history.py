"""History: of one object, and of the whole company on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.apps import apps
from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from api.models import (
    AutoTaskTemplate,
    Booking,
    ChecklistTemplate,
    Document,
    InventoryItem,
    LostFoundItem,
    PermissionOverride,
    Profile,
    Property,
    PropertyInventory,
    PropertyOwnership,
    ScheduleTemplate,
    Task,
    TaskImage,
    User,
)
from api.services.permission import Access, list_visible, sees_all
from django_modernize.audit import describe_events, history
from django_modernize.audit.models import AuditAction, AuditEvent
from django_modernize.audit.reading.descriptions import ChangeLine, EventDescription

from .pages import PortalRequest, portal_page, read_page
from .query_parameters import read_day

__all__ = ["read_timeline", "show_activity", "show_history"]

EVENTS_PER_PAGE: Final = 50

KINDS: Final[Mapping[str, type[Model]]] = {
    model._meta.model_name or "": model
    for model in (
        *(Property, PropertyOwnership, Booking, Task, TaskImage, ChecklistTemplate),
        *(AutoTaskTemplate, ScheduleTemplate, InventoryItem, PropertyInventory, LostFoundItem),
        *(Document, User, Profile, PermissionOverride),
    )
}
"""What has a history to look at."""

PAGES: Final[Mapping[type[Model], str]] = {
    Property: "portal:house",
    Booking: "portal:booking",
    Task: "portal:task",
    AutoTaskTemplate: "portal:rule",
    ScheduleTemplate: "portal:schedule",
}
"""What has a page of its own."""


SHOWN_RELATIONS: Final = frozenset({"property", "user", "task", "item"})
"""What the names of rows speak of."""

NOISE: Final = frozenset(
    {
        *("id", "created_at", "created_by", "created_via"),
        *("modified_at", "modified_by", "modified_via"),
        *("deleted_at", "deleted_by", "deletion_id", "deletion_reason"),
        *("raw_row", "last_import_update", "import_log", "is_superuser", "date_joined"),
    }
)
"""What an event tells anyway by its time, person and reason, or what only machines read."""

WORDS: Final = {
    AuditAction.CREATE: gettext_lazy("created"),
    AuditAction.UPDATE: gettext_lazy("changed"),
    AuditAction.DELETE: gettext_lazy("deleted for good"),
    AuditAction.SOFT_DELETE: gettext_lazy("deleted"),
    AuditAction.RESTORE: gettext_lazy("restored"),
    AuditAction.M2M_ADD: gettext_lazy("linked"),
    AuditAction.M2M_REMOVE: gettext_lazy("unlinked"),
    AuditAction.ERASE: gettext_lazy("values erased"),
}

SOURCES: Final = {
    "manual": gettext_lazy("by hand"),
    "excel_import": gettext_lazy("by an import"),
    "api": gettext_lazy("by the API"),
    "system": gettext_lazy("by the system"),
    "migration": gettext_lazy("by a migration"),
    "database": gettext_lazy("in the database"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """An event in words."""

    event: AuditEvent
    action: Any
    source: Any
    lines: list[ChangeLine]
    kind: str = ""
    name: str = ""
    """What it happened to, where that is not the page's own subject."""
    address: str = ""


def read_timeline(events: Iterable[AuditEvent]) -> list[Happening]:
    """Return events in words. Costs at most two queries for each model that they refer to."""
    return [_tell(entry) for entry in describe_events(events)]


def _tell(entry: EventDescription, **subject: str) -> Happening:
    event = entry.event
    named = zip(event.changes, entry.lines, strict=True)
    return Happening(
        event=event,
        action=WORDS.get(AuditAction(event.action), event.get_action_display()),
        source=SOURCES.get(event.source, event.source),
        lines=[line for name, line in named if name not in NOISE],
        **subject,
    )


@portal_page("api.view_history")
def show_history(request: PortalRequest, kind: str, object_id: int) -> HttpResponse:
    """Show the history of one object, which may be deleted."""
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    row = get_object_or_404(_list_seen(request.access, model), pk=object_id)
    page = read_page(request, history(row), size=EVENTS_PER_PAGE)
    context = {
        "row": row,
        "kind": model._meta.verbose_name,
        "address": _find_address(model, row.pk) if not getattr(row, "is_deleted", False) else "",
        "page": page,
        "timeline": read_timeline(page.object_list),
    }
    return render(request, "portal/history/history.html", context)


@portal_page("api.view_history")
def show_activity(request: PortalRequest) -> HttpResponse:
    """Show who did what on a day, in the reader's time zone.

    Costs five statements besides the frame's, and up to two for each model that events refer to.
    """
    today = timezone.localdate()
    day = min(read_day(request, "day") or today, today)
    begin = timezone.make_aware(datetime.combine(day, time.min))
    events = AuditEvent.objects.during(begin, begin + timedelta(days=1))
    events = events.filter(_of_seen_rows(request.access))
    people = events.order_by("actor_label").values_list("actor_label", flat=True).distinct()
    person = request.GET.get("person", "")
    if person:
        events = events.filter(actor_label=person)
    page = read_page(request, events, size=EVENTS_PER_PAGE)
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "people": [one for one in people if one],
        "person": person,
        "page": page,
        "happenings": _describe(request.access, page.object_list),
    }
    return render(request, "portal/history/activity.html", context)


def _of_seen_rows(access: Access) -> Q:
    """Return the condition for events of rows that a person can see.

    Events of purged rows are shown to whoever can see all rows of their kind.
    """
    whole = [model._meta.label_lower for model in KINDS.values() if sees_all(access, model)]
    told = Q(object_type__in=whole)
    for name, model in KINDS.items():
        if access.may(f"api.view_{name}") and not sees_all(access, model):
            keys = _list_seen(access, model).annotate(key=Cast("pk", CharField())).values("key")
            told |= Q(object_type=model._meta.label_lower, object_id__in=keys)
    return told


def _list_seen(access: Access, model: type[Model]) -> QuerySet[Any]:
    """Return the rows that a person can see, including deleted ones."""
    manager = "all_objects" if hasattr(model, "all_objects") else "objects"
    return list_visible(access, model, manager=manager)


def _describe(access: Access, events: Iterable[AuditEvent]) -> list[Happening]:
    entries = describe_events(events)
    names = _name_rows(access, entries)
    return [_tell(entry, **_name_subject(entry.event, names)) for entry in entries]


def _name_subject(event: AuditEvent, names: Mapping[tuple[str, str], str]) -> dict[str, str]:
    model = apps.get_model(event.object_type)
    name = names.get((event.object_type, event.object_id))
    return {
        "kind": str(model._meta.verbose_name),
        "name": name or gettext("gone for good"),
        "address": _find_address(model, event.object_id) if name else "",
    }


def _name_rows(access: Access, entries: Iterable[EventDescription]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        wanted.setdefault(entry.event.object_type, set()).add(entry.event.object_id)
    names = {}
    for label, keys in wanted.items():
        model = apps.get_model(label)
        rows = _list_seen(access, model).filter(pk__in=keys)
        related = [field.name for field in model._meta.fields if field.name in SHOWN_RELATIONS]
        for row in rows.select_related(*related) if related else rows:
            names[(label, str(row.pk))] = str(row)
    return names


def _find_address(model: type[Model], key: Any) -> str:
    if model in PAGES:
        return reverse(PAGES[model], args=[key])
    return reverse("portal:history", args=[model._meta.model_name, key])
