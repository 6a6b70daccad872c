"""The pages of tasks that come again: the rule is chosen, and the next days are shown."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..exceptions import RuleInvalid
from ..forms import RecurringTaskForm, describe_counts
from ..models import ChangePolicy
from ..recurrence import list_next
from ..schedule_changes import apply_schedule_changes, plan_schedule_changes

__all__ = ["RecurringTaskAdminMixin", "RecurringTaskForm"]

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = object


class RecurringTaskAdminMixin(Base):
    """A ``ModelAdmin`` of recurring templates; put it before ``ModelAdmin``.

    What becomes of tasks that are planned ahead is asked where it matters.
    """

    form = RecurringTaskForm
    change_form_template = "admin/modernize_autotasks/schedule_form.html"
    list_display = ["name", "is_active", "rule", "next_day", "time_of_day"]
    list_filter = ["is_active"]
    search_fields = ["name", "title"]

    @property
    def media(self) -> forms.Media:
        """Add the styles of previews."""
        return super().media + forms.Media(css={"all": ["modernize_autotasks/rules.css"]})

    @admin.display(description=_("next day"))
    def next_day(self, template: Any) -> datetime.date | None:
        """Return the next day of its rule; costs no query."""
        try:
            days = list_next(
                template.rule,
                start=template.first_day,
                first=timezone.localdate(),
                count=1,
                exceptions=template.exceptions,
            )
        except RuleInvalid:
            return None
        return days[0] if days else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a template, and have the tasks that are planned ahead follow it, if so decided."""
        stored = self.model._base_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        # A list in which rows are changed asks nothing.
        if stored is None or getattr(form, "policy", None) == ChangePolicy.LEAVE:
            return
        if counts := apply_schedule_changes(plan_schedule_changes(stored, obj)):
            messages.info(request, gettext("Tasks: %(told)s.") % {"told": describe_counts(counts)})
