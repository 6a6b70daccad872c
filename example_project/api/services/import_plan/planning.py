"""Reads the file of a plan, and stores what is to become of each row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from api.models import BookingImportLabel, BookingImportPlan, BookingImportPlanRow
from api.models.import_plan import LabelDecision, PlanStatus
from api.services.bulk_insert import insert_rows
from api.services.excel_import.decision import Decision
from api.services.excel_import.houses import HouseIndex
from api.services.excel_import.rows import BookingRow

from .comparing import (
    DECIDED,
    compare_rows,
    describe_decision,
    is_same_decision,
    load_plan_houses,
    write_decision,
)
from .guards import lock_plan
from .reading import read_file
from .row_values import read_values, write_values

__all__ = ["plan_file", "refresh_plan"]

ROWS_PER_STATEMENT: Final = 2_000
ROW_FIELDS: Final = (
    "row_number",
    "values",
    "code",
    "guest_name",
    "property_label",
    *(name.removesuffix("_id") for name in DECIDED),
)


def plan_file(plan: BookingImportPlan) -> None:
    """Read the file, compare it with what is booked, and store the plan.

    Raises:
        ImportRefused: The file as a whole cannot be read.

    Costs some ten statements, and one for each 2,000 rows; nothing is locked while it reads.
    """
    found = read_file(plan)
    plan.sheet = found.sheet[:100]
    plan.columns = {field: [one.index, one.header] for field, one in found.columns.items()}
    rows = list(found.rows)
    houses = load_plan_houses(plan)
    decisions = compare_rows(plan, rows, houses)
    with transaction.atomic():
        locked = lock_plan(plan.pk)
        if locked.status != PlanStatus.PLANNING:
            # Another worker was quicker.
            return
        plan.rows.all().delete()
        plan.labels.all().delete()
        _store_rows(plan, decisions)
        _store_labels(plan, decisions, houses)
        plan.status, plan.text = PlanStatus.PLANNED, ""
        plan.row_count = plan.done_count = len(decisions)
        plan.worked_at = timezone.now()
        plan.save()


def refresh_plan(plan: BookingImportPlan, *, marks_changes: bool = True) -> int:
    """Compare the rows that are not applied yet anew, and store those that turn out different.

    Args:
        plan: A plan that is planned.
        marks_changes: Whether the rows are marked as changed since they were last shown.

    Returns:
        How many rows turned out different.

    Costs some six statements; to be called inside a transaction.
    """
    stored = list(plan.rows.filter(is_applied=False))
    decisions = compare_rows(
        plan, [read_values(one) for one in stored], load_plan_houses(plan), stored
    )
    different = [
        write_decision(one, decision)
        for one, decision in zip(stored, decisions, strict=True)
        if not is_same_decision(one, decision)
    ]
    for one in different:
        one.changed_since = one.changed_since or marks_changes
    save_decisions(different)
    return len(different)


def save_decisions(rows: Sequence[BookingImportPlanRow]) -> None:
    """Store what the rows of a plan say now."""
    names = [name.removesuffix("_id") for name in DECIDED]
    BookingImportPlanRow.objects.bulk_update(rows, [*names, "changed_since"], batch_size=500)


def _store_rows(plan: BookingImportPlan, decisions: Sequence[Decision]) -> None:
    template = BookingImportPlanRow(plan=plan)
    for start in range(0, len(decisions), ROWS_PER_STATEMENT):
        part = decisions[start : start + ROWS_PER_STATEMENT]
        insert_rows(template, ROW_FIELDS, [tuple(_list_values(one)) for one in part])


def _list_values(decision: Decision) -> Iterator[Any]:
    row = decision.row
    yield from (row.number, write_values(row), row.code, row.guest_name, row.property_label)
    yield from describe_decision(decision).values()


def _store_labels(
    plan: BookingImportPlan, decisions: Sequence[Decision], houses: HouseIndex
) -> None:
    """Store the labels that mean no house, each with the house that it may mean."""
    unknown = Counter(
        decision.row.property_label
        for decision in decisions
        if isinstance(decision.row, BookingRow)
        and any(one.code == "unknown_property" for one in decision.problems)
    )
    made: dict[str, BookingImportLabel] = {}
    for label, count in sorted(unknown.items()):
        close = houses.suggest_house(label)
        made[label] = BookingImportLabel(
            plan=plan,
            label=label,
            row_count=count,
            decision=LabelDecision.OPEN,
            suggestion_id=close.pk if close else None,
        )
    BookingImportLabel.objects.bulk_create(made.values())
