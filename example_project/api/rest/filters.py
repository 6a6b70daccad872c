"""Filters of lists, each on the view set's own list of what may be asked."""

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
    """Asks for the key of a row, without telling whether there is such a row."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", LARGEST_KEY)
        kwargs.pop("queryset", None)
        kwargs.pop("to_field_name", None)
        super().__init__(*args, **kwargs)


class TruthField(forms.Field):
    """Takes true or false, and no third word for either."""

    WORDS: Final = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        """Return what was said; nothing where nothing was.

        Raises:
            ValidationError: It is another word.
        """
        if value in self.empty_values:
            return None
        try:
            return self.WORDS[str(value).lower()]
        except KeyError as error:
            raise forms.ValidationError("It is true or false.", code="invalid") from error


class TruthFilter(filters.BooleanFilter):
    """Asks for true or false; a word that is neither is refused, where Django asks for all rows."""

    field_class = TruthField


class ChoicesFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Asks for several of the values that there are."""


class HouseFilterSet(rest_filterset.FilterSet):
    """The filters that ``filterset_fields`` names."""

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
        """Return the filter of a field and a lookup; several values are each one that there is."""
        if lookup_type == "in" and getattr(field, "choices", None):
            return ChoicesFilter, {"choices": field.choices}
        return super().filter_for_lookup(field, lookup_type)


class HouseFilterBackend(DjangoFilterBackend):
    """Filters a list by the parameters of its address."""

    filterset_base = HouseFilterSet

    def get_filterset(self, request: Any, queryset: Any, view: Any) -> Any:
        """Return the filters of a request.

        Raises:
            InvalidParameter: A list is asked by a parameter that it does not have.
        """
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None and not view.detail:
            pages = view.paginator.get_schema_operation_parameters(view) if view.paginator else ()
            refuse_unknown(request, {*filterset.filters, *(one["name"] for one in pages)})
        return filterset


def refuse_unknown(request: Any, known: Set[str]) -> None:
    """Refuse a parameter that would be ignored: its caller would take all rows for some.

    Args:
        request: The request.
        known: The names that there are; ``format`` is the framework's own.

    Raises:
        InvalidParameter: There is another.
    """
    for name in request.query_params:
        if name not in known and name != "format":
            raise InvalidParameter(name, "There is no such parameter here.")
