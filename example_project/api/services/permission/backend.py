"""Answers Django's ``has_perm()`` out of the matrix."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from .access import get_access
from .scopes import list_visible, may_change_object

__all__ = ["RoleBackend"]


class RoleBackend(ModelBackend):
    """Log in by name and password; permissions come from role, overrides and ownership.

    Django's own groups and permissions of a user count for nothing, so there is no second matrix.
    """

    # The stubs name the type of Django's own user.
    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return what a person may do at all, or with one object."""
        permissions = get_access(user_obj).permissions
        return {one for one in permissions if obj is None or self.has_perm(user_obj, one, obj)}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Tell whether a person may do something, to one object if there is one.

        Costs a query for an object: whether the person sees it.
        """
        access = get_access(user_obj)
        if access.is_unlimited:
            return True
        if isinstance(obj, Model) and obj.pk is not None:
            action = perm.partition(".")[2].partition("_")[0]
            if action != "view":
                return may_change_object(access, perm, obj)
            return access.may(perm) and list_visible(access, type(obj)).filter(pk=obj.pk).exists()
        return access.may(perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Tell whether a person may do anything in an app."""
        access = get_access(user_obj)
        return access.is_unlimited or any(
            one.startswith(f"{app_label}.") for one in access.permissions
        )
