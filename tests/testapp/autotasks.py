"""Registers what the automatic tasks of the tests are about."""

from django.db.models import Q

from django_modernize.autotasks import TaskShape, register_subject
from django_modernize.autotasks.neighbours import Neighbours
from django_modernize.autotasks.schedules import register_schedule

from .models_autotasks import DutyRecord, DutyTemplate, Routine, RoutineRecord, Visit

__all__ = ["register_subjects"]


def register_subjects() -> None:
    """Register the subject, and what comes again."""
    register_subject(
        Visit,
        key="visit",
        templates=DutyTemplate,
        records=DutyRecord,
        fields={
            "status": "status",
            "starts": "starts",
            "ends": "ends",
            "day": "day",
            "guest": "guest",
            "nights": "nights",
            "vip": "vip",
            "rate": "rate",
            "venue": "venue_id",
            "venue_name": "venue__name",
            "badges": "venue__badges",
            "wishes": "wishes",
        },
        anchors=["starts", "day"],
        time_zone="venue__zone",
        cancelled=Q(status="cancelled"),
        neighbours=Neighbours(
            place="venue_id", start="starts", end="ends", fields=["guest", "status", "starts"]
        ),
        shape=TaskShape(
            due_at="due_at",
            earliest="earliest_at",
            latest="latest_at",
            subject="visit",
            from_subject={"venue_id": "venue_id"},
            from_template={"kind": "kind"},
            assignee="assigned_to",
            rotation="team",
            open=Q(status="pending"),
            cancel={"status": "cancelled"},
            reopen={"status": "pending"},
            locked="locked",
        ),
    )
    register_schedule(
        Routine,
        records=RoutineRecord,
        fields={"venue_name": "venue__name"},
        shape=TaskShape(
            due_at="due_at",
            from_subject={"venue_id": "venue_id"},
            open=Q(status="pending"),
            cancel={"status": "cancelled"},
            reopen={"status": "pending"},
            locked="locked",
        ),
    )
