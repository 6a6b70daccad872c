"""Hidden, not gone: deletion that follows Django's rules and can be undone."""

from typing import TYPE_CHECKING, Any

from ..exceptions import RestoreConflict
from .querysets import SoftDeleteQuerySet

if TYPE_CHECKING:
    from .models import SoftDeleteMixin

__all__ = ["RestoreConflict", "SoftDeleteMixin", "SoftDeleteQuerySet"]


def __getattr__(name: str) -> Any:
    # An abstract model cannot be imported while Django still loads the applications.
    if name == "SoftDeleteMixin":
        from .models import SoftDeleteMixin

        return SoftDeleteMixin
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
