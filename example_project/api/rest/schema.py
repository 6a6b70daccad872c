"""Additions to every operation of the OpenAPI document."""

from typing import Any, Final

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object, force_instance
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.viewsets import GenericViewSet

from .codes import ProblemCodeField, ValueCodeField
from .idempotency import HEADER, KEY_PATTERN
from .problems import PROBLEM_TYPE
from .versions import HEADER as MATCH_HEADER
from .versions import VersionMixin

__all__ = ["HouseSchema"]

TIME_PATTERN: Final = r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"


VERSION: Final = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 202],
    description="The version of the row.",
)
IF_MATCH: Final = OpenApiParameter(
    MATCH_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that you read: if the row has changed since, nothing is stored (412).",
)
IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that you have: if the row has not changed since, the answer is a 304.",
)


class TokenScheme(OpenApiAuthenticationExtension):
    """How to send a token; registered on import."""

    target_class = "api.rest.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe the header."""
        return build_bearer_security_scheme_object("Authorization", "Token")


class TimeOfDay(OpenApiSerializerFieldExtension):
    """Describes a local time; the format ``time`` would require an offset."""

    target_class = "rest_framework.fields.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Describe the string."""
        return {"type": "string", "pattern": TIME_PATTERN, "example": "16:00:00"}


class ErrorSerializer(serializers.Serializer):
    """One thing that is wrong with a value."""

    code = ValueCodeField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """Why a request failed (RFC 9457); `code` is stable, the texts may change."""

    type = serializers.CharField(help_text="`urn:aristay:problem:` and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = ProblemCodeField()
    detail = serializers.CharField()
    instance = serializers.CharField(required=False)
    errors = serializers.DictField(
        child=ErrorSerializer(many=True), required=False, help_text="By field, of a 400."
    )
    conflicts = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What is in the way, of a 409."
    )
    conflict = serializers.DictField(
        required=False,
        allow_null=True,
        help_text="The booking in the way of a `double_booking`, if you may see it.",
    )


class HouseSchema(AutoSchema):
    """Adds to each operation its error responses, and the idempotency key of a change."""

    def get_override_parameters(self) -> list[Any]:
        """Describe the request and response headers."""
        return [*self.list_key_headers(), *self.list_version_headers()]

    def is_about_row(self) -> bool:
        """Return whether an operation is about one row that has a version."""
        is_detail = getattr(self.view, "detail", not isinstance(self.view, GenericViewSet))
        return isinstance(self.view, VersionMixin) and bool(is_detail)

    def list_version_headers(self) -> list[Any]:
        """Describe the version headers of an operation."""
        if not isinstance(self.view, VersionMixin):
            return []
        found = [VERSION] if self.shows_row() else []
        if not self.is_about_row():
            return found
        if self.method not in SAFE_METHODS:
            return [*found, IF_MATCH]
        return [*found, IF_NONE_MATCH] if found else []

    def shows_row(self) -> bool:
        """Return whether the response is a row of the view."""
        shown = force_instance(self.get_response_serializers())
        if isinstance(shown, dict):
            shown = force_instance(next(iter(shown.values())))
        own = type(self.view).serializer_class
        return isinstance(shown, own) and not self._is_list_view()

    def list_key_headers(self) -> list[Any]:
        """Describe the idempotency key, if the operation takes one."""
        secret = getattr(self.view, "secret_actions", None)
        name = getattr(self.view, "action", None) or self.method.lower()
        if self.method in SAFE_METHODS or secret is None or name in secret:
            return []
        return [
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                pattern=KEY_PATTERN,
                description="Your own name of this request: sent twice, it is carried out once.",
            )
        ]

    def get_response_serializers(self) -> Any:
        """Return the response serializers; deleted rows are a list, like the living ones."""
        serializer: Any = super().get_response_serializers()
        is_list = getattr(self.view, "action", None) == "deleted"
        return type(serializer)(many=True) if is_list else serializer

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Describe an operation."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            problem = self.resolve_serializer(ProblemSerializer, "response").ref
            content = {PROBLEM_TYPE: {"schema": problem}}
            failures = {"default": "Why it failed."}
            if self.method not in SAFE_METHODS:
                failures["409"] = "Something stored is in the way; `code` says what."
                if self.is_about_row():
                    failures["412"] = "The row changed since you read it; nothing is stored."
            elif self.is_about_row() and self.shows_row():
                operation["responses"]["304"] = {"description": "It is what you have."}
            operation["responses"] |= {
                status: {"description": words, "content": content}
                for status, words in failures.items()
            }
        return operation
