"""The log of a planned import: its counts, and the rows worth a look."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from django.db.models import Count, Q

from api.models import BookingImportLog, BookingImportPlan, BookingImportRow
from api.models.import_plan import PlanStatus
from api.models.imports import RowOutcome

__all__ = ["WRITTEN", "finish_log", "open_plan_log"]

WRITTEN: Final = (RowOutcome.CREATED, RowOutcome.UPDATED)
"""The outcomes of rows that an import writes."""

QUIET: Final = Q(outcome=RowOutcome.UNCHANGED) | Q(
    outcome=RowOutcome.CREATED, problems=[], notes=[]
)
"""The rows of which a log has nothing to say but their number."""

ROWS_PER_STATEMENT = 2_000


def open_plan_log(plan: BookingImportPlan) -> BookingImportLog:
    """Return the log that the bookings of a plan refer to; it is created with the first of them."""
    if plan.log is None:
        plan.log = BookingImportLog.objects.create(
            file_name=plan.file_name,
            file_digest=plan.file_digest,
            sheet=plan.sheet,
            request_id=plan.request_id,
            imported_by_id=plan.applied_by_id,
            row_count=plan.row_count,
        )
    return plan.log


def finish_log(plan: BookingImportPlan, log: BookingImportLog) -> None:
    """Record the result of the import, and close the plan; the caller saves both.

    Costs one statement, and some three more where there is more to say than what was created.
    """
    grouped = plan.rows.order_by().values_list("outcome", "is_applied")
    counts: Counter[str] = Counter()
    telling = 0
    for outcome, is_applied, count, quiet in grouped.annotate(
        count=Count("pk"), quiet=Count("pk", filter=QUIET)
    ):
        # Rows that differed from what was shown were not written, whatever their state is now.
        is_left = outcome in WRITTEN and not is_applied
        counts[RowOutcome.CONFLICT.value if is_left else outcome] += count
        telling += count if is_left else count - quiet
    if counts[RowOutcome.CONFLICT.value]:
        left = plan.rows.filter(is_applied=False, outcome__in=WRITTEN)
        left.update(outcome=RowOutcome.CONFLICT)
    for outcome in RowOutcome:
        setattr(log, f"{outcome.value}_count", counts[outcome.value])
    if telling:
        _store_telling(plan, log)
    plan.status, plan.done_count, plan.text = PlanStatus.APPLIED, plan.row_count, ""


def _store_telling(plan: BookingImportPlan, log: BookingImportLog) -> None:
    rows = _list_telling(plan, log)
    while part := list(islice(rows, ROWS_PER_STATEMENT)):
        BookingImportRow.objects.bulk_create(part)


def _list_telling(plan: BookingImportPlan, log: BookingImportLog) -> Iterator[BookingImportRow]:
    rows = plan.rows.exclude(QUIET).defer("values", "encoding_changes")
    for row in rows.iterator(chunk_size=ROWS_PER_STATEMENT):
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
            problems=row.problems,
            notes=row.notes,
            changes=row.changes,
            booking_id=row.booking_id,
        )
