"""The log of an import that was planned: its counts, and its telling rows."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Count, Q

from api.models import BookingImportLog, BookingImportPlan, BookingImportRow
from api.models.import_plan import PlanStatus
from api.models.imports import RowOutcome

__all__ = ["WRITTEN", "finish_log", "open_plan_log"]

WRITTEN: Final = (RowOutcome.CREATED, RowOutcome.UPDATED)
"""The outcomes of rows that an import writes."""

ROWS_PER_STATEMENT = 2_000


def open_plan_log(plan: BookingImportPlan) -> BookingImportLog:
    """Return the log that the bookings of a plan name; it is made with the first of them."""
    if plan.log is None:
        plan.log = BookingImportLog.objects.create(
            file_name=plan.file_name,
            file_digest=plan.file_digest,
            sheet=plan.sheet,
            request_id=plan.request_id,
            imported_by=plan.applied_by,
            row_count=plan.row_count,
        )
    return plan.log


def finish_log(plan: BookingImportPlan) -> None:
    """Store how the import went, and close the plan. Costs some six statements."""
    log = open_plan_log(plan)
    # What turned out different from what was shown was not written, whatever it would be now.
    left = plan.rows.filter(is_applied=False, outcome__in=WRITTEN)
    left.update(outcome=RowOutcome.CONFLICT)
    found = plan.rows.values_list("outcome").annotate(count=Count("pk")).order_by()
    counts = dict(found)
    for outcome in RowOutcome:
        setattr(log, f"{outcome.value}_count", counts.get(outcome, 0))
    log.save()
    BookingImportRow.objects.bulk_create(_list_telling(plan, log), batch_size=ROWS_PER_STATEMENT)
    plan.status, plan.done_count, plan.text = PlanStatus.APPLIED, plan.row_count, ""
    plan.save()


def _list_telling(plan: BookingImportPlan, log: BookingImportLog) -> Iterator[BookingImportRow]:
    quiet = Q(outcome=RowOutcome.UNCHANGED) | Q(outcome=RowOutcome.CREATED, problems=[], notes=[])
    for row in plan.rows.exclude(quiet).iterator(chunk_size=ROWS_PER_STATEMENT):
        first = row.problems[0] if row.problems else {"code": "", "column": ""}
        yield BookingImportRow(
            log=log,
            row_number=row.row_number,
            outcome=row.outcome,
            code=row.code,
            guest_name=row.guest_name,
            property_label=row.property_label,
            problem_code=first["code"],
            column=first["column"],
            reason=row.reason,
            changes=row.changes,
            booking_id=row.booking_id,
        )
