"""AriStay's tables, one module per area."""

from .auth import (
    InviteCode,
    InviteUse,
    PasswordResetLog,
    PermissionOverride,
    Profile,
    User,
)
from .auto_task import AutoTaskRecord, AutoTaskTemplate
from .booking import Booking
from .calendar import CalendarEvent, CalendarFeed, CalendarShare
from .checklist import ChecklistItem, ChecklistResponse, ChecklistTemplate, TaskChecklist
from .document import Document
from .idempotency import IdempotencyKey
from .import_plan import (
    BookingImportLabel,
    BookingImportPlan,
    BookingImportPlanRow,
    BookingImportTemplate,
)
from .imports import BookingImportLog, BookingImportRow
from .inventory import (
    InventoryCategory,
    InventoryItem,
    InventoryTransaction,
    LostFoundItem,
    LostFoundPhoto,
    PropertyInventory,
)
from .modernisation import ModernisationRecord
from .notification import DeliveryLease, DeviceToken, DigestRun, Notification
from .property import Property, PropertyAlias, PropertyOwnership, PropertyTag
from .schedule import GeneratedTask, ScheduleTemplate
from .task import Task, TaskWork
from .task_dependency import TaskDependency
from .task_image import TaskImage

__all__ = [
    "AutoTaskRecord",
    "AutoTaskTemplate",
    "Booking",
    "BookingImportLabel",
    "BookingImportLog",
    "BookingImportPlan",
    "BookingImportPlanRow",
    "BookingImportRow",
    "BookingImportTemplate",
    "CalendarEvent",
    "CalendarFeed",
    "CalendarShare",
    "ChecklistItem",
    "ChecklistResponse",
    "ChecklistTemplate",
    "DeliveryLease",
    "DeviceToken",
    "DigestRun",
    "Document",
    "GeneratedTask",
    "IdempotencyKey",
    "InventoryCategory",
    "InventoryItem",
    "InventoryTransaction",
    "InviteCode",
    "InviteUse",
    "LostFoundItem",
    "LostFoundPhoto",
    "ModernisationRecord",
    "Notification",
    "PasswordResetLog",
    "PermissionOverride",
    "Profile",
    "Property",
    "PropertyAlias",
    "PropertyInventory",
    "PropertyOwnership",
    "PropertyTag",
    "ScheduleTemplate",
    "Task",
    "TaskChecklist",
    "TaskDependency",
    "TaskImage",
    "TaskWork",
    "User",
]
