"""Photos of tasks."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, parsers, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import Task, TaskImage
from api.models.task_image import ImageStatus, ImageType
from api.services.locking import lock_work
from api.services.task_image import (
    add_image,
    delete_image,
    restore_image,
    review_images,
    set_primary,
)
from django_modernize.exceptions import UploadRejected
from django_modernize.uploads.serving import serve_file

from .history import HistoryMixin
from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import RowViewSet, read_values

__all__ = ["ROUTES"]

MAX_IMAGES = 500
"""How many photos one request may judge."""


class ImageSerializer(HouseSerializer):
    """A photo; its file is at `/task-images/{id}/file/`."""

    class Meta:
        model = TaskImage
        fields = [
            "id",
            "task",
            "response",
            "image_type",
            "status",
            "sequence",
            "is_primary",
            "description",
            "original_name",
            "size",
            "width",
            "height",
            "reviewed_by",
            "reviewed_at",
            "review_note",
            *STAMPS,
        ]
        read_only_fields = fields


class NewImageSerializer(BodySerializer):
    """A photo to upload: JPEG, PNG, WebP or HEIC of at most 25 MB."""

    task = VisibleKeyField(queryset=Task.objects.all())
    image = serializers.FileField()
    image_type = serializers.ChoiceField(ImageType.choices, default=ImageType.GENERAL)
    description = serializers.CharField(max_length=300, allow_blank=True, default="")


class ReviewSerializer(BodySerializer):
    """The verdict on some photos."""

    images = serializers.ListField(
        child=VisibleKeyField(queryset=TaskImage.objects.all()),
        min_length=1,
        max_length=MAX_IMAGES,
    )
    status = serializers.ChoiceField(ImageStatus.choices)
    note = serializers.CharField(max_length=300, allow_blank=True, default="")


class ImageViewSet(HistoryMixin, mixins.DestroyModelMixin, RowViewSet):
    """The photos of the tasks that you can see."""

    model = TaskImage
    serializer_class = ImageSerializer
    filterset_fields = {
        "task": ["exact"],
        "image_type": ["exact"],
        "status": ["exact", "in"],
        "is_primary": ["exact"],
        "deleted_at": ["isnull"],
    }
    ordering_fields = ["pk", "created_at", "sequence"]
    parser_classes = [parsers.JSONParser, parsers.MultiPartParser]
    action_permissions = {
        "file": "api.view_taskimage",
        "review": "api.approve_taskimage",
        "make_primary": "api.add_taskimage",
    }

    def lock_row(self) -> None:
        """Lock the photo after its task."""
        lock_work(self.select_parent("task").values("pk"))
        super().lock_row()

    @extend_schema(
        request={"multipart/form-data": NewImageSerializer}, responses={201: ImageSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a photo to a task; its content is checked and re-encoded."""
        values = read_values(self, NewImageSerializer, request)
        try:
            image = add_image(actor=request.user, **values)
        except UploadRejected as error:
            raise ValidationError({"image": error}) from error
        return Response(ImageSerializer(image).data, status.HTTP_201_CREATED)

    def perform_destroy(self, instance: TaskImage) -> None:
        """Delete a photo; its file is kept until the photo is purged."""
        delete_image(actor=self.request.user, image=instance)

    @extend_schema(request=None, responses=ImageSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Restore a deleted photo, with its file."""
        return self.show_row(restore_image(actor=request.user, image=self.get_object()))

    @extend_schema(
        parameters=[OpenApiParameter("side", int, enum=[320, 960], description="A thumbnail.")],
        responses={(200, "image/*"): OpenApiTypes.BINARY},
    )
    @action(detail=True)
    def file(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return a photo, or a thumbnail of it."""
        side = request.query_params.get("side", "")
        image = self.get_object()
        known = side.isascii() and side.isdigit() and len(side) < 6
        return serve_file(request._request, image.image, side=int(side) if known else None)

    @extend_schema(request=ReviewSerializer, responses=ImageSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filter_backends=[])
    def review(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Approve, reject or archive photos, all of them or none."""
        values = read_values(self, ReviewSerializer, request)
        rows = review_images(actor=request.user, **values)
        return Response(ImageSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=ImageSerializer)
    @action(detail=True, methods=["post"], url_path="make-primary")
    def make_primary(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a photo the primary one of its type."""
        return self.show_row(set_primary(actor=request.user, image=self.get_object()))


ROUTES = [("task-images", ImageViewSet)]
