"""Checks that all services make on the values they receive."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["refuse_unknown"]


def refuse_unknown(values: Mapping[str, Any], editable: Collection[str]) -> Mapping[str, Any]:
    """Return the values, if a person may set all of them.

    Raises:
        ValidationError: One of them cannot be set by hand.
    """
    unknown = sorted(set(values).difference(editable))
    if unknown:
        raise ValidationError(
            _("You cannot set %(names)s by hand."),
            code="not_editable",
            params={"names": ", ".join(unknown)},
        )
    return values
