"""One's own profile and permissions."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.models import Profile
from api.services.accounts import change_own_password
from api.services.permission import get_access

from .serializers import BodySerializer, WholeBodyMixin
from .throttles import LimitedAttemptsMixin
from .versions import VersionMixin, is_conditional, require_match
from .views import ChangeMixin

__all__ = ["PATHS"]


class MeSerializer(WholeBodyMixin, serializers.ModelSerializer):
    """Your profile; you can change the lower half."""

    id = serializers.IntegerField(source="user.pk", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    first_name = serializers.CharField(source="user.first_name", read_only=True)
    last_name = serializers.CharField(source="user.last_name", read_only=True)
    email = serializers.CharField(source="user.email", read_only=True)
    role = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Profile
        fields = [
            "id",
            "username",
            "first_name",
            "last_name",
            "email",
            "role",
            "task_group",
            "permissions",
            "time_zone",
            "language",
            "phone",
            "address",
            "digest_opt_out",
        ]
        read_only_fields = ["task_group"]

    def get_role(self, profile: Profile) -> str:
        """Return the role that determines the permissions."""
        return get_access(profile.user).role

    def get_permissions(self, profile: Profile) -> list[str]:
        """Return the person's permissions, regardless of the row."""
        return sorted(get_access(profile.user).permissions)


class OwnPasswordSerializer(BodySerializer):
    """The old password and a new one."""

    old_password = serializers.CharField(trim_whitespace=False, max_length=200, write_only=True)
    new_password = serializers.CharField(trim_whitespace=False, max_length=200, write_only=True)


class MeView(ChangeMixin, VersionMixin, APIView):
    """The signed-in user."""

    permission_classes = [IsAuthenticated]
    serializer_class = MeSerializer

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return who you are, and what you may do."""
        return Response(MeSerializer(find_profile(request.user)).data)

    @extend_schema(request=MeSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change your own profile."""
        list(Profile.objects.select_for_update().filter(user=request.user).values_list("pk"))
        profile = find_profile(request.user)
        if is_conditional(request):
            require_match(request, self.find_version(MeSerializer(profile).data))
        serializer = MeSerializer(profile, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(MeSerializer(serializer.instance).data)


class OwnPasswordView(LimitedAttemptsMixin, ChangeMixin, APIView):
    """One's own password; whoever has a token cannot guess it by repeated attempts."""

    permission_classes = [IsAuthenticated]
    secret_actions = frozenset({"post"})

    def find_tried_name(self, request: Request) -> str:
        """Return one's own user name."""
        return str(request.user.get_username())

    @extend_schema(request=OwnPasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Change your password; this revokes all tokens, this one too, and ends all sessions."""
        values = OwnPasswordSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        change_own_password(user=request.user, **values.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


def find_profile(user: Any) -> Profile:
    """Return a person's profile; a missing one is created on saving."""
    return Profile.objects.select_related("user").filter(user=user).first() or Profile(user=user)


PATHS = [
    path("me/", MeView.as_view(), name="me"),
    path("me/password/", OwnPasswordView.as_view(), name="own-password"),
]
