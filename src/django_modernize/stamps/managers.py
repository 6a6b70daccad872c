"""Managers that let no statement pass by the stamps: Django's own, and those of data migrations."""

from __future__ import annotations

from typing import Any, Final

from django.db import models

from ..managers import ModernizeManager, find_whole_manager
from .fields import StampField

__all__ = ["prepare_managers"]

HISTORICAL_MODULE: Final = "__fake__"
"""The module of the models that Django makes for a data migration."""


def prepare_managers(sender: type[models.Model], **kwargs: Any) -> None:
    """Give a model with stamps managers that stamp; receives ``class_prepared``."""
    if not any(isinstance(field, StampField) for field in sender._meta.fields):
        return
    if sender.__module__ == HISTORICAL_MODULE:
        _replace_plain_managers(sender)
    _choose_base_manager(sender)


def _choose_base_manager(model: type[models.Model]) -> None:
    """Let Django write through a manager that stamps, unless the project chose one.

    Through the base manager go ``SET_NULL`` and its kin, and ``add()`` of a related manager.
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
    # The models of a migration have no mixins, so nothing but their fields tells of the stamps.
    managers = model._meta.local_managers
    plain = [manager for manager in managers if type(manager) is models.Manager]
    for manager in plain:
        managers.remove(manager)
        ModernizeManager().contribute_to_class(model, manager.name)
