"""Houses, and what belongs to them."""

from typing import Any

from rest_framework import serializers

from api.models import Property, PropertyAlias, PropertyOwnership, PropertyTag
from api.services.property import change_property, create_property

from .serializers import STAMPS, HouseSerializer
from .views import HouseViewSet

__all__ = ["ROUTES"]


class PropertySerializer(HouseSerializer):
    """A house."""

    class Meta:
        model = Property
        fields = [
            "id",
            "name",
            "address",
            "property_type",
            "tags",
            "check_in_time",
            "check_out_time",
            "time_zone",
            *STAMPS,
        ]


class TagSerializer(HouseSerializer):
    """A tag that groups houses."""

    class Meta:
        model = PropertyTag
        fields = ["id", "name", *STAMPS]


class AliasSerializer(HouseSerializer):
    """A label that workbooks use for a house."""

    property_name = serializers.CharField(source="property.name", read_only=True)

    class Meta:
        model = PropertyAlias
        fields = ["id", "property", "property_name", "label", *STAMPS]


class OwnershipSerializer(HouseSerializer):
    """The relation of a person to a house."""

    property_name = serializers.CharField(source="property.name", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = PropertyOwnership
        fields = [
            "id",
            "property",
            "property_name",
            "user",
            "username",
            "ownership_type",
            "can_edit",
            *STAMPS,
        ]


class PropertyViewSet(HouseViewSet):
    """Houses that guests stay in."""

    locks_rules = True
    model = Property
    serializer_class = PropertySerializer
    prefetch_related = ["tags"]
    filterset_fields = {
        "name": ["exact", "icontains"],
        "property_type": ["exact"],
        "tags": ["exact"],
        "modified_at": ["gte", "lt"],
    }
    ordering = "name"
    ordering_fields = ["name", "created_at", "modified_at"]

    def save_row(self, serializer: Any) -> None:
        """Create or change a house, with its tags."""
        old, values = serializer.instance, {**serializer.validated_data}
        tags = values.pop("tags", None)
        house = (
            create_property(actor=self.request.user, values=values)
            if old is None
            else change_property(actor=self.request.user, house=old, values=values)
        )
        if tags is not None:
            house.tags.set(tags)
        serializer.instance = house


class TagViewSet(HouseViewSet):
    """Tags that group houses."""

    model = PropertyTag
    serializer_class = TagSerializer
    filterset_fields = {"name": ["exact", "icontains"]}
    ordering = "name"
    ordering_fields = ["name", "created_at"]


class AliasViewSet(HouseViewSet):
    """Labels that workbooks use for houses."""

    model = PropertyAlias
    serializer_class = AliasSerializer
    select_related = ["property"]
    filterset_fields = {"property": ["exact"], "label": ["exact", "icontains"]}
    ordering = "label"
    ordering_fields = ["label", "created_at"]


class OwnershipViewSet(HouseViewSet):
    """Relations of people to houses."""

    model = PropertyOwnership
    serializer_class = OwnershipSerializer
    select_related = ["property", "user"]
    filterset_fields = {
        "property": ["exact"],
        "user": ["exact"],
        "ownership_type": ["exact"],
        "can_edit": ["exact"],
    }
    ordering_fields = ["created_at"]


ROUTES = [
    ("properties", PropertyViewSet),
    ("property-tags", TagViewSet),
    ("property-aliases", AliasViewSet),
    ("property-ownerships", OwnershipViewSet),
]
