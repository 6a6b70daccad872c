"""The permission matrix: which role has which permission, and who may delegate which.

Permissions are Django's own, so the admin, ``user.has_perm()``, templates' ``perms`` and Django
REST Framework ask the same question. A role has all that the one below it has.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from api.models.auth import Role

__all__ = ["ALL_PERMISSIONS", "DELEGATABLE", "MATRIX", "RANK", "UNLIMITED"]

UNLIMITED: Final = Role.SUPERUSER
"""The role that has every permission, those of other apps included."""

RANK: Final[Mapping[str, int]] = {
    role: rank for rank, role in enumerate([Role.VIEWER, Role.STAFF, Role.MANAGER, Role.SUPERUSER])
}
"""Nobody grants a role above the own one, or changes somebody of it."""

AREAS: Final = (
    "property",
    "propertyalias",
    "propertyownership",
    "propertytag",
    "booking",
    "bookingimportlabel",
    "bookingimportlog",
    "bookingimportplan",
    "bookingimportplanrow",
    "bookingimporttemplate",
    "calendarfeed",
    "calendarshare",
    "document",
    "task",
    "taskdependency",
    "taskimage",
    "checklisttemplate",
    "checklistitem",
    "taskchecklist",
    "checklistresponse",
    "autotasktemplate",
    "scheduletemplate",
    "inventorycategory",
    "inventoryitem",
    "propertyinventory",
    "inventorytransaction",
    "lostfounditem",
    "lostfoundphoto",
    "user",
    "profile",
    "invitecode",
    "permissionoverride",
    "notification",
)


def name_permissions(actions: str, models: Iterable[str]) -> frozenset[str]:
    """Return ``api.<action>_<model>`` for each combination."""
    return frozenset(f"api.{action}_{model}" for action in actions.split() for model in models)


VIEWER: Final = (
    name_permissions(
        "view", ["property", "propertytag", "booking", "task", "taskimage", "taskchecklist"]
    )
    | name_permissions("view", ["checklistresponse", "document", "lostfounditem", "lostfoundphoto"])
    # Their own notifications: to view, and to mark as read.
    | name_permissions("view change", ["notification"])
)

STAFF: Final = (
    VIEWER
    | name_permissions("change", ["task", "taskchecklist", "checklistresponse"])
    | name_permissions("add", ["taskimage", "lostfounditem", "lostfoundphoto"])
    | name_permissions(
        "view",
        [
            "checklisttemplate",
            "checklistitem",
            "inventorycategory",
            "inventoryitem",
            "propertyinventory",
            "inventorytransaction",
        ],
    )
    | name_permissions("add", ["inventorytransaction"])
)

MANAGED: Final = (
    "property",
    "propertyalias",
    "propertyownership",
    "propertytag",
    "booking",
    "bookingimporttemplate",
    "calendarfeed",
    "calendarshare",
    "document",
    "task",
    "taskdependency",
    "taskimage",
    "checklisttemplate",
    "checklistitem",
    "taskchecklist",
    "checklistresponse",
    "inventorycategory",
    "inventoryitem",
    "propertyinventory",
    "inventorytransaction",
    "lostfounditem",
    "lostfoundphoto",
    "invitecode",
    # DELEGATABLE and the ranks define which of them a manager may grant, and to whom.
    "permissionoverride",
)

MANAGER: Final = (
    STAFF
    | name_permissions("view add change", MANAGED)
    | name_permissions("view change", ["user", "profile"])
    | name_permissions(
        "view",
        [
            "autotasktemplate",
            "scheduletemplate",
            "bookingimportlabel",
            "bookingimportlog",
            "bookingimportplan",
            "bookingimportplanrow",
        ],
    )
    | {
        "api.import_bookings",
        "api.assign_task",
        "api.view_all_tasks",
        "api.approve_taskimage",
        "api.view_reports",
        "api.view_history",
    }
)

ALL_PERMISSIONS: Final = (
    MANAGER
    | name_permissions("view add change delete", AREAS)
    | {"api.approve_property", "api.restore_deleted", "api.undo_import"}
)
"""All that the matrix knows of; an override of anything else is refused."""

OF_ALL_HOUSES: Final = frozenset(
    {"api.import_bookings", "api.undo_import", "api.approve_property"}
    | {one for one in ALL_PERMISSIONS if "_bookingimport" in one}
)
"""What only those may have who see every house: a file, its plan and its report are of all."""

MATRIX: Final[Mapping[str, frozenset[str]]] = {
    Role.VIEWER: VIEWER,
    Role.STAFF: STAFF,
    Role.MANAGER: MANAGER,
    Role.SUPERUSER: ALL_PERMISSIONS,
}

DELEGATABLE: Final[Mapping[str, frozenset[str]]] = {
    Role.VIEWER: frozenset(),
    Role.STAFF: frozenset(),
    Role.MANAGER: frozenset(
        {
            "api.add_booking",
            "api.change_booking",
            "api.add_task",
            "api.assign_task",
            "api.view_all_tasks",
            "api.approve_taskimage",
            "api.change_propertyinventory",
            "api.change_lostfounditem",
            "api.view_reports",
        }
    ),
    Role.SUPERUSER: ALL_PERMISSIONS,
}
"""What each role may hand on to people below it."""
