"""Says what rules may know of bookings and houses, and how they write tasks."""

from typing import Final

from django.db.models import Q

from api.models import (
    AutoTaskRecord,
    AutoTaskTemplate,
    Booking,
    GeneratedTask,
    ScheduleTemplate,
)
from api.models.booking import BookingStatus
from api.models.task_choices import TaskStatus
from api.services.bulk_insert import insert_rows
from api.services.locking import lock_work
from api.services.permission import require_new_workers
from django_modernize.autotasks import TaskShape, register_subject
from django_modernize.autotasks.neighbours import Neighbours
from django_modernize.autotasks.schedules import register_schedule

from .checklists import add_checklists

__all__ = ["OPEN", "register_rules"]

OPEN: Final = Q(status__in=[TaskStatus.PENDING, TaskStatus.WAITING_DEPENDENCY])
"""The tasks that nobody has begun: rules may still move and cancel them."""


# What rules may say of a booking, and where it is found.
BOOKING_FIELDS: Final = {
    "property": "property_id",
    "property_name": "property__name",
    "property_type": "property__property_type",
    "property_tags": "property__tags",
    "status": "status",
    "source": "source",
    "code": "external_code",
    "guest_name": "guest_name",
    "check_in": "check_in",
    "check_out": "check_out",
    "nights": "nights",
    "adults": "adults",
    "children": "children",
    "infants": "infants",
    "earnings": "earnings",
    "same_day": "same_day_flag",
}


def register_rules() -> None:
    """Register bookings as what rules are about, and schedules; costs no query."""
    register_subject(
        Booking,
        key="booking",
        templates=AutoTaskTemplate,
        records=AutoTaskRecord,
        fields=BOOKING_FIELDS,
        anchors=["check_in", "check_out"],
        time_zone="property__time_zone",
        cancelled=Q(status=BookingStatus.CANCELLED),
        neighbours=Neighbours(
            place="property_id",
            start="check_in",
            end="check_out",
            fields=["status", "guest_name", "check_in", "check_out", "nights"],
        ),
        shape=_shape_booking_task(),
    )
    register_schedule(
        ScheduleTemplate,
        records=GeneratedTask,
        fields={"property_name": "property__name"},
        shape=_shape_scheduled_task(),
    )


def _shape_booking_task() -> TaskShape:
    """Say how a rule writes a task, follows its booking and leaves alone what a person set."""
    return TaskShape(
        due_at="due_date",
        earliest="earliest_at",
        latest="latest_at",
        subject="booking",
        from_subject={"property_id": "property_id"},
        from_template={"task_type": "task_type", "made_by_id": "pk"},
        assignee="assigned_to",
        rotation="assignees",
        open=OPEN,
        cancel={"status": TaskStatus.CANCELLED.value},
        reopen={"status": TaskStatus.PENDING.value},
        locked="locked_fields",
        lock=lock_work,
        insert=insert_rows,
        judge=require_new_workers,
        made=add_checklists,
    )


def _shape_scheduled_task() -> TaskShape:
    """Say how a schedule writes a task, and leaves alone what a person set."""
    return TaskShape(
        due_at="due_date",
        from_subject={"property_id": "property_id"},
        from_template={"task_type": "task_type"},
        assignee="assigned_to",
        open=OPEN,
        cancel={"status": TaskStatus.CANCELLED.value},
        reopen={"status": TaskStatus.PENDING.value},
        locked="locked_fields",
        lock=lock_work,
        insert=insert_rows,
        made=add_checklists,
    )
