"""The table of events."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..context import LABEL_MAX_LENGTH, SOURCE_MAX_LENGTH, USER_AGENT_MAX_LENGTH
from ..exceptions import AppendOnly
from .querysets import AuditEventQuerySet
from .values import decode_changes

__all__ = ["AuditAction", "AuditEvent"]


class AuditAction(models.TextChoices):
    """What happened to a row."""

    CREATE = "create", "created"
    UPDATE = "update", "changed"
    DELETE = "delete", "deleted for good"
    SOFT_DELETE = "soft_delete", "deleted"
    RESTORE = "restore", "restored"


class AuditEvent(models.Model):
    """One change of one row, as the database's own trigger wrote it down.

    Events are read here and never written: there is no way to save one.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField("at")
    object_type = models.CharField(max_length=201)
    """The model's label in lower case, ``api.booking``."""

    object_id = models.CharField(max_length=255)
    """The primary key as text."""

    action = models.CharField(max_length=20, choices=AuditAction.choices)
    changes = models.JSONField(default=dict)
    """``{field name: [old, new]}`` as JSON values; ``decode_changes()`` gives Python values."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # The trail outlives the user row, and no deletion may rewrite an event.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    actor_label = models.CharField(max_length=LABEL_MAX_LENGTH, blank=True)
    """The actor's name at that time; the database role where another program wrote."""

    source = models.CharField(max_length=SOURCE_MAX_LENGTH)
    """A ``ChangeSource``, or ``database`` where another program wrote."""

    reason = models.TextField(blank=True)
    request_id = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField("IP address", null=True)
    user_agent = models.CharField(max_length=USER_AGENT_MAX_LENGTH, blank=True)
    """The browser; the application name where another program wrote."""

    transaction_id = models.BigIntegerField(null=True)
    """The same for all events of one database transaction."""

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        db_table = "modernize_audit_event"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="modernize_event_object"),
            models.Index(
                fields=["request_id"],
                condition=Q(request_id__isnull=False),
                name="modernize_event_request",
            ),
            models.Index(
                fields=["actor", "id"],
                condition=Q(actor__isnull=False),
                name="modernize_event_actor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("saved")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnly: Always.
        """
        raise AppendOnly("deleted")

    def decode_changes(self) -> dict[str, tuple[Any, Any]]:
        """Return the changes with values of the fields' own Python types.

        A field that the model has no more keeps its JSON values.
        """
        return decode_changes(self.object_type, self.changes)
