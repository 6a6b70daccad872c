"""The form for creating or changing a task."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import Property, Task, User
from api.models.task_choices import TaskType
from api.seen_values import SeenValuesMixin
from api.services.permission import list_visible, list_workers
from api.services.task import change_task, create_task

from .forms import offer_rows
from .pages import PortalRequest, find_editable, portal_page

__all__ = ["edit_task"]


class TaskForm(SeenValuesMixin, forms.Form):
    """The fields of a task; the due date and time are in the house's time zone."""

    title = forms.CharField(label=_("Title"), max_length=200)
    property = forms.ModelChoiceField(queryset=Property.objects.none(), label=_("House"))
    task_type = forms.ChoiceField(label=_("Type"), choices=TaskType.choices)
    assigned_to = forms.ModelChoiceField(
        queryset=User.objects.none(), label=_("Assigned to"), required=False
    )
    day = forms.DateField(
        label=_("Due on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    hour = forms.TimeField(
        label=_("Due at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, *args: Any, request: PortalRequest, task: Task | None, **kwargs: Any
    ) -> None:
        # Set before the fields are created, which depend on it.
        self.instance = task
        super().__init__(*args, **kwargs)
        offer_rows(self, "property", list_visible(request.access, Property))
        keep = Q(pk=task and task.assigned_to_id)
        offer_rows(self, "assigned_to", list_workers(request.access, keep=keep))
        if task is not None and (window := task.describe_window()):
            self.fields["day"].help_text = _("From %(window)s.") % {"window": window}
        if not request.access.may("api.assign_task"):
            del self.fields["assigned_to"]
        if task is not None and task.booking_id is not None:
            # Follows from the booking.
            del self.fields["property"]

    def read_values(self, task: Task | None) -> dict[str, Any]:
        """Return the values for the service."""
        given = dict(self.cleaned_data)
        house: Property = given.get("property") or task.property  # type: ignore[union-attr]
        day, hour = given.pop("day"), given.pop("hour") or time(12)
        zone = ZoneInfo(house.time_zone)
        due = datetime.combine(day, hour, zone) if day else None
        stored = task and task.due_date
        # The form shows no seconds; an untouched due date keeps its own.
        is_same = stored and due == stored.replace(second=0, microsecond=0)
        given["due_date"] = stored if is_same else due
        return given


@portal_page("api.add_task", "api.change_task")
def edit_task(request: PortalRequest, task_id: int | None = None) -> HttpResponse:
    """Change or create a task."""
    task = find_editable(request, Task, task_id)
    given = request.POST if request.method == "POST" else None
    form = TaskForm(given, request=request, task=task, initial=_describe(task))
    if form.is_valid():
        values = form.read_values(task)
        try:
            if task is None:
                stored = create_task(actor=request.user, **values)
            else:
                stored = change_task(actor=request.user, task=task, **values)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, gettext("The task is saved."))
            return redirect("portal:task", stored.pk)
    return render(request, "portal/tasks/form.html", {"form": form, "task": task})


def _describe(task: Task | None) -> dict[str, Any]:
    if task is None:
        return {}
    due = task.due_date and task.due_date.astimezone(ZoneInfo(task.property.time_zone))
    return {
        **{name: getattr(task, name) for name in ("title", "task_type", "description")},
        "property": task.property_id,
        "assigned_to": task.assigned_to_id,
        "day": due.date() if due else None,
        # The form has no seconds.
        "hour": due.time().replace(second=0, microsecond=0) if due else None,
    }
