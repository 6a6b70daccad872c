"""Does what a plan needs next, and resumes what a killed worker has left."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_noop as _

from api.models import BookingImportPlan, User
from api.models.import_plan import PlanStatus
from api.models.import_reasons import Saying, read_refusal
from api.services.excel_import.errors import ImportRefused
from api.services.recipient_locale import choose_language

from .applying import apply_rows
from .background import enqueue_work
from .guards import IMPORT, lock_plan, require_permission, require_status
from .planning import plan_file

__all__ = ["discard_plan", "do_work", "list_stalled", "resume_plan"]

STALLED_AFTER: Final = timedelta(minutes=2)

logger = logging.getLogger(__name__)


def do_work(plan_id: int) -> None:
    """Read or apply a plan, depending on its status; a plan that needs nothing is left alone."""
    plan = BookingImportPlan.objects.select_related(
        "template__property", "created_by__profile", "applied_by__profile"
    ).get(pk=plan_id)
    with _speaking_to_owner(plan):
        _do_stage(plan)


def _speaking_to_owner(plan: BookingImportPlan) -> AbstractContextManager[None]:
    """Activate the language of the plan's owner, for messages that a worker writes."""
    owner = plan.applied_by or plan.created_by
    profile = getattr(owner, "profile", None)
    # Keep the house's time zone, since the stays are there and not where the person is.
    return translation.override(choose_language(profile)) if profile else nullcontext()


def _do_stage(plan: BookingImportPlan) -> None:
    if plan.status in {PlanStatus.UPLOADED, PlanStatus.PLANNING}:
        _report_progress(plan, PlanStatus.PLANNING)
        _try_stage(plan, plan_file)
    elif plan.status == PlanStatus.APPLYING:
        _try_stage(plan, apply_rows)


def _report_progress(plan: BookingImportPlan, status: PlanStatus) -> None:
    plan.status, plan.worked_at = status, timezone.now()
    plan.save(update_fields=["status", "worked_at"])


def _try_stage(plan: BookingImportPlan, stage: Callable[[BookingImportPlan], None]) -> None:
    try:
        stage(plan)
    except ImportRefused as error:
        _fail(plan, error.code, error.saying)
    except ValidationError as error:
        _fail(plan, getattr(error, "code", None) or "invalid", read_refusal(error))
    except DatabaseError:
        # The error may contain a guest's data, so it goes only to the server's log.
        logger.exception("The import %s failed.", plan.pk)
        text = _("The database did not accept it. Nothing more was written.")
        _fail(plan, "database", Saying(text))


def _fail(plan: BookingImportPlan, code: str, saying: Saying) -> None:
    BookingImportPlan.objects.filter(pk=plan.pk).update(
        status=PlanStatus.FAILED, error_code=code[:40], error=saying, worked_at=timezone.now()
    )


def list_stalled() -> QuerySet[BookingImportPlan]:
    """Return the imports whose worker has stopped."""
    seen_before = timezone.now() - STALLED_AFTER
    waiting = Q(worked_at__isnull=True, created_at__lt=seen_before) | Q(worked_at__lt=seen_before)
    unfinished = [PlanStatus.UPLOADED, PlanStatus.PLANNING, PlanStatus.APPLYING]
    return BookingImportPlan.objects.filter(waiting, status__in=unfinished).order_by("pk")


def resume_plan(plan: BookingImportPlan, *, actor: User) -> BookingImportPlan:
    """Continue after a worker was killed or failed; what is written already is not written again.

    Raises:
        PermissionDenied: The actor may not import.
        StateRefused: There is nothing to go on with.
    """
    require_permission(actor, IMPORT)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        require_status(
            plan,
            PlanStatus.UPLOADED,
            PlanStatus.PLANNING,
            PlanStatus.APPLYING,
            PlanStatus.FAILED,
        )
        if plan.status == PlanStatus.FAILED:
            plan.status = PlanStatus.APPLYING if plan.applied_by_id else PlanStatus.PLANNING
            plan.error_code, plan.error = "", ""
            plan.save(update_fields=["status", "error_code", "error"])
    enqueue_work(plan.pk)
    plan.refresh_from_db()
    return plan


def discard_plan(plan: BookingImportPlan, *, actor: User) -> BookingImportPlan:
    """Discard a plan that will not be applied, with its file.

    Raises:
        PermissionDenied: The actor may not import.
        StateRefused: It is applied, or being applied.
    """
    require_permission(actor, IMPORT)
    with transaction.atomic():
        plan = lock_plan(plan.pk)
        require_status(plan, PlanStatus.UPLOADED, PlanStatus.PLANNED, PlanStatus.FAILED)
        plan.rows.all().delete()
        plan.status, plan.text, plan.file = PlanStatus.DISCARDED, "", None
        plan.row_count = plan.done_count = 0
        plan.save()
    return plan
