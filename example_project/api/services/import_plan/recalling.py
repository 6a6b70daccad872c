"""Remembers the differences that people have decided to keep, so that nobody is asked twice."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_noop

from api.models import BookingImportPlanRow
from api.models.import_plan import PlanStatus, RowAction
from api.models.import_reasons import Saying
from api.models.imports import RowOutcome
from api.services.excel_import.decision import Decision
from api.services.excel_import.words import label_key

__all__ = ["recall_kept"]

BOOKINGS_PER_QUERY: Final = 5_000
NOTE: Final = Saying(gettext_noop("Ours was kept when the same differed before."))

Difference = tuple[int, str, str, str]
"""The booking, the row's code and house, and what differs."""


def recall_kept(decisions: Sequence[Decision]) -> dict[int, tuple[Decision, int | None]]:
    """Return the rows in conflict whose difference somebody has decided to keep before.

    That is one of an applied import, which was not undone, with "keep ours": for the same booking
    and the same values on both sides. Where either has another value by now, it is asked again.

    Args:
        decisions: What is to become of the rows.

    Returns:
        By the row's number: what becomes of it then, and who decided.

    Costs one query for each 5,000 bookings in conflict.
    """
    conflicts = [
        (one, _name_difference(key, one.row.code, one.row.property_label, one.changes))
        for one in decisions
        if one.outcome == RowOutcome.CONFLICT and (key := one.stay and one.stay.booking_id)
    ]
    kept = dict(_list_kept({difference[0] for _one, difference in conflicts}))
    return {
        one.row.number: (one.leave(NOTE), kept[difference])
        for one, difference in conflicts
        if difference in kept
    }


def _list_kept(bookings: Iterable[int]) -> Iterator[tuple[Difference, int | None]]:
    keys = sorted(bookings)
    rows = BookingImportPlanRow.objects.filter(
        action=RowAction.KEEP_OURS,
        plan__status=PlanStatus.APPLIED,
        plan__log__undone_at__isnull=True,
    ).order_by("pk")
    for start in range(0, len(keys), BOOKINGS_PER_QUERY):
        part = rows.filter(booking_id__in=keys[start : start + BOOKINGS_PER_QUERY])
        for booking, code, label, changes, decided_by in part.values_list(
            "booking_id", "code", "property_label", "changes", "decided_by_id"
        ):
            yield _name_difference(booking, code, label, changes), decided_by


def _name_difference(
    booking_id: int, code: str, label: str, changes: Mapping[str, Sequence[str]]
) -> Difference:
    said = json.dumps({name: list(pair) for name, pair in changes.items()}, sort_keys=True)
    return (booking_id, code, label_key(label), said)
