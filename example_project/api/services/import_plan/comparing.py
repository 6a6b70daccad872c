"""Compares the rows of a plan with the current bookings."""

from collections.abc import Sequence
from typing import Final

from django.db import DEFAULT_DB_ALIAS

from api.models import BookingImportLabel, BookingImportPlan
from api.models.import_plan import LabelDecision, RowAction
from api.services.excel_import.choices import RowChoice
from api.services.excel_import.decision import Decision
from api.services.excel_import.houses import HouseIndex, load_houses
from api.services.excel_import.plan import plan_import
from api.services.excel_import.rows import BookingRow, RefusedRow
from api.services.excel_import.stays import load_stays
from django_modernize.autotasks.occasions import find_events

from .reading import find_rules, load_columns
from .stored_rows import StoredRow

__all__ = [
    "compare_rows",
    "has_changed_since",
    "list_decided",
    "load_plan_houses",
]

COMPARED: Final = ("api.booking", "api.property", "api.propertyalias", "api.bookingimporttemplate")
"""What a plan depends on."""


def has_changed_since(plan: BookingImportPlan) -> bool:
    """Return whether anything that a plan depends on has changed since it was compared.

    A concurrent transaction may go unnoticed; each step compares its own rows under a lock.

    Costs one query.
    """
    if plan.compared_event is None:
        return True
    later = find_events(DEFAULT_DB_ALIAS, after=plan.compared_event)
    return later.filter(object_type__in=COMPARED).exists()


def list_decided(plan: BookingImportPlan) -> list[BookingImportLabel]:
    """Return the decided labels of a plan, in one query."""
    return list(plan.labels.exclude(decision=LabelDecision.OPEN))


def load_plan_houses(labels: Sequence[BookingImportLabel], *, lock: bool = False) -> HouseIndex:
    """Return the houses under the names that a plan uses, in two queries.

    Args:
        labels: The plan's labels, as far as they are decided.
        lock: As of :func:`.houses.load_houses`.
    """
    return load_houses(
        can_create=False,
        lock=lock,
        approved=[one.label for one in labels if one.decision == LabelDecision.APPROVED],
        mapped=[
            (one.label, one.property_id)
            for one in labels
            if one.decision == LabelDecision.MAPPED and one.property_id
        ],
    )


def compare_rows(
    plan: BookingImportPlan,
    rows: Sequence[BookingRow | RefusedRow],
    houses: HouseIndex,
    stored: Sequence[StoredRow] = (),
) -> list[Decision]:
    """Decide what becomes of rows as things stand now, in one query for each 10,000 codes.

    Args:
        plan: The plan that they are of.
        rows: The rows.
        houses: The houses.
        stored: The stored rows, for what people decided.
    """
    choices = {
        one.row.number: RowChoice(
            action=RowAction(one.action),
            fields=one.taken_fields or (),
            target=houses.by_pk.get(one.target_id),
        )
        for one in stored
        if one.action
    }
    targets = [choice.target for choice in choices.values() if choice.target]
    stays = load_stays(rows, houses, rules=find_rules(plan), targets=targets)
    return plan_import(
        rows, houses=houses, stays=stays, columns=load_columns(plan), choices=choices
    )
