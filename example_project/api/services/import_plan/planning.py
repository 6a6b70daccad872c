"""Reads the file of a plan, and stores what will happen to each row."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from api.models import BookingImportLabel, BookingImportPlan, BookingImportPlanRow
from api.models.import_plan import LabelDecision, PlanStatus, RowAction
from api.services.bulk_insert import insert_rows
from api.services.excel_import.decision import Decision
from api.services.excel_import.houses import HouseIndex
from api.services.excel_import.rows import BookingRow
from django_modernize.autotasks.occasions import find_last_event

from .comparing import compare_rows, list_decided, load_plan_houses
from .guards import lock_plan
from .reading import read_file
from .recalling import recall_kept
from .row_values import RowSpool, open_spool
from .stored_rows import DECIDED, describe_decision, read_rows, save_decisions

__all__ = ["plan_file", "refresh_plan"]

ROWS_PER_STATEMENT: Final = 2_000
ROW_FIELDS: Final = (
    "row_number",
    "values",
    "code",
    "guest_name",
    "property_label",
    *DECIDED,
    "action",
    "decided_by",
)


def plan_file(plan: BookingImportPlan) -> None:
    """Read the file, compare it with the current bookings, and store the plan.

    Raises:
        ImportRefused: The file as a whole cannot be read.

    Costs some ten statements, and one for each 2,000 rows; nothing is locked while it reads. What
    the rows say waits in a file meanwhile, so that memory holds only what decides about them.
    """
    found = read_file(plan)
    plan.sheet = found.sheet[:100]
    plan.columns = {field: [one.index, one.header] for field, one in found.columns.items()}
    with open_spool() as spool:
        rows = [spool.keep_row(row) for row in found.rows]
        plan.compared_event = find_last_event(DEFAULT_DB_ALIAS)
        houses = load_plan_houses([])
        decisions = compare_rows(plan, rows, houses)
        _store_plan(plan, decisions, spool, houses)


def _store_plan(
    plan: BookingImportPlan, decisions: Sequence[Decision], spool: RowSpool, houses: HouseIndex
) -> None:
    with transaction.atomic():
        if lock_plan(plan.pk).status != PlanStatus.PLANNING:
            # Another worker was faster.
            return
        _store_rows(plan, decisions, spool)
        _store_labels(plan, decisions, houses)
        plan.status, plan.text = PlanStatus.PLANNED, ""
        plan.row_count = plan.done_count = len(decisions)
        plan.worked_at = timezone.now()
        plan.save()


def refresh_plan(plan: BookingImportPlan, *, marks_changes: bool = True) -> int:
    """Compare the unapplied rows again, and store those that have changed.

    Args:
        plan: A plan that is planned.
        marks_changes: Whether the rows are marked as changed since they were last shown.

    Returns:
        How many rows have changed.

    Costs some seven statements, and one for each 2,000 rows that are different; to be called inside
    a transaction.
    """
    plan.compared_event = find_last_event(DEFAULT_DB_ALIAS)
    plan.save(update_fields=["compared_event"])
    stored = list(read_rows(plan.rows.filter(is_applied=False)))
    decisions = compare_rows(
        plan, [one.row for one in stored], load_plan_houses(list_decided(plan)), stored
    )
    recalled = {} if marks_changes else recall_kept(decisions)
    reopened = {one.row.number for one in stored if one.decided_by_id is not None}
    kept = {number: one for number, one in recalled.items() if number not in reopened}
    different = []
    for one, compared in zip(stored, decisions, strict=True):
        decision, _who = kept.get(one.row.number, (compared, None))
        if not one.is_same(decision):
            one.changed_since = one.changed_since or marks_changes
            different.append((one, decision))
    return save_decisions(different, recalled={number: who for number, (_one, who) in kept.items()})


def _store_rows(plan: BookingImportPlan, decisions: Sequence[Decision], spool: RowSpool) -> None:
    template = BookingImportPlanRow(plan=plan)
    rows = _list_rows(decisions, spool)
    while part := list(islice(rows, ROWS_PER_STATEMENT)):
        insert_rows(template, ROW_FIELDS, part, wants_keys=False, texts=["values"])


def _list_rows(decisions: Sequence[Decision], spool: RowSpool) -> Iterator[tuple[Any, ...]]:
    """Yield the values of the plan's rows."""
    kept = recall_kept(decisions)
    for compared, values in zip(decisions, spool.list_texts(), strict=True):
        row = compared.row
        decision, who = kept.get(row.number, (compared, None))
        action = RowAction.KEEP_OURS.value if row.number in kept else ""
        said = (row.number, values, row.code, row.guest_name, row.property_label)
        yield (*said, *describe_decision(decision), action, who)


def _store_labels(
    plan: BookingImportPlan, decisions: Iterable[Decision], houses: HouseIndex
) -> None:
    """Store the labels that match no house, each with a suggestion."""
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
