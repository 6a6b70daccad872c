"""Soft delete: deletion that follows Django's ``on_delete`` rules and can be undone."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ..exceptions import HeldByDeleted, RestoreConflict

if TYPE_CHECKING:
    from .deletion import delete_together
    from .guards.passage import allow_hard_deletes
    from .indexes import AliveIndex, join_alive
    from .managers import SoftDeleteManager
    from .models import SoftDeleteMixin
    from .querysets import SoftDeleteQuerySet
    from .signals import post_restore, post_soft_delete, pre_restore, pre_soft_delete

__all__ = [
    "AliveIndex",
    "HeldByDeleted",
    "RestoreConflict",
    "SoftDeleteManager",
    "SoftDeleteMixin",
    "SoftDeleteQuerySet",
    "allow_hard_deletes",
    "delete_together",
    "join_alive",
    "post_restore",
    "post_soft_delete",
    "pre_restore",
    "pre_soft_delete",
]

MODULES: Final = {
    "AliveIndex": "indexes",
    "allow_hard_deletes": "guards.passage",
    "delete_together": "deletion",
    "join_alive": "indexes",
    "SoftDeleteManager": "managers",
    "SoftDeleteMixin": "models",
    "SoftDeleteQuerySet": "querysets",
    "post_restore": "signals",
    "post_soft_delete": "signals",
    "pre_restore": "signals",
    "pre_soft_delete": "signals",
}


def __getattr__(name: str) -> Any:
    # Models cannot be imported while Django is loading the applications, including this one.
    if name in MODULES:
        return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
