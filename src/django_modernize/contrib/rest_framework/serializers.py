"""Serializers that validate the model's constraints, and options of actions."""

from contextlib import AbstractContextManager
from copy import copy
from typing import TYPE_CHECKING, Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import router
from rest_framework import serializers
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings

from django_modernize.integrity import explain_refusals
from django_modernize.softdelete.uniqueness import refuse_held_values

__all__ = ["ConstraintSerializerMixin", "RestoreOptionsSerializer", "SoftDeleteSerializerMixin"]

if TYPE_CHECKING:
    from rest_framework.serializers import ModelSerializer as Base
else:
    Base = object


class ConstraintSerializerMixin(Base):
    """Validate the constraints of the model in a ``ModelSerializer``.

    Put it before ``ModelSerializer``. An error names the conflicting row, as in a form. So does the
    ``ConstraintViolated`` that ``save()`` raises if the database refuses the row nevertheless.
    """

    def validate(self, attrs: Any) -> Any:
        """Validate the values together.

        Raises:
            ValidationError: They violate a constraint.
        """
        attrs = super().validate(attrs)
        try:
            self.validate_candidate(self._build_candidate(attrs))
        except ValidationError as error:
            raise serializers.ValidationError(_describe_error(error)) from error
        return attrs

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the row as it would be saved."""
        candidate.validate_constraints()

    def create(self, validated_data: Any) -> Any:
        """Create the row.

        Raises:
            ConstraintViolated: The database refuses it.
        """
        with _explain_refusals(self._build_candidate(validated_data)):
            return super().create(validated_data)

    def update(self, instance: Any, validated_data: Any) -> Any:
        """Change the row.

        Raises:
            ConstraintViolated: The database refuses it.
        """
        with _explain_refusals(instance):
            return super().update(instance, validated_data)

    def _build_candidate(self, values: Any) -> Any:
        model = self.Meta.model
        candidate = copy(self.instance) if self.instance is not None else model()
        for field in model._meta.concrete_fields:
            if field.name in values:
                setattr(candidate, field.name, values[field.name])
        return candidate


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


class RestoreOptionsSerializer(serializers.Serializer[Any]):
    """How a deleted row is to be restored."""

    with_parents = serializers.BooleanField(default=False)


def _explain_refusals(candidate: Any) -> AbstractContextManager[None]:
    using = router.db_for_write(type(candidate), instance=candidate)
    return explain_refusals(type(candidate), [candidate], using=using)


def _describe_error(error: ValidationError) -> dict[str, Any]:
    """Return the errors by field, with the framework's key for non-field errors."""
    words = {NON_FIELD_ERRORS: api_settings.NON_FIELD_ERRORS_KEY}
    return {words.get(name, name): detail for name, detail in get_error_detail(error).items()}
