"""Gives the tasks that rules make their checklists."""

from collections.abc import Sequence
from typing import Any

from api.models import TaskChecklist
from api.services.bulk_insert import insert_rows

__all__ = ["add_checklists"]


def add_checklists(made: Sequence[tuple[Any, Any]]) -> None:
    """Give each new task the checklist of its template; what is found is noted item by item later.

    Args:
        made: The key of each new task, and the template or schedule that made it.

    Costs one statement, and one more on SQLite; none where no template has a checklist.
    """
    rows = [(key, template.checklist_id) for key, template in made if template.checklist_id]
    insert_rows(TaskChecklist(), ["task", "template"], rows)
