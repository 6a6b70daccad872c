"""Imports: a file, its plan row by row, the decisions, and undoing it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import (
    BookingImportLabel,
    BookingImportLog,
    BookingImportPlan,
    BookingImportPlanRow,
    BookingImportTemplate,
    Property,
)
from api.models.import_plan import RowAction
from api.services import import_plan
from api.services.excel_import.choices import AMENDABLE

from .problems import PROBLEM_TYPE, build_problem
from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import HouseViewSet, RowViewSet

__all__ = ["ROUTES"]

IMPORT = "api.import_bookings"
APPROVE = "api.approve_property"
UNDO = "api.undo_import"


class PlanSerializer(serializers.ModelSerializer):
    """An import, from upload to completion."""

    percent_done = serializers.IntegerField(read_only=True)

    class Meta:
        model = BookingImportPlan
        fields = [
            "id",
            "file_name",
            "file_type",
            "file_digest",
            "sheet",
            "template",
            "status",
            "is_all_or_nothing",
            "row_count",
            "done_count",
            "percent_done",
            "error_code",
            "error",
            "request_id",
            "created_at",
            "created_by",
            "applied_by",
            "log",
        ]
        read_only_fields = fields


class UploadSerializer(BodySerializer):
    """A file to import, and how to read it."""

    file = serializers.FileField(
        help_text="An Excel workbook (.xlsx), a CSV file or a calendar (.ics)."
    )
    template = VisibleKeyField(
        queryset=BookingImportTemplate.objects.all(), required=False, allow_null=True
    )
    sheet = serializers.CharField(max_length=100, required=False, allow_blank=True)


class ApplySerializer(BodySerializer):
    """How to apply a plan."""

    is_all_or_nothing = serializers.BooleanField(
        default=False, help_text="Write nothing where a row cannot be imported."
    )


class PlanViewSet(mixins.CreateModelMixin, RowViewSet):
    """Imports: upload a file, review its rows, decide, and apply exactly what was shown."""

    model = BookingImportPlan
    serializer_class = PlanSerializer
    filterset_fields = {"status": ["exact", "in"], "created_at": ["gte", "lt"]}
    ordering = "created_at"
    ordering_fields = ["created_at"]
    action_permissions = {
        "create": IMPORT,
        "apply": IMPORT,
        "resume": IMPORT,
        "discard": IMPORT,
    }

    def get_parsers(self) -> list[Any]:
        """Return the parsers; an upload is a form."""
        creates = getattr(self, "action_map", {}).get("post") == "create"
        return [MultiPartParser()] if creates else super().get_parsers()

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={202: PlanSerializer}
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Upload a file. It is read in the background, and the plan shows the progress."""
        given = UploadSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = given.validated_data
        plan = import_plan.create_plan(
            values["file"],
            actor=request.user,
            template=values.get("template"),
            sheet=values.get("sheet", ""),
        )
        return Response(PlanSerializer(plan).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=ApplySerializer, responses={202: PlanSerializer})
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Apply the plan as it was shown; 409 if bookings have changed since, as the rows show."""
        given = ApplySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        plan = self.get_object()
        try:
            plan = import_plan.apply_plan(plan, actor=request.user, **given.validated_data)
        except import_plan.PlanChanged as changed:
            # Returned, not raised, so that the detected differences are stored.
            problem = build_problem(
                status.HTTP_409_CONFLICT,
                code="plan_changed",
                detail=" ".join(changed.messages),
                instance=request.get_full_path(),
                count=changed.count,
            )
            return Response(problem, status.HTTP_409_CONFLICT, content_type=PROBLEM_TYPE)
        return Response(PlanSerializer(plan).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: PlanSerializer})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Continue after a worker was killed or failed."""
        plan = import_plan.resume_plan(self.get_object(), actor=request.user)
        return Response(PlanSerializer(plan).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Discard a plan that will not be applied."""
        plan = import_plan.discard_plan(self.get_object(), actor=request.user)
        return Response(PlanSerializer(plan).data)


class PlanRowSerializer(serializers.ModelSerializer):
    """What happens to one row of a file."""

    reason = serializers.CharField(read_only=True)
    problems = serializers.JSONField(source="told_problems", read_only=True)
    notes = serializers.JSONField(source="told_notes", read_only=True)
    action = serializers.ChoiceField(RowAction.choices, allow_blank=True, read_only=True)

    class Meta:
        model = BookingImportPlanRow
        fields = [
            "id",
            "plan",
            "row_number",
            "code",
            "guest_name",
            "property_label",
            "outcome",
            "reason",
            "problems",
            "notes",
            "changes",
            "encoding_changes",
            "match",
            "sureness",
            "booking",
            "action",
            "taken_fields",
            "target",
            "decided_by",
            "changed_since",
            "is_applied",
        ]
        read_only_fields = fields


class DecisionSerializer(BodySerializer):
    """A person's decision about a row."""

    action = serializers.ChoiceField(
        choices=RowAction.choices, allow_blank=True, help_text="Empty takes a decision back."
    )
    fields_taken = serializers.ListField(
        child=serializers.ChoiceField(sorted(AMENDABLE)), required=False, max_length=30
    )
    target = VisibleKeyField(queryset=Property.objects.all(), required=False, allow_null=True)


class PlanRowViewSet(RowViewSet):
    """The rows of imported files."""

    model = BookingImportPlanRow
    serializer_class = PlanRowSerializer
    filterset_fields = {
        "plan": ["exact"],
        "outcome": ["exact", "in"],
        "changed_since": ["exact"],
    }
    ordering = "row_number"
    ordering_fields = ["row_number"]
    action_permissions = {"decide": IMPORT}

    def list_locks(self) -> Any:
        """Lock the row after its plan."""
        return [self.select_parent("plan"), *super().list_locks()]

    @extend_schema(request=DecisionSerializer, responses=PlanRowSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Decide what happens to a row; the response shows the resulting outcome."""
        row = self.get_object()
        given = DecisionSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = given.validated_data
        decided = import_plan.decide_row(
            row,
            values["action"],
            fields=values.get("fields_taken", ()),
            target=values.get("target"),
            actor=request.user,
        )
        return Response(PlanRowSerializer(decided).data)


class LabelSerializer(serializers.ModelSerializer):
    """A label that matches no house."""

    class Meta:
        model = BookingImportLabel
        fields = ["id", "plan", "label", "row_count", "decision", "property", "suggestion"]
        read_only_fields = fields


class MappingSerializer(BodySerializer):
    """The house that a label means."""

    property = VisibleKeyField(queryset=Property.objects.all())


class LabelViewSet(RowViewSet):
    """Labels of imported files that match no house."""

    model = BookingImportLabel
    serializer_class = LabelSerializer
    select_related = ["plan"]
    filterset_fields = {"plan": ["exact"], "decision": ["exact"]}
    ordering = "label"
    ordering_fields = ["label"]
    action_permissions = {"approve": APPROVE, "map": APPROVE}

    def list_locks(self) -> Any:
        """Lock the label after its plan."""
        return [self.select_parent("plan"), *super().list_locks()]

    @extend_schema(request=None, responses=LabelSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let the import create a house with this name."""
        label = self.get_object()
        import_plan.approve_label(label, actor=request.user)
        return Response(LabelSerializer(label).data)

    @extend_schema(request=MappingSerializer, responses=LabelSerializer)
    @action(detail=True, methods=["post"])
    def map(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Map the label to a house, from now on."""
        label = self.get_object()
        given = MappingSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        import_plan.map_label(label, given.validated_data["property"], actor=request.user)
        return Response(LabelSerializer(label).data)


class LogSerializer(serializers.ModelSerializer):
    """What an import did."""

    class Meta:
        model = BookingImportLog
        fields = [
            "id",
            "file_name",
            "file_digest",
            "sheet",
            "request_id",
            "imported_at",
            "imported_by",
            "row_count",
            "created_count",
            "updated_count",
            "unchanged_count",
            "conflict_count",
            "refused_count",
            "skipped_count",
            "task_count",
            "property_count",
            "undone_at",
            "undone_by",
        ]
        read_only_fields = fields


class KeptSerializer(serializers.Serializer):
    """A row that an undo leaves unchanged, because people have edited it."""

    model = serializers.CharField(source="model._meta.model_name")
    id = serializers.IntegerField(source="key")
    title = serializers.CharField()
    reason = serializers.CharField()


class UndoSerializer(serializers.Serializer):
    """What undoing an import does."""

    removed = serializers.SerializerMethodField(help_text="How many rows of each kind go.")
    restored = serializers.SerializerMethodField(help_text="How many rows are put back.")
    kept = KeptSerializer(many=True, help_text="What is left, and why.")

    def get_removed(self, plan: import_plan.UndoPlan) -> dict[str, int]:
        """Return the number of deleted rows of each kind."""
        return {str(model._meta.model_name): len(rows) for model, rows in plan.removed.items()}

    def get_restored(self, plan: import_plan.UndoPlan) -> int:
        """Return how many rows get their previous values back."""
        return len(plan.restored)


class LogViewSet(RowViewSet):
    """What imports did, and undoing them."""

    locks_rules = True
    model = BookingImportLog
    serializer_class = LogSerializer
    filterset_fields = {"imported_at": ["gte", "lt"], "request_id": ["exact"]}
    ordering = "imported_at"
    ordering_fields = ["imported_at"]
    action_permissions = {"preview": UNDO, "undo": UNDO}

    @extend_schema(responses=UndoSerializer)
    @action(detail=True, methods=["get"], url_path="undo-preview")
    def preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Preview what undoing the import would do now."""
        plan = import_plan.preview_undo(self.get_object(), actor=request.user)
        return Response(UndoSerializer(plan).data)

    @extend_schema(request=None, responses=UndoSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Undo the import, except for what people have built on it since."""
        plan = import_plan.undo_import(self.get_object(), actor=request.user)
        return Response(UndoSerializer(plan).data)


class ImportTemplateSerializer(HouseSerializer):
    """How to read the files of one sender."""

    class Meta:
        model = BookingImportTemplate
        fields = [
            "id",
            "name",
            "property",
            "file_type",
            "sheet",
            "date_format",
            "column_mapping",
            "matches_code",
            "matches_guest_and_dates",
            "matches_dates",
            "makes_tasks",
            *STAMPS,
        ]


class ImportTemplateViewSet(HouseViewSet):
    """How to read files, by sender."""

    model = BookingImportTemplate
    serializer_class = ImportTemplateSerializer
    filterset_fields = {"name": ["exact", "icontains"], "file_type": ["exact"]}
    ordering = "name"
    ordering_fields = ["name", "created_at"]


ROUTES = [
    ("imports", PlanViewSet),
    ("import-rows", PlanRowViewSet),
    ("import-labels", LabelViewSet),
    ("import-logs", LogViewSet),
    ("import-templates", ImportTemplateViewSet),
]
