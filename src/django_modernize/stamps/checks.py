"""Whether what a model says of its stamps can be kept."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import models

__all__ = ["check_choice"]


def check_choice(model: type[models.Model]) -> list[CheckMessage]:
    """Return an error where only changes are to be stamped, and nothing tells what is one.

    Args:
        model: A stamped model.
    """
    stamped: Any = model
    if not stamped.stamps_only_changes or stamped.watches_in_place:
        return []
    return [
        Error(
            f"{model.__name__} stamps only changes, but nothing tells what changed.",
            hint=f"Write: class {model.__name__}(ModelDiffMixin, ...)",
            obj=model,
            id="modernize.E302",
        )
    ]
