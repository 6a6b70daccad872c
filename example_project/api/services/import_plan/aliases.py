"""Stores the labels that were mapped in a plan as aliases of their houses."""

from collections.abc import Iterable

from api.models import BookingImportLabel, PropertyAlias
from api.models.import_plan import LabelDecision

__all__ = ["store_aliases"]


def store_aliases(labels: Iterable[BookingImportLabel]) -> None:
    """Store the mapped ones among some labels as aliases, where they are none yet.

    Costs two statements where there are any.
    """
    mapped = {
        one.label: one.property_id
        for one in labels
        if one.decision == LabelDecision.MAPPED and one.property_id
    }
    if not mapped:
        return
    known = set(PropertyAlias.objects.filter(label__in=mapped).values_list("label", flat=True))
    PropertyAlias.objects.bulk_create(
        PropertyAlias(label=label, property_id=house)
        for label, house in mapped.items()
        if label not in known
    )
