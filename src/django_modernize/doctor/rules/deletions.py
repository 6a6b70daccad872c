"""Deletions that cascade to more than anybody can restore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import CASCADE, Field, ForeignObjectRel, Model

from ..findings import Level, Rule, Symptom
from ..marks import find_mark, hides_rows
from ..names import describe_field, describe_model
from ..projects import Project

__all__ = ["FOREIGN_CASCADE", "LOST_CHILDREN"]


def list_cascades(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the keys whose rows go with a row of a model, without links that Django made."""
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel)
        and relation.one_to_many | relation.one_to_one
        and getattr(relation, "on_delete", None) is CASCADE
        and not relation.field.model._meta.auto_created
        and not getattr(relation, "parent_link", False)
    ]


def list_lost_models(project: Project, model: type[Model]) -> list[str]:
    """Return the models whose rows a deletion takes along, where such a deletion begins.

    A model that goes along with another one itself is told of there.
    """
    if hides_rows(model) or any(project.is_own(parent) for parent in list_parents(model)):
        return []
    children = {field.model for field in list_cascades(model)}
    return sorted(describe_model(one) for one in children if project.is_own(one))


def list_parents(model: type[Model]) -> list[type[Model]]:
    """Return the other models whose deletion takes rows of this one along."""
    return [
        field.related_model
        for field in model._meta.local_fields
        if getattr(field.remote_field, "on_delete", None) is CASCADE
        and field.related_model is not model
        and isinstance(field.related_model, type)
    ]


def find_lost_children(project: Project) -> Iterator[Symptom]:
    """Yield models whose deletion takes rows of others along, for good."""
    for model in project.models:
        lost = list_lost_models(project, model)
        if lost:
            yield Symptom(
                subject=describe_model(model),
                message=f"Deleting a {model.__name__} also destroys its rows of {', '.join(lost)}, "
                "for good.",
                fix=f"class {model.__name__}(SoftDeleteMixin, models.Model)  "
                "# from django_modernize.models; the children too, or on_delete=models.PROTECT",
                place=project.find_place(model),
            )


def find_foreign_cascades(project: Project) -> Iterator[Symptom]:
    """Yield keys by which a row that is only hidden elsewhere is destroyed with its parent."""
    for model, field in project.list_fields():
        parent = field.related_model
        if not isinstance(parent, type) or not issubclass(parent, Model) or hides_rows(parent):
            continue
        remote = field.remote_field
        is_link = getattr(remote, "parent_link", False) or parent._meta.app_label == "contenttypes"
        if getattr(remote, "on_delete", None) is CASCADE and hides_rows(model) and not is_link:
            mark = find_mark(model)
            yield Symptom(
                subject=describe_field(model, field),
                message=f"Deleting a {parent.__name__} destroys the "
                f"{model._meta.verbose_name_plural} that {mark.name if mark else 'it'} should "
                "keep.",
                fix=f"{field.name} = models.{type(field).__name__}(..., on_delete=models.PROTECT), "
                f"or make {parent.__name__} soft-deletable too",
                place=project.find_place(model, field),
            )


LOST_CHILDREN: Final = Rule(
    id="W409",
    title="deletion that cannot be undone",
    reason="One wrong click deletes a house with years of bookings, and restoring a backup rolls "
    "back the rest of the database too.",
    level=Level.WARNING,
    examine=find_lost_children,
)

FOREIGN_CASCADE: Final = Rule(
    id="W413",
    title="soft-deleted rows that a cascade destroys",
    reason="Soft delete is bypassed: deleting the other row destroys these rows for good.",
    level=Level.WARNING,
    examine=find_foreign_cascades,
)
