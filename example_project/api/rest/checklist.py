"""Checklists: what to check, and what was found."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import parsers, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import ChecklistItem, ChecklistTemplate, TaskChecklist
from api.services.checklist import answer_item, read_lines
from api.services.locking import lock_work

from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import HouseViewSet, RowViewSet, read_values

__all__ = ["ROUTES"]


class TemplateSerializer(HouseSerializer):
    """A list of things to check for one type of task."""

    class Meta:
        model = ChecklistTemplate
        fields = ["id", "name", "task_type", "description", "is_active", *STAMPS]


class ChecklistItemSerializer(HouseSerializer):
    """One thing to check."""

    class Meta:
        model = ChecklistItem
        fields = [
            "id",
            "template",
            "title",
            "description",
            "item_type",
            "is_required",
            "order",
            "room",
            *STAMPS,
        ]


class LineSerializer(serializers.Serializer):
    """One item of a task's checklist, with its answer."""

    item = serializers.IntegerField(source="item.pk")
    title = serializers.CharField(source="item.title")
    item_type = serializers.CharField(source="item.item_type")
    is_required = serializers.BooleanField(source="item.is_required")
    room = serializers.CharField(source="item.room")
    is_done = serializers.BooleanField()
    text = serializers.CharField(source="response.text", default="")
    number = serializers.DecimalField(12, 3, source="response.number", allow_null=True)
    note = serializers.CharField(source="response.note", default="")
    done_by = serializers.IntegerField(source="response.done_by_id", allow_null=True)
    done_at = serializers.DateTimeField(source="response.done_at", allow_null=True)
    photos = serializers.SerializerMethodField()

    def get_photos(self, line: Any) -> list[int]:
        """Return the keys of the photos."""
        return [photo.pk for photo in line.photos]


class ChecklistSerializer(HouseSerializer):
    """The checklist of a task."""

    template_name = serializers.CharField(source="template.name", read_only=True)

    class Meta:
        model = TaskChecklist
        fields = ["id", "task", "template", "template_name", *STAMPS]


class AnswerSerializer(BodySerializer):
    """The answer to one item: the value that fits its type, and a note."""

    item = VisibleKeyField(queryset=ChecklistItem.objects.all())
    is_done = serializers.BooleanField(required=False, allow_null=True, default=None)
    text = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    number = serializers.DecimalField(12, 3, required=False)
    photo = serializers.FileField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class TemplateViewSet(HouseViewSet):
    """Checklist templates; each new task gets the newest active one of its type."""

    model = ChecklistTemplate
    serializer_class = TemplateSerializer
    filterset_fields = {"name": ["exact"], "task_type": ["exact"], "is_active": ["exact"]}
    ordering = "name"
    ordering_fields = ["name", "created_at"]


class ItemViewSet(HouseViewSet):
    """The items of checklist templates."""

    model = ChecklistItem
    serializer_class = ChecklistItemSerializer
    filterset_fields = {"template": ["exact"], "item_type": ["exact"], "room": ["exact"]}
    ordering_fields = ["pk", "order"]


class ChecklistViewSet(RowViewSet):
    """The checklists of the tasks that you can see."""

    model = TaskChecklist
    serializer_class = ChecklistSerializer
    select_related = ["template"]
    filterset_fields = {"task": ["exact"], "template": ["exact"]}
    action_permissions = {"answer": "api.change_checklistresponse"}

    def get_queryset(self) -> Any:
        """Return the living rows."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    def lock_row(self) -> None:
        """Lock the checklist after its task."""
        lock_work(self.select_parent("task").values("pk"))
        super().lock_row()

    @extend_schema(responses=LineSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def lines(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the items of a checklist, with their answers."""
        lines = read_lines(self.get_object().task)
        return Response(LineSerializer(lines, many=True).data)

    @extend_schema(request=AnswerSerializer, responses=LineSerializer)
    @action(
        detail=True,
        methods=["post"],
        parser_classes=[parsers.JSONParser, parsers.MultiPartParser],
    )
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer one item; send a photo as `multipart/form-data`."""
        checklist = self.get_object()
        values = read_values(self, AnswerSerializer, request)
        answer_item(actor=request.user, task=checklist.task, **values)
        key = values["item"].pk
        line = next(one for one in read_lines(checklist.task) if one.item.pk == key)
        return Response(LineSerializer(line).data, status.HTTP_200_OK)


ROUTES = [
    ("checklist-templates", TemplateViewSet),
    ("checklist-items", ItemViewSet),
    ("checklists", ChecklistViewSet),
]
