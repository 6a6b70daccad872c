"""Pairs of dates without an order constraint, and stays without an overlap constraint."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import (
    BaseConstraint,
    CheckConstraint,
    DateField,
    F,
    Field,
    ForeignKey,
    Model,
    Q,
)

from ...integrity import NoOverlap
from ..findings import Level, Repair, Rule, Symptom
from ..insertions import find_constraints, find_meta, insert_constraint
from ..names import describe_field, name_reference, split_words
from ..projects import Project
from ..repairs import offer_repair

__all__ = ["OVERLAPPING_RANGE", "UNORDERED_RANGE"]

PAIRS: Final = (
    ("start", "end"),
    ("start", "stop"),
    ("start", "finish"),
    ("starts", "ends"),
    ("started", "ended"),
    ("started", "finished"),
    ("begin", "end"),
    ("begins", "ends"),
    ("in", "out"),
    ("checkin", "checkout"),
    ("arrival", "departure"),
    ("from", "to"),
    ("from", "until"),
    ("since", "until"),
    ("opens", "closes"),
    ("opened", "closed"),
)
"""Words that make two names a range, if all the other words are the same."""

STAY_WORDS: Final = frozenset(
    [
        "appointment",
        "booking",
        "lease",
        "occupancy",
        "rental",
        "reservation",
        "shift",
        "stay",
        "tenancy",
    ]
)


def list_ranges(model: type[Model]) -> Iterator[tuple[Field[Any, Any], Field[Any, Any]]]:
    """Yield the pairs of dates or instants of a model that are the two ends of something."""
    dates = [field for field in model._meta.local_fields if isinstance(field, DateField)]
    by_words = {split_words(field.name): field for field in dates}
    for words, first in by_words.items():
        for begin, end in PAIRS:
            if begin not in words:
                continue
            second = by_words.get(tuple(end if word == begin else word for word in words))
            if second is not None and first.get_internal_type() == second.get_internal_type():
                yield first, second


def find_unordered_ranges(project: Project) -> Iterator[Symptom]:
    """Yield ranges whose end may lie before their beginning."""
    for model in project.models:
        for first, second in list_ranges(model):
            if not any(names_both(one, first, second) for one in list_constraints(model)):
                yield describe_unordered(project, model, first, second)


def describe_unordered(
    project: Project, model: type[Model], first: Field[Any, Any], second: Field[Any, Any]
) -> Symptom:
    """Return the symptom of one range."""
    name = f"{model._meta.model_name}_{first.name}_before_{second.name}"
    code = f'Before("{first.name}", "{second.name}", name="{name}")'
    return Symptom(
        subject=describe_field(model, first),
        message=f"Nothing rejects a {model._meta.verbose_name} whose {second.name} is not after "
        f"its {first.name}.",
        fix=f"from django_modernize.integrity import Before; in Meta.constraints: {code}",
        place=project.find_place(model, first),
        repair=add_constraint(project, model, code),
    )


def find_overlapping_ranges(project: Project) -> Iterator[Symptom]:
    """Yield stays of which two can be in one place at one time."""
    for model in project.models:
        keys = [field for field in model._meta.local_fields if isinstance(field, ForeignKey)]
        if not keys or not STAY_WORDS & set(split_words(model.__name__)):
            continue
        kept = any(is_exclusion(constraint) for constraint in list_constraints(model))
        for first, second in [] if kept else list(list_ranges(model))[:1]:
            place = find_place_key(keys)
            code = (
                f'NoOverlap("{first.name}", "{second.name}", partition_by=["{place.name}"], '
                f'name="{model._meta.model_name}_no_overlap")'
            )
            yield Symptom(
                subject=describe_field(model, first),
                message=f"Two {model._meta.verbose_name_plural} of one {place.name} can overlap: "
                "a check before the insert lets two concurrent requests through.",
                fix="from django_modernize.integrity import NoOverlap; in Meta.constraints: "
                f"{code}",
                place=project.find_place(model, first),
            )


def find_place_key(keys: list[ForeignKey[Any, Any]]) -> ForeignKey[Any, Any]:
    """Return the key that most likely says where: required, and to no user."""
    return min(keys, key=lambda key: (key.null, "user" in split_words(key.related_model.__name__)))


def is_exclusion(constraint: BaseConstraint) -> bool:
    """Return whether a constraint keeps ranges apart, ours or PostgreSQL's."""
    return isinstance(constraint, NoOverlap) or type(constraint).__name__ == "ExclusionConstraint"


def list_constraints(model: type[Model]) -> list[BaseConstraint]:
    """Return the constraints of a model and of the tables that it inherits from."""
    return [
        constraint
        for owner in (model, *model._meta.all_parents)
        for constraint in owner._meta.constraints
    ]


def names_both(constraint: BaseConstraint, first: Field[Any, Any], second: Field[Any, Any]) -> bool:
    """Return whether a check looks at both fields, in whichever way."""
    if not isinstance(constraint, CheckConstraint):
        return False
    return {first.name, second.name} <= set(list_names(constraint.condition))


def list_names(expression: Any) -> Iterator[str]:
    """Yield the fields that a condition names, on either side of its comparisons."""
    if isinstance(expression, Q):
        for child in expression.children:
            yield from list_names(child)
    elif isinstance(expression, tuple):
        yield expression[0].partition("__")[0]
        yield from list_names(expression[1])
    elif isinstance(expression, F):
        yield name_reference(expression).partition("__")[0]
    elif hasattr(expression, "get_source_expressions"):
        for source in expression.get_source_expressions():
            yield from list_names(source)


def add_constraint(project: Project, model: type[Model], code: str) -> Repair | None:
    """Return the repair that adds a constraint to a model.

    ``None`` where the model has no source, or would lose what it has of another's ``Meta``.
    """
    source = project.find_source(model)
    node = source.find_class(model.__qualname__) if source else None
    if source is None or node is None or inherits_options(model, node):
        return None
    edit = insert_constraint(source.content, node, code)
    return offer_repair(source, edit, "from django_modernize.integrity import Before")


def inherits_options(model: type[Model], node: ast.ClassDef) -> bool:
    """Return whether a ``Meta`` or ``constraints`` of the model's own hide those of a base."""
    meta = find_meta(node)
    if meta is None:
        inherited = dir(getattr(model, "Meta", None))
        return any(not name.startswith("_") and name != "abstract" for name in inherited)
    return bool(meta.bases and model._meta.constraints and find_constraints(meta) is None)


UNORDERED_RANGE: Final = Rule(
    id="W405",
    title="dates in no enforced order",
    reason="Forms are not the only way in: imports, scripts and the shell can store a departure "
    "before its arrival, and lengths of stay become negative.",
    level=Level.WARNING,
    examine=find_unordered_ranges,
)

OVERLAPPING_RANGE: Final = Rule(
    id="W406",
    title="stays that can overlap",
    reason="Two people arrive at one house on one day; a check in Python does not see a row that "
    "another request has not yet committed.",
    level=Level.WARNING,
    examine=find_overlapping_ranges,
)
