"""List filters, declared by each view set."""

from collections.abc import Set
from typing import Any, Final

from django import forms
from django.db import models
from django_filters import filters
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.rest_framework import filterset as rest_filterset

from .instants import InstantFilter
from .problems import InvalidParameter

__all__ = ["HouseFilterBackend", "HouseFilterSet", "KeyFilter", "TruthFilter", "refuse_unknown"]

LARGEST_KEY: Final = 2**63 - 1


class KeyFilter(filters.Filter):
    """Filters by the key of a row, without revealing whether the row exists."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", LARGEST_KEY)
        kwargs.pop("queryset", None)
        kwargs.pop("to_field_name", None)
        super().__init__(*args, **kwargs)


class TruthField(forms.Field):
    """Accepts true or false, and nothing else."""

    WORDS: Final = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        """Return the value, or None if the parameter is empty.

        Raises:
            ValidationError: It is neither true nor false.
        """
        if value in self.empty_values:
            return None
        try:
            return self.WORDS[str(value).lower()]
        except KeyError as error:
            raise forms.ValidationError("It is true or false.", code="invalid") from error


class TruthFilter(filters.BooleanFilter):
    """Filters by true or false; other values are refused, where django-filter would ignore them."""

    field_class = TruthField


class ChoicesFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Filters by several of the available choices."""


class HouseFilterSet(rest_filterset.FilterSet):
    """The filters that ``filterset_fields`` declares."""

    FILTER_DEFAULTS = {
        **rest_filterset.FILTER_FOR_DBFIELD_DEFAULTS,
        models.ForeignKey: {"filter_class": KeyFilter},
        models.OneToOneField: {"filter_class": KeyFilter},
        models.ManyToManyField: {"filter_class": KeyFilter},
        models.DateTimeField: {"filter_class": InstantFilter},
        models.BooleanField: {"filter_class": TruthFilter},
    }

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        """Return the filter of a field and lookup; several values must all be valid choices."""
        if lookup_type == "in" and getattr(field, "choices", None):
            return ChoicesFilter, {"choices": field.choices}
        return super().filter_for_lookup(field, lookup_type)


class HouseFilterBackend(DjangoFilterBackend):
    """Filters a list by its query parameters."""

    filterset_base = HouseFilterSet

    def get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Return the filters of a request.

        Raises:
            InvalidParameter: The list does not have such a parameter.
        """
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None and not view.detail:
            pages = view.paginator.get_schema_operation_parameters(view) if view.paginator else ()
            refuse_unknown(request, {*filterset.filters, *(one["name"] for one in pages)})
        return filterset


def refuse_unknown(request: Any, known: Set[str]) -> None:
    """Refuse a parameter that would be ignored, since the caller would mistake all rows for some.

    Args:
        request: The request.
        known: The allowed names; ``format`` is the framework's own.

    Raises:
        InvalidParameter: There is another one.
    """
    for name in request.query_params:
        if name not in known and name != "format":
            raise InvalidParameter(name, "There is no such parameter here.")
