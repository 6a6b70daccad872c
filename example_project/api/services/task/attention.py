"""Calls the managers to a task."""

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import Notification, Task, User
from api.models.auth import Role
from api.models.notification import NotificationVerb
from api.services.acting import acting_as, find_seen_task

__all__ = ["notify_manager"]

MAX_MESSAGE_LENGTH = 500


def notify_manager(*, actor: User, task: Task, message: str) -> int:
    """Tell every manager that a task needs attention.

    No row of the trail tells of it, so this writes the notifications itself: one a manager while
    it is unread, with the latest message and how often the managers were called.

    Args:
        actor: Who calls, and sees the task; is not told.
        task: The task.
        message: Why, at most 500 characters.

    Returns:
        How many were told.

    Raises:
        PermissionDenied: The actor does not see the task.
        ValidationError: There is no message, or it is too long.

    Costs five queries, however many managers.
    """
    text = message.strip()
    if not text or len(text) > MAX_MESSAGE_LENGTH:
        raise ValidationError({"message": _("Say in at most 500 characters what the matter is.")})
    with acting_as(actor):
        found = find_seen_task(actor, task)
        matter = f"task:{found.pk}"
        is_manager = Q(profile__role=Role.MANAGER) | Q(is_superuser=True)
        managers = User.objects.filter(is_manager, is_active=True).exclude(pk=actor.pk)
        unread = Notification.objects.filter(
            matter=matter, verb=NotificationVerb.ATTENTION, read_at__isnull=True
        )
        told = list(unread.filter(recipient__in=managers).values_list("recipient", flat=True))
        changes = {"message": text}
        unread.filter(recipient__in=told).update(
            count=F("count") + 1, changes=changes, actor=actor, changed_at=timezone.now()
        )
        new = [
            Notification(
                recipient=manager,
                actor=actor,
                task=found,
                property_id=found.property_id,
                verb=NotificationVerb.ATTENTION,
                matter=matter,
                changes=changes,
            )
            for manager in managers.exclude(pk__in=told).order_by("pk")
        ]
        Notification.objects.bulk_create(new)
    return len(told) + len(new)
