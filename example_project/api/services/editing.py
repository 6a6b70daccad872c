"""What services of all areas ask of the values that they are given."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["refuse_unknown"]


def refuse_unknown(values: Mapping[str, Any], editable: Collection[str]) -> Mapping[str, Any]:
    """Return values, all of which a person may set.

    Raises:
        ValidationError: One of them is not for people to set.
    """
    unknown = sorted(set(values).difference(editable))
    if unknown:
        raise ValidationError(
            _("You cannot set %(names)s by hand."),
            code="not_editable",
            params={"names": ", ".join(unknown)},
        )
    return values
