"""Checks the permission matrix before a view does anything."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework.permissions import SAFE_METHODS, BasePermission

__all__ = ["MatrixPermission"]

ACTIONS: Final[Mapping[str, str]] = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
    "destroy": "delete",
}
"""The verb in a permission's name for the actions that every view set has."""

SPECIAL: Final[Mapping[str, str]] = {
    "deleted": "api.restore_deleted",
    "restore": "api.restore_deleted",
    "history": "api.view_history",
}
"""The permissions of what every view set can do beside that."""


class MatrixPermission(BasePermission):
    """Requires the permission that an action declares.

    A row that the caller cannot see is a 404, since the view set's rows are those that the caller
    can see; a visible row that may not be changed is a 403. Whether it may be changed depends
    on the row alone: the owner of a house may change it, whatever the role says.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        """Return whether the user may do this at all, regardless of the row."""
        if not request.user.is_authenticated:
            return False
        # An unsupported method, which the view itself answers.
        if view.action is None or view.detail:
            return True
        return bool(request.user.has_perm(find_permission(request, view)))

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Return whether the user may do this to a visible row."""
        permission = find_permission(request, view)
        if permission == f"api.view_{view.model._meta.model_name}":
            return True
        return bool(request.user.has_perm(permission, obj))


def find_permission(request: Any, view: Any) -> str:
    """Return the permission that the requested action declares."""
    named: str | None = {**SPECIAL, **view.action_permissions}.get(view.action)
    if named is not None:
        return named
    other = "view" if request.method in SAFE_METHODS else "change"
    return f"api.{ACTIONS.get(view.action, other)}_{view.model._meta.model_name}"
