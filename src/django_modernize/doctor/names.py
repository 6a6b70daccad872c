"""Split and format the names of models and fields."""

from __future__ import annotations

import re
from typing import Final

from django.db.models import F, Field, Model

__all__ = ["describe_field", "describe_model", "name_reference", "split_words"]

BOUNDARY: Final = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def split_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case.

    >>> split_words("GuestBooking")
    ('guest', 'booking')
    >>> split_words("valid_from")
    ('valid', 'from')
    """
    return tuple(word.lower() for word in BOUNDARY.split(name) if word)


def describe_model(model: type[Model]) -> str:
    """Return a model's name with its application's."""
    return model._meta.label


def name_reference(expression: F) -> str:
    """Return the name that an ``F()`` references. The stubs do not declare the attribute."""
    name: str = vars(expression)["name"]
    return name


def describe_field(model: type[Model], field: Field[object, object] | str) -> str:
    """Return a field's name with its model's."""
    name = field if isinstance(field, str) else field.name
    return f"{model._meta.label}.{name}"
