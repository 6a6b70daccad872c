"""Translated names of the library's own models and fields, without changes in migrations."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from django.db.models import Field, Model
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_noop

__all__ = ["call_field", "translate_names"]

FieldOrKey = TypeVar("FieldOrKey", bound="Field[Any, Any]")

translate_later: Final[Any] = lazy(gettext, str)


def call_field(field: FieldOrKey, name: Any) -> FieldOrKey:
    """Give a field of a mixin a name that does not appear in migrations.

    A ``verbose_name`` would add a migration to each project that uses the mixin.

    Args:
        field: The field, as declared.
        name: The lazily translated name.

    Returns:
        The field.
    """
    field.verbose_name = name
    return field


def translate_names(models: Iterable[type[Model]]) -> None:
    """Translate the names of models and their fields into the active language.

    Migrations use the names written in the model, so they are not affected.

    Args:
        models: Models of the library whose names are listed in this module.
    """
    for model in models:
        options = model._meta
        options.verbose_name = translate_later(str(options.verbose_name_raw))
        options.verbose_name_plural = translate_later(str(options.verbose_name_plural))
        for field in options.local_fields:
            if isinstance(field.verbose_name, str):
                field.verbose_name = translate_later(field.verbose_name)


NAMES: Final = (
    gettext_noop("audit event"),
    gettext_noop("audit events"),
    gettext_noop("action"),
    gettext_noop("actor"),
    gettext_noop("at"),
    gettext_noop("changes"),
    gettext_noop("context"),
    gettext_noop("object id"),
    gettext_noop("object type"),
    gettext_noop("salt"),
    gettext_noop("source"),
    gettext_noop("transaction id"),
)
