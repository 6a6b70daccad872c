"""The form of a recurring template: its rule is chosen in words, and its next days are shown."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from ..exceptions import RuleInvalid
from ..models import ChangePolicy
from ..recurrence import FREQUENCIES, build_rule, list_next, read_rule
from .previews import Preview, ask_about_planned_tasks

__all__ = ["RecurringTaskForm"]

CUSTOM: Final = "custom"
NEXT_DAYS: Final = 10

CUSTOM_CHOICE: Final[dict[str, Any]] = {
    "frequency": CUSTOM,
    "interval": 1,
    "weekdays": [],
    "day_of_month": None,
    "last_day": None,
}
"""What is chosen where a rule was written, and not put together in the form."""

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Any]
else:
    BaseForm = forms.ModelForm


class DaysField(forms.CharField):
    """Days, one on each line."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 12})

    def prepare_value(self, value: Any) -> Any:
        """Return stored days as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the lines as days in their order.

        Raises:
            ValidationError: A line is no day.
        """
        day = forms.DateField()
        return sorted(day.clean(line).isoformat() for line in super().clean(value).split())

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other days were filled in; what was shown may come back as lines."""
        known = initial.split() if isinstance(initial, str) else list(initial or [])
        return (data or "").split() != known


class RecurringTaskForm(BaseForm):
    """A recurring template whose rule is chosen in words; *custom* takes any rule."""

    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[
            ("daily", _("daily")),
            ("weekly", _("weekly")),
            ("monthly", _("monthly")),
            ("quarterly", _("quarterly")),
            ("yearly", _("yearly")),
            (CUSTOM, _("custom, by the rule below")),
        ],
        initial="weekly",
    )
    interval = forms.IntegerField(
        label=_("Each how many of them"), min_value=1, max_value=366, initial=1
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("For weekly ones; without any, the weekday of the first day."),
    )
    day_of_month = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("In a shorter month its last day; without one, that of the first day."),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        # A browser shows a day in no other format.
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    exceptions = DaysField(
        label=_("Days left out"), required=False, help_text=_("One on each line: 2026-12-24.")
    )

    next_days: list[datetime.date] | None = None
    """The next ten days, where they were asked for."""

    question: dict[str, Preview] | None = None
    """What becomes of tasks that are planned ahead by each policy, where that is to be decided."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "rule" not in self.fields:
            return
        self.fields["rule"].required = False
        rule = self.instance.rule
        if rule:
            self.initial.update(read_rule(rule, self.instance.first_day) or CUSTOM_CHOICE)
            if not self.is_bound:
                # What is wrong with a stored rule is said when it is saved.
                with suppress(RuleInvalid):
                    self.next_days = self._list_days(timezone.localdate())

    def clean(self) -> Any:
        """Write the rule that was chosen."""
        cleaned = super().clean() or self.cleaned_data
        frequency, first = cleaned.get("frequency"), cleaned.get("first_day")
        if self.errors or first is None:
            return cleaned
        if frequency == CUSTOM:
            if not cleaned.get("rule"):
                self.add_error("rule", _("Write a rule, or choose how often it is."))
        elif frequency in FREQUENCIES:
            cleaned["rule"] = build_rule(
                frequency,
                interval=cleaned["interval"],
                weekdays=cleaned["weekdays"] if frequency == "weekly" else (),
                day_of_month=_find_day(frequency, cleaned.get("day_of_month"), first),
                month=first.month if frequency == "yearly" else None,
                last=cleaned.get("last_day"),
            )
        return cleaned

    @property
    def policy(self) -> str:
        """What was decided about tasks that are planned ahead, a ``ChangePolicy``."""
        decided = self.data.get("_decide")
        return str(decided) if decided in ChangePolicy.values else ChangePolicy.UPDATE.value

    def is_valid(self) -> bool:
        """Return whether it can be saved now: not where something is shown or asked first."""
        if not super().is_valid():
            return False
        try:
            if "_preview" in self.data:
                first = max(self.instance.first_day, timezone.localdate())
                self.next_days = self._list_days(first)
            elif "_decide" not in self.data:
                self.question = self._ask()
        except RuleInvalid as error:
            self.add_error("rule", error)
        return self.next_days is None and self.question is None and not self.errors

    def _ask(self) -> dict[str, Preview] | None:
        stored = self._meta.model._base_manager.filter(pk=self.instance.pk).first()
        return ask_about_planned_tasks(stored, self.instance) if stored else None

    def _list_days(self, first: datetime.date) -> list[datetime.date]:
        template = self.instance
        return list_next(
            template.rule,
            start=template.first_day,
            first=first,
            count=NEXT_DAYS,
            exceptions=template.exceptions,
        )


def _find_day(frequency: str, chosen: int | None, first: datetime.date) -> int | None:
    """Return the day of the month, so that what begins on the 31st comes each month."""
    return (chosen or first.day) if frequency in ("monthly", "quarterly", "yearly") else None
