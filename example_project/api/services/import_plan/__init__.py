"""Imports as stored plans: read once, decided by people, applied as shown, and undone."""

from .applying import PlanChanged, apply_plan
from .conflicts import OpenConflict, count_open_conflicts, list_open_conflicts, with_open_conflicts
from .creating import create_plan
from .decisions import approve_label, approve_labels, decide_row, map_label, reopen_label
from .planning import refresh_plan
from .undoing import UndoPlan, preview_undo, undo_import
from .working import discard_plan, list_stalled, resume_plan

__all__ = [
    "OpenConflict",
    "PlanChanged",
    "UndoPlan",
    "apply_plan",
    "approve_label",
    "approve_labels",
    "count_open_conflicts",
    "create_plan",
    "decide_row",
    "discard_plan",
    "list_open_conflicts",
    "list_stalled",
    "map_label",
    "preview_undo",
    "refresh_plan",
    "reopen_label",
    "resume_plan",
    "undo_import",
    "with_open_conflicts",
]
