"""Asks the one matrix before a view does anything."""

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
    """Lets in who has the permission that an action asks for.

    A row that somebody does not see is a 404, since the view set's rows are those that the caller
    sees; one that is seen and may not be changed is a 403. Whether a row may be changed is asked
    of the row alone: who owns a house may change it, whatever the role says.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        """Tell whether somebody may do this at all, to no row in particular."""
        if not request.user.is_authenticated:
            return False
        # Another method than those that there are: the view has the answer.
        if view.action is None or view.detail:
            return True
        return bool(request.user.has_perm(find_permission(request, view)))

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Tell whether somebody may do this to a row that is seen."""
        permission = find_permission(request, view)
        if permission == f"api.view_{view.model._meta.model_name}":
            return True
        return bool(request.user.has_perm(permission, obj))


def find_permission(request: Any, view: Any) -> str:
    """Return the permission that the action of a request asks for."""
    named: str | None = {**SPECIAL, **view.action_permissions}.get(view.action)
    if named is not None:
        return named
    other = "view" if request.method in SAFE_METHODS else "change"
    return f"api.{ACTIONS.get(view.action, other)}_{view.model._meta.model_name}"
