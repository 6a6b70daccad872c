"""Tasks and their dependencies."""

from typing import Any

from django.db.models import QuerySet
from django_filters import filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import Task, TaskDependency, User
from api.models.auth import TaskGroup
from api.models.task_choices import TaskStatus
from api.models.task_writes import LOCKABLE_FIELDS
from api.services import task as services
from api.services.checklist import with_progress
from api.services.locking import lock_rules_of_bookings, lock_work
from api.services.permission.scopes import TEAM_TYPES

from .filters import HouseFilterSet, KeyFilter, TruthFilter
from .serializers import STAMPS, BodySerializer, HouseSerializer, VisibleKeyField
from .views import HouseViewSet, RowViewSet, read_values

__all__ = ["ROUTES"]

MAX_TASKS = 500
"""How many tasks one request may change."""


class TaskSerializer(HouseSerializer):
    """A piece of work in one house; its status is set at a URL of its own."""

    property_name = serializers.CharField(source="property.name", read_only=True)
    assignee_name = serializers.CharField(
        source="assigned_to.username", read_only=True, allow_null=True
    )
    locked_fields = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What automation leaves alone."
    )
    item_count = serializers.IntegerField(
        read_only=True, default=0, help_text="Items of the checklist."
    )
    done_count = serializers.IntegerField(
        read_only=True, default=0, help_text="How many of them are done."
    )

    class Meta:
        model = Task
        fields = [
            "id",
            "title",
            "description",
            "task_type",
            "status",
            "property",
            "property_name",
            "booking",
            "due_date",
            "earliest_at",
            "latest_at",
            "assigned_to",
            "assignee_name",
            "locked_fields",
            "made_by",
            "started_at",
            "completed_at",
            "item_count",
            "done_count",
            *STAMPS,
        ]
        read_only_fields = [
            *("status", "earliest_at", "latest_at"),
            *("made_by", "started_at", "completed_at"),
        ]


class TaskStatusSerializer(BodySerializer):
    """A task's new status."""

    status = serializers.ChoiceField(TaskStatus.choices)


class StatusesSerializer(TaskStatusSerializer):
    """Tasks, and their new status."""

    tasks = serializers.ListField(
        child=VisibleKeyField(queryset=Task.objects.all()), min_length=1, max_length=MAX_TASKS
    )


class RefusedSerializer(serializers.Serializer):
    """A task whose status was refused."""

    task = serializers.IntegerField()
    reason = serializers.CharField()


class StatusOutcomeSerializer(serializers.Serializer):
    """The result; tasks that already had the status are in neither list."""

    changed = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedSerializer(many=True)


class CountSerializer(serializers.Serializer):
    """The number of tasks in each status."""

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each status."""
        return {one.value: serializers.IntegerField() for one in TaskStatus}


class LackSerializer(serializers.Serializer):
    """One thing that is missing before a task can be completed."""

    kind = serializers.ChoiceField(["dependency", "photo", "blocking", "item"])
    key = serializers.IntegerField(help_text="Of the other task, or of the item.")
    title = serializers.CharField(help_text="Empty for a task that the caller may not see.")


class AssignSerializer(BodySerializer):
    """The new assignee of a task; nobody, if it is null."""

    assigned_to = VisibleKeyField(queryset=User.objects.all(), allow_null=True)


class MessageSerializer(BodySerializer):
    """The message to the managers."""

    message = serializers.CharField(max_length=500)


class ToldSerializer(serializers.Serializer):
    """How many people were notified."""

    told = serializers.IntegerField()


class FieldsSerializer(BodySerializer):
    """The fields to unlock for automation; all locked ones, if the list is empty."""

    names = serializers.ListField(
        child=serializers.ChoiceField(sorted(LOCKABLE_FIELDS)), required=False
    )


class NeededSerializer(BodySerializer):
    """The task that has to be done first."""

    needed = VisibleKeyField(queryset=Task.objects.all())


class SpanSerializer(serializers.Serializer):
    """A period that somebody worked on a task."""

    task = serializers.IntegerField(source="task_id")
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class TaskFilterSet(HouseFilterSet):
    """The filters for tasks."""

    mine = TruthFilter(method="filter_mine", label="Assigned to you")
    team = filters.ChoiceFilter(
        choices=TaskGroup.choices, method="filter_team", label="The work of a team"
    )
    assigned_to = KeyFilter(field_name="assigned_to")

    class Meta:
        model = Task
        fields = {
            "title": ["icontains"],
            "status": ["exact", "in"],
            "task_type": ["exact", "in"],
            "property": ["exact"],
            "booking": ["exact"],
            "made_by": ["exact"],
            "due_date": ["gte", "lt", "isnull"],
            "modified_at": ["gte", "lt"],
        }

    def filter_mine(self, rows: "QuerySet[Task]", _name: str, wanted: bool) -> "QuerySet[Task]":
        """Return the caller's tasks, or those of others and of nobody."""
        own = rows.filter(assigned_to=self.request.user)
        return own if wanted else rows.exclude(pk__in=own.values("pk"))

    def filter_team(self, rows: "QuerySet[Task]", _name: str, team: str) -> "QuerySet[Task]":
        """Return the tasks of the types that a team does."""
        return rows.filter(task_type__in=sorted(TEAM_TYPES[team]))


class TaskViewSet(HouseViewSet):
    """Tasks in the houses."""

    model = Task
    serializer_class = TaskSerializer
    select_related = ["property", "assigned_to"]
    filterset_class = TaskFilterSet
    ordering = "pk"
    ordering_fields = ["pk", "created_at", "modified_at", "title", "due_date"]
    action_permissions = {
        "assign": "api.assign_task",
        "mute": "api.view_task",
        "unmute": "api.view_task",
        "notify_manager": "api.view_task",
        "duplicate": "api.add_task",
        "add_dependency": "api.add_taskdependency",
        "remove_dependency": "api.change_taskdependency",
    }

    def get_queryset(self) -> Any:
        """Return the tasks that the caller can see, with the progress of their checklists."""
        return with_progress(super().get_queryset())

    def lock_row(self) -> None:
        """Lock a task as the services do; for a dependency, both tasks."""
        if self.action == "attach_fields":
            lock_rules_of_bookings()
        is_pair = self.action in {"add_dependency", "remove_dependency"}
        rows = self.select_with(NeededSerializer, "needed") if is_pair else self.select_row()
        lock_work(rows.values("pk"))

    def save_row(self, serializer: Any) -> None:
        """Create or change a task."""
        actor, values = self.request.user, serializer.validated_data
        serializer.instance = (
            services.create_task(actor=actor, **values)
            if serializer.instance is None
            else services.change_task(actor=actor, task=serializer.instance, **values)
        )

    @extend_schema(request=TaskStatusSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"], url_path="status")
    def set_status(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the status of a task; a 400 `incomplete` says what is missing."""
        task, values = self.get_object(), read_values(self, TaskStatusSerializer, request)
        return self.show_row(services.set_status(actor=request.user, task=task, **values))

    @extend_schema(request=StatusesSerializer, responses=StatusOutcomeSerializer)
    @action(detail=False, methods=["post"], url_path="statuses")
    def set_statuses(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the status of many tasks; those that were refused are listed with the reason."""
        outcome = services.set_statuses(
            actor=request.user, **read_values(self, StatusesSerializer, request)
        )
        refused = [{"task": task.pk, "reason": reason} for task, reason in outcome.refused.items()]
        return Response({"changed": [task.pk for task in outcome.changed], "refused": refused})

    @extend_schema(responses=CountSerializer, filters=True)
    @action(detail=False, url_path="counts", pagination_class=None)
    def count(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Count the tasks of a list by status."""
        rows = self.filter_queryset(self.get_queryset())
        return Response(services.count_by_status(actor=request.user, tasks=rows))

    @extend_schema(responses=LackSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def lacks(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what is missing before a task can be completed."""
        task = self.get_object()
        found = services.find_lacks([task.pk]).get(task.pk, [])
        return Response(LackSerializer(found, many=True).data)

    @extend_schema(request=AssignSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Assign a task to somebody, or to nobody."""
        task, values = self.get_object(), read_values(self, AssignSerializer, request)
        return self.show_row(
            services.assign_task(actor=request.user, task=task, assignee=values["assigned_to"])
        )

    @extend_schema(request=None, responses=TaskSerializer)
    @action(detail=True, methods=["post"], url_path="assign-to-me")
    def assign_to_me(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Assign an unassigned task to yourself."""
        return self.show_row(services.assign_to_me(actor=request.user, task=self.get_object()))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def mute(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Mute a task: you receive no more notifications about it."""
        services.mute_task(actor=request.user, task=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def unmute(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Unmute a task."""
        services.unmute_task(actor=request.user, task=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=MessageSerializer, responses=ToldSerializer)
    @action(detail=True, methods=["post"], url_path="notify-manager")
    def notify_manager(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Notify the managers about a task."""
        task, values = self.get_object(), read_values(self, MessageSerializer, request)
        return Response({"told": services.notify_manager(actor=request.user, task=task, **values)})

    @extend_schema(request=None, responses={201: TaskSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Duplicate a task, to be done once more."""
        copy = services.duplicate_task(actor=request.user, task=self.get_object())
        return self.show_row(copy, status.HTTP_201_CREATED)

    @extend_schema(request=FieldsSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"], url_path="attach-fields")
    def attach_fields(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Unlock fields that a person has set, so that rules set them again."""
        task, values = self.get_object(), read_values(self, FieldsSerializer, request)
        return self.show_row(services.attach_fields(actor=request.user, task=task, **values))

    @extend_schema(request=None, responses=SpanSerializer)
    @action(detail=True, methods=["post"], url_path="start-timer")
    def start_timer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start your timer on a task; a timer on another task is stopped."""
        span = services.start_timer(actor=request.user, task=self.get_object())
        return Response(SpanSerializer(span).data)

    @extend_schema(request=None, responses={200: SpanSerializer, 204: None})
    @action(detail=False, methods=["post"], url_path="stop-timer")
    def stop_timer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Stop your timer; 204 if it is not running."""
        span = services.stop_timer(actor=request.user)
        if span is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(SpanSerializer(span).data)

    @extend_schema(request=NeededSerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="add-dependency")
    def add_dependency(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a task wait for another; 409 if that would create a circle."""
        task, values = self.get_object(), read_values(self, NeededSerializer, request)
        services.add_dependency(actor=request.user, task=task, **values)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=NeededSerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="remove-dependency")
    def remove_dependency(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Remove a dependency."""
        task, values = self.get_object(), read_values(self, NeededSerializer, request)
        services.remove_dependency(actor=request.user, task=task, **values)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DependencySerializer(HouseSerializer):
    """The dependency of a task on another one."""

    class Meta:
        model = TaskDependency
        fields = ["id", "task", "needed"]


class DependencyViewSet(RowViewSet):
    """Dependencies between tasks; they are added at the task."""

    model = TaskDependency
    serializer_class = DependencySerializer
    filterset_fields = {"task": ["exact"], "needed": ["exact"]}

    def get_queryset(self) -> Any:
        """Return the living rows."""
        return super().get_queryset().filter(deleted_at__isnull=True)


ROUTES = [("tasks", TaskViewSet), ("task-dependencies", DependencyViewSet)]
