"""What people do with tasks. Each function checks permissions, and is atomic."""

from api.models.completion import Lack, find_lacks

from .assigning import assign_task, assign_to_me, mute_task, unmute_task
from .attention import notify_manager
from .dependencies import add_dependency, remove_dependency
from .editing import EDITABLE_FIELDS, attach_fields, change_task, create_task, duplicate_task
from .statuses import (
    StatusOutcome,
    count_by_status,
    list_next_statuses,
    set_status,
    set_statuses,
)
from .timer import find_running, start_timer, stop_timer, sum_work

__all__ = [
    "EDITABLE_FIELDS",
    "Lack",
    "StatusOutcome",
    "add_dependency",
    "assign_task",
    "assign_to_me",
    "attach_fields",
    "change_task",
    "count_by_status",
    "create_task",
    "duplicate_task",
    "find_lacks",
    "find_running",
    "list_next_statuses",
    "mute_task",
    "notify_manager",
    "remove_dependency",
    "set_status",
    "set_statuses",
    "start_timer",
    "stop_timer",
    "sum_work",
    "unmute_task",
]
