"""Read-only admin pages."""

from typing import Any

from django.http import HttpRequest

__all__ = ["ReadOnlyMixin"]


class ReadOnlyMixin:
    """Pages of rows that are created elsewhere; put it before the admin's own class."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether a row may be added by hand: never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row may be changed: never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row may be deleted: never."""
        return False
