"""A cache of results per model, valid until the project's models or routers change."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.apps.registry import Apps
from django.db import router
from django.db.models import Model

__all__ = ["keep_per_registry"]

SHELF: Final = "_modernize_softdelete"
"""The attribute of an app registry that holds the results, so that both are freed together."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Question = Callable[Concatenate[type[Model], Parameters], Result]


def keep_per_registry(function: Question[Parameters, Result]) -> Question[Parameters, Result]:
    """Cache the results of a function whose first argument is a model.

    The cache is invalidated when the models of the app registry or the project's routers change,
    as they do in tests.
    """

    def keeping(
        model: type[Model], /, *arguments: Parameters.args, **named: Parameters.kwargs
    ) -> Result:
        kept = _find_shelf(model._meta.apps)
        key = (function, model, *arguments, *named.items())
        try:
            found: Result = kept[key]
        except KeyError:
            found = kept[key] = function(model, *arguments, **named)
        return found

    return update_wrapper(keeping, function)


def _find_shelf(registry: Apps) -> dict[Any, Any]:
    # Both are the same list object until they change.
    models, routers = registry.get_models(), router.routers
    shelf = vars(registry).get(SHELF)
    if shelf is None or shelf[0] is not models or shelf[1] is not routers:
        shelf = vars(registry)[SHELF] = (models, routers, {})
    kept: dict[Any, Any] = shelf[2]
    return kept
