"""Serializers whose uniqueness is that of the living rows."""

from copy import copy
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import router
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from django_modernize.softdelete.uniqueness import refuse_held_values

__all__ = ["SoftDeleteSerializerMixin"]

if TYPE_CHECKING:
    from rest_framework.serializers import ModelSerializer as Base
else:
    Base = object


class SoftDeleteSerializerMixin(Base):
    """Makes a ``ModelSerializer`` judge what is unique as the database will.

    Put it before ``ModelSerializer``. A value of a deleted row that ``UniqueAlive`` guards is
    free, one of a living row is refused, also where several fields are unique together; a value
    that the database holds for a deleted row (``unique=True``) is refused too.
    """

    def validate(self, attrs: Any) -> Any:
        """Check the values together.

        Raises:
            ValidationError: A value is taken.
        """
        attrs = super().validate(attrs)
        model = self.Meta.model
        candidate = copy(self.instance) if self.instance is not None else model()
        for field in model._meta.concrete_fields:
            if field.name in attrs:
                setattr(candidate, field.name, attrs[field.name])
        try:
            refuse_held_values(candidate, None, router.db_for_write(model, instance=candidate))
            candidate.validate_constraints()
        except ValidationError as error:
            detail = get_error_detail(error)
            raise serializers.ValidationError(detail) from error
        return attrs
