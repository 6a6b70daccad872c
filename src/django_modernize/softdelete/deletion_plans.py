"""The statements of a deletion that starts with a given model, compiled on first use."""

from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.db.models import Model, Q, QuerySet

from .graph import follows_into, rank_models
from .journal import KeyReplacement
from .registry import keep_per_registry
from .relations import (
    KeyRelation,
    Relation,
    find_owner,
    find_relations,
    find_relatives,
    is_soft_deletable,
    is_stored_in,
)
from .rows import rows_of_owner, taken_rows
from .rules import Rule
from .statements import Slot, Statement, compile_select, compile_update, join_statements
from .trees import find_trees, find_whole_trees

__all__ = ["DeletionPlan", "ModelPlan", "find_plan"]

MARKS: Final = ("deleted_at", "deleted_by", "deletion_reason", "deletion_id")

DeletionId = UUID | Slot


@keep_per_registry
def find_plan(owner: type[Model], using: str) -> "DeletionPlan":
    """Return the plan of deletions that start with a model's rows."""
    return DeletionPlan(owner, using)


class DeletionPlan:
    """The models that a deletion can reach, and the statements for each.

    Args:
        owner: The model that the deletion starts with, whose table has the marks.
        using: The alias of the database.
    """

    def __init__(self, owner: type[Model], using: str) -> None:
        self.owner = owner
        self.using = using
        self.ranks = rank_models(owner)
        self.models = {model: ModelPlan(self, model) for model in self.ranks}
        self.is_alone = not find_relations(owner) and len(find_relatives(owner)) == 1

    @cached_property
    def mark_row(self) -> Statement:
        """The statement that marks one row and the tree below it."""
        keys = self.owner._meta.pk_fields
        row: QuerySet[Any] = QuerySet(self.owner, using=self.using).filter(
            **{key.attname: Slot(key.attname, key) for key in keys}
        )
        return self.models[self.owner].compile_mark(self.find_living(row))

    @cached_property
    def restriction(self) -> Statement:
        """The statement that selects the indexes of the relations that restrict the deletion."""
        return find_filled(
            (number, self.find_restricting(model, relation, self.slot))
            for number, (model, relation) in enumerate(self.restricting)
        )

    @cached_property
    def restricting(self) -> list[tuple[type[Model], Relation]]:
        """The relations that can restrict the deletion, each with the model it restricts."""
        return [(model, one) for model, plan in self.models.items() for one in plan.restricting]

    @cached_property
    def slot(self) -> Slot:
        """The placeholder for the id of the deletion."""
        return Slot("deletion_id", self.owner._meta.get_field("deletion_id"))

    def find_living(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the live rows of a queryset, which may inherit their marks, with their trees."""
        return _find_with_trees(rows_of_owner(rows).filter(deleted_at=None))

    def find_children(
        self, model: type[Model], relation: Relation, deletion_id: DeletionId
    ) -> "QuerySet[Any]":
        """Return the rows, live or deleted, that reference the model's rows in the deletion."""
        return relation.find_children(taken_rows(relation.parent, model, [deletion_id], self.using))

    def find_restricting(
        self, model: type[Model], relation: Relation, deletion_id: DeletionId
    ) -> "QuerySet[Any]":
        """Return the rows of a relation that Django would not delete in the same deletion."""
        children = self.find_children(model, relation, deletion_id)
        if is_soft_deletable(relation.child):
            return children.filter(deleted_at=None)
        for parent, plan in self.models.items():
            for cascade in plan.list_relations(Rule.CASCADE):
                if cascade.child is relation.child:
                    going = self.find_children(parent, cascade, deletion_id).values("pk")
                    children = children.exclude(pk__in=going)
        return children

    def find_protecting(
        self, model: type[Model], relation: Relation, deletion_id: DeletionId
    ) -> "QuerySet[Any]":
        """Return the rows of a relation that were live when the deletion began."""
        children = self.find_children(model, relation, deletion_id)
        if is_soft_deletable(relation.child):
            children = children.filter(Q(deleted_at=None) | Q(deletion_id__in=[deletion_id]))
        return children

    def find_followers(self, model: type[Model], deletion_id: DeletionId) -> "QuerySet[Any]":
        """Return the live rows of a model to which the rows marked so far cascade."""
        trees = find_trees(model)
        found = [
            rows_of_owner(self.find_children(parent, relation, deletion_id))
            for parent, plan in self.models.items()
            for relation in plan.list_cascades_into(model)
            if relation not in trees
        ]
        if trees:
            found.append(taken_rows(model, model, [deletion_id], self.using))
        return _find_with_trees(_unite(found))


class ModelPlan:
    """A model that a deletion can reach."""

    def __init__(self, plan: DeletionPlan, model: type[Model]) -> None:
        self.plan = plan
        self.model = model
        self.relations = [
            relation
            for relation in find_relations(model)
            if is_stored_in(plan.using, relation.child)
        ]

    def list_relations(self, rule: Rule) -> list[Relation]:
        """Return the relations to the model that have the given rule."""
        return [relation for relation in self.relations if relation.rule is rule]

    def list_cascades_into(self, model: type[Model]) -> list[Relation]:
        """Return the relations through which a deletion cascades to another model."""
        return [
            relation
            for relation in self.relations
            if follows_into(relation) and find_owner(relation.child) is model
        ]

    @cached_property
    def protecting(self) -> list[Relation]:
        """The relations that can protect the model's rows."""
        return self.list_relations(Rule.PROTECT)

    @cached_property
    def restricting(self) -> list[Relation]:
        """The relations that can restrict the deletion of the model's rows."""
        return self.list_relations(Rule.RESTRICT)

    @cached_property
    def replacements(self) -> list[KeyReplacement]:
        """The replacements of the foreign keys to the model's rows."""
        return [
            KeyReplacement(relation, self._find_replaced(relation), self.plan.slot)
            for relation in self.list_relations(Rule.REPLACE)
            if isinstance(relation, KeyRelation)
        ]

    def _find_replaced(self, relation: KeyRelation) -> "QuerySet[Any]":
        children = self.plan.find_children(self.model, relation, self.plan.slot)
        if is_soft_deletable(relation.child):
            # A row in the same deletion keeps its key, and is restored with it.
            children = children.exclude(deletion_id=self.plan.slot)
        return children

    @cached_property
    def followers(self) -> list[type[Model]]:
        """The models that a deletion cascades to, including the model itself if it is a tree."""
        found = [find_owner(one.child) for one in self.relations if follows_into(one)]
        is_concurrent = connections[self.plan.using].features.has_select_for_update
        # A key to a table that inherits from the model leads back to it too, outside the tree.
        if len(find_trees(self.model)) == found.count(self.model) == 1 and not is_concurrent:
            # Whole trees are marked at once, and no row can have been inserted in the meantime.
            found = [model for model in found if model is not self.model]
        return list(dict.fromkeys(found))

    @cached_property
    def mark(self) -> Statement:
        """The statement that marks the live rows to which the rows marked so far cascade."""
        return self.compile_mark(self.plan.find_followers(self.model, self.plan.slot))

    @cached_property
    def question(self) -> Statement:
        """The statement that selects the indexes of followers with rows to mark.

        Negative numbers stand for protecting relations.
        """
        plan = self.plan
        questions: list[tuple[int, QuerySet[Any]]] = []
        for number, model in enumerate(self.followers):
            for relation in self.list_cascades_into(model):
                children = rows_of_owner(plan.find_children(self.model, relation, plan.slot))
                questions.append((number, children.filter(deleted_at=None)))
        for number, relation in enumerate(self.protecting):
            protecting = plan.find_protecting(self.model, relation, plan.slot)
            questions.append((-1 - number, protecting))
        return find_filled(questions)

    @cached_property
    def relatives(self) -> tuple[type[Model], ...]:
        """The other models whose tables hold parts of the same rows, through inheritance."""
        return find_relatives(self.model)[1:]

    @cached_property
    def count_inherited(self) -> Statement:
        """The statement that counts the marked rows in each table of the relatives."""
        plan = self.plan
        taken = (taken_rows(one, self.model, [plan.slot], plan.using) for one in self.relatives)
        return count_each(taken)

    def compile_mark(self, living: "QuerySet[Any]") -> Statement:
        """Return the UPDATE that marks the rows."""
        slots = {name: Slot(name, self.model._meta.get_field(name)) for name in MARKS}
        return compile_update(self.lock(living), **slots)

    def lock(self, living: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows with a lock, so that marking them waits for concurrent new children.

        A transaction that inserts a child locks the key of its parent until it commits. Waiting
        for it lets the next statement see the child. The ``guards`` package has the other half.
        Rows are locked in the order of their keys, so that two that lock several cannot deadlock.
        """
        if not self.has_children or not connections[living.db].features.has_select_for_update:
            return living
        locked = living.select_for_update().order_by("pk").values("pk")
        return QuerySet(self.model, using=living.db).filter(pk__in=locked)

    @cached_property
    def has_children(self) -> bool:
        """Whether any relation can reference the model's rows."""
        return bool(find_relations(self.model))


def count_each(counted: "Iterable[QuerySet[Any]]") -> Statement:
    """Return a statement that selects the index and row count of each queryset."""
    return _ask_each("SELECT {number}, COUNT(*) FROM ({rows}) counted", enumerate(counted))


def find_filled(numbered: "Iterable[tuple[int, QuerySet[Any]]]") -> Statement:
    """Return a statement that selects the numbers of the querysets that have rows."""
    return _ask_each("SELECT {number} WHERE EXISTS ({rows})", numbered)


def _ask_each(question: str, numbered: "Iterable[tuple[int, QuerySet[Any]]]") -> Statement:
    compiled = ((number, compile_select(rows.order_by().values("pk"))) for number, rows in numbered)
    parts = (
        Statement(question.format(number=number, rows=found.sql), found.parameters)
        for number, found in compiled
    )
    return join_statements(" UNION ALL ", parts)


def _find_with_trees(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return the live rows of a queryset, and those below them in trees of their model."""
    whole = [find_whole_trees(tree, rows) for tree in find_trees(rows.model)]
    return _unite(whole or [rows]).filter(deleted_at=None)


def _unite(found: "list[QuerySet[Any]]") -> "QuerySet[Any]":
    """Return the rows of several querysets of one model."""
    if len(found) == 1:
        return found[0]
    first, *others = (rows.order_by().values("pk") for rows in found)
    united: QuerySet[Any] = QuerySet(first.model, using=first.db)
    if len(first.model._meta.pk_fields) > 1:
        return united.filter(reduce(or_, (Q(pk__in=rows) for rows in (first, *others))))
    # PostgreSQL uses indexes for a UNION, but scans the whole table for an OR.
    return united.filter(pk__in=first.union(*others))
