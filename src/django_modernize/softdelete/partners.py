"""The reverse side of one-to-one relations, which has no manager to hide deleted rows."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.fields.related_descriptors import ReverseOneToOneDescriptor

from .relations import find_owner, is_soft_deletable

__all__ = ["hide_partners"]


class LivingPartnerDescriptor(ReverseOneToOneDescriptor):  # type: ignore[type-arg]
    """A reverse one-to-one descriptor that treats a deleted row as missing."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the related row.

        Raises:
            RelatedObjectDoesNotExist: There is none, or it is deleted.
        """
        partner = super().__get__(instance, cls)
        # Applies to rows loaded by select_related() and prefetch_related() too.
        if isinstance(partner, Model) and partner.is_deleted:  # type: ignore[attr-defined]
            raise self.RelatedObjectDoesNotExist(
                f"{type(instance).__name__}.{self.related.get_accessor_name()} is deleted."
            )
        return partner


def hide_partners() -> None:
    """Make attributes such as ``house.keycard`` hide deleted rows."""
    for model, name in _find_accessors():
        descriptor = vars(model).get(name)
        # Fields of other packages may use their own descriptors.
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
