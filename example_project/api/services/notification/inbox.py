"""What somebody was told, and what of it is read."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from api.models import Notification, User

__all__ = ["count_unread", "list_notices", "mark_all_read", "mark_read", "mark_unread"]


def list_notices(*, actor: User, only_unread: bool = False) -> "QuerySet[Notification]":
    """Return what a person was told, the newest first.

    Args:
        actor: The person; nobody sees what others are told.
        only_unread: Whether what is read is left out.

    Costs one query when it is read, with task, house and who did it.
    """
    rows: QuerySet[Notification] = Notification.objects.filter(recipient=actor)
    rows = rows.select_related("task", "property", "actor")
    return rows.filter(read_at__isnull=True) if only_unread else rows


def count_unread(*, actor: User) -> int:
    """Return how much a person has not read; costs one query."""
    return Notification.objects.filter(recipient=actor, read_at__isnull=True).count()


def mark_read(*, actor: User, keys: Collection[int]) -> int:
    """Mark some of a person's notices as read, and return how many were not; costs one query."""
    return _mark(_find_unread(actor).filter(pk__in=keys), timezone.now())


def mark_all_read(*, actor: User) -> int:
    """Mark all that a person was told as read, and return how many were not; costs one query."""
    return _mark(_find_unread(actor), timezone.now())


def mark_unread(*, actor: User, keys: Collection[int]) -> int:
    """Mark some of a person's notices as not read, and return how many that were.

    Of several about one matter the last becomes unread, and none where there is an unread one.

    Costs one query.
    """
    chosen = Notification.objects.filter(recipient=actor, pk__in=keys, read_at__isnull=False)
    same = Notification.objects.filter(
        recipient=OuterRef("recipient"), matter=OuterRef("matter"), verb=OuterRef("verb")
    )
    in_the_way = same.filter(Q(read_at__isnull=True) | Q(pk__in=keys, pk__gt=OuterRef("pk")))
    return _mark(chosen.exclude(Exists(in_the_way)), None)


def _mark(rows: "QuerySet[Notification]", read_at: datetime | None) -> int:
    """Mark a person's rows, which are locked in the order in which more is told."""
    locked = rows.order_by("matter", "verb", "pk").select_for_update(of=("self",), no_key=True)
    chosen = Notification.objects.filter(pk__in=locked.values("pk"))
    with transaction.atomic(savepoint=False):
        # Lists are ordered by changed_at, and a notice keeps its place when it is read.
        return chosen.update(read_at=read_at)


def _find_unread(actor: User) -> "QuerySet[Notification]":
    rows: QuerySet[Notification] = Notification.objects.filter(recipient=actor)
    return rows.filter(read_at__isnull=True)
