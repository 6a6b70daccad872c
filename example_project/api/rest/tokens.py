"""Login and logout, accepting an invite, and password reset."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.models import User
from api.services.accounts import (
    accept_invite,
    issue_token,
    request_password,
    revoke_tokens,
    rotate_token,
    set_new_password,
)

from .authentication import TokenAuthentication
from .serializers import BodySerializer
from .throttles import (
    AddressThrottle,
    LimitedAttemptsMixin,
    LogInAddressThrottle,
    LogInNameThrottle,
)
from .views import ChangeMixin

__all__ = ["PATHS"]

SECRET = {"trim_whitespace": False, "max_length": 200, "write_only": True}


class LogInSerializer(BodySerializer):
    """Name and password."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(**SECRET)


class TokenSerializer(serializers.Serializer):
    """A token; it is shown only once."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token …`.")
    expires_at = serializers.DateTimeField()


class AcceptSerializer(BodySerializer):
    """A new account, from an invite."""

    code = serializers.CharField(max_length=100, write_only=True)
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(**SECRET)
    email = serializers.EmailField(required=False)
    first_name = serializers.CharField(max_length=150, required=False)
    last_name = serializers.CharField(max_length=150, required=False)


class NewPersonSerializer(serializers.ModelSerializer):
    """The new person."""

    role = serializers.CharField(source="profile.role")

    class Meta:
        model = User
        fields = ["id", "username", "role"]


class RequestPasswordSerializer(BodySerializer):
    """The email address for a password reset."""

    email = serializers.EmailField()


class NewPasswordSerializer(BodySerializer):
    """A new password, with the link from the mail."""

    uid = serializers.CharField(max_length=100)
    token = serializers.CharField(max_length=100)
    password = serializers.CharField(**SECRET)


class PublicView(ChangeMixin, APIView):
    """A view without authentication; attempts at passwords and codes are limited."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [LogInAddressThrottle, LogInNameThrottle]
    secret_actions = frozenset({"post"})
    serializer_class: type[Any]

    def get_authenticate_header(self, request: Request) -> str:
        """Return how to authenticate, which makes a refusal a 401."""
        return "Token"

    def read_values(self, request: Request) -> Any:
        """Return the validated request body.

        Raises:
            ValidationError: A value is refused.
        """
        serializer = self.serializer_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class LogInView(LimitedAttemptsMixin, PublicView):
    """Exchanges name and password for a token; failures count with the portal's and the admin's."""

    serializer_class = LogInSerializer
    throttle_classes = [AddressThrottle]

    def find_tried_name(self, request: Request) -> str:
        """Return the submitted name, whether it exists or not."""
        data = request.data if isinstance(request.data, dict) else {}
        return str(data.get("username", ""))

    @extend_schema(request=LogInSerializer, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        """Log in: get a token for a name and a password."""
        user = authenticate(request, **self.read_values(request))
        if not isinstance(user, User):
            raise AuthenticationFailed("The user name and password do not match.")
        user_logged_in.send(sender=User, request=request, user=user)
        return show_token(*issue_token(user))


class AcceptInviteView(PublicView):
    """Exchanges an invite code for an account."""

    serializer_class = AcceptSerializer

    @extend_schema(request=AcceptSerializer, responses={201: NewPersonSerializer})
    def post(self, request: Request) -> Response:
        """Create an account with an invite; then log in."""
        user = accept_invite(**self.read_values(request))
        return Response(NewPersonSerializer(user).data, status.HTTP_201_CREATED)


class RequestPasswordView(PublicView):
    """Sends a link for setting a new password."""

    serializer_class = RequestPasswordSerializer

    @extend_schema(request=RequestPasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Request a link by mail; the response does not reveal who has an account."""
        request_password(email=self.read_values(request)["email"], request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NewPasswordView(PublicView):
    """Exchanges the link from a mail for a new password."""

    serializer_class = NewPasswordSerializer

    @extend_schema(request=NewPasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password with the link from the mail; this ends all tokens and sessions."""
        set_new_password(**self.read_values(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TokenView(ChangeMixin, APIView):
    """A view that requires a token."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [IsAuthenticated]
    secret_actions = frozenset({"post"})


class RotateView(TokenView):
    """Exchanges a token for a new one."""

    @extend_schema(request=None, responses=TokenSerializer)
    def post(self, request: Request) -> Response:
        """Replace this token with a new one; this one is revoked."""
        return show_token(*rotate_token(request.auth))


class LogOutView(TokenView):
    """Revokes a token."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Log out: this token is revoked."""
        request.auth.delete()
        user_logged_out.send(sender=User, request=request, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogOutEverywhereView(TokenView):
    """Revokes all tokens."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Log out everywhere: all your tokens are revoked."""
        revoke_tokens(request.user)
        user_logged_out.send(sender=User, request=request, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def show_token(token: Any, text: str) -> Response:
    """Return a response with a token."""
    return Response(TokenSerializer({"token": text, "expires_at": token.expiry}).data)


PATHS = [
    path("auth/log-in/", LogInView.as_view(), name="log-in"),
    path("auth/rotate/", RotateView.as_view(), name="rotate"),
    path("auth/log-out/", LogOutView.as_view(), name="log-out"),
    path("auth/log-out-everywhere/", LogOutEverywhereView.as_view(), name="log-out-everywhere"),
    path("auth/accept-invite/", AcceptInviteView.as_view(), name="accept-invite"),
    path("auth/request-password/", RequestPasswordView.as_view(), name="request-password"),
    path("auth/new-password/", NewPasswordView.as_view(), name="new-password"),
]
