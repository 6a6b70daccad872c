"""Map each ``on_delete`` to a rule that soft deletion understands."""

from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Field, ProtectedError

from ..compat import DATABASE_RULES

__all__ = ["Rule", "find_replacement", "find_rule", "is_computed"]


class Rule(StrEnum):
    """What happens to a live child when its parent is deleted."""

    CASCADE = "cascade"
    PROTECT = "protect"
    RESTRICT = "restrict"
    REPLACE = "replace"
    """The child remains, and its key is set to another value."""

    NOTHING = "nothing"


KNOWN_RULES: dict[Any, Rule] = {
    models.CASCADE: Rule.CASCADE,
    models.PROTECT: Rule.PROTECT,
    models.RESTRICT: Rule.RESTRICT,
    models.SET_NULL: Rule.REPLACE,
    models.SET_DEFAULT: Rule.REPLACE,
    models.DO_NOTHING: Rule.NOTHING,
}


def find_rule(field: "Field[Any, Any]") -> Rule:
    """Return the rule of a key's ``on_delete``, trying out a custom function of the project."""
    on_delete = field.remote_field.on_delete  # type: ignore[union-attr]
    rule = KNOWN_RULES.get(DATABASE_RULES.get(on_delete, on_delete))
    if rule is not None:
        return rule
    # SET() creates a new function for each value.
    return Rule.REPLACE if hasattr(on_delete, "deconstruct") else _try_rule(field).rule


def is_computed(field: "Field[Any, Any]") -> bool:
    """Return whether the new value of a key may be computed by the project's own code."""
    on_delete = field.remote_field.on_delete  # type: ignore[union-attr]
    return on_delete is not models.SET_NULL and on_delete not in DATABASE_RULES


def find_replacement(field: "Field[Any, Any]") -> Any:
    """Return the new value of a key with ``REPLACE``: a value, an instance or an expression."""
    on_delete = field.remote_field.on_delete  # type: ignore[union-attr]
    if on_delete is not DATABASE_RULES.get(on_delete, on_delete):
        return None if on_delete is getattr(models, "DB_SET_NULL", None) else field.db_default
    return _try_rule(field).replacement


class _RuleRecorder:
    """A stand-in for Django's collector that records what an ``on_delete`` function does."""

    def __init__(self) -> None:
        self.rule = Rule.NOTHING
        self.replacement: Any = None

    def collect(self, *args: Any, **kwargs: Any) -> None:
        self.rule = Rule.CASCADE

    def add_restricted_objects(self, *args: Any) -> None:
        self.rule = Rule.RESTRICT

    def add_dependency(self, *args: Any, **kwargs: Any) -> None:
        """Ignore the order of Django's deletions."""

    def add_field_update(self, field: Any, value: Any, rows: Any) -> None:
        # CASCADE also sets the key to null if the database cannot defer constraint checks.
        if self.rule is Rule.NOTHING:
            self.rule, self.replacement = Rule.REPLACE, value


def _try_rule(field: "Field[Any, Any]") -> _RuleRecorder:
    recorder = _RuleRecorder()
    try:
        # PROTECT reads the model of the first row for its message.
        on_delete: Any = field.remote_field.on_delete  # type: ignore[union-attr]
        on_delete(recorder, field, [field.model()], DEFAULT_DB_ALIAS)
    except ProtectedError:
        recorder.rule = Rule.PROTECT
    return recorder
