"""Abstract models for recurring tasks: templates, and records of the days that have a task.

Both are abstract, as in :mod:`.models`.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .exceptions import RuleInvalid, TextInvalid
from .recurrence import parse_rule
from .texts import compile_text
from .timing import find_zone

__all__ = ["RecurringTaskRecord", "RecurringTaskTemplate"]


class RecurringTaskTemplate(models.Model):
    """A task for each day of a recurrence rule."""

    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)
    rule = models.CharField(
        _("rule"),
        max_length=500,
        help_text=_("As of RFC 5545: FREQ=WEEKLY;BYDAY=MO"),
    )
    first_day = models.DateField(_("first day"))
    exceptions = models.JSONField(
        _("days left out"), default=list, blank=True, help_text=_('["2026-12-24"]')
    )
    time_of_day = models.TimeField(_("time of day"), default=datetime.time(9))
    time_zone = models.CharField(_("time zone"), max_length=63, blank=True)
    horizon_days = models.PositiveIntegerField(_("days ahead"), default=14)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)

    MAX_HORIZON: ClassVar[int] = 400

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Validate that the template can be planned.

        Raises:
            ValidationError: It cannot. The error names the invalid field.
        """
        super().clean()
        if problems := {**self._find_wrong_texts(), **self._find_wrong_values()}:
            raise ValidationError(problems)

    def _find_wrong_texts(self) -> dict[str, Any]:
        """Return the errors of what has to be parsed, by field."""
        from .schedules import get_schedule  # which knows the models

        schedule = get_schedule(type(self))
        problems: dict[str, Any] = {}
        first_day = self.first_day or datetime.date.today()
        for name, check in (
            # That there is none is said by the field, and by forms that write the rule themselves.
            ("rule", lambda: self.rule and parse_rule(self.rule, first_day)),
            ("title", lambda: compile_text(self.title, schedule.subject)),
            ("description", lambda: compile_text(self.description, schedule.subject)),
        ):
            try:
                check()
            except (RuleInvalid, TextInvalid) as error:
                problems[name] = error.messages
        return problems

    def _find_wrong_values(self) -> dict[str, Any]:
        """Return the errors of what is compared with what may be, by field."""
        problems: dict[str, Any] = {}
        if self.time_zone and find_zone(self.time_zone).key != self.time_zone:
            problems["time_zone"] = gettext("“%s” is no time zone.") % self.time_zone
        if (self.horizon_days or 0) > self.MAX_HORIZON:
            problems["horizon_days"] = gettext("At most %d days ahead.") % self.MAX_HORIZON
        if not isinstance(self.exceptions, list):
            problems["exceptions"] = gettext('A list of days: ["2026-12-24"].')
        elif bad := [one for one in self.exceptions if not is_day(one)]:
            problems["exceptions"] = gettext("“%s” is no day: write it as 2026-12-24.") % bad[0]
        return problems


class RecurringTaskRecord(models.Model):
    """Records that a template had its task on a day, so that it is not made twice.

    A project adds two keys: ``template`` to its ``RecurringTaskTemplate``, and ``task`` to its task
    with ``null=True`` and ``on_delete=models.SET_NULL``.
    """

    day = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["template", "day"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return str(self.day)


def is_day(value: Any) -> bool:
    """Return whether a value is a day, as text."""
    try:
        return isinstance(value, str) and bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False
