"""Automatic tasks: rules that administrators manage, planned in bulk and explainable."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .exceptions import ConditionInvalid, PlanOutdated, SubjectError, TextInvalid

if TYPE_CHECKING:
    from .applying import apply
    from .explaining import explain
    from .models import AutoTaskRecord, AutoTaskTemplate
    from .planning import plan
    from .shapes import TaskShape
    from .steps import Action, Occasion, Plan, Reason, Step
    from .subjects import SubjectField, register_subject

__all__ = [
    "Action",
    "AutoTaskRecord",
    "AutoTaskTemplate",
    "ConditionInvalid",
    "Occasion",
    "Plan",
    "PlanOutdated",
    "Reason",
    "Step",
    "SubjectError",
    "SubjectField",
    "TaskShape",
    "TextInvalid",
    "apply",
    "explain",
    "plan",
    "register_subject",
]

MODULES: Final = {
    "Action": "steps",
    "AutoTaskRecord": "models",
    "AutoTaskTemplate": "models",
    "Occasion": "steps",
    "Plan": "steps",
    "Reason": "steps",
    "Step": "steps",
    "SubjectField": "subjects",
    "TaskShape": "shapes",
    "apply": "applying",
    "explain": "explaining",
    "plan": "planning",
    "register_subject": "subjects",
}


def __getattr__(name: str) -> Any:
    # Models cannot be imported while Django is loading the applications.
    if name in MODULES:
        return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
