"""A log entry that says more."""

from auditlog.models import AbstractLogEntry
from django.db import models


class OwnEntry(AbstractLogEntry):
    branch = models.CharField(max_length=20, default="north")
