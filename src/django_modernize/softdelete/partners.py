"""The other side of a one-to-one relation, which has no manager that could hide a deleted row."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from .relations import find_owner, is_soft_deletable

__all__ = ["hide_partners"]


class LivingPartnerDescriptor(ReverseOneToOneDescriptor):  # type: ignore[type-arg]
    """Leads to the living row alone: a deleted one is none."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the row.

        Raises:
            RelatedObjectDoesNotExist: There is none, or it is deleted.
        """
        partner = super().__get__(instance, cls)
        # However it was loaded: by itself, by select_related() or by prefetch_related().
        if isinstance(partner, Model) and partner.is_deleted:  # type: ignore[attr-defined]
            raise self.RelatedObjectDoesNotExist(
                f"{type(instance).__name__}.{self.related.get_accessor_name()} is deleted."
            )
        return partner


def hide_partners() -> None:
    """Let attributes such as ``house.keycard`` lead to no deleted row."""
    for model, name in _find_accessors():
        descriptor = vars(model).get(name)
        # A field of another package may have a way of its own.
        if type(descriptor) is ReverseOneToOneDescriptor:
            descriptor.__class__ = LivingPartnerDescriptor


def _find_accessors() -> Iterator[tuple[type[Model], str]]:
    for child in apps.get_models():
        if not is_soft_deletable(child) or find_owner(child) is not child:
            continue
        for field in child._meta.local_fields:
            relation: Any = field.remote_field
            if field.one_to_one and not relation.parent_link and not relation.hidden:
                yield relation.model, relation.get_accessor_name()
