"""Rules that create tasks, what they would do and why, and schedules."""

import copy
from datetime import date, timedelta
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import AutoTaskTemplate, Booking, ScheduleTemplate
from api.services.permission import require_worker
from api.services.task_template.schedules import bring_in_line
from django_modernize.autotasks import Action, Plan
from django_modernize.autotasks.choices import ChoiceNames
from django_modernize.autotasks.describing import describe_reason
from django_modernize.autotasks.explaining import trace_pair
from django_modernize.autotasks.models import ChangePolicy
from django_modernize.autotasks.previewing import backtest, preview_template
from django_modernize.autotasks.running import run_subject

from .problems import InvalidParameter
from .serializers import STAMPS, HouseSerializer, VisibleKeyField
from .views import HouseViewSet

__all__ = ["ROUTES"]

MAX_STEPS: Final = 200
LONGEST_TEST: Final = timedelta(days=3660)


class WorkersMixin:
    """Refuses people who may only view tasks, unless the row already refers to them."""

    instance: Any

    def validate_assignee(self, person: Any) -> Any:
        """Validate the assignee."""
        if self.instance is None or self.instance.assignee != person:
            require_worker(person)
        return person

    def validate_assignees(self, people: list[Any]) -> list[Any]:
        """Validate the people who take turns."""
        known = [] if self.instance is None else list(self.instance.assignees.all())
        for person in people:
            if person not in known:
                require_worker(person)
        return people


class TaskTemplateSerializer(WorkersMixin, HouseSerializer):
    """A rule: when this happens to a booking and the conditions hold, it creates a task."""

    class Meta:
        model = AutoTaskTemplate
        fields = [
            "id",
            "name",
            "is_active",
            "order",
            "trigger",
            "watched_fields",
            "conditions",
            "anchor",
            "offset",
            "offset_unit",
            "local_time",
            "days_earlier",
            "days_later",
            "not_before",
            "not_after",
            "horizon_days",
            "title",
            "description",
            "task_type",
            "assignee",
            "assignees",
            "checklist",
            "valid_from",
            "valid_until",
            "skip_past",
            "change_policy",
            "runs_after_commit",
            "version",
            "failed_at",
            "error",
            *STAMPS,
        ]
        read_only_fields = ["version", "failed_at", "error"]

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the rule as the admin does: its conditions, its texts and its times."""
        candidate.subject_key = "booking"
        candidate.clean()
        super().validate_candidate(candidate)


class StepSerializer(serializers.Serializer):
    """What is done for one booking."""

    action = serializers.ChoiceField(choices=[one.value for one in Action])
    booking = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    latest_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when it may be done, where the step writes it."
    )
    title = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class TaskPlanSerializer(serializers.Serializer):
    """What a rule would do. The steps are cut off after two hundred; the counts are complete."""

    counts = serializers.DictField(child=serializers.IntegerField())
    steps = StepSerializer(many=True)


class PeriodSerializer(serializers.Serializer):
    """The past days to test a rule on."""

    first = serializers.DateField()
    last = serializers.DateField()

    def validate(self, attrs: dict[str, date]) -> dict[str, date]:
        """Refuse a period that ends before it begins, or that is too long."""
        if not timedelta(0) <= attrs["last"] - attrs["first"] <= LONGEST_TEST:
            raise serializers.ValidationError({"last": ["Within ten years after the first day."]})
        return attrs


class TraceQuerySerializer(serializers.Serializer):
    """The booking to explain."""

    booking = VisibleKeyField(queryset=Booking.objects.all())


class TraceLineSerializer(serializers.Serializer):
    """One comparison, or a group of comparisons."""

    depth = serializers.IntegerField()
    text = serializers.CharField()
    holds = serializers.BooleanField()
    found = serializers.CharField(allow_blank=True)


class TraceSerializer(serializers.Serializer):
    """Why a rule created a task for a booking, or did not."""

    cause = serializers.CharField(source="reason.cause")
    reason = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField(allow_null=True)
    lines = TraceLineSerializer(many=True)

    def get_reason(self, trace: Any) -> str:
        """Return the reason in words."""
        return describe_reason(trace.reason)


class TemplateViewSet(HouseViewSet):
    """Rules that create tasks for bookings; a change takes effect at once."""

    locks_rules = True
    model = AutoTaskTemplate
    serializer_class = TaskTemplateSerializer
    prefetch_related = ["assignees"]
    filterset_fields = {"is_active": ["exact"], "trigger": ["exact"], "task_type": ["exact"]}
    ordering = "order"
    ordering_fields = ["order", "name", "created_at"]
    action_permissions = {
        "preview": "api.change_autotasktemplate",
        "backtest": "api.view_autotasktemplate",
        "trace": "api.view_autotasktemplate",
    }

    def save_row(self, serializer: Any) -> None:
        """Store a rule, and do what its preview showed."""
        if serializer.instance is None:
            serializer.validated_data["subject_key"] = "booking"
        super().save_row(serializer)
        template = AutoTaskTemplate.objects.get(pk=serializer.instance.pk)
        run_subject(template.subject, templates=[template])
        serializer.instance.refresh_from_db()

    @extend_schema(request=TaskTemplateSerializer(partial=True), responses=TaskPlanSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Preview what the rule would do with these changes; nothing is stored."""
        template = self.get_object()
        serializer = self.get_serializer(template, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        draft = copy.copy(template)
        for name, value in serializer.validated_data.items():
            # The people who take turns are stored only with a rule, and do not affect the steps.
            if name != "assignees":
                setattr(draft, name, value)
        return Response(write_plan(preview_template(draft)))

    @extend_schema(parameters=[PeriodSerializer], responses=TaskPlanSerializer, filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def backtest(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what the rule would have done for the stored bookings of a period."""
        template = self.get_object()
        period = read_query(PeriodSerializer, request)
        return Response(write_plan(backtest(template, period["first"], period["last"])))

    @extend_schema(parameters=[TraceQuerySerializer], responses=TraceSerializer, filters=False)
    @action(detail=True, pagination_class=None, filter_backends=[])
    def trace(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Explain why the rule created a task for a booking, or why it did not."""
        template = self.get_object()
        query = TraceQuerySerializer(data=request.query_params, context={"request": request})
        query.is_valid(raise_exception=True)
        return Response(
            TraceSerializer(trace_pair(template, query.validated_data["booking"].pk)).data
        )


class ScheduleSerializer(WorkersMixin, HouseSerializer):
    """A recurring task in one house."""

    property_name = serializers.CharField(source="property.name", read_only=True)
    change_policy = serializers.ChoiceField(
        choices=ChangePolicy.choices,
        required=False,
        write_only=True,
        help_text="Of a change: what becomes of tasks that are planned ahead and nobody has begun.",
    )

    class Meta:
        model = ScheduleTemplate
        fields = [
            "id",
            "name",
            "is_active",
            "property",
            "property_name",
            "rule",
            "first_day",
            "exceptions",
            "time_of_day",
            "time_zone",
            "horizon_days",
            "title",
            "description",
            "task_type",
            "assignee",
            "checklist",
            "change_policy",
            *STAMPS,
        ]

    def validate_candidate(self, candidate: Any) -> None:
        """Validate the schedule as the admin does: its rule, its texts and its days."""
        candidate.clean()
        super().validate_candidate(candidate)


class ScheduleViewSet(HouseViewSet):
    """Recurring work. Tasks are created every night, and follow a change at once."""

    model = ScheduleTemplate
    serializer_class = ScheduleSerializer
    select_related = ["property"]
    filterset_fields = {"property": ["exact"], "is_active": ["exact"], "task_type": ["exact"]}
    ordering_fields = ["name", "created_at"]

    def save_row(self, serializer: Any) -> None:
        """Store a schedule, and apply its changes to the tasks planned ahead."""
        policy = serializer.validated_data.pop("change_policy", ChangePolicy.UPDATE)
        before = serializer.instance and ScheduleTemplate.objects.get(pk=serializer.instance.pk)
        super().save_row(serializer)
        if before is not None:
            bring_in_line(before, serializer.instance, policy)


def write_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON."""
    shape = plan.subject.shape
    names = ChoiceNames()
    steps = [
        {
            "action": step.action.value,
            "booking": int(step.subject_id),
            "due_at": step.due_at,
            "latest_at": step.values.get(shape.latest or ""),
            "title": str(step.values.get(shape.title, "")),
            "reason": describe_reason(step.reason, names),
        }
        for step in plan.steps[:MAX_STEPS]
    ]
    counts = {one.value: count for one, count in plan.count_actions().items() if count}
    return dict(TaskPlanSerializer({"counts": counts, "steps": steps}).data)


def read_query(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """Return the query parameters.

    Raises:
        InvalidParameter: One is missing or invalid.
    """
    query = kind(data=request.query_params)
    if not query.is_valid():
        name, problems = next(iter(query.errors.items()))
        raise InvalidParameter(str(name), str(problems[0]))
    return dict(query.validated_data)


ROUTES = [("task-templates", TemplateViewSet), ("schedules", ScheduleViewSet)]
