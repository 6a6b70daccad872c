"""Notifies managers of a task."""

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from django.utils.translation import gettext as _

from api.models import Task, User
from api.models.auth import Role
from api.models.notification import NotificationVerb
from api.services.acting import acting_as, find_seen_task
from api.services.notification.notices import Notice, merge_notices
from api.services.notification.storing import store_notices

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

    Costs three queries, however many managers.
    """
    text = message.strip()
    if not text or len(text) > MAX_MESSAGE_LENGTH:
        raise ValidationError({"message": _("Say in at most 500 characters what the matter is.")})
    with acting_as(actor):
        found = find_seen_task(actor, task)
        is_manager = Q(profile__role=Role.MANAGER) | Q(is_superuser=True)
        managers = User.objects.filter(is_manager, is_active=True).exclude(pk=actor.pk)
        notices = merge_notices(
            Notice(
                recipient_id=key,
                actor_id=actor.pk,
                task_id=found.pk,
                property_id=found.property_id,
                verb=NotificationVerb.ATTENTION,
                matter=f"task:{found.pk}",
                changes={"message": text},
            )
            for key in managers.values_list("pk", flat=True)
        )
        # If two people call at once, each updates what the other has written.
        store_notices(notices, DEFAULT_DB_ALIAS)
    return len(notices)
