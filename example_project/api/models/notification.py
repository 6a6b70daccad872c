"""Notifications, and how they are delivered."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_modernize.audit import track
from django_modernize.integrity import UniqueAlive
from django_modernize.models import SoftDeleteMixin

from .property import Property
from .spelling import spell_day
from .task import Task

__all__ = ["DeliveryLease", "DeviceToken", "DigestRun", "Notification", "NotificationVerb"]


class NotificationVerb(models.TextChoices):
    """What happened."""

    ASSIGNED = "assigned", _("assigned to you")
    UNASSIGNED = "unassigned", _("no longer yours")
    STATUS_CHANGED = "status_changed", _("status changed")
    DUE_CHANGED = "due_changed", _("due date changed")
    TITLE_CHANGED = "title_changed", _("title changed")
    DESCRIPTION_CHANGED = "description_changed", _("description changed")
    CREATED = "created", _("created")
    PHOTO_ADDED = "photo_added", _("photo added")
    PHOTO_DELETED = "photo_deleted", _("photo deleted")
    PHOTO_APPROVED = "photo_approved", _("photo approved")
    PHOTO_REJECTED = "photo_rejected", _("photo rejected")
    ATTENTION = "attention", _("needs your attention")
    LOW_STOCK = "low_stock", _("stock is low")


class Notification(SoftDeleteMixin):
    """A notification of one person about one matter; while it is unread, there is no second one."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notifications"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    task = models.ForeignKey(
        Task, models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    property = models.ForeignKey(
        Property, models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    verb = models.CharField(max_length=20, choices=NotificationVerb.choices)
    matter = models.CharField(
        max_length=100, help_text=_("What it is about, as task:12; one word about it while unread.")
    )
    changes = models.JSONField(default=dict, blank=True)
    count = models.PositiveIntegerField(default=1, help_text=_("How often it happened meanwhile."))
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    read_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            UniqueAlive(
                "recipient",
                "matter",
                "verb",
                condition=Q(read_at__isnull=True),
                name="notification_one_while_unread",
            )
        ]
        indexes = [models.Index(fields=["recipient", "read_at", "-changed_at"], name="notice_list")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.matter}"


@track(mask=["token"])
class DeviceToken(models.Model):
    """A phone that receives push notifications."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="device_tokens")
    token = models.CharField(max_length=500, unique=True)
    platform = models.CharField(
        max_length=10, choices=[("ios", "iOS"), ("android", "Android"), ("web", "web")]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return gettext("%(platform)s of %(user)s") % {"platform": self.platform, "user": self.user}


class DigestRun(models.Model):
    """The daily digest of one person and day; it keeps a second one from being sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_runs")
    day = models.DateField()
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {spell_day(self.day)}"


class DeliveryLease(models.Model):
    """Marks that a worker is sending something to a person; other workers wait until it expires.

    It is held outside of any transaction, so that no write waits for a mail server.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=20)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="lease_once_a_channel"),
        ]

    def __str__(self) -> str:
        return gettext("%(channel)s to %(user)s") % {"channel": self.channel, "user": self.user}
