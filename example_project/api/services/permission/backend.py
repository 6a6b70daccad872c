"""Answers Django's ``has_perm()`` from the matrix."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from .access import get_access
from .scopes import list_visible, may_change_object

__all__ = ["RoleBackend"]


class RoleBackend(ModelBackend):
    """Authenticates by name and password; permissions come from role, overrides and ownership.

    Django's own groups and user permissions have no effect, so there is no second matrix.
    """

    # The stubs name the type of Django's own user.
    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Return a person's permissions, in general or for one object."""
        permissions = get_access(user_obj).permissions
        return {one for one in permissions if obj is None or self.has_perm(user_obj, one, obj)}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Return whether a person has a permission, in general or for one object.

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
        """Return whether a person has any permission in an app."""
        access = get_access(user_obj)
        return access.is_unlimited or any(
            one.startswith(f"{app_label}.") for one in access.permissions
        )
