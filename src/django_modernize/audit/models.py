"""The tables of the trail: what happened, and under which circumstances."""

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..context_values import LABEL_MAX_LENGTH, SOURCE_MAX_LENGTH, USER_AGENT_MAX_LENGTH
from .append_only import AppendOnlyModel
from .fields import ActorKey, ChangesField, KeyField
from .indexes import BlockRangeIndex, EqualityIndex, FallbackIndex
from .ledger.models import AuditSeal
from .querysets import AuditEventManager
from .values import decode_changes

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["LINK_ACTIONS", "AuditAction", "AuditContext", "AuditEvent", "AuditSeal"]


class AuditAction(models.TextChoices):
    """What happened to a row."""

    CREATE = "create", _("created")
    UPDATE = "update", _("changed")
    DELETE = "delete", _("deleted for good")
    SOFT_DELETE = "soft_delete", _("deleted")
    RESTORE = "restore", _("restored")
    M2M_ADD = "m2m_add", _("linked")
    M2M_REMOVE = "m2m_remove", _("unlinked")
    TRUNCATE = "truncate", _("table emptied")
    UNTRACKED = "untracked", _("changes not recorded")
    ERASE = "erase", _("values erased")
    PRUNE = "prune", _("old events removed")


LINK_ACTIONS: Final = frozenset({AuditAction.M2M_ADD, AuditAction.M2M_REMOVE})
"""What shows lists of keys in place of values."""


class AuditContext(AppendOnlyModel):
    """The circumstances that events share, where there are any to tell: a row for each transaction,
    or one for several that followed one another in the same circumstances.

    A table of its own, since the browser and the request of a user who changes ten thousand rows
    would otherwise be written ten thousand times.
    """

    id = models.BigAutoField(primary_key=True)
    actor_label = models.CharField(max_length=LABEL_MAX_LENGTH)
    reason = models.TextField()
    request_id = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField("IP address", null=True)
    user_agent = models.CharField(max_length=USER_AGENT_MAX_LENGTH)
    salt = models.BinaryField(null=True)
    """Random bytes that keep a digest from being guessed; see :mod:`.ledger`."""

    class Meta:
        db_table = "modernize_audit_context"
        indexes = [
            models.Index(
                fields=["request_id"],
                condition=Q(request_id__isnull=False),
                name="modernize_context_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.reason}".strip()


class AuditEvent(AppendOnlyModel):
    """One change of one row, as recorded by the database's own trigger.

    Events are read-only: there is no way to save one. ``AuditEvent.objects``
    joins the circumstances, so that ``request_id`` and its neighbours can be read and filtered by
    like fields of the event.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField("at")
    transaction_id = models.BigIntegerField(null=True)
    """The same for all events of one database transaction."""

    context = models.ForeignKey(
        AuditContext,
        # Neither is ever deleted alone, and a constraint would cost each event a look-up.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    actor = ActorKey(
        settings.AUTH_USER_MODEL,
        # The trail outlives the user row, and no deletion may rewrite an event.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    object_type = models.CharField(max_length=201)
    """The model's label in lower case, ``api.booking``."""

    object_id = KeyField(max_length=255)
    """The primary key as text; see :func:`.keys.object_key`."""

    action = models.CharField(max_length=20, choices=AuditAction.choices)
    source = models.CharField(max_length=SOURCE_MAX_LENGTH)
    """A ``ChangeSource``, or ``database`` where another program wrote."""

    changes = ChangesField(default=dict)
    """``{field name: [old, new]}`` as JSON values; ``decode_changes()`` gives Python values."""

    salt = models.BinaryField(null=True)
    """What is left of the event's random bytes when values of it were erased, or all of them where
    it was written before they were kept with the seal; see :mod:`.ledger.digests`."""

    # Of the context, joined by the manager.
    actor_label: str
    """The actor's name at that time; the database role where another program wrote."""

    reason: str
    request_id: "UUID | None"
    ip_address: str | None
    user_agent: str
    """The browser; the application name where another program wrote."""

    objects = AuditEventManager()

    class Meta:
        db_table = "modernize_audit_event"
        ordering = ["-id"]
        indexes = [
            EqualityIndex(fields=["object_id"], name="modernize_event_object"),
            BlockRangeIndex(
                fields=[
                    *("created_at", "transaction_id", "context"),
                    *("actor", "object_type", "action", "source"),
                ],
                scattered=["actor", "object_type", "action", "source"],
                name="modernize_event_ranges",
            ),
            FallbackIndex(fields=["transaction_id"], name="modernize_event_transaction"),
            FallbackIndex(
                fields=["context"],
                condition=Q(context__isnull=False),
                name="modernize_event_context",
            ),
            FallbackIndex(
                fields=["actor"], condition=Q(actor__isnull=False), name="modernize_event_actor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id} {self.get_action_display()}"

    def decode_changes(self) -> dict[str, tuple[Any, Any]]:
        """Return the changes with values of the fields' own Python types.

        The values of a field that the model no longer has stay JSON.
        """
        return decode_changes(self.object_type, self.changes)
