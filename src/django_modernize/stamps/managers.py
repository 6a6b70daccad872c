"""Make the base managers of Django and the managers of data migrations set the stamps."""

from __future__ import annotations

from typing import Any, Final

from django.db import models

from ..managers import ModernizeManager, find_whole_manager
from .fields import StampField

__all__ = ["prepare_managers"]

HISTORICAL_MODULE: Final = "__fake__"
"""The module of the historical models that Django creates for data migrations."""


def prepare_managers(sender: type[models.Model], **kwargs: Any) -> None:
    """Replace the managers of a model with stamps. Receiver of ``class_prepared``."""
    if not any(isinstance(field, StampField) for field in sender._meta.fields):
        return
    if sender.__module__ == HISTORICAL_MODULE:
        _replace_plain_managers(sender)
    _choose_base_manager(sender)


def _choose_base_manager(model: type[models.Model]) -> None:
    """Make a stamping manager the base manager, unless the project chose one.

    Django uses the base manager for ``SET_NULL`` and similar ``on_delete`` options, and for
    ``add()`` on a related manager.
    """
    whole = find_whole_manager(model)
    if whole is not None and model._meta.base_manager_name is None and not _inherits_choice(model):
        model._meta.base_manager_name = whole.name


def _inherits_choice(model: type[models.Model]) -> bool:
    parents: list[Any] = [parent for parent in model.mro()[1:] if hasattr(parent, "_meta")]
    managers: list[models.Manager[Any]] = [parent._base_manager for parent in parents]
    return any(
        not manager.auto_created and not isinstance(manager, ModernizeManager)
        for manager in managers
    )


def _replace_plain_managers(model: type[models.Model]) -> None:
    # Historical models have no mixins: only their fields show that they have stamps.
    managers = model._meta.local_managers
    plain = [manager for manager in managers if type(manager) is models.Manager]
    for manager in plain:
        managers.remove(manager)
        ModernizeManager().contribute_to_class(model, manager.name)
