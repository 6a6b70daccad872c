"""The models of the trail: events and the contexts they share."""

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
"""The actions whose changes are lists of keys instead of values."""


class AuditContext(AppendOnlyModel):
    """The context that events share, if there is one to record.

    There is one row per transaction, or one for several consecutive transactions with the same
    context. It is a separate table so that the user agent and request of a user who changes ten
    thousand rows are not stored ten thousand times.
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
    joins the context, so that ``request_id`` and its other fields can be read and filtered like
    fields of the event.
    """

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField("at")
    transaction_id = models.BigIntegerField(null=True)
    """The same for all events of one database transaction."""

    context = models.ForeignKey(
        AuditContext,
        # Neither is ever deleted alone, and a constraint would cost a lookup for each event.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    actor = ActorKey(
        settings.AUTH_USER_MODEL,
        # The trail outlives the user, and deleting the user must not rewrite events.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    object_type = models.CharField(max_length=201)
    """The lowercase label of the model, such as ``api.booking``."""

    object_id = KeyField(max_length=255)
    """The primary key as text. See :func:`.keys.object_key`."""

    action = models.CharField(max_length=20, choices=AuditAction.choices)
    source = models.CharField(max_length=SOURCE_MAX_LENGTH)
    """A ``ChangeSource``, or ``database`` if another program made the change."""

    changes = ChangesField(default=dict)
    """``{field name: [old, new]}`` as JSON values. Use ``decode_changes()`` for Python values."""

    salt = models.BinaryField(null=True)
    """The remaining random bytes of the event after values were erased, or all of them if it was
    written before they were stored with the seal. See :mod:`.ledger.digests`."""

    # Fields of the context, joined by the manager.
    actor_label: str
    """The actor's name at that time, or the database role if another program made the change."""

    reason: str
    request_id: "UUID | None"
    ip_address: str | None
    user_agent: str
    """The user agent, or the application name if another program made the change."""

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
