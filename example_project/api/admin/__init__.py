"""AriStay's pages for administrators, one module per area."""

from .auth import UserAdmin
from .booking import BookingAdmin
from .checklist import ChecklistTemplateAdmin, TaskChecklistAdmin
from .imports import BookingImportLogAdmin
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
    "BookingAdmin",
    "BookingImportLogAdmin",
    "ChecklistTemplateAdmin",
    "DigestRunAdmin",
    "InventoryCategoryAdmin",
    "InventoryItemAdmin",
    "InventoryTransactionAdmin",
    "LostFoundItemAdmin",
    "ModernisationRecordAdmin",
    "NotificationAdmin",
    "PropertyAdmin",
    "PropertyAliasAdmin",
    "PropertyInventoryAdmin",
    "TaskAdmin",
    "TaskChecklistAdmin",
    "TaskImageAdmin",
    "UserAdmin",
]
