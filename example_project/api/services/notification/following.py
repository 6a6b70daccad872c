"""Notifies people of changes at the end of a block."""

import logging
from collections.abc import Iterable
from functools import partial

from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from api.models import Task, User
from django_modernize.context import get_context

from .background import enqueue_delivery
from .gathering import gather_notices
from .notices import Notice, merge_notices
from .storing import store_notices
from .trail import read_happenings

__all__ = ["tell_changes", "tell_people"]

logger = logging.getLogger(__name__)


def tell_changes(*, after: int, using: str = DEFAULT_DB_ALIAS) -> None:
    """Store the notifications about what this transaction has done since an event.

    It reads from the audit trail what happened, so it does not matter who wrote it, and how: a
    form, an import, a rule, or SQL. What is stored is seen at once in the portal; mail and phones
    follow when the transaction is committed.

    Args:
        after: The number of the event.
        using: The alias of the database.

    Costs a query, and at most nine more where somebody is concerned; their number does not depend
    on the number of rows.
    """
    _tell(gather_notices(read_happenings(using, after=after)), using)


def tell_people(
    *, recipients: Iterable[User], verb: str, task: Task, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Notify people of something about a task that no row shows, such as that it needs attention.

    Whoever says so is left out, and those who have left.

    Args:
        recipients: Who is told.
        verb: One of ``NotificationVerb``.
        task: The task.
        using: The alias of the database.

    Costs three queries.
    """
    actor_id = get_context().actor_id
    notices = merge_notices(
        Notice(
            recipient_id=person.pk,
            verb=verb,
            matter=f"task:{task.pk}",
            actor_id=actor_id,
            task_id=task.pk,
            property_id=task.property_id,
        )
        for person in recipients
        if person.is_active and person.pk != actor_id
    )
    with transaction.atomic(using=using):
        _tell(notices, using)


def _tell(notices: list[Notice], using: str) -> None:
    if not notices:
        return
    try:
        with transaction.atomic(using=using):
            store_notices(notices, using)
    except DatabaseError:
        # Write the business rows before the notification.
        logger.exception("%s notices could not be stored", len(notices))
        return
    recipients = sorted({one.recipient_id for one in notices})
    transaction.on_commit(partial(enqueue_delivery, recipients), using=using, robust=True)
