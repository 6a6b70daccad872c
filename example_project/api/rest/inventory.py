"""The stock of the houses, its ledger, and what to buy."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django_filters import filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import (
    InventoryCategory,
    InventoryItem,
    InventoryTransaction,
    PropertyInventory,
    Task,
)
from api.models.inventory import StockLevel, TransactionType, compare_levels
from api.services.inventory import (
    change_stock,
    list_shopping,
    set_levels,
    start_stock,
    transfer_stock,
)
from api.services.locking import lock_stock_rows

from .filters import HouseFilterSet
from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import HouseViewSet, RowViewSet, read_values

__all__ = ["ROUTES"]


class CategorySerializer(HouseSerializer):
    """A category of items."""

    class Meta:
        model = InventoryCategory
        fields = ["id", "name", *STAMPS]


class InventoryItemSerializer(HouseSerializer):
    """An item that the houses use up."""

    category_name = serializers.CharField(source="category.name", read_only=True)

    class Meta:
        model = InventoryItem
        fields = [
            "id",
            "category",
            "category_name",
            "name",
            "unit",
            "cost",
            "sku",
            "is_active",
            *STAMPS,
        ]


class StockSerializer(HouseSerializer):
    """How much of an item a house has."""

    property_name = serializers.CharField(source="property.name", read_only=True)
    item_name = serializers.CharField(source="item.name", read_only=True)
    unit = serializers.CharField(source="item.unit", read_only=True)
    level = serializers.ChoiceField(StockLevel.choices, source="find_level", read_only=True)

    class Meta:
        model = PropertyInventory
        fields = [
            "id",
            "property",
            "property_name",
            "item",
            "item_name",
            "unit",
            "stock",
            "par",
            "maximum",
            "level",
            "place",
            "restock_task",
            *STAMPS,
        ]
        read_only_fields = ["stock", "restock_task"]

    def validate(self, attrs: Any) -> Any:
        """Validate the row; its house and item cannot change.

        Raises:
            ValidationError: The house or the item differs, or the row is invalid.
        """
        for name in ("property", "item"):
            if self.instance and attrs.get(name, getattr(self.instance, name)) != getattr(
                self.instance, name
            ):
                raise serializers.ValidationError({name: "It is of one house and one item."})
        return super().validate(attrs)


class TransactionSerializer(HouseSerializer):
    """An entry in the stock ledger."""

    class Meta:
        model = InventoryTransaction
        fields = [
            "id",
            "inventory",
            "transaction_type",
            "change",
            "stock_after",
            "counterpart",
            "task",
            "note",
            "created_at",
            "created_by",
            "created_via",
        ]


class MovementSerializer(BodySerializer):
    """What was delivered, used or counted."""

    transaction_type = serializers.ChoiceField(
        [one for one in TransactionType.choices if one[0] != TransactionType.TRANSFER]
    )
    amount = serializers.DecimalField(
        10, 2, min_value=0, help_text="Of an adjustment, how much there is by count."
    )
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    task = VisibleKeyField(queryset=Task.objects.all(), default=None, allow_null=True)


class TransferSerializer(BodySerializer):
    """A transfer to another house."""

    target = VisibleKeyField(queryset=PropertyInventory.objects.all())
    amount = serializers.DecimalField(10, 2, min_value=0)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    task = VisibleKeyField(queryset=Task.objects.all(), default=None, allow_null=True)


class PurchaseSerializer(serializers.Serializer):
    """How much of an item to buy."""

    item = serializers.IntegerField(source="item_id")
    name = serializers.CharField()
    unit = serializers.CharField()
    sku = serializers.CharField(allow_blank=True)
    amount = serializers.DecimalField(14, 2)
    cost = serializers.DecimalField(20, 2, allow_null=True)


class HouseListSerializer(serializers.Serializer):
    """What one house needs."""

    property = serializers.IntegerField(source="property_id")
    name = serializers.CharField()
    purchases = PurchaseSerializer(many=True)


class ShoppingListSerializer(serializers.Serializer):
    """What all houses need."""

    houses = HouseListSerializer(many=True)
    total = PurchaseSerializer(many=True)
    cost = serializers.DecimalField(20, 2)


class StockFilterSet(HouseFilterSet):
    """The filters for stocks."""

    level = filters.ChoiceFilter(
        choices=StockLevel.choices, method="filter_level", label="How much there is"
    )

    class Meta:
        model = PropertyInventory
        fields = {"property": ["exact"], "item": ["exact"], "item__category": ["exact"]}

    def filter_level(
        self, rows: "QuerySet[PropertyInventory]", _name: str, level: str
    ) -> "QuerySet[PropertyInventory]":
        """Return the stocks of a level."""
        return rows.alias(wanted_level=compare_levels()).filter(wanted_level=level)


class CategoryViewSet(HouseViewSet):
    """Categories of items."""

    model = InventoryCategory
    serializer_class = CategorySerializer
    filterset_fields = {"name": ["exact", "icontains"]}
    ordering = "name"
    ordering_fields = ["name", "created_at"]


class ItemViewSet(HouseViewSet):
    """Items that the houses use up."""

    model = InventoryItem
    serializer_class = InventoryItemSerializer
    select_related = ["category"]
    filterset_fields = {
        "category": ["exact"],
        "name": ["exact", "icontains"],
        "sku": ["exact"],
        "is_active": ["exact"],
    }
    ordering = "name"
    ordering_fields = ["name", "created_at"]


class StockViewSet(HouseViewSet):
    """The stock of each house; every change of a stock is an entry in the ledger."""

    model = PropertyInventory
    serializer_class = StockSerializer
    select_related = ["property", "item"]
    filterset_class = StockFilterSet
    ordering_fields = ["stock", "created_at", "modified_at"]
    action_permissions = {
        "move": "api.add_inventorytransaction",
        "transfer": "api.add_inventorytransaction",
        "shopping": "api.view_propertyinventory",
    }

    def lock_row(self) -> None:
        """Lock a stock as the services do; for a transfer, both."""
        is_pair = self.action == "transfer"
        rows = self.select_with(TransferSerializer, "target") if is_pair else self.select_row()
        lock_stock_rows(rows.values("pk"))

    def save_row(self, serializer: Any) -> None:
        """Create a stock, or set its levels."""
        values = dict(serializer.validated_data)
        if serializer.instance is None:
            house = values.pop("property")
            values.setdefault("par", Decimal(0))
            serializer.instance = start_stock(actor=self.request.user, house=house, **values)
            return
        kept = serializer.instance
        levels = {
            name: values.get(name, getattr(kept, name)) for name in ("par", "maximum", "place")
        }
        serializer.instance = set_levels(actor=self.request.user, inventory=kept, **levels)

    @extend_schema(request=MovementSerializer, responses=StockSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Record what was delivered, used, broken or counted."""
        stock = self.get_object()
        values = read_values(self, MovementSerializer, request)
        change_stock(actor=request.user, inventory=stock, **values)
        return self.show_row(stock)

    @extend_schema(request=TransferSerializer, responses=StockSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Transfer stock to another house."""
        stock = self.get_object()
        values = read_values(self, TransferSerializer, request)
        transfer_stock(actor=request.user, source=stock, **values)
        return self.show_row(stock)

    @extend_schema(responses=ShoppingListSerializer, filters=False)
    @action(detail=False, pagination_class=None, filter_backends=[])
    def shopping(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what to buy, for each house and in total."""
        return Response(ShoppingListSerializer(list_shopping(actor=request.user)).data)


class TransactionViewSet(RowViewSet):
    """The stock ledger, which is append-only."""

    model = InventoryTransaction
    serializer_class = TransactionSerializer
    filterset_fields = {
        "inventory": ["exact"],
        "inventory__property": ["exact"],
        "inventory__item": ["exact"],
        "transaction_type": ["exact"],
        "task": ["exact"],
        "created_at": ["gte", "lt"],
    }
    ordering_fields = ["created_at"]


ROUTES = [
    ("inventory-categories", CategoryViewSet),
    ("inventory-items", ItemViewSet),
    ("stocks", StockViewSet),
    ("inventory-transactions", TransactionViewSet),
]
