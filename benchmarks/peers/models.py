"""The booking of the measurements once for each peer, registered as its documentation says.

django-pghistory, which knows PostgreSQL alone, is in :mod:`.pghistory`.
"""

from auditlog.models import AuditlogHistoryField
from auditlog.registry import auditlog
from django.db import connection
from simple_history.models import HistoricalRecords

from ..models import StayFields

__all__ = ["HistoryStay", "LoggedStay"]


class LoggedStay(StayFields):
    """Recorded by django-auditlog, through signals."""

    history = AuditlogHistoryField()


auditlog.register(LoggedStay)


class HistoryStay(StayFields):
    """Recorded by django-simple-history, through signals."""

    history = HistoricalRecords()


if connection.vendor == "postgresql":
    from .pghistory import *  # noqa: F403 - the models of one application are found here
