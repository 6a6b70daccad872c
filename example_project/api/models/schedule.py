"""Recurring work, defined by recurrence rules."""

from typing import Any

from django.conf import settings
from django.db import models

from django_modernize.audit import track
from django_modernize.autotasks import recurring_models

from .base import HouseModel
from .checklist import ChecklistTemplate
from .property import Property
from .task import Task
from .task_choices import TaskType

__all__ = ["GeneratedTask", "ScheduleTemplate"]


@track
class ScheduleTemplate(HouseModel, recurring_models.RecurringTaskTemplate):
    """A recurring task in one house."""

    property = models.ForeignKey(Property, models.CASCADE, related_name="schedules")
    task_type = models.CharField(
        max_length=20, choices=TaskType.choices, default=TaskType.MAINTENANCE
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checklist = models.ForeignKey(
        ChecklistTemplate, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta(recurring_models.RecurringTaskTemplate.Meta):
        verbose_name = "schedule"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a schedule uses the time zone of its house, unless it has its own."""
        self.follow_house()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Validate the schedule in the time zone that it will have."""
        if self.property_id is not None:
            self.follow_house()
        super().clean()

    def follow_house(self) -> None:
        """Use the time zone of the house if no other is set."""
        self.time_zone = self.time_zone or self.property.time_zone


class GeneratedTask(recurring_models.RecurringTaskRecord):
    """The task that a schedule created for one day. Written by code, never by hand."""

    template = models.ForeignKey(ScheduleTemplate, models.CASCADE, related_name="records")
    task = models.ForeignKey(Task, models.SET_NULL, null=True, related_name="generated_records")
