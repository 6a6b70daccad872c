"""Import conflicts that people have to decide: rows of open plans."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from api.models import (
    BookingImportLabel,
    BookingImportPlan,
    BookingImportPlanRow,
    Property,
    PropertyAlias,
)
from api.models.import_plan import LabelDecision, PlanStatus
from api.models.imports import RowOutcome
from api.services.excel_import.houses import HouseIndex, UnknownHouse, make_house
from api.services.permission import Access, list_visible

from .guards import IMPORT

__all__ = ["OpenConflict", "count_open_conflicts", "list_open_conflicts", "with_open_conflicts"]

MOST: Final = 500
"""How many are listed: nobody decides about more on one day."""

LABEL_FIELDS: Final = ("plan_id", "decision", "label", "property_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenConflict:
    """A row of a file that waits for a decision."""

    row: BookingImportPlanRow
    """The row, with its plan; ``row.reason`` says why, ``row.booking_id`` what is in the way."""
    house_id: int | None
    """Where the file wants the stay; none for a house that the import has yet to make."""
    first_day: date
    """The day of check-in that the file says."""
    last_day: date
    """The day of check-out that the file says."""


def count_open_conflicts(access: Access) -> int:
    """Return how many rows wait for a decision; 0 for users who may not import.

    Costs one query where somebody may.
    """
    return _find_rows().count() if access.may(IMPORT) else 0


def list_open_conflicts(
    access: Access, *, first_day: date | None = None, last_day: date | None = None
) -> list[OpenConflict]:
    """Return what waits for a decision, by the plans' age and the rows' order.

    Args:
        access: Who asks; nothing is listed for who may not import, nor of houses unseen.
        first_day: Where given, stays that end before it are left out.
        last_day: Where given, stays that begin after it are left out.

    Returns:
        At most 500.

    Costs four queries, one where nothing waits, and none for who may not import.
    """
    if not access.may(IMPORT):
        return []
    rows = _find_rows().alias(begins=_read_text("start_date"), ends=_read_text("end_date"))
    if first_day is not None:
        rows = rows.filter(ends__gte=first_day.isoformat())
    if last_day is not None:
        rows = rows.filter(begins__lte=last_day.isoformat())
    found = list(rows.select_related("plan").order_by("plan_id", "row_number")[:MOST])
    houses = _load_houses(access, {one.plan_id for one in found}) if found else {}
    return list(_describe_rows(found, houses))


def with_open_conflicts(plans: QuerySet[BookingImportPlan]) -> QuerySet[BookingImportPlan]:
    """Annotate plans with the number of rows that wait for a decision: ``plan.open_conflicts``."""
    counted = (
        _find_rows().filter(plan=OuterRef("pk")).order_by().values("plan").annotate(n=Count("pk"))
    )
    return plans.annotate(open_conflicts=Coalesce(Subquery(counted.values("n")), 0))


def _find_rows() -> QuerySet[BookingImportPlanRow]:
    return BookingImportPlanRow.objects.filter(
        plan__status=PlanStatus.PLANNED, outcome=RowOutcome.CONFLICT, is_applied=False
    )


def _read_text(name: str) -> Cast:
    # A JSON value by itself compares as a number.
    return Cast(KT(f"values__{name}"), CharField(max_length=10))


def _load_houses(access: Access, plans: set[int]) -> dict[int, HouseIndex]:
    """Return what the labels of each plan mean, among the houses that the user can see."""
    houses = [make_house(one) for one in list_visible(access, Property)]
    aliases = list(PropertyAlias.objects.values_list("label", "property_id"))
    approved: dict[int, list[str]] = {plan: [] for plan in plans}
    mapped: dict[int, list[tuple[str, int]]] = {plan: [] for plan in plans}
    labels = BookingImportLabel.objects.filter(plan__in=plans)
    for plan, decision, label, house in labels.values_list(*LABEL_FIELDS):
        if decision == LabelDecision.APPROVED:
            approved[plan].append(label)
        elif house is not None:
            mapped[plan].append((label, house))
    return {
        plan: HouseIndex(houses, [*aliases, *mapped[plan]], approved=approved[plan])
        for plan in plans
    }


def _describe_rows(
    rows: Iterable[BookingImportPlanRow], houses: Mapping[int, HouseIndex]
) -> Iterator[OpenConflict]:
    for row in rows:
        # A house that the index does not know is one that the user cannot see.
        with suppress(UnknownHouse):
            yield OpenConflict(
                row=row,
                house_id=houses[row.plan_id].find_house(row.property_label).pk,
                first_day=date.fromisoformat(row.values["start_date"]),
                last_day=date.fromisoformat(row.values["end_date"]),
            )
