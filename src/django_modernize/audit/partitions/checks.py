"""System check of the partitions of the table of events."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connections
from django.utils import timezone

from .catalog import EVENT_TABLE, Layout, read_layout

__all__ = ["check_partitions"]

DELAY = timedelta(days=1)
"""How long after the beginning of a month its partition may be begun."""


def check_partitions(
    *, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Check for ids and months without a partition (modernize.E210, W211)."""
    return [message for alias in databases or () for message in _check_database(alias)]


def _check_database(alias: str) -> list[CheckMessage]:
    try:
        layout = read_layout(connections[alias])
    except DatabaseError:
        return []  # check_triggers says so
    if layout is None:
        return []
    return [*_check_newest(alias, layout), *_check_month(alias, layout)]


def _check_newest(alias: str, layout: Layout) -> list[CheckMessage]:
    if layout.newest is not None:
        return []
    return [
        Error(
            f"No partition of {EVENT_TABLE} in database {alias!r} takes new events, so every "
            "change to a tracked row fails.",
            hint="The newest partition was detached or dropped: attach it, FOR VALUES FROM its "
            "first number TO (MAXVALUE), or restore it from a backup.",
            id="modernize.E210",
        )
    ]


def _check_month(alias: str, layout: Layout) -> list[CheckMessage]:
    day = (timezone.now() - DELAY).date()
    newest = layout.newest
    if newest is None or (newest.month or (0, 0)) >= (day.year, day.month):
        return []
    return [
        CheckWarning(
            f"{EVENT_TABLE} in database {alias!r} has no partition for this month: events go to "
            f"{newest.name}, which can be dropped only when its last event can.",
            hint=f"Run: python manage.py audit_partition --database {alias}. audit_seal does this "
            "each month if it runs as the table's owner.",
            id="modernize.W211",
        )
    ]
