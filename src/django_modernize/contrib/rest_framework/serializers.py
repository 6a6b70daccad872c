"""Serializers that validate the model's constraints, with uniqueness among live rows."""

from copy import copy
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import router
from rest_framework import serializers
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings

from django_modernize.softdelete.uniqueness import refuse_held_values

__all__ = ["ConstraintSerializerMixin", "SoftDeleteSerializerMixin"]

if TYPE_CHECKING:
    from rest_framework.serializers import ModelSerializer as Base
else:
    Base = object


class ConstraintSerializerMixin(Base):
    """Validate the constraints of the model in a ``ModelSerializer``.

    Put it before ``ModelSerializer``. An error names the conflicting row, as in a form.
    """

    def validate(self, attrs: Any) -> Any:
        """Validate the values together.

        Raises:
            ValidationError: They violate a constraint.
        """
        attrs = super().validate(attrs)
        model = self.Meta.model
        candidate = copy(self.instance) if self.instance is not None else model()
        for field in model._meta.concrete_fields:
            if field.name in attrs:
                setattr(candidate, field.name, attrs[field.name])
        try:
            self.validate_candidate(candidate)
        except ValidationError as error:
            raise serializers.ValidationError(_describe_error(error)) from error
        return attrs

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the row as it would be saved."""
        candidate.validate_constraints()


class SoftDeleteSerializerMixin(ConstraintSerializerMixin):
    """Validate unique values in a ``ModelSerializer`` as the database will.

    Put it before ``ModelSerializer``. A value of a deleted row that ``UniqueAlive`` guards is free,
    while one of a live row is refused, even if several fields are unique together. A value that a
    deleted row still holds in the database (``unique=True``) is refused too.
    """

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the row as it would be saved, including values that deleted rows hold."""
        refuse_held_values(
            candidate, None, router.db_for_write(type(candidate), instance=candidate)
        )
        super().validate_candidate(candidate)


def _describe_error(error: ValidationError) -> dict[str, Any]:
    """Return the errors by field, with the framework's key for non-field errors."""
    words = {NON_FIELD_ERRORS: api_settings.NON_FIELD_ERRORS_KEY}
    return {words.get(name, name): detail for name, detail in get_error_detail(error).items()}
