"""People's decisions about a plan: its unknown labels, and its rows."""

from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from api.models import (
    BookingImportLabel,
    BookingImportPlan,
    BookingImportPlanRow,
    Property,
    User,
)
from api.models.import_plan import LabelDecision, PlanStatus, RowAction
from api.models.imports import RowOutcome
from api.models.refusals import StateRefused
from api.services.excel_import.choices import AMENDABLE
from api.services.excel_import.words import label_key

from .guards import APPROVE, IMPORT, lock_plan, require_permission, require_status
from .planning import refresh_plan

__all__ = ["approve_label", "approve_labels", "decide_row", "map_label", "reopen_label"]

OPEN_OUTCOMES: Final = frozenset({RowOutcome.CONFLICT, RowOutcome.SKIPPED})
"""The outcomes that are a person's to decide."""


def approve_label(label: BookingImportLabel, *, actor: User) -> BookingImportPlan:
    """Let the import create a house with a label's name; its rows are planned again at once.

    Raises:
        PermissionDenied: The actor may not approve properties.
        StateRefused: The plan is not open.
        ValidationError: The name is too long for a property.
    """
    return approve_labels(label.plan, [label], actor=actor)


def approve_labels(
    plan: BookingImportPlan, labels: Sequence[BookingImportLabel], *, actor: User
) -> BookingImportPlan:
    """Let the import create a house for each label; see :func:`approve_label`.

    Raises:
        PermissionDenied: The actor may not approve properties.
        StateRefused: The plan is not open.
        ValidationError: A name is too long for a property.
    """
    require_permission(actor, IMPORT, APPROVE)
    for label in labels:
        Property(name=label.label).clean_fields(exclude=["tags"])
    return _decide_labels(plan.pk, labels, actor, LabelDecision.APPROVED, None)


def map_label(label: BookingImportLabel, house: Property, *, actor: User) -> BookingImportPlan:
    """Map a label to a house, in this import and, once it is applied, in all later ones.

    Raises:
        PermissionDenied: The actor may not approve properties.
        StateRefused: The plan is not open.
        ValidationError: The house is deleted.
    """
    require_permission(actor, IMPORT, APPROVE)
    if house.is_deleted:
        raise ValidationError(_("“%s” is deleted.") % house, code="deleted")
    return _decide_labels(label.plan_id, [label], actor, LabelDecision.MAPPED, house)


def reopen_label(label: BookingImportLabel, *, actor: User) -> BookingImportPlan:
    """Revoke the decision about a label.

    Raises:
        PermissionDenied: The actor may not approve properties.
        StateRefused: The plan is not open.
    """
    require_permission(actor, IMPORT, APPROVE)
    return _decide_labels(label.plan_id, [label], actor, LabelDecision.OPEN, None)


def _decide_labels(
    plan_id: int,
    labels: Sequence[BookingImportLabel],
    actor: User,
    decision: LabelDecision,
    house: Property | None,
) -> BookingImportPlan:
    with transaction.atomic():
        plan = lock_plan(plan_id)
        require_status(plan, PlanStatus.PLANNED)
        # Spellings that differ only in case or spaces are one label.
        keys = {label_key(label.label) for label in labels}
        same = [one.pk for one in plan.labels.all() if label_key(one.label) in keys]
        plan.labels.filter(pk__in=same).update(decision=decision, property=house, decided_by=actor)
        refresh_plan(plan, marks_changes=False)
    for label in labels:
        label.decision, label.property = decision, house
    return plan


def decide_row(
    row: BookingImportPlanRow,
    action: RowAction | str,
    *,
    actor: User,
    fields: Sequence[str] = (),
    target: Property | None = None,
) -> BookingImportPlanRow:
    """Decide what happens to a row in conflict; the plan is compared again at once.

    Args:
        row: The row; one whose booking differs by its encoding alone may be decided too.
        action: What to do; empty takes the decision back.
        actor: Who decides.
        fields: For ``take_file``: the values to take, all that differ where none is named.
        target: For ``move``: the house.

    Returns:
        The row as it stands then: still in conflict where another booking is in the way.

    Raises:
        PermissionDenied: The actor may not import, or change the booking.
        StateRefused: The plan is not open, or there is nothing to decide about the row.
        ValidationError: The decision makes no sense for the row.
    """
    require_permission(actor, IMPORT)
    if row.booking_id and action in {RowAction.TAKE_FILE, RowAction.MOVE}:
        require_permission(actor, "api.change_booking")
    with transaction.atomic():
        plan = lock_plan(row.plan_id)
        require_status(plan, PlanStatus.PLANNED)
        row = BookingImportPlanRow.objects.select_related("plan").get(pk=row.pk)
        _check_decision(row, action, fields, target)
        row.action, row.taken_fields, row.target = action, list(fields), target
        row.decided_by, row.changed_since = actor, False
        row.save(update_fields=["action", "taken_fields", "target", "decided_by", "changed_since"])
        refresh_plan(plan, marks_changes=False)
    row.refresh_from_db()
    return row


def _check_decision(
    row: BookingImportPlanRow, action: str, fields: Sequence[str], target: Property | None
) -> None:
    if action and action not in RowAction.values:
        raise ValidationError({"action": ValidationError(_("Unknown action."), code="action")})
    decidable = row.outcome in OPEN_OUTCOMES or row.encoding_changes or row.action
    if not decidable or row.is_applied:
        raise StateRefused(_("There is nothing to decide about this row."), "settled")
    unknown = sorted(set(fields) - set(AMENDABLE))
    if unknown:
        message = _("Not to be taken over: %s.") % ", ".join(unknown)
        raise ValidationError({"fields": ValidationError(message, code="unknown_field")})
    if action == RowAction.MOVE and (target is None or target.is_deleted):
        message = _("Name the house to move to.")
        raise ValidationError({"target": ValidationError(message, code="required")})
