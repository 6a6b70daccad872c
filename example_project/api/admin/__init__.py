"""AriStay's pages for administrators, one module per area."""

from .auth import InviteCodeAdmin, PermissionOverrideAdmin, ProfileAdmin, UserAdmin
from .auto_task import AutoTaskTemplateAdmin, ScheduleTemplateAdmin
from .booking import BookingAdmin
from .calendar import CalendarFeedAdmin, CalendarShareAdmin
from .checklist import ChecklistTemplateAdmin, TaskChecklistAdmin
from .document import DocumentAdmin
from .imports import BookingImportLogAdmin, BookingImportPlanAdmin, BookingImportTemplateAdmin
from .inventory import (
    InventoryCategoryAdmin,
    InventoryItemAdmin,
    InventoryTransactionAdmin,
    PropertyInventoryAdmin,
)
from .lost_found import LostFoundItemAdmin
from .modernisation import ModernisationRecordAdmin
from .notification import DigestRunAdmin, NotificationAdmin
from .property import PropertyAdmin, PropertyAliasAdmin
from .task import TaskAdmin
from .task_image import TaskImageAdmin

__all__ = [
    "AutoTaskTemplateAdmin",
    "BookingAdmin",
    "BookingImportLogAdmin",
    "BookingImportPlanAdmin",
    "BookingImportTemplateAdmin",
    "CalendarFeedAdmin",
    "CalendarShareAdmin",
    "ChecklistTemplateAdmin",
    "DigestRunAdmin",
    "DocumentAdmin",
    "InventoryCategoryAdmin",
    "InventoryItemAdmin",
    "InventoryTransactionAdmin",
    "InviteCodeAdmin",
    "LostFoundItemAdmin",
    "ModernisationRecordAdmin",
    "NotificationAdmin",
    "PermissionOverrideAdmin",
    "ProfileAdmin",
    "PropertyAdmin",
    "PropertyAliasAdmin",
    "PropertyInventoryAdmin",
    "ScheduleTemplateAdmin",
    "TaskAdmin",
    "TaskChecklistAdmin",
    "TaskImageAdmin",
    "UserAdmin",
]
