"""Makes the admin use the permission matrix, per row where there is one."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from api.services.permission import get_access, list_visible

__all__ = ["MatrixAdminMixin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class MatrixAdminMixin(Base):
    """Shows the rows that the user can see, and checks permissions for each row.

    Put it before ``ModelAdmin``, which checks permissions for the model only.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that the user can see."""
        rows = super().get_queryset(request)
        access = get_access(request.user)
        if access.is_unlimited:
            return rows
        manager = "all_objects" if hasattr(self.model, "all_objects") else "objects"
        seen = list_visible(access, self.model, manager=manager)
        return rows.filter(pk__in=seen.order_by().values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user can see the rows, or one of them."""
        return self._may("view", request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may change rows, or one of them."""
        return self._may("change", request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may delete rows, or one of them."""
        return self._may("delete", request, obj)

    def has_restore_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the user may restore rows."""
        return request.user.has_perm("api.restore_deleted")

    def _may(self, verb: str, request: HttpRequest, obj: Model | None) -> bool:
        permission = f"{self.opts.app_label}.{verb}_{self.opts.model_name}"
        # Deleted rows are in no list, but still have a page from which to restore them.
        if getattr(obj, "is_deleted", False):
            return request.user.has_perm(permission)
        return request.user.has_perm(permission, obj)
