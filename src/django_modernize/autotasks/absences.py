"""Find out why a rule has no task for a subject."""

from __future__ import annotations

from .conditions.evaluation import evaluate
from .deadlines import Deadlines
from .rows import Row
from .steps import Cause, Reason

__all__ = ["find_absence"]


def find_absence(deadlines: Deadlines, row: Row | None) -> Reason:
    """Return why a rule has no task for a subject, or that its conditions hold if it has one.

    Args:
        deadlines: The deadlines of the rule.
        row: The subject, or ``None`` if its row is deleted.
    """
    rule, rows = deadlines.rule, deadlines.rows
    if row is None:
        return Reason(Cause.GONE)
    if rows.is_deleted(row):
        return Reason(Cause.DELETED)
    if rows.is_cancelled(row):
        return Reason(Cause.CANCELLED)
    if rule.is_switched_off:
        return Reason(Cause.SWITCHED_OFF)
    facts = rows.find_facts(row)
    answer = evaluate(rule.condition, facts)
    if answer.because is not None and not answer.holds:
        return Reason(Cause.FAILS, answer.because, facts.values.get(answer.because.field.name))
    if not rule.is_standing:
        return Reason(Cause.NOT_ASKED)
    return Reason(deadlines.find_due(row)[1])
