"""What the OpenAPI document says of every operation."""

from typing import Any, Final

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from .idempotency import HEADER, KEY_PATTERN
from .problems import PROBLEM_TYPE

__all__ = ["HouseSchema"]

TIME_PATTERN: Final = r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is sent; found by being imported."""

    target_class = "api.rest.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe the header."""
        return build_bearer_security_scheme_object("Authorization", "Token")


class TimeOfDay(OpenApiSerializerFieldExtension):
    """Describes a time by the clock; the format ``time`` would want an offset with it."""

    target_class = "rest_framework.fields.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        """Describe the text."""
        return {"type": "string", "pattern": TIME_PATTERN, "example": "16:00:00"}


class ErrorSerializer(serializers.Serializer):
    """One thing that is wrong with a value."""

    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """Why a request failed (RFC 9457); `code` stays as it is, the texts may change."""

    type = serializers.CharField(help_text="`urn:aristay:problem:` and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
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
    """Adds to each operation what it answers when it fails, and the key that a change takes."""

    def get_override_parameters(self) -> list[Any]:
        """Describe the key where one is taken."""
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
        """Return what is answered; the deleted rows are a list, as the living ones."""
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
            operation["responses"] |= {
                status: {"description": words, "content": content}
                for status, words in failures.items()
            }
        return operation
