"""A row of each of AriStay's tables, for tests that walk over all of them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from api import models
from api.models.auth import Role
from api.models.task_choices import TaskType
from tests.documents import document

NUMBERS = count(1)
NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)


def take_photo():
    """Return a small picture as a browser sends it."""
    stream = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(stream, "PNG")
    return SimpleUploadedFile("photo.png", stream.getvalue(), "image/png")


def bring_paper():
    """Return a PDF file as a browser sends it."""
    return SimpleUploadedFile("manual.pdf", document(), "application/pdf")


def make_user(role=Role.VIEWER, **profile):
    """Make a person of a role."""
    user = models.User.objects.create_user(
        f"{role}{next(NUMBERS)}",
        password="secret-person",
        is_superuser=role == Role.SUPERUSER,
        is_staff=role in (Role.MANAGER, Role.SUPERUSER),
    )
    models.Profile.objects.filter(user=user).update(role=role, **profile)
    return models.User.objects.get(pk=user.pk)


def read(task):
    """Return a task as it is stored now, deleted or not."""
    return models.Task.all_objects.get(pk=task.pk)


def change(row, **values):
    """Set attributes of a row, unsaved, and return it."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


@dataclass
class Corner:
    """One house with the people whose it is; makes a row of any table that belongs there."""

    house: Any
    owner: Any = None
    worker: Any = None
    made: dict[Any, Any] = field(default_factory=dict)

    def make(self, model, **values):
        """Make a row, and the rows that it needs, which are then shared."""
        if model is models.Profile:
            return self.make(models.User).profile
        number = next(NUMBERS)
        needed = MAKERS[model](self, number)
        return model.objects.create(**{**needed, **values})

    def get(self, model):
        """Return the row of a table that others need."""
        if model is models.Property:
            return self.house
        if model not in self.made:
            self.made[model] = self.make(model)
        return self.made[model]

    def person(self):
        """Return whose the rows are."""
        return self.worker or self.owner or self.get(models.User)


def make_booking(corner, number):
    check_in = NOW + timedelta(days=10 * number)
    return {
        "property": corner.house,
        "check_in": check_in,
        "check_out": check_in + timedelta(days=3),
        "guest_name": f"Guest {number}",
    }


MAKERS = {
    models.User: lambda corner, number: {"username": f"person{number}"},
    models.Property: lambda corner, number: {"name": f"House {number}"},
    models.PropertyTag: lambda corner, number: {"name": f"tag {number}"},
    models.PropertyAlias: lambda corner, number: {
        "property": corner.house, "label": f"label {number}",
    },
    models.PropertyOwnership: lambda corner, number: {
        "property": corner.house, "user": models.User.objects.create(username=f"co{number}"),
    },
    models.Booking: make_booking,
    models.BookingImportLog: lambda corner, number: {
        "file_name": f"{number}.xlsx",
        "file_digest": "0" * 64,
        "sheet": "one",
        "request_id": f"00000000-0000-0000-0000-{number:012}",
        "row_count": 1,
    },
    models.BookingImportPlan: lambda corner, number: {
        "file_name": f"{number}.csv",
        "file_type": "csv",
        "file_digest": "0" * 64,
        "status": "discarded",
        "request_id": f"00000000-0000-0000-0001-{number:012}",
    },
    models.BookingImportPlanRow: lambda corner, number: {
        "plan": corner.get(models.BookingImportPlan), "row_number": number, "outcome": "refused",
    },
    models.BookingImportLabel: lambda corner, number: {
        "plan": corner.get(models.BookingImportPlan), "label": f"label {number}",
    },
    models.BookingImportTemplate: lambda corner, number: {"name": f"sender {number}"},
    models.CalendarFeed: lambda corner, number: {
        "property": corner.house, "name": f"feed {number}", "url": "https://feeds.invalid/a.ics",
    },
    models.CalendarShare: lambda corner, number: {
        "property": corner.house, "name": f"reader {number}", "token_digest": f"{number:064}",
    },
    models.Task: lambda corner, number: {
        "title": f"Task {number}",
        "property": corner.house,
        "task_type": TaskType.LAUNDRY,
        "assigned_to": corner.worker,
    },
    models.TaskDependency: lambda corner, number: {
        "task": corner.get(models.Task), "needed": corner.make(models.Task),
    },
    models.TaskWork: lambda corner, number: {
        "task": corner.get(models.Task),
        "user": corner.person(),
        "started_at": NOW,
        "ended_at": NOW,
    },
    models.TaskImage: lambda corner, number: {
        "task": corner.get(models.Task), "image": take_photo(),
    },
    models.ChecklistTemplate: lambda corner, number: {"name": f"list {number}"},
    models.ChecklistItem: lambda corner, number: {
        "template": corner.get(models.ChecklistTemplate), "title": f"item {number}",
    },
    models.TaskChecklist: lambda corner, number: {
        "task": corner.make(models.Task), "template": corner.get(models.ChecklistTemplate),
    },
    models.ChecklistResponse: lambda corner, number: {
        "checklist": corner.get(models.TaskChecklist), "item": corner.make(models.ChecklistItem),
    },
    models.InventoryCategory: lambda corner, number: {"name": f"category {number}"},
    models.InventoryItem: lambda corner, number: {
        "category": corner.get(models.InventoryCategory), "name": f"soap {number}",
    },
    models.PropertyInventory: lambda corner, number: {
        "property": corner.house, "item": corner.make(models.InventoryItem), "stock": 5,
    },
    models.InventoryTransaction: lambda corner, number: {
        "inventory": corner.get(models.PropertyInventory),
        "transaction_type": "adjustment",
        "change": 1,
        "stock_after": 5,
    },
    models.LostFoundItem: lambda corner, number: {
        "property": corner.house, "title": f"glove {number}", "found_on": date(2027, 1, 1),
    },
    models.Document: lambda corner, number: {
        "property": corner.house,
        "title": f"manual {number}",
        "audience": "owners",
        "file": bring_paper(),
    },
    models.LostFoundPhoto: lambda corner, number: {
        "item": corner.get(models.LostFoundItem), "image": take_photo(),
    },
    models.Notification: lambda corner, number: {
        "recipient": corner.person(), "verb": "created", "matter": f"task:{number}",
    },
    models.DigestRun: lambda corner, number: {
        "user": corner.person(), "day": date(2027, 1, 1) + timedelta(days=number),
    },
    models.DeviceToken: lambda corner, number: {
        "user": corner.person(), "token": f"token {number}", "platform": "web",
    },
    models.ModernisationRecord: lambda corner, number: {
        "phase": "one", "model": "booking", "object_id": number, "action": "made", "reason": "why",
    },
    models.AutoTaskTemplate: lambda corner, number: {
        "name": f"rule {number}",
        "subject_key": "booking",
        "anchor": "check_out",
        "title": f"Sweep {number}",
    },
    models.ScheduleTemplate: lambda corner, number: {
        "name": f"schedule {number}",
        "rule": "FREQ=WEEKLY",
        "first_day": date(2027, 1, 1),
        "title": f"Mow {number}",
        "property": corner.house,
    },
    models.BookingImportTemplate: lambda corner, number: {"name": f"mapping {number}"},
    models.BookingImportPlan: lambda corner, number: {
        "file_type": "excel",
        "file_name": f"{number}.xlsx",
        "file_digest": "0" * 64,
        "request_id": f"00000000-0000-0000-0000-{number:012}",
    },
    models.CalendarFeed: lambda corner, number: {
        "property": corner.house, "name": f"feed {number}", "url": "https://example.com/feed.ics",
    },
    models.CalendarShare: lambda corner, number: {
        "property": corner.house, "name": f"share {number}", "token_digest": f"{number:064}",
    },
    models.InviteCode: lambda corner, number: {
        "digest": f"{number:064}", "expires_at": NOW + timedelta(days=365),
    },
    models.PermissionOverride: lambda corner, number: {
        "user": models.User.objects.create(username=f"other{number}"),
        "permission": "api.add_booking",
        "is_granted": True,
        "reason": "why not",
    },
}  # fmt: skip
"""What a row of each table needs, by the corner that it is of and a number of its own."""


RULE_FORM = {
    "name": "Long stays",
    "is_active": "on",
    "order": "0",
    "subject_key": "booking",
    "trigger": "created",
    "anchor": "check_in",
    "offset_unit": "days",
    "title": "Look after {guest_name}",
    "task_type": "inspection",
    "days_earlier": "0",
    "days_later": "0",
    "horizon_days": "14",
    "skip_past": "on",
    "change_policy": "update",
}
"""What a form sends for a rule of long stays, the portal's and the admin's alike."""
