"""The houses' stock in the admin; the portal records changes."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from api.models import (
    InventoryCategory,
    InventoryItem,
    InventoryTransaction,
    PropertyInventory,
    User,
)
from api.models.inventory import StockLevel, compare_levels
from api.services.inventory import review_levels
from api.services.locking import lock_stock_rows

from .base import HouseAdmin, ModelAdmin, show_badge
from .read_only import ReadOnlyMixin

__all__ = [
    "InventoryCategoryAdmin",
    "InventoryItemAdmin",
    "InventoryTransactionAdmin",
    "PropertyInventoryAdmin",
]


@admin.register(InventoryCategory)
class InventoryCategoryAdmin(HouseAdmin):
    """Categories of items."""

    list_display = ["name", "modified_at"]
    search_fields = ["name"]


@admin.register(InventoryItem)
class InventoryItemAdmin(HouseAdmin):
    """What the houses use up."""

    list_display = ["name", "category", "unit", "cost", "sku", "is_active"]
    list_filter = ["is_active", "category"]
    list_select_related = ["category"]
    search_fields = ["name", "sku"]
    autocomplete_fields = ["category"]


class LevelFilter(admin.SimpleListFilter):
    """Filters stocks by level."""

    title = _("level")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Return the levels."""
        return StockLevel.choices

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the stocks of the selected level."""
        level = self.value()
        stocks = queryset.alias(level=compare_levels())
        return stocks.filter(level=level) if level else queryset


@admin.register(PropertyInventory)
class PropertyInventoryAdmin(HouseAdmin):
    """How much each house has, and how much it should have."""

    list_display = ["item", "property", "stock", "level_badge", "par", "maximum", "place"]
    list_filter = [LevelFilter, "item__category", ("property", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["item", "property"]
    search_fields = ["item__name", "item__sku", "property__name", "place"]
    autocomplete_fields = ["property", "item"]
    readonly_fields = (*HouseAdmin.readonly_fields, "stock", "restock_task")

    def lock_row(self, request: HttpRequest, row: Any) -> None:
        """Lock a stock in the same way as the services."""
        lock_stock_rows([row.pk])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the read-only fields: a stock always belongs to its house and item."""
        fixed = () if obj is None else ("property", "item")
        return (*super().get_readonly_fields(request, obj), *fixed)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the levels, and create a restocking task if they require one."""
        super().save_model(request, obj, form, change)
        if change:
            review_levels(actor=cast("User", request.user), inventory=obj)

    @admin.display(description=_("level"))
    def level_badge(self, stock: PropertyInventory) -> SafeString:
        """Return the level as a badge."""
        level = stock.find_level()
        return show_badge(level, str(level.label))


@admin.register(InventoryTransaction)
class InventoryTransactionAdmin(ReadOnlyMixin, ModelAdmin):
    """The stock ledger, read-only."""

    list_display = [
        "created_at",
        "inventory",
        "transaction_type",
        "change",
        "stock_after",
        "note",
        "created_by",
    ]
    list_filter = ["transaction_type"]
    list_select_related = ["inventory__item", "inventory__property", "created_by"]
    search_fields = ["inventory__item__name", "inventory__property__name", "note"]
