"""Applies a plan exactly as it was shown, in steps that a killed worker leaves whole.

Each step is one transaction: it compares its rows anew under a lock, writes those that are still as
planned, and marks them. Whatever turned out different is left, stored as it is now, and shown.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlan,
    BookingImportPlanRow,
    PropertyAlias,
    User,
)
from api.models.import_plan import LabelDecision, PlanStatus
from api.models.imports import RowOutcome
from api.services.bulk_update import set_values
from api.services.changes import making_changes
from api.services.excel_import.apply import HouseTaken, apply_decisions
from api.services.excel_import.decision import Decision
from django_modernize.autotasks import Action
from django_modernize.autotasks.running import ChangeFollower
from django_modernize.context import change_context, get_context

from .background import enqueue_work
from .comparing import compare_rows, is_same_decision, load_plan_houses, write_decision
from .guards import IMPORT, lock_plan, require_permission, require_status
from .logs import WRITTEN, finish_log, open_plan_log
from .planning import refresh_plan, save_decisions
from .row_values import read_values

__all__ = ["PlanChanged", "apply_plan", "apply_rows"]

ROWS_PER_STEP = 5_000
MAX_ATTEMPTS: Final = 3


class PlanChanged(ValidationError):
    """The bookings changed since the plan was shown, and all of it was to be applied or nothing.

    Args:
        count: How many rows turned out different.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            _("%(count)d rows are not as they were shown. Nothing was written; look at them."),
            code="plan_changed",
            params={"count": count},
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
        ValidationError: The plan is not to be applied now, or not all of it can be.
        PlanChanged: The bookings changed since the plan was shown.
    """
    require_permission(actor, IMPORT)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        require_status(plan, PlanStatus.PLANNED)
        changed = refresh_plan(plan)
        rows = plan.rows.all()
        unresolved = rows.filter(outcome__in=[RowOutcome.CONFLICT, RowOutcome.REFUSED]).count()
        if not changed and not (is_all_or_nothing and unresolved):
            rows.update(changed_since=False)
            plan.status, plan.applied_by = PlanStatus.APPLYING, actor
            plan.is_all_or_nothing, plan.worked_at = is_all_or_nothing, timezone.now()
            plan.done_count = rows.exclude(outcome__in=WRITTEN).count()
            plan.save()
    if changed:
        raise PlanChanged(changed)
    if is_all_or_nothing and unresolved:
        raise ValidationError(
            _("%(count)d rows cannot be imported. Decide about them, or import the good rows."),
            code="unresolved",
            params={"count": unresolved},
        )
    enqueue_work(plan.pk)
    plan.refresh_from_db()
    return plan


def apply_rows(plan: BookingImportPlan) -> None:
    """Apply what is not applied yet, as a worker does.

    Costs some thirty statements for each 5,000 rows.
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
            # Rolled back as a whole; what is different now is stored and shown.
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
    """Apply the next rows; tell whether there may be more."""
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with _frame_changes(plan) as changes:
                return _apply_part(lock_plan(plan.pk), changes)
        except HouseTaken:
            continue
    raise ValidationError(_("Others keep making the same properties; try again."), code="busy")


def _frame_changes(
    plan: BookingImportPlan,
) -> AbstractContextManager[ChangeFollower | None]:
    """Return the frame of the changes: with the rules for tasks unless the template forbids."""
    if plan.template is None or plan.template.makes_tasks:
        return making_changes()
    frame: AbstractContextManager[None] = transaction.atomic()
    return frame


def _apply_part(plan: BookingImportPlan, changes: ChangeFollower | None) -> bool:
    if plan.status != PlanStatus.APPLYING:
        # Another worker was quicker.
        return False
    stored = _list_next(plan)
    if not stored:
        finish_log(plan)
        return False
    log = open_plan_log(plan)
    step = _Step(plan=plan, log=log)
    step.apply(stored, changes)
    plan.done_count += len(stored)
    plan.worked_at = timezone.now()
    plan.save(update_fields=["done_count", "worked_at", "log"])
    return True


def _list_next(plan: BookingImportPlan) -> list[BookingImportPlanRow]:
    """Return the next rows: all updates together, since one may make room for another."""
    waiting = plan.rows.filter(is_applied=False, changed_since=False)
    updates = list(waiting.filter(outcome=RowOutcome.UPDATED))
    return updates or list(waiting.filter(outcome=RowOutcome.CREATED)[:ROWS_PER_STEP])


@dataclass(kw_only=True, slots=True)
class _Step:
    """One transaction's worth of rows."""

    plan: BookingImportPlan
    log: BookingImportLog
    different: list[BookingImportPlanRow] = field(default_factory=list)

    def apply(self, stored: Sequence[BookingImportPlanRow], changes: ChangeFollower | None) -> None:
        """Write the rows that are still as they were shown."""
        houses = load_plan_houses(self.plan, lock=True)
        _lock_bookings(stored)
        rows = [read_values(one) for one in stored]
        decisions = compare_rows(self.plan, rows, houses, stored)
        by_number = {one.row_number: one for one in stored}
        same = [one for one in decisions if self._is_same(by_number[one.row.number], one)]
        applied = apply_decisions(same, log=self.log)
        self._settle(by_number, applied.decisions)
        if self.different and self.plan.is_all_or_nothing:
            raise PlanChanged(len(self.different))
        save_decisions(self.different)
        _store_aliases(self.plan)
        self._count(changes, len(applied.properties_created))

    def _is_same(self, stored: BookingImportPlanRow, decision: Decision) -> bool:
        same = is_same_decision(stored, decision)
        if not same:
            self._note_difference(stored, decision)
        return same

    def _note_difference(self, stored: BookingImportPlanRow, decision: Decision) -> None:
        write_decision(stored, decision).changed_since = True
        self.different.append(stored)

    def _settle(
        self, by_number: dict[int, BookingImportPlanRow], decisions: Sequence[Decision]
    ) -> None:
        """Mark what was written, and keep what the database refused after all."""
        made: dict[int, int | None] = {}
        for decision in decisions:
            stored = by_number[decision.row.number]
            if decision.outcome in WRITTEN:
                made[stored.pk] = decision.stay.booking_id if decision.stay else None
            else:
                self._note_difference(stored, decision)
        set_values(BookingImportPlanRow, "booking", made)
        self.plan.rows.filter(pk__in=made).update(is_applied=True)

    def _count(self, changes: ChangeFollower | None, properties: int) -> None:
        if changes is not None:
            made = changes.counts[Action.CREATE]
            self.log.task_count += changes.catch_up()[Action.CREATE] - made
        self.log.property_count += properties
        self.log.save(update_fields=["task_count", "property_count"])


def _lock_bookings(stored: Sequence[BookingImportPlanRow]) -> None:
    """Keep people from changing what is about to be updated."""
    keys = sorted(one.booking_id for one in stored if one.booking_id is not None)
    if keys:
        list(
            Booking.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk")
        )


def _store_aliases(plan: BookingImportPlan) -> None:
    """Let the labels that were mapped mean their houses from now on."""
    mapped = plan.labels.filter(decision=LabelDecision.MAPPED, property__isnull=False)
    known = set(PropertyAlias.objects.values_list("label", flat=True))
    PropertyAlias.objects.bulk_create(
        PropertyAlias(label=one.label, property=one.property)
        for one in mapped.select_related("property")
        if one.property and one.label not in known
    )
