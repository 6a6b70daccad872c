"""Permissions: one matrix, used by services, portal, admin and API alike."""

from .access import Access, get_access
from .matrix import DELEGATABLE, MATRIX, RANK
from .roles import grant_override, set_role, withdraw_override
from .scopes import list_changeable, list_visible, may_change_object, sees_all
from .visibility import list_nameable, may_name_row
from .workers import list_workers, require_new_workers, require_worker

__all__ = [
    "DELEGATABLE",
    "MATRIX",
    "RANK",
    "Access",
    "get_access",
    "grant_override",
    "list_changeable",
    "list_nameable",
    "list_visible",
    "list_workers",
    "may_change_object",
    "may_name_row",
    "require_new_workers",
    "require_worker",
    "sees_all",
    "set_role",
    "withdraw_override",
]
