"""Filters of lists, each on the view set's own list of what may be asked."""

from typing import Any, Final

from django import forms
from django.db import models
from django_filters import filters
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.rest_framework import filterset as rest_filterset

__all__ = ["HouseFilterBackend", "HouseFilterSet", "KeyFilter"]

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


class HouseFilterSet(rest_filterset.FilterSet):
    """The filters that ``filterset_fields`` names."""

    FILTER_DEFAULTS = {
        **rest_filterset.FILTER_FOR_DBFIELD_DEFAULTS,
        models.ForeignKey: {"filter_class": KeyFilter},
        models.OneToOneField: {"filter_class": KeyFilter},
        models.ManyToManyField: {"filter_class": KeyFilter},
    }


class HouseFilterBackend(DjangoFilterBackend):
    """Filters a list by the parameters of its address."""

    filterset_base = HouseFilterSet
