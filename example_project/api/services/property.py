"""What people do with houses: create and change them."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied

from api.models import Property, User
from django_modernize.integrity.refusals import explain_refusals

from .changes import making_changes
from .editing import refuse_unknown
from .permission import get_access, may_change_object

__all__ = ["EDITABLE", "change_property", "create_property"]

EDITABLE: Final = frozenset(
    {"name", "address", "property_type", "check_in_time", "check_out_time", "time_zone"}
)
"""What a person may set."""


def create_property(*, actor: User, values: Mapping[str, Any]) -> Property:
    """Create a house.

    Args:
        actor: Who does it.
        values: Fields out of :data:`EDITABLE`; the name is needed.

    Raises:
        PermissionDenied: The actor may not make houses.
        ValidationError: A value is not possible, or the name is taken.

    Costs three queries.
    """
    if not get_access(actor).may("api.add_property"):
        raise PermissionDenied(f"{actor} may not make houses.")
    return _store(Property(), values)


def change_property(*, actor: User, house: Property, values: Mapping[str, Any]) -> Property:
    """Change a house.

    Args:
        actor: Who does it.
        house: The house; what is stored counts, not what this object says.
        values: Fields out of :data:`EDITABLE`.

    Raises:
        PermissionDenied: The actor may not change this house.
        ValidationError: A value is not possible, or the name is taken.

    Costs six queries.
    """
    with making_changes():
        # FOR NO KEY UPDATE: bookings and tasks that are created in the house need not wait.
        stored = Property.objects.select_for_update(no_key=True).get(pk=house.pk)
        if not may_change_object(get_access(actor), "api.change_property", stored):
            raise PermissionDenied(f"{actor} may not change {stored}.")
        return _store(stored, values)


def _store(house: Property, values: Mapping[str, Any]) -> Property:
    for name, value in refuse_unknown(values, EDITABLE).items():
        setattr(house, name, value)
    house.full_clean()
    with making_changes(), explain_refusals(Property, [house]):
        house.save()
    return house
