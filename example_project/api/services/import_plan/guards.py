"""Permission and status checks of imports."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from api.models import BookingImportPlan, User
from api.models.import_plan import PlanStatus
from api.models.refusals import StateRefused

__all__ = ["APPROVE", "IMPORT", "UNDO", "lock_plan", "require_permission", "require_status"]

IMPORT: Final = "api.import_bookings"
APPROVE: Final = "api.approve_property"
UNDO: Final = "api.undo_import"


def require_permission(actor: User, *permissions: str) -> None:
    """Check that a user has some permissions.

    Raises:
        PermissionDenied: A permission is missing.
    """
    missing = [one for one in permissions if not actor.has_perm(one)]
    if missing:
        raise PermissionDenied(_("This requires the permission %s.") % ", ".join(missing))


def lock_plan(plan_id: int) -> BookingImportPlan:
    """Return a plan, locked until the transaction ends."""
    plans = BookingImportPlan.objects.select_related("template__property")
    return plans.select_for_update(of=("self",)).get(pk=plan_id)


def require_status(plan: BookingImportPlan, *allowed: PlanStatus) -> None:
    """Check that a plan has one of some statuses.

    Raises:
        StateRefused: It has not (``plan_status``).
    """
    if plan.status not in allowed:
        raise StateRefused(
            _("The import “%(name)s” is %(status)s: this cannot be done now."),
            "plan_status",
            {"name": plan.file_name, "status": plan.get_status_display()},
        )
