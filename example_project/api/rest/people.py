"""People, their permissions, and invites."""

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import InviteCode, PermissionOverride, Profile, User
from api.models.auth import Role
from api.services.accounts import (
    change_person,
    create_invite,
    deactivate_person,
    reactivate_person,
    withdraw_invite,
)
from api.services.permission import grant_override, set_role, withdraw_override

from .history import HistoryMixin
from .serializers import STAMPS, BodySerializer, HouseSerializer, WholeBodyMixin
from .views import ChangeRowMixin, CreateRowMixin, RowViewSet

__all__ = ["ROUTES"]


class PersonSerializer(WholeBodyMixin, serializers.ModelSerializer):
    """A person."""

    role = serializers.SerializerMethodField()
    task_group = serializers.CharField(source="profile.task_group", read_only=True, default="none")

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "first_name",
            "last_name",
            "email",
            "role",
            "task_group",
            "is_active",
            "last_login",
            "date_joined",
        ]
        read_only_fields = ["is_active", "last_login", "date_joined"]

    def get_role(self, person: User) -> str:
        """Return a person's role; the superuser flag decides, as everywhere."""
        if person.is_superuser:
            return Role.SUPERUSER
        profile: Profile | None = getattr(person, "profile", None)
        return Role.VIEWER if profile is None else profile.role


class RoleSerializer(BodySerializer):
    """A person's new role."""

    role = serializers.ChoiceField(Role.choices)


class ProfileSerializer(WholeBodyMixin, serializers.ModelSerializer):
    """What the company knows about a person; the role is set on the person."""

    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = Profile
        fields = [
            "id",
            "user",
            "username",
            "role",
            "task_group",
            "time_zone",
            "language",
            "phone",
            "address",
            "digest_opt_out",
            "sees_team_tasks",
            "sees_other_teams",
        ]
        read_only_fields = ["user", "role"]


class OverrideSerializer(HouseSerializer):
    """A permission granted to or withheld from one person, whatever their role says."""

    username = serializers.CharField(source="user.username", read_only=True)

    class Meta:
        model = PermissionOverride
        fields = [
            "id",
            "user",
            "username",
            "permission",
            "is_granted",
            "reason",
            "expires_at",
            *STAMPS,
        ]

    def validate_candidate(self, candidate: Any) -> None:
        """Leave validation to the service, which changes an existing override."""


class OverrideChangeSerializer(OverrideSerializer):
    """The fields of an override that can change: neither its person nor its permission."""

    class Meta(OverrideSerializer.Meta):
        read_only_fields = ["user", "permission"]


class InviteSerializer(HouseSerializer):
    """An invite, without its code."""

    class Meta:
        model = InviteCode
        fields = [
            "id",
            "role",
            "task_group",
            "note",
            "max_uses",
            "use_count",
            "expires_at",
            *STAMPS,
        ]


class NewInviteSerializer(InviteSerializer):
    """An invite with its code, which is shown only once."""

    code = serializers.CharField(read_only=True)

    class Meta(InviteSerializer.Meta):
        fields = [*InviteSerializer.Meta.fields, "code"]


class PersonViewSet(HistoryMixin, ChangeRowMixin, RowViewSet):
    """People of a lower rank, and yourself; new people join by invite."""

    model = User
    serializer_class = PersonSerializer
    select_related = ["profile"]
    filterset_fields = {
        "username": ["exact", "icontains"],
        "email": ["exact"],
        "is_active": ["exact"],
        "profile__role": ["exact"],
        "profile__task_group": ["exact"],
    }
    ordering = "username"
    ordering_fields = ["username", "last_name", "date_joined"]
    action_permissions = {"set_role": "api.change_profile"}

    def save_row(self, serializer: Any) -> None:
        """Change names and email address."""
        serializer.instance = change_person(
            actor=self.request.user, user=serializer.instance, **serializer.validated_data
        )

    @extend_schema(request=RoleSerializer, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="role")
    def set_role(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give a person another role, of a lower rank than yours."""
        person = self.get_object()
        values = RoleSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        set_role(actor=request.user, user=person, role=values.validated_data["role"])
        return self.show_row(person)

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Deactivate a person; this ends all sessions and tokens at once."""
        return self.show_row(deactivate_person(actor=request.user, user=self.get_object()))

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Reactivate a person."""
        return self.show_row(reactivate_person(actor=request.user, user=self.get_object()))


class ProfileViewSet(HistoryMixin, ChangeRowMixin, RowViewSet):
    """Profiles of people of a lower rank; your own is at `/api/v1/me/`."""

    model = Profile
    serializer_class = ProfileSerializer
    select_related = ["user"]
    filterset_fields = {"user": ["exact"], "role": ["exact"], "task_group": ["exact"]}


class OverrideViewSet(HistoryMixin, ChangeRowMixin, CreateRowMixin, RowViewSet):
    """Permissions granted to or withheld from people, whatever their role says."""

    model = PermissionOverride
    serializer_class = OverrideSerializer
    select_related = ["user"]
    filterset_fields = {
        "user": ["exact"],
        "permission": ["exact"],
        "is_granted": ["exact"],
        "expires_at": ["gte", "lt", "isnull"],
    }
    ordering_fields = ["created_at"]

    def get_queryset(self) -> Any:
        """Return the living rows."""
        return super().get_queryset().filter(deleted_at__isnull=True)

    def get_serializer_class(self) -> Any:
        """Return the serializer for a change or for a new override."""
        if self.action == "partial_update":
            return OverrideChangeSerializer
        return super().get_serializer_class()

    def perform_create(self, serializer: Any) -> None:
        """Grant or deny."""
        self.save_row(serializer)

    def save_row(self, serializer: Any) -> None:
        """Grant or deny; an existing override of the same permission is changed."""
        old: Model | None = serializer.instance
        names = ("user", "permission", "is_granted", "reason", "expires_at")
        kept = {} if old is None else {name: getattr(old, name) for name in names}
        values = {"is_granted": False, **kept, **serializer.validated_data}
        serializer.instance = grant_override(actor=self.request.user, **values)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the override, so that the role applies again."""
        withdraw_override(actor=request.user, override=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InviteViewSet(HistoryMixin, RowViewSet):
    """Invite codes for creating accounts; a code is shown only once."""

    model = InviteCode
    serializer_class = InviteSerializer
    filterset_fields = {"role": ["exact"], "expires_at": ["gte", "lt"]}
    ordering = "-created_at"
    ordering_fields = ["created_at", "expires_at"]
    secret_actions = frozenset({"create"})

    @extend_schema(request=InviteSerializer, responses={201: NewInviteSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create an invite, to a role that is not above yours."""
        values = self.get_serializer(data=request.data)
        values.is_valid(raise_exception=True)
        wanted = {"role": Role.STAFF, **values.validated_data}
        invite, code = create_invite(actor=request.user, **wanted)
        answer = {**InviteSerializer(invite, context=self.get_serializer_context()).data}
        return Response({**answer, "code": code}, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=InviteSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Withdraw an invite, so that nobody can use it any more."""
        return self.show_row(withdraw_invite(actor=request.user, invite=self.get_object()))


ROUTES = [
    ("people", PersonViewSet),
    ("profiles", ProfileViewSet),
    ("permission-overrides", OverrideViewSet),
    ("invites", InviteViewSet),
]
