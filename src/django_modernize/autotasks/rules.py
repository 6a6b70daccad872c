"""Rules: templates compiled for planning, with their condition, texts and timing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from .conditions.nodes import Node, list_leaves
from .conditions.queries import is_answered_by_database
from .models import ChangePolicy, Trigger
from .subjects import Subject, SubjectField
from .texts import CompiledText
from .timing import Timing
from .windows import Leeway, make_leeway

__all__ = ["Rule", "compile_rules"]

STANDING: Final = frozenset({Trigger.CREATED, Trigger.BY_DATE})
"""The triggers of templates that have one task for as long as their conditions hold."""

OUTLIVING: Final = frozenset({Trigger.CANCELLED, Trigger.DELETED})
"""The triggers whose tasks are about the end of a subject, so they stay when it is gone."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A compiled template."""

    template: Any
    condition: Node
    title: CompiledText
    description: CompiledText
    timing: Timing
    leeway: Leeway | None
    """How far a task may be from when it is due; ``None`` for a template without a window."""

    version: int
    written: Mapping[str, Any]
    """Column of a task to what the template gives it."""

    @cached_property
    def is_standing(self) -> bool:
        """Whether it has one task for as long as its conditions hold."""
        return self.template.trigger in STANDING

    @cached_property
    def outlives_subject(self) -> bool:
        """Whether its tasks stay when the subject is cancelled or deleted."""
        return self.template.trigger in OUTLIVING

    @cached_property
    def is_answered_by_database(self) -> bool:
        """Whether the database says for which subjects the condition holds."""
        # What is computed is loaded once; asked of the database it is computed for each rule anew.
        return (
            self.is_standing
            and is_answered_by_database(self.condition)
            and all(
                isinstance(one.field.source, str) or one.field.link is not None
                for one in list_leaves(self.condition)
            )
        )

    @cached_property
    def computed_fields(self) -> frozenset[str]:
        """The names of what the database has to compute for it."""
        fields = [leaf.field for leaf in list_leaves(self.condition)]
        fields += [*self.title.fields, *self.description.fields, *self.bounds]
        return frozenset(one.name for one in fields if not isinstance(one.source, str))

    @cached_property
    def bounds(self) -> tuple[SubjectField, ...]:
        """What its windows are bounded by."""
        named = (self.leeway.not_before, self.leeway.not_after) if self.leeway else ()
        return tuple(one for one in named if one is not None)

    @cached_property
    def computed_inputs(self) -> tuple[str, ...]:
        """The names of those that its texts show, or its windows end at."""
        shown = {one.name for one in (*self.title.fields, *self.description.fields, *self.bounds)}
        return tuple(sorted(shown & self.computed_fields))

    @cached_property
    def is_switched_off(self) -> bool:
        """Whether it makes no more tasks."""
        return not self.template.is_active

    @cached_property
    def leaves_open_tasks(self) -> bool:
        """Whether tasks of an older version stay as they are."""
        return bool(self.template.change_policy == ChangePolicy.LEAVE)

    def counts_change(self, changed: Sequence[str] | set[str]) -> bool:
        """Return whether a change of fields is one that the template waits for."""
        watched = set(self.template.watched_fields)
        return (
            self.template.trigger != Trigger.CHANGED or not watched or bool(watched & set(changed))
        )


def compile_rules(subject: Subject, templates: Sequence[Any]) -> list[Rule]:
    """Return templates as rules, in their order; what a template says later is not theirs.

    Raises:
        ConditionInvalid, TextInvalid: A template that was stored before its subject changed.
    """
    rules = []
    for template in templates:
        title, description = template.compile_texts()
        rules.append(
            Rule(
                template=template,
                condition=template.compile_conditions(),
                title=title,
                description=description,
                timing=template.timing,
                leeway=make_leeway(template, subject),
                version=template.version,
                written={
                    column: getattr(template, name)
                    for column, name in subject.shape.from_template.items()
                },
            )
        )
    return rules
