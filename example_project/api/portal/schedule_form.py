"""The form of a schedule; the recurrence rule is chosen in words."""

from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from api.models import ChecklistTemplate, Property, ScheduleTemplate
from api.models.base import list_time_zones
from api.seen_values import SeenValuesMixin
from api.services.permission import Access, list_visible, list_workers
from api.services.task_template.schedules import EDITABLE
from django_modernize.autotasks.forms import RecurringTaskForm
from django_modernize.autotasks.schedules import get_schedule
from django_modernize.autotasks.texts import is_readable

from .forms import offer_rows

__all__ = ["ScheduleForm"]

GROUPS: Final = (
    (
        _("When"),
        (
            *("frequency", "interval", "weekdays", "day_of_month", "rule"),
            *("first_day", "last_day", "time_of_day", "exceptions"),
        ),
    ),
    (_("The task"), ("title", "description", "task_type", "checklist", "assignee")),
)
"""Heading and fields of each part."""

LIMITS: Final = ("horizon_days", "time_zone")


class ScheduleForm(SeenValuesMixin, RecurringTaskForm):
    """Recurring work in a house."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=[
            ("", _("that of the house")),
            *((name, name.replace("_", " ")) for name in sorted(list_time_zones())),
        ],
    )

    class Meta:
        model = ScheduleTemplate
        fields = sorted(EDITABLE)
        labels = {
            "property": _("House"),
            "task_type": _("Type"),
            "checklist": _("Checklist"),
            "assignee": _("Assigned to"),
        }
        help_texts = {
            "checklist": _("Without one, that of the type."),
            "horizon_days": _("So many days before they are due the tasks are made."),
        }
        widgets = {
            "first_day": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "time_of_day": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "description": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep = Q(pk=self.instance.assignee_id)
        offer_rows(self, "assignee", list_workers(access, keep=keep).order_by("username"))
        offer_rows(self, "checklist", list_visible(access, ChecklistTemplate).order_by("name"))
        offer_rows(self, "property", list_visible(access, Property))
        stored = self.instance
        if stored.pk is not None and stored.time_zone == stored.property.time_zone:
            # It follows the house, even to another one.
            self.initial["time_zone"] = ""

    def read_values(self) -> dict[str, Any]:
        """Return the values for the service."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}

    def list_groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the sections of the form with their fields."""
        return [(heading, [self[name] for name in names]) for heading, names in GROUPS]

    def list_limits(self) -> list[forms.BoundField]:
        """Return the fields that few schedules need."""
        return [self[name] for name in LIMITS]

    def has_wrong_limits(self) -> bool:
        """Return whether one of the limits is invalid, so that they must not be folded."""
        return any(field.errors for field in self.list_limits())

    def list_placeholders(self) -> list[tuple[str, str]]:
        """Return the placeholders for texts, each with its description."""
        named = get_schedule(ScheduleTemplate).subject.fields.items()
        return [("{" + name + "}", str(field.label)) for name, field in named if is_readable(field)]
