"""Collects every feature's checks, and asks whether managers and mixins go together."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004
from django.db import models

from .managers import ModernizeManager, find_queryset_mixins

__all__ = ["check_managers", "register_checks"]


def register_checks() -> None:
    """Register the checks of the features that own no application."""
    register(check_managers, Tags.models)


def check_managers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of managers whose querysets pass by what the model's mixins promise.

    Args:
        app_configs: The applications to check, ``None`` for all.
        **kwargs: What Django passes to every check.
    """
    configs = apps.get_app_configs() if app_configs is None else app_configs
    checked = [model for config in configs for model in config.get_models()]
    return [
        _warn_of(model, manager, missing)
        for model in checked
        for manager, missing in _incomplete_managers(model)
    ]


def _incomplete_managers(
    model: type[models.Model],
) -> Iterator[tuple[models.Manager[Any], list[str]]]:
    for manager in model._meta.managers:
        queryset_class = type(manager.get_queryset())
        missing = [
            mixin.__name__
            for mixin in find_queryset_mixins(model)
            if not issubclass(queryset_class, mixin)
        ]
        if missing:
            yield manager, missing


def _warn_of(
    model: type[models.Model], manager: models.Manager[Any], missing: list[str]
) -> CheckMessage:
    return Warning(
        f"The queryset of {model.__name__}.{manager.name} does without {', '.join(missing)}, which "
        "the model's mixins ask for: they do not see what it writes or deletes.",
        hint=_suggest_line(model, manager),
        obj=model,
        id="modernize.W001",
    )


def _suggest_line(model: type[models.Model], manager: models.Manager[Any]) -> str:
    name, base = type(manager).__name__, _composing_manager(model).__name__
    if isinstance(manager, ModernizeManager):
        return f"In {name}.get_queryset(), start from: super().get_queryset()"
    # from_queryset() and as_manager() make their class in Django's module.
    if type(manager).__module__.startswith("django."):
        queryset_class: type[Any] = manager._queryset_class  # type: ignore[attr-defined]
        return f"Write: {manager.name} = {base}.from_queryset({queryset_class.__name__})()"
    return f"Write: class {name}({base}): ..."


def _composing_manager(model: type[models.Model]) -> type[models.Manager[Any]]:
    """Return the class of the manager that the mixins declare, which the model's own hides."""
    for base in model.__mro__[1:]:
        for manager in getattr(base, "_meta", model._meta).local_managers:
            if isinstance(manager, ModernizeManager):
                return type(manager)
    return ModernizeManager
