"""Houses in the admin."""

from django.contrib import admin

from api.models import Property, PropertyAlias

from .base import HouseAdmin

__all__ = ["PropertyAdmin", "PropertyAliasAdmin"]


@admin.register(Property)
class PropertyAdmin(HouseAdmin):
    """The houses."""

    locks_rules = True
    list_display = ["name", "address", "check_in_time", "check_out_time", "time_zone"]
    search_fields = ["name", "address", "aliases__label"]


@admin.register(PropertyAlias)
class PropertyAliasAdmin(HouseAdmin):
    """The labels that workbooks use for houses."""

    list_display = ["label", "property"]
    list_select_related = ["property"]
    search_fields = ["label", "property__name"]
    autocomplete_fields = ["property"]
