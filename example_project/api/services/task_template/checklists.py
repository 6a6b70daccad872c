"""Gives tasks of rules their checklists."""

from collections.abc import Sequence
from typing import Any

from api.models import TaskChecklist
from api.services.bulk_insert import insert_rows
from api.services.checklist import attach_checklists

__all__ = ["add_checklists"]


def add_checklists(made: Sequence[tuple[Any, Any]]) -> None:
    """Give each new task the checklist of its template, or that of its type.

    Args:
        made: The key of each new task, and the template or schedule that made it.

    Costs one statement, and one more on SQLite, for templates that name a checklist; three and one
    more on SQLite for those that do not.
    """
    named = [(key, template.checklist_id) for key, template in made if template.checklist_id]
    insert_rows(TaskChecklist(), ["task", "template"], named, wants_keys=False)
    others = [key for key, template in made if not template.checklist_id]
    if others:
        attach_checklists(others)
