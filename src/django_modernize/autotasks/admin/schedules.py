"""The pages of tasks that come again: the rule is chosen, and the next days are shown."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..exceptions import RuleInvalid
from ..forms import RecurringTaskForm
from ..recurrence import list_next

__all__ = ["RecurringTaskAdminMixin", "RecurringTaskForm"]

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = object


class RecurringTaskAdminMixin(Base):
    """A ``ModelAdmin`` of recurring templates; put it before ``ModelAdmin``."""

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
