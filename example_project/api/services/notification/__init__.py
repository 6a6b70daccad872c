"""Notifies people of what concerns them: once per matter while it is unread."""

from .delivery import deliver_notices
from .describing import describe_notice
from .devices import forget_device, register_device
from .following import tell_changes, tell_people
from .inbox import count_unread, list_notices, mark_all_read, mark_read, mark_unread

__all__ = [
    "count_unread",
    "deliver_notices",
    "describe_notice",
    "forget_device",
    "list_notices",
    "mark_all_read",
    "mark_read",
    "mark_unread",
    "register_device",
    "tell_changes",
    "tell_people",
]
