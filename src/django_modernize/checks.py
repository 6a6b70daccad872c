"""Register the system checks, and check that managers and mixins fit together."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004
from django.db import models

from .audit.setup_checks import check_setup
from .managers import (
    ModernizeManager,
    find_whole_manager,
    list_missing_mixins,
)
from .softdelete.checks import register_model_checks
from .stamps.checks import check_stamp_triggers
from .stamps.fields import find_stamps
from .uploads.checks import register_checks as register_upload_checks

__all__ = ["check_managers", "register_checks"]


def register_checks() -> None:
    """Register the checks of the features that have no application of their own."""
    register(check_managers, Tags.models)
    register(check_setup, Tags.models)
    register(check_stamp_triggers, Tags.database)
    register_model_checks()
    register_upload_checks()


def check_managers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn about managers whose querysets bypass the behavior of the model's mixins.

    Args:
        app_configs: The applications to check, or ``None`` for all.
        **kwargs: The other arguments that Django passes to every check.
    """
    configs = apps.get_app_configs() if app_configs is None else app_configs
    checked = [model for config in configs for model in config.get_models()]
    return [message for model in checked for message in _check_model(model)]


def _check_model(model: type[models.Model]) -> list[CheckMessage]:
    missing = {
        manager: list_missing_mixins(model, manager)
        for manager in (*model._meta.managers, model._base_manager)
    }
    warnings = [
        _warn_of(model, manager, [mixin.__name__ for mixin in mixins])
        for manager, mixins in missing.items()
        if mixins and manager is not model._base_manager
    ]
    if not warnings and find_stamps(model) and missing[model._base_manager]:
        return [_warn_of_base(model)]
    return warnings


def _warn_of_base(model: type[models.Model]) -> CheckMessage:
    whole = find_whole_manager(model)
    line = (
        f'class Meta: base_manager_name = "{whole.name}"'
        if whole is not None
        else f"every_row = {ModernizeManager.__name__}(), below the default manager"
        f" ({_suggest_import(ModernizeManager)})"
    )
    return Warning(
        f"The base manager of {model.__name__} lacks its mixins: what Django writes through "
        "it (SET_NULL when another object is deleted, add() of a related manager) is not stamped.",
        hint=f"Write: {line}",
        obj=model,
        id="modernize.W002",
    )


def _warn_of(
    model: type[models.Model], manager: models.Manager[Any], missing: list[str]
) -> CheckMessage:
    return Warning(
        f"The queryset of {model.__name__}.{manager.name} lacks {', '.join(missing)}, which the "
        "model needs: its mixins do not see what this queryset writes or deletes.",
        hint=_suggest_line(model, manager),
        obj=model,
        id="modernize.W001",
    )


def _suggest_line(model: type[models.Model], manager: models.Manager[Any]) -> str:
    name, composing = type(manager).__name__, _composing_manager(model)
    base, source = composing.__name__, _suggest_import(composing)
    if isinstance(manager, ModernizeManager):
        return f"In {name}.get_queryset(), start from: super().get_queryset()"
    # from_queryset() and as_manager() create their class in Django's module.
    if type(manager).__module__.startswith("django."):
        queryset_class: type[Any] = manager._queryset_class  # type: ignore[attr-defined]
        if queryset_class is not models.QuerySet:
            base = f"{base}.from_queryset({queryset_class.__name__})"
        return f"Write: {manager.name} = {base}() ({source})"
    return f"Write: class {name}({base}, {type(manager).__module__}.{name}): ... ({source})"


def _suggest_import(manager_class: type[models.Manager[Any]]) -> str:
    return f"from {manager_class.__module__} import {manager_class.__name__}"


def _composing_manager(model: type[models.Model]) -> type[models.Manager[Any]]:
    """Return the manager class that the mixins declare and the model's own manager hides."""
    for base in model.__mro__[1:]:
        for manager in getattr(base, "_meta", model._meta).local_managers:
            if isinstance(manager, ModernizeManager):
                return type(manager)
    return ModernizeManager
