"""The codes by which programs distinguish errors; they never change."""

from collections.abc import Iterable
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from django_modernize.uploads.codes import RefusalCode

__all__ = ["PROBLEM_CODES", "VALUE_CODES", "ProblemCodeField", "ValueCodeField"]

PROBLEM_CODES: Final = frozenset(
    {
        *("invalid", "parse_error", "not_authenticated", "authentication_failed"),
        *("permission_denied", "not_found", "method_not_allowed", "not_acceptable"),
        *("unsupported_media_type", "double_booking", "plan_changed", "conflict", "transition"),
        *("incomplete", "closed", "below_zero", "plan_status", "undone", "settled", "unresolved"),
        *("busy", "row_changed", "too_large", "throttled", "failure", "unavailable"),
        *("storage_full", "idempotency_key_in_use", "idempotency_key_reused"),
    }
)
"""Why a request failed as a whole."""

VALUE_CODES: Final = frozenset(
    {
        *("action", "amount", "before", "claimant", "condition_invalid", "cycle", "deleted"),
        *("expired", "foreign", "inactive", "invite_invalid", "kind", "many", "mapping"),
        *("no_worker", "not_editable", "offset_missing", "order", "other_item", "other_property"),
        *("overlap", "protected", "reset_invalid", "rule_invalid", "same_parent", "same_stock"),
        *("text_invalid", "time_zone", "type", "unknown_field", "window", "wrong_password"),
    }
)
"""What is wrong with a value, beside the framework's own words and those about files."""


def describe_codes(words: str, codes: Iterable[str]) -> Any:
    """Return the schema of a string that is one of some codes, to which others may be added."""
    return extend_schema_field(
        {"type": "string", "description": words, "x-extensible-enum": sorted(codes)}
    )


@describe_codes("Why it failed; more may be added.", PROBLEM_CODES)
class ProblemCodeField(serializers.CharField):
    """The code of a problem."""


@describe_codes(
    "What is wrong; beside these there are the codes of Django REST framework's fields and of "
    "Django's validators, as `required`, `invalid` or `unique`.",
    VALUE_CODES | set(RefusalCode.values),
)
class ValueCodeField(serializers.CharField):
    """The code of an invalid value."""
