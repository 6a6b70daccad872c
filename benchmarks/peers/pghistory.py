"""The booking recorded by django-pghistory, through triggers."""

import pghistory
import pgtrigger

from ..models import StayFields

__all__ = ["StatementStay", "TriggerStay"]


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="TriggerStayEvent",
)
class TriggerStay(StayFields):
    """With a trigger for each row, the default."""


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    model_name="StatementStayEvent",
    level=pgtrigger.Statement,
)
class StatementStay(StayFields):
    """With a trigger for each statement, which its documentation has for bulk operations."""
