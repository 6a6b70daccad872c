"""Applies a plan exactly as it was shown, in steps that survive a killed worker.

Each step is one transaction: it compares its rows again under a lock, writes those that are still
as planned, and marks them. Rows that have changed are left, stored with their new state, and shown.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.db.models import Case, Count, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlan,
    BookingImportPlanRow,
    User,
)
from api.models.import_plan import PlanStatus
from api.models.imports import RowOutcome
from api.models.refusals import StateRefused
from api.services.bulk_update import set_values
from api.services.changes import making_changes
from api.services.excel_import.apply import HouseTaken, apply_decisions
from api.services.excel_import.decision import Decision
from api.services.locking import lock_rules_of_bookings
from django_modernize.autotasks import Action
from django_modernize.autotasks.running import ChangeFollower
from django_modernize.context import change_context, get_context

from .aliases import store_aliases
from .background import enqueue_work
from .comparing import compare_rows, has_changed_since, list_decided, load_plan_houses
from .guards import IMPORT, lock_plan, require_permission, require_status
from .logs import WRITTEN, finish_log, open_plan_log
from .planning import refresh_plan
from .stored_rows import StoredRow, read_rows, save_decisions

__all__ = ["PlanChanged", "apply_plan", "apply_rows"]

ROWS_PER_STEP = 2_000
"""Whoever changes a booking waits for a whole step: with so many rows, well under a second."""

MAX_ATTEMPTS: Final = 3


class PlanChanged(StateRefused):
    """The bookings have changed since the plan was shown, and it was to be applied as a whole.

    Args:
        count: How many rows have changed.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            _("%(count)d rows are not as they were shown. Nothing was written; look at them."),
            "plan_changed",
            {"count": count},
        )


def apply_plan(
    plan: BookingImportPlan, *, actor: User, is_all_or_nothing: bool = False
) -> BookingImportPlan:
    """Apply a plan as it was shown.

    Without a task framework that is done at once. Rows in conflict or refused are left as they are.

    Args:
        plan: A plan that stands.
        actor: Whose changes these are.
        is_all_or_nothing: Whether nothing is written where a row is refused, in conflict, or not
            any more as it was shown. Otherwise the good rows are written.

    Raises:
        PermissionDenied: The actor may not import.
        StateRefused: The plan is not to be applied now, or not all of it can be.
        PlanChanged: The bookings changed since the plan was shown.
    """
    require_permission(actor, IMPORT)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        require_status(plan, PlanStatus.PLANNED)
        changed = refresh_plan(plan) if has_changed_since(plan) else 0
        todo, unresolved, shown = _count_rows(plan)
        if not changed and not (is_all_or_nothing and unresolved):
            if shown:
                # They were reviewed in their current state.
                plan.rows.filter(changed_since=True).update(changed_since=False)
            plan.status, plan.applied_by = PlanStatus.APPLYING, actor
            plan.is_all_or_nothing, plan.worked_at = is_all_or_nothing, timezone.now()
            plan.done_count = plan.row_count - todo
            plan.save()
    if changed:
        raise PlanChanged(changed)
    if is_all_or_nothing and unresolved:
        raise StateRefused(
            _("%(count)d rows cannot be imported. Decide about them, or import the good rows."),
            "unresolved",
            {"count": unresolved},
        )
    enqueue_work(plan.pk)
    plan.refresh_from_db()
    return plan


def _count_rows(plan: BookingImportPlan) -> tuple[int, int, int]:
    """Return how many rows can be written, how many cannot, and how many have changed since."""
    unresolved = Q(outcome__in=[RowOutcome.CONFLICT, RowOutcome.REFUSED])
    counts = plan.rows.aggregate(
        todo=Count("pk", filter=Q(outcome__in=WRITTEN)),
        unresolved=Count("pk", filter=unresolved),
        shown=Count("pk", filter=Q(changed_since=True)),
    )
    return counts["todo"], counts["unresolved"], counts["shown"]


def apply_rows(plan: BookingImportPlan) -> None:
    """Apply what is not yet applied, as a worker does.

    Costs some thirty statements for each 2,000 rows.
    """
    context = get_context().replace(actor=plan.applied_by)
    with change_context(context, source="excel_import", request_id=plan.request_id):
        try:
            if plan.is_all_or_nothing:
                with _frame_changes(plan):
                    _apply_steps(plan)
            else:
                _apply_steps(plan)
        except PlanChanged:
            # Rolled back as a whole; the changed rows are stored and shown.
            with making_changes():
                locked = lock_plan(plan.pk)
                refresh_plan(locked)
                locked.status = PlanStatus.PLANNED
                locked.done_count = locked.row_count
                locked.save()


def _apply_steps(plan: BookingImportPlan) -> None:
    while _take_step(plan):
        pass


def _take_step(plan: BookingImportPlan) -> bool:
    """Apply the next rows; return whether there may be more."""
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with _frame_changes(plan) as changes:
                return _apply_part(lock_plan(plan.pk), changes)
        except HouseTaken:
            continue
    raise StateRefused(gettext_lazy("Others keep making the same properties; try again."), "busy")


def _frame_changes(
    plan: BookingImportPlan,
) -> AbstractContextManager[ChangeFollower | None]:
    """Return the block for the changes: with the rules for tasks, unless the template says no."""
    if plan.template is None or plan.template.makes_tasks:
        return making_changes()
    frame: AbstractContextManager[None] = transaction.atomic()
    return frame


def _apply_part(plan: BookingImportPlan, changes: ChangeFollower | None) -> bool:
    if plan.status != PlanStatus.APPLYING:
        # Another worker was faster.
        return False
    # Read first: the rows belong to the plan, and nobody who changes a booking has to wait for it.
    stored, has_more = _list_next(plan)
    lock_rules_of_bookings()
    log = open_plan_log(plan)
    if stored:
        _Step(plan=plan, log=log).apply(stored, changes)
        plan.done_count += len(stored)
    if not has_more:
        finish_log(plan, log)
    log.save()
    plan.worked_at = timezone.now()
    plan.save(update_fields=["status", "text", "done_count", "worked_at", "log"])
    return has_more


def _list_next(plan: BookingImportPlan) -> tuple[list[StoredRow], bool]:
    """Return the next rows, and whether there may be more.

    Updates come first and all together, since one may make room for another; new bookings house by
    house, so that a step looks at few of them.
    """
    is_new = Case(When(outcome=RowOutcome.UPDATED, then=0), default=1)
    waiting = plan.rows.filter(is_applied=False, changed_since=False, outcome__in=WRITTEN)
    order = (is_new, "property_label", "row_number")
    # Chosen by what is short of them: sorting all that wait with what they say would be done on
    # the disk, once for each step.
    chosen = waiting.order_by(*order).values("pk")[:ROWS_PER_STEP]
    next_rows = plan.rows.filter(pk__in=chosen).order_by(*order)
    found = list(read_rows(next_rows, keeps_cells=True))
    if len(found) < ROWS_PER_STEP:
        return found, False
    if found[-1].outcome == RowOutcome.UPDATED:
        found = list(read_rows(waiting.filter(outcome=RowOutcome.UPDATED)))
    return found, True


@dataclass(kw_only=True, slots=True)
class _Step:
    """One transaction's worth of rows."""

    plan: BookingImportPlan
    log: BookingImportLog
    different: list[tuple[StoredRow, Decision]] = field(default_factory=list)

    def apply(self, stored: Sequence[StoredRow], changes: ChangeFollower | None) -> None:
        """Write the rows that are still as shown."""
        labels = list_decided(self.plan)
        houses = load_plan_houses(labels, lock=True)
        _lock_bookings(stored)
        decisions = compare_rows(self.plan, [one.row for one in stored], houses, stored)
        by_number = {one.row.number: one for one in stored}
        same = [one for one in decisions if self._is_same(by_number[one.row.number], one)]
        applied = apply_decisions(same, log=self.log)
        self._settle(by_number, applied.decisions)
        if self.different and self.plan.is_all_or_nothing:
            raise PlanChanged(len(self.different))
        save_decisions(self.different)
        store_aliases(labels)
        self._count(changes, len(applied.properties_created))

    def _is_same(self, stored: StoredRow, decision: Decision) -> bool:
        same = stored.is_same(decision)
        if not same:
            self._note_difference(stored, decision)
        return same

    def _note_difference(self, stored: StoredRow, decision: Decision) -> None:
        stored.changed_since = True
        self.different.append((stored, decision))

    def _settle(self, by_number: dict[int, StoredRow], decisions: Sequence[Decision]) -> None:
        """Mark what was written, and record what the database refused."""
        made: dict[int, tuple[int | None, bool]] = {}
        for decision in decisions:
            stored = by_number[decision.row.number]
            if decision.outcome in WRITTEN:
                made[stored.key] = (decision.stay.booking_id if decision.stay else None, True)
            else:
                self._note_difference(stored, decision)
        set_values(BookingImportPlanRow, ["booking", "is_applied"], made)

    def _count(self, changes: ChangeFollower | None, properties: int) -> None:
        if changes is not None:
            made = changes.counts[Action.CREATE]
            self.log.task_count += changes.catch_up()[Action.CREATE] - made
        self.log.property_count += properties


def _lock_bookings(stored: Sequence[StoredRow]) -> None:
    """Keep others from changing the bookings that are about to be updated."""
    keys = sorted(one.booking_id for one in stored if one.booking_id is not None)
    if keys:
        rows = Booking.objects.filter(pk__in=keys).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
