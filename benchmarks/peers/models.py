"""The booking of the measurements once for each peer, registered as its documentation says.

django-pghistory, which knows PostgreSQL alone, is in :mod:`.pghistory`.
"""

from auditlog.models import AuditlogHistoryField
from auditlog.registry import auditlog
from django.db import connection, models
from safe_filefield.models import SafeFileField
from simple_history.models import HistoricalRecords
from upload_validator import FileTypeValidator

from ..models import StayFields

__all__ = ["HistoryStay", "LoggedStay", "SafeUpload", "ValidatedUpload"]


class LoggedStay(StayFields):
    """Recorded by django-auditlog, through signals."""

    history = AuditlogHistoryField()


auditlog.register(LoggedStay)


class HistoryStay(StayFields):
    """Recorded by django-simple-history, through signals."""

    history = HistoricalRecords()


class SafeUpload(models.Model):
    """Checked by django-safe-filefield: the ending, and libmagic against the declared type."""

    file = SafeFileField(upload_to="safe", allowed_extensions=("jpg",))


class ValidatedUpload(models.Model):
    """Checked by django-upload-validator: the ending, and libmagic against a list."""

    file = models.FileField(
        upload_to="validated",
        validators=[FileTypeValidator(allowed_types=["image/jpeg"], allowed_extensions=[".jpg"])],
    )


if connection.vendor == "postgresql":
    from .pghistory import *  # noqa: F403 - the models of one application are found here
