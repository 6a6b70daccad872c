"""Serializers that judge by the model's constraints, and by the living rows alone."""

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
    """Makes a ``ModelSerializer`` judge its values together by the constraints of the model.

    Put it before ``ModelSerializer``. An error names the row in the way, as in a form.
    """

    def validate(self, attrs: Any) -> Any:
        """Check the values together.

        Raises:
            ValidationError: A constraint refuses them.
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
        """Judge the row as it would be."""
        candidate.validate_constraints()


class SoftDeleteSerializerMixin(ConstraintSerializerMixin):
    """Makes a ``ModelSerializer`` judge what is unique as the database will.

    Put it before ``ModelSerializer``. A value of a deleted row that ``UniqueAlive`` guards is
    free, one of a living row is refused, also where several fields are unique together; a value
    that the database holds for a deleted row (``unique=True``) is refused too.
    """

    def validate_candidate(self, candidate: Any) -> None:
        """Judge the row as it would be, by what deleted rows still hold too."""
        refuse_held_values(
            candidate, None, router.db_for_write(type(candidate), instance=candidate)
        )
        super().validate_candidate(candidate)


def _describe_error(error: ValidationError) -> dict[str, Any]:
    """Return the error by field, with the framework's own word for what is of no field alone."""
    words = {NON_FIELD_ERRORS: api_settings.NON_FIELD_ERRORS_KEY}
    return {words.get(name, name): detail for name, detail in get_error_detail(error).items()}
