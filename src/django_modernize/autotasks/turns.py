"""Who does the next task, where several people take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from .subjects import Subject

__all__ = ["Turns", "load_turns"]


@dataclass
class Turns:
    """The turns that one plan gives."""

    people: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    """Template to the keys of those who take turns."""

    given: Counter[Any] = field(default_factory=Counter)
    """Template to how many turns were given."""

    def are_taken(self, template: Any) -> bool:
        """Return whether people take turns in a template's tasks."""
        return bool(self.people.get(template.pk))

    def take(self, template: Any) -> Any:
        """Return who does a new task; where nobody takes turns, the template's assignee."""
        people = self.people.get(template.pk)
        if not people:
            return getattr(template, "assignee_id", None)
        turn = template.turn + self.given[template.pk]
        self.given[template.pk] += 1
        return people[turn % len(people)]

    def keep(self, template: Any, holder: Any) -> Any:
        """Return who does a task that there is: whoever has it, for as long as they take turns."""
        return holder if holder in self.people.get(template.pk, ()) else self.take(template)


def load_turns(subject: Subject, templates: Sequence[Any]) -> Turns:
    """Return who takes turns in the tasks of templates; who is not active does not.

    Costs one query, none where the project's templates know of no turns.
    """
    name = subject.shape.rotation
    stored = [one for one in templates if one.pk is not None]
    if name is None or not stored:
        return Turns()
    prefetch_related_objects(stored, name)
    return Turns({one.pk: _list_people(one, name) for one in stored})


def _list_people(template: Any, name: str) -> list[Any]:
    people = getattr(template, name).all()
    return sorted(one.pk for one in people if getattr(one, "is_active", True))
