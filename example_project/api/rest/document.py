"""Documents of houses and bookings."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request

from api.models import Document
from api.services.documents import add_document, change_document
from django_modernize.uploads.serving import serve_file

from .serializers import STAMPS, HouseSerializer
from .views import HouseViewSet

__all__ = ["ROUTES"]


class DocumentSerializer(HouseSerializer):
    """A document; ``file/`` below its URL serves the file."""

    property_name = serializers.CharField(source="property.name", read_only=True)
    file = serializers.FileField(write_only=True)

    class Meta:
        model = Document
        fields = [
            "id",
            "property",
            "property_name",
            "booking",
            "title",
            "document_type",
            "audience",
            "file",
            "original_name",
            "size",
            *STAMPS,
        ]
        read_only_fields = ["original_name", "size"]

    def validate_candidate(self, candidate: Any) -> None:
        """Leave validation to the service, which reads the file once."""


class DocumentViewSet(HouseViewSet):
    """Documents of the houses, for those who may read them."""

    model = Document
    serializer_class = DocumentSerializer
    parser_classes = [MultiPartParser, JSONParser]
    select_related = ["property"]
    filterset_fields = {
        "property": ["exact"],
        "booking": ["exact"],
        "document_type": ["exact", "in"],
        "title": ["icontains"],
    }
    ordering_fields = ["title", "created_at", "modified_at"]

    def save_row(self, serializer: Any) -> None:
        """Add a document, or change its details."""
        values = dict(serializer.validated_data)
        actor: Any = self.request.user
        if serializer.instance is not None:
            serializer.instance = change_document(
                actor=actor, document=serializer.instance, values=values
            )
            return
        house = values.pop("property")
        serializer.instance = add_document(actor=actor, house=house, **values)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the file."""
        return serve_file(request._request, self.get_object().file)


ROUTES = [("documents", DocumentViewSet)]
