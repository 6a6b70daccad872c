"""Convert the words of a text history to values of a model's fields."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils import timezone

from ..audit.encoders import encode_value

__all__ = ["find_changed_field", "read_pair"]

Pair = Sequence[str]

EMPTY_WORDS: Final = frozenset({"", "none", "null", "unassigned", "-"})
"""The words with which a history represents an empty value."""

NUMBER: Final = re.compile(r"(?P<number>[-+]?\d[\d,]*(?:\.\d+)?)(?:\s*[^\d\s]\D*)?")

NUMBER_KINDS: Final = ("DecimalField", "FloatField", "IntegerField", "PositiveIntegerField")


def find_changed_field(
    model: type[Model], label: str, names: Mapping[str, str]
) -> "Field[Any, Any] | None":
    """Return the field that a label in a history refers to, or ``None`` if it is unknown.

    Args:
        model: The model of the history.
        label: The label as written in the history, such as ``due date``.
        names: Maps labels to field names, in addition to the names and verbose names.
    """
    known = {_fold(label): name for label, name in names.items()}
    wanted = known.get(_fold(label), label)
    for field in model._meta.concrete_fields:
        spellings = (field.name, field.attname, str(field.verbose_name))
        if _fold(wanted) in map(_fold, spellings):
            return field
    return None


def read_pair(
    field: "Field[Any, Any]", pairs: Sequence[Pair], users: Mapping[str, Any]
) -> list[Any] | None:
    """Return ``[old, new]`` as JSON values, or ``None`` if they cannot be determined.

    Args:
        field: The field.
        pairs: The old and new value for each interpretation of the sentence.
        users: Maps usernames to primary keys.
    """
    readings = [pair for words in pairs if (pair := _read_words(field, words, users)) is not None]
    return readings[0] if len(readings) == 1 else None


def _read_words(
    field: "Field[Any, Any]", words: Pair, users: Mapping[str, Any]
) -> list[Any] | None:
    try:
        return [_read_word(field, word, users) for word in words]
    except (ValidationError, ValueError, TypeError, ArithmeticError):
        return None


def _read_word(field: "Field[Any, Any]", word: str, users: Mapping[str, Any]) -> Any:
    if _is_nothing(field, word):
        return None
    if field.choices:
        return encode_value(field, _read_choice(field, word))
    if _points_to_user(field) and word in users:
        return encode_value(field, users[word])
    return encode_value(field, _understand(field, word))


def _is_nothing(field: "Field[Any, Any]", word: str) -> bool:
    holds_text = field.get_internal_type() in ("CharField", "TextField")
    return field.null and word.lower() in EMPTY_WORDS and not (holds_text and word == "")


def _read_choice(field: "Field[Any, Any]", word: str) -> Any:
    for value, label in field.flatchoices:
        if word in (str(value), str(label)):
            return value
    # The word may be a former choice.
    return field.to_python(word)


def _points_to_user(field: "Field[Any, Any]") -> bool:
    related: Any = field.related_model
    return related is not None and related._meta.label == settings.AUTH_USER_MODEL


def _understand(field: "Field[Any, Any]", word: str) -> Any:
    target = getattr(field, "target_field", field)
    if any(kind in target.get_internal_type() for kind in NUMBER_KINDS):
        word = _strip_unit(word)
    value = target.to_python(word)
    if isinstance(value, datetime) and settings.USE_TZ and timezone.is_naive(value):
        return timezone.make_aware(value)
    return value


def _strip_unit(word: str) -> str:
    """Return ``12.5`` for ``12.5 rolls``. Other words are returned unchanged."""
    found = NUMBER.fullmatch(word.strip())
    return found["number"].replace(",", "") if found else word


def _fold(text: str) -> str:
    return text.casefold().replace("_", " ").strip()
