"""Delivers stored notifications; the next attempt sends what failed."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from api.models import Notification, User
from api.services.recipient_locale import speaking_to

from .channels import CHANNELS, Channel
from .leasing import leasing

__all__ = ["deliver_notices"]

FRESH: Final = timedelta(days=3)
"""What is older is no news, and waits in the portal."""

logger = logging.getLogger(__name__)


def deliver_notices(
    recipient_ids: Sequence[int] | None = None, *, using: str = DEFAULT_DB_ALIAS
) -> dict[str, int]:
    """Send unread notifications that have not been sent yet, by mail and push.

    One that cannot be reached keeps none of the others waiting, and is tried again by the next
    call or by ``manage.py deliver_notices``. A notice may arrive twice where the process is killed
    between the sending and its note, and is never lost.

    Args:
        recipient_ids: To whom; to everybody without.
        using: The alias of the database.

    Returns:
        How many notices were ``sent``, and how many ``failed``.

    No transaction is open while something is sent. Costs a query for each channel, and some six
    for each person who is told.
    """
    counts = {"sent": 0, "failed": 0}
    for channel in CHANNELS:
        for user in _list_waiting(channel, recipient_ids, using):
            for outcome, number in _deliver_to(user, channel, using).items():
                counts[outcome] += number
    return counts


def _list_waiting(
    channel: Channel, recipient_ids: Sequence[int] | None, using: str
) -> "QuerySet[User]":
    waiting = _find_fresh(channel, using).filter(recipient=OuterRef("pk"))
    people = User.objects.using(using).filter(
        channel.find_people(), Exists(waiting), is_active=True
    )
    if recipient_ids is not None:
        people = people.filter(pk__in=recipient_ids)
    return people.select_related("profile").distinct()


def _find_fresh(channel: Channel, using: str) -> "QuerySet[Notification]":
    found: QuerySet[Notification] = Notification.objects.using(using).filter(
        **{f"{channel.stamp}__isnull": True},
        read_at__isnull=True,
        changed_at__gte=timezone.now() - FRESH,
    )
    return found


def _deliver_to(user: User, channel: Channel, using: str) -> dict[str, int]:
    sent = number = 0
    try:
        # Another worker is already handling this person.
        with leasing(user, channel.stamp, using=using) as is_mine:
            # Include what arrived in the meantime: its own worker has left it to this one.
            while is_mine and (notices := _read_waiting(user, channel, using)):
                number = len(notices)
                with speaking_to(user.profile):
                    channel.send(user, notices)
                keys = [one.pk for one in notices]
                Notification.objects.using(using).filter(pk__in=keys).update(
                    **{channel.stamp: timezone.now()}
                )
                sent, number = sent + number, 0
    except Exception:
        # A failure with one person must not keep the others from being notified.
        logger.exception("Notices of user %s wait, %s failed", user.pk, type(channel).__name__)
        return {"sent": sent, "failed": number}
    return {"sent": sent}


def _read_waiting(user: User, channel: Channel, using: str) -> list[Notification]:
    rows = _find_fresh(channel, using).filter(recipient=user).order_by("pk")
    return list(rows.select_related("task", "property"))
