"""Exceptions of automatic tasks."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured, ValidationError

from ..exceptions import ModernizeError

__all__ = [
    "ConditionInvalid",
    "PlanOutdated",
    "RuleInvalid",
    "RulesInvalid",
    "SubjectError",
    "TextInvalid",
]


class SubjectError(ModernizeError, ImproperlyConfigured):
    """A subject is registered in a way that cannot work."""


class ConditionInvalid(ModernizeError, ValidationError):
    """A condition is invalid.

    Args:
        place: The path of the node, such as ``all[1].value``. Empty for the whole condition.
        problem: What is wrong with it.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place = place
        self.problem = problem
        text = f"{place}: {problem}" if place else problem
        super().__init__(text, code="condition_invalid")


class TextInvalid(ModernizeError, ValidationError):
    """A text uses a name that it may not use.

    Args:
        problem: What is wrong, and what would be right.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem, code="text_invalid")


class PlanOutdated(ModernizeError):
    """Something changed since the plan was made, so nothing was done.

    Args:
        changes: A sentence for each difference.
    """

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = list(changes)
        super().__init__(
            "Nothing was done, because the plan is out of date: "
            + "; ".join(self.changes[:5])
            + (f"; and {len(self.changes) - 5} more" if len(self.changes) > 5 else "")
            + ". Make a new plan and review it."
        )


class RuleInvalid(ModernizeError, ValidationError):
    """A recurrence rule is invalid.

    Args:
        problem: What is wrong, and what would be right.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem, code="rule_invalid")


class RulesInvalid(ModernizeError, ValidationError):
    """A file of templates is invalid. Nothing was stored.

    Args:
        problems: One line for each problem.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems, code="rules_invalid")
