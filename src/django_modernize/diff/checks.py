"""System check of the field lists of a model with ``ModelDiffMixin``."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import models

__all__ = ["check_choices"]

CHOICES = ("diff_fields", "diff_exclude", "sensitive_fields")


def check_choices(model: type[models.Model]) -> list[CheckMessage]:
    """Return an error for each name in the field lists that is not a field of the model.

    Args:
        model: A model with ``ModelDiffMixin``.
    """
    columns = [field.name for field in model._meta.concrete_fields]
    relations = [field.name for field in model._meta.many_to_many]
    known = {
        "diff_fields": columns,
        "diff_exclude": columns,
        "sensitive_fields": [*columns, *relations],
    }
    return [message for name in CHOICES for message in _check_choice(model, name, known[name])]


def _check_choice(model: type[models.Model], choice: str, known: list[str]) -> list[CheckMessage]:
    value: Any = getattr(model, choice)
    if isinstance(value, str):
        unknown, advice = [value], f'Write: {choice} = ("{value}",)'
    else:
        unknown = [name for name in value or () if name not in known]
        advice = f"Correct or remove the name; known are {known}."
    if not unknown:
        return []
    return [
        Error(
            f"{model.__name__}.{choice} names {unknown}, which are not fields of the model.",
            hint=advice,
            obj=model,
            id="modernize.E301",
        )
    ]
