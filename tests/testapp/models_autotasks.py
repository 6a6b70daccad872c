"""Models for the tests of automatic tasks."""

from django.conf import settings
from django.db import models

from django_modernize.audit import track
from django_modernize.autotasks.models import AutoTaskRecord, AutoTaskTemplate
from django_modernize.autotasks.recurring_models import RecurringTaskRecord, RecurringTaskTemplate
from django_modernize.softdelete import SoftDeleteMixin

__all__ = [
    "Badge",
    "Duty",
    "DutyRecord",
    "DutyTemplate",
    "Routine",
    "RoutineRecord",
    "Venue",
    "Visit",
]


class Badge(SoftDeleteMixin):
    """A word by which venues and visits are grouped."""

    name = models.CharField(max_length=20)


class Venue(models.Model):
    """Where visits take place, with a clock of its own."""

    badges = models.ManyToManyField(Badge)
    name = models.CharField(max_length=50)
    zone = models.CharField(max_length=50, default="UTC")


@track
class Visit(SoftDeleteMixin):
    """What tasks are about."""

    venue = models.ForeignKey(Venue, models.CASCADE)
    status = models.CharField(
        max_length=20,
        choices=[("booked", "Booked"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
        default="booked",
    )
    starts = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    ends = models.DateTimeField(null=True)
    wishes = models.ManyToManyField(Badge)
    guest = models.CharField(max_length=50, blank=True)
    nights = models.IntegerField(null=True)
    vip = models.BooleanField(null=True)
    rate = models.DecimalField(max_digits=8, decimal_places=2, null=True)


class Duty(models.Model):
    """The project's own task."""

    title = models.CharField(max_length=40)
    description = models.TextField(blank=True)
    due_at = models.DateTimeField()
    earliest_at = models.DateTimeField(null=True)
    latest_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=20, default="other")
    status = models.CharField(max_length=20, default="pending")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True)
    venue = models.ForeignKey(Venue, models.CASCADE)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    locked = models.JSONField(default=list)


class DutyTemplate(AutoTaskTemplate):
    """A rule of this project."""

    kind = models.CharField(max_length=20, default="cleaning")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    references = {"assignee": "username", "team": "username"}


class DutyRecord(AutoTaskRecord):
    """What rules have made."""

    template = models.ForeignKey(DutyTemplate, models.CASCADE)
    task = models.ForeignKey(Duty, models.SET_NULL, null=True)


class Routine(RecurringTaskTemplate):
    """Work that comes again at a venue."""

    venue = models.ForeignKey(Venue, models.CASCADE)


class RoutineRecord(RecurringTaskRecord):
    """The days that had theirs."""

    template = models.ForeignKey(Routine, models.CASCADE)
    task = models.ForeignKey(Duty, models.SET_NULL, null=True)
