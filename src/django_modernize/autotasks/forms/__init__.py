"""Forms for rules and schedules: written without JSON, and looked at before they are saved.

They need no admin: a project's own pages use them as the admin's do.
"""

from .condition_fields import ConditionField, ConditionWidget
from .previews import (
    ACTIONS,
    Preview,
    PreviewLine,
    ask_about_planned_tasks,
    describe_counts,
    make_preview,
)
from .recurring import RecurringTaskForm
from .templates import AutoTaskForm

__all__ = [
    "ACTIONS",
    "AutoTaskForm",
    "ConditionField",
    "ConditionWidget",
    "Preview",
    "PreviewLine",
    "RecurringTaskForm",
    "ask_about_planned_tasks",
    "describe_counts",
    "make_preview",
]
