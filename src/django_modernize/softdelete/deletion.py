"""Mark rows and everything that cascades from them as deleted, one statement per model."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from django.db import connections, transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.db.models.signals import ModelSignal
from django.utils import timezone

from ..context import get_context
from ..stamps.triggers import unstamped
from .deletion_plans import DeletionPlan, ModelPlan, find_plan
from .journal import explaining_journal, is_journal_installed
from .relations import Relation, find_owner
from .signals import Announcement, post_soft_delete, pre_soft_delete
from .statements import Statement

__all__ = ["Deletion", "delete_together"]

NAMED_OBJECTS: Final = 100
"""How many of the objects that block a deletion an error lists."""


def delete_together(*groups: "QuerySet[Any]") -> tuple[int, dict[str, int]]:
    """Soft-delete rows of several models as one deletion, to be restored as one.

    >>> delete_together(tasks, bookings)  # doctest: +SKIP

    If they were deleted one after the other, each group would be a separate deletion, and foreign
    keys between the groups would be set to null where their ``on_delete`` says so. Rows of models
    that no cascade connects are restored separately.

    Args:
        groups: Querysets of soft-deletable models, all in one database.

    Returns:
        The number of rows hidden, and the number per model, as ``delete()`` returns them.

    Raises:
        ProtectedError: A live row protects one of the rows. Nothing is hidden.
        RestrictedError: A row that remains restricts one of the rows. Nothing is hidden.

    Costs one UPDATE per group, and the same as ``delete()`` for what cascades from them.
    """
    if not groups:
        return 0, {}
    return Deletion(using=groups[0].db).mark_together(groups)


class Deletion:
    """A soft deletion: its marks and the rows that it hides.

    Args:
        using: The alias of the database.
        is_silent: Whether to suppress signals.

    Only live rows are subject to the ``on_delete`` rules. Children that are not soft-deletable
    remain, since the row of their parent does.
    """

    def __init__(self, *, using: str, is_silent: bool = False) -> None:
        context = get_context()
        self.using = using
        self.id = uuid.uuid4()
        self.marks: dict[str, Any] = {
            "deleted_at": timezone.now(),
            "deleted_by": context.actor_id,
            "deletion_reason": context.reason,
            "deletion_id": self.id,
        }
        self.counts: Counter[type[Model]] = Counter()
        signals = (
            (ModelSignal(), ModelSignal()) if is_silent else (pre_soft_delete, post_soft_delete)
        )
        self.announcement = Announcement(*signals, using=using)

    def mark_rows(self, rows: "QuerySet[Any]") -> tuple[int, dict[str, int]]:
        """Mark the live rows of a queryset and what cascades from them.

        Returns:
            The number of rows marked, and the number per model, as Django's ``delete()`` returns.

        Raises:
            ProtectedError: A live row protects one of the rows. Nothing is marked.
            RestrictedError: A row that remains restricts one of the rows. Nothing is marked.

        However many rows there are, costs one UPDATE for the rows, one UPDATE per model that the
        deletion cascades to, one query per model with several relations or protecting rows, one
        query for all restrictions, one INSERT and one UPDATE per relation whose keys are replaced,
        and one query per model with further tables through inheritance.
        """
        plan = find_plan(find_owner(rows.model), self.using)
        return self._take(plan, lambda cursor: self._mark_living(plan, rows))

    def mark_together(self, groups: "Iterable[QuerySet[Any]]") -> tuple[int, dict[str, int]]:
        """Mark the live rows of several querysets and what cascades from them, or nothing.

        Rows of one group keep their foreign keys to rows of another group. As in Django, a row
        that protects or restricts one of the rows blocks the whole deletion, even if it belongs to
        a group itself.

        Args:
            groups: Querysets of one or several models.

        Costs one UPDATE per group, in addition to what :meth:`mark_rows` costs for the models.
        """
        plans: dict[type[Model], DeletionPlan] = {}
        with (
            unstamped(self.using),
            connections[self.using].cursor() as cursor,
            transaction.atomic(using=self.using),
        ):
            for rows in groups:
                owner = find_owner(rows.model)
                plan = plans.setdefault(owner, find_plan(owner, self.using))
                self.counts[owner] += self._mark_living(plan, rows)
            begun = [plan for owner, plan in plans.items() if self.counts[owner]]
            for plan in begun:
                self._follow_from(plan, cursor)
            self._conclude(begun, cursor)
        return self._tell_counts()

    def mark_row(self, row: Model) -> tuple[int, dict[str, int]]:
        """Mark a stored row, if it is live, and what cascades from it. See :meth:`mark_rows`."""
        plan = find_plan(find_owner(type(row)), self.using)
        if self.announcement.is_heard(plan.owner):
            return self.mark_rows(QuerySet(type(row), using=self.using).filter(pk=row.pk))
        keys = {key.attname: getattr(row, key.attname) for key in plan.owner._meta.pk_fields}
        return self._take(plan, lambda cursor: plan.mark_row.run(cursor, {**keys, **self.marks}))

    def _take(
        self, plan: DeletionPlan, mark_first: Callable[[Any], int]
    ) -> tuple[int, dict[str, int]]:
        # A deletion must not change the stamps, so that a restore brings back the same row.
        with unstamped(self.using), connections[self.using].cursor() as cursor:
            if plan.is_alone and not self.announcement.is_heard(plan.owner):
                self.counts[plan.owner] = mark_first(cursor)
            else:
                with transaction.atomic(using=self.using):
                    self.counts[plan.owner] = mark_first(cursor)
                    if self.counts[plan.owner]:
                        self._follow_from(plan, cursor)
                        self._conclude([plan], cursor)
        return self._tell_counts()

    def _tell_counts(self) -> tuple[int, dict[str, int]]:
        counts = {model._meta.label: count for model, count in self.counts.items() if count}
        return sum(counts.values()), counts

    def _mark_living(self, plan: DeletionPlan, rows: "QuerySet[Any]") -> int:
        living = plan.find_living(rows)
        self.announcement.announce(living, self.id)
        # Use a plain queryset, to bypass stamps and a custom update() of the project.
        return plan.models[plan.owner].lock(living).update(**self.marks)

    def _follow_from(self, plan: DeletionPlan, cursor: Any) -> None:
        waiting = self._find_followers(plan.models[plan.owner], cursor)
        while waiting:
            # Parents come first, so that each model outside a cycle is visited once.
            model = min(waiting, key=plan.ranks.__getitem__)
            waiting.remove(model)
            if self._mark_followers(plan, model, cursor):
                waiting |= self._find_followers(plan.models[model], cursor)

    def _conclude(self, plans: "Sequence[DeletionPlan]", cursor: Any) -> None:
        """Refuse a restricted deletion and replace keys, after all rows are marked."""
        marked: dict[type[Model], ModelPlan] = {}
        for plan in plans:
            found = {model: plan.models[model] for model in self.counts if model in plan.models}
            if any(one.restricting for one in found.values()):
                self._refuse_restricted(plan, cursor)
            marked = found | marked
        self._replace_keys(list(marked.values()), cursor)
        self._count_inherited(list(marked.values()), cursor)
        self.announcement.conclude(self.marks)

    def _find_followers(self, plan: ModelPlan, cursor: Any) -> set[type[Model]]:
        """Return the models to which the deletion of a model's marked rows may cascade."""
        if len(plan.followers) < 2 and not plan.protecting:
            return set(plan.followers)
        numbers = self._ask(plan.question, cursor)
        protecting = [plan.protecting[-1 - number] for number in numbers if number < 0]
        if protecting:
            found = {
                one: set(plan.plan.find_protecting(plan.model, one, self.id)[:NAMED_OBJECTS])
                for one in protecting
            }
            raise ProtectedError(_describe(found, "protected"), set().union(*found.values()))
        return {plan.followers[number] for number in numbers}

    def _mark_followers(self, plan: DeletionPlan, model: type[Model], cursor: Any) -> int:
        if self.announcement.is_heard(model):
            self.announcement.announce(plan.find_followers(model, self.id), self.id)
        count = plan.models[model].mark.run(cursor, self.marks)
        if count:
            self.counts[model] += count
        return count

    def _refuse_restricted(self, plan: DeletionPlan, cursor: Any) -> None:
        found: dict[Relation, set[Model]] = {}
        for number in self._ask(plan.restriction, cursor):
            model, relation = plan.restricting[number]
            rows = plan.find_restricting(model, relation, self.id)[:NAMED_OBJECTS]
            found[relation] = set(rows)
        if found:
            raise RestrictedError(_describe(found, "restricted"), set().union(*found.values()))

    def _replace_keys(self, marked: list[ModelPlan], cursor: Any) -> None:
        if not is_journal_installed():
            return
        with explaining_journal(self.using):
            for plan in marked:
                for replacement in plan.replacements:
                    replacement.run(cursor, self.marks)

    def _count_inherited(self, marked: list[ModelPlan], cursor: Any) -> None:
        for plan in marked:
            if plan.relatives:
                plan.count_inherited.run(cursor, self.marks)
                for number, count in cursor.fetchall():
                    self.counts[plan.relatives[number]] += count

    def _ask(self, question: Statement, cursor: Any) -> list[int]:
        question.run(cursor, self.marks)
        return sorted({number for (number,) in cursor.fetchall()})


def _describe(found: dict[Relation, set[Model]], kind: str) -> str:
    names = [f"{relation.child.__name__}.{relation.field.name}" for relation in found]
    parent = next(iter(found)).parent
    return (
        f"Cannot delete some {parent._meta.verbose_name_plural}: they are referenced by "
        f"{kind} foreign keys {', '.join(names)}. Delete or reassign those rows first."
    )
