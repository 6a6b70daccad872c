"""Many-to-many managers that exclude links whose through row is deleted.

Django creates these managers itself and has no public hook to filter the through rows, so the
manager class that a descriptor has created is replaced by a subclass.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db.models import ManyToManyField, Model, Q, QuerySet
from django.db.models.fields.related_descriptors import ManyToManyDescriptor

from .relations import is_soft_deletable

__all__ = ["find_hidden_links", "narrow_links"]


def narrow_links() -> None:
    """Make the managers on both sides of soft-deletable through models use only live links.

    A manager requested by name, as in ``album.labels(manager="all_objects")``, uses all links.
    """
    for field in _find_deletable_links():
        for descriptor in _find_descriptors(field):
            name = _name_links(field, is_reverse=descriptor.reverse)
            if name is not None:
                whole = descriptor.related_manager_cls
                descriptor.related_manager_cls = _narrow_manager(whole, f"{name}__deleted_at")


def find_hidden_links(model: type[Model]) -> list[str]:
    """Return the foreign keys of a through model that have no reverse name.

    Managers on the other side cannot distinguish deleted links from live ones.
    """
    ends = [
        end
        for field in _find_deletable_links()
        if field.remote_field.through is model
        for end in (field.m2m_field_name(), field.m2m_reverse_field_name())
    ]
    return [end for end in ends if _is_hidden(model._meta.get_field(end))]


def _find_deletable_links() -> Iterator["ManyToManyField[Any, Any]"]:
    for model in apps.get_models():
        for field in model._meta.local_many_to_many:
            if is_soft_deletable(field.remote_field.through):  # type: ignore[arg-type]
                yield field


def _find_descriptors(field: "ManyToManyField[Any, Any]") -> Iterator[Any]:
    relation: Any = field.remote_field
    found = [vars(field.model).get(field.name)]
    if not relation.hidden:
        found.append(vars(relation.model).get(relation.get_accessor_name()))
    # Fields of other packages may use their own descriptors.
    yield from (one for one in found if isinstance(one, ManyToManyDescriptor))


def _name_links(field: "ManyToManyField[Any, Any]", *, is_reverse: bool) -> str | None:
    """Return the query name of the links as seen from the rows that the manager returns."""
    name = field.m2m_field_name() if is_reverse else field.m2m_reverse_field_name()
    end: Any = field.remote_field.through._meta.get_field(name)  # type: ignore[union-attr]
    return None if _is_hidden(end) else end.related_query_name()


def _is_hidden(end: Any) -> bool:
    # All hidden relations share the same name.
    return bool(end.related_query_name() == "+")


def _narrow_manager(whole: type[Any], marker: str) -> type[Any]:
    living = {f"{marker}__isnull": True}

    class LivingLinkManager(whole):  # type: ignore[misc]
        """A manager of the rows that live links lead to."""

        def __init__(self, instance: Model | None = None) -> None:
            super().__init__(instance=instance)
            # Use the same filter as for the instance's key, so that both apply to the same link.
            self.core_filters |= living

        def get_prefetch_querysets(
            self, instances: Sequence[Model], querysets: Any = None
        ) -> tuple[Any, ...]:
            """Return the rows of several instances. See Django's ``prefetch_related()``."""
            given = querysets[0] if querysets else super(whole, self).get_queryset()
            rows: QuerySet[Any] = given._chain()
            # Reuse the join to the instances that Django adds, even in a sliced queryset.
            rows.query.add_q(Q(**living), reuse_all=True)
            found: tuple[Any, ...] = super().get_prefetch_querysets(instances, [rows])
            return found

        @property
        def constrained_target(self) -> Any:
            """The live links, if they are sufficient to count the rows."""
            links = super().constrained_target
            return links if links is None else links.filter(deleted_at__isnull=True)

    LivingLinkManager.__qualname__ = whole.__qualname__
    return LivingLinkManager
