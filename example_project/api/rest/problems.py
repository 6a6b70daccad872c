"""Errors as problem details (RFC 9457), each with a stable code."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    ValidationError,
)
from django.db.models import Model, ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.models.refusals import StateRefused
from api.services.accounts import TooManyAttempts
from api.services.booking import BookingConflict
from api.services.permission import get_access, list_visible
from django_modernize.audit.reading import RevertConflict
from django_modernize.contrib.rest_framework.viewsets import Conflict
from django_modernize.exceptions import RestoreConflict
from django_modernize.integrity import ConstraintViolated, NoOverlap

__all__ = [
    "PROBLEM_TYPE",
    "DoubleBooking",
    "InvalidParameter",
    "answer_problem",
    "build_problem",
    "list_headers",
]

PROBLEM_TYPE: Final = "application/problem+json"

TITLES: Final[Mapping[int, str]] = {
    400: "The request is not valid",
    401: "Nobody is logged in",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    406: "No such format here",
    409: "Something stored is in the way",
    412: "It changed since you read it",
    413: "Too large",
    415: "This format is not understood",
    422: "The key was used for another request",
    429: "Too many requests",
    500: "An error of ours",
    503: "Out of order for a while",
    507: "No room left",
}


class InvalidParameter(exceptions.ValidationError):
    """A query parameter is invalid.

    Args:
        name: The parameter.
        message: What is wrong, and what is valid.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__({name: [exceptions.ErrorDetail(message, "invalid")]})


class DoubleBooking(exceptions.APIException):
    """The house is occupied on these days (409).

    Args:
        explanation: The message of the constraint.
        other: The conflicting stay, if known.
    """

    status_code = status.HTTP_409_CONFLICT
    default_code = "double_booking"

    def __init__(self, explanation: ValidationError, other: Model | None) -> None:
        super().__init__(" ".join(explanation.messages))
        self.other = other
        self.conflict: dict[str, Any] | None = None

    def look_at(self, user: Any) -> None:
        """Set what the caller may know; nothing about a stay that they cannot see."""
        self.conflict = describe_stay(self.other, user)
        if self.conflict is None:
            self.detail = exceptions.ErrorDetail(
                "The house is taken in this time.", self.default_code
            )


class StateConflict(Conflict):
    """The stored state does not allow this now (409); the problem has the refusal's code."""

    def __init__(self, refusal: StateRefused) -> None:
        super().__init__(refusal.messages)
        self.default_code = refusal.state_code


class TooLarge(exceptions.APIException):
    """The body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE`` (413)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "The body is too large. Send less at once."


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception of a view into a response; the handler in ``REST_FRAMEWORK``.

    Args:
        error: What the view raised.
        context: The view and its request.

    Returns:
        The response, or None for an unexpected error, which Django logs and answers with 500.
    """
    known = translate_error(error)
    if not isinstance(known, exceptions.APIException):
        return None
    set_rollback()
    request = context["request"]
    if isinstance(known, DoubleBooking):
        known.look_at(request.user)
    problem = build_problem(
        known.status_code,
        code=find_code(known),
        detail=find_detail(known),
        instance=request.get_full_path(),
        **list_members(known),
    )
    return Response(
        problem, known.status_code, headers=list_headers(known), content_type=PROBLEM_TYPE
    )


def build_problem(status_code: int, *, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """Return the body of a problem.

    Args:
        status_code: The HTTP status.
        code: The code for programs.
        detail: The text for people.
        **members: Further members.
    """
    return {
        "type": f"urn:aristay:problem:{code}",
        "title": TITLES.get(status_code, "The request failed"),
        "status": status_code,
        "code": code,
        "detail": detail,
        **members,
    }


def translate_error(error: Exception) -> Any:
    """Return an error of Django or of a service as one with a status and a code."""
    for kind, translate in TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    return error


def translate_violation(error: ConstraintViolated) -> exceptions.APIException:
    """Return what the database refused; an overlapping stay has a code of its own."""
    if isinstance(error.constraint, NoOverlap):
        return DoubleBooking(error, error.other)
    return Conflict(error.messages)


def name_fields(error: ValidationError) -> Any:
    """Return Django's error by field, using the framework's name for non-field errors."""
    details = get_error_detail(error)
    if not isinstance(details, dict):
        return {"non_field_errors": details}
    return {
        "non_field_errors" if name == NON_FIELD_ERRORS else name: detail
        for name, detail in details.items()
    }


# The first match counts, since most of these are validation errors too.
TRANSLATIONS: Final[Mapping[type[Exception], Callable[[Any], exceptions.APIException]]] = {
    TooManyAttempts: lambda error: exceptions.Throttled(error.wait),
    BookingConflict: lambda error: DoubleBooking(error, next(iter(error.others), None)),
    ConstraintViolated: translate_violation,
    StateRefused: StateConflict,
    RestoreConflict: lambda error: Conflict(error.conflicts),
    RevertConflict: lambda error: Conflict(error.conflicts),
    ProtectedError: lambda error: Conflict([str(error.args[0])]),
    RestrictedError: lambda error: Conflict([str(error.args[0])]),
    ValidationError: lambda error: exceptions.ValidationError(name_fields(error)),
    RequestDataTooBig: lambda error: TooLarge(),
    Http404: lambda error: exceptions.NotFound(),
    PermissionDenied: lambda error: exceptions.PermissionDenied(str(error) or None),
}


def find_code(error: exceptions.APIException) -> str:
    """Return the code of the whole error."""
    if isinstance(error, exceptions.ValidationError):
        return "invalid"
    codes = error.get_codes()
    return codes if isinstance(codes, str) else str(error.default_code)


def find_detail(error: exceptions.APIException) -> str:
    """Return the text of the whole error."""
    if isinstance(error, exceptions.ValidationError):
        return "Some values are not valid; errors says which, and why."
    if isinstance(error.detail, dict):
        return " ".join(message for messages in error.detail.values() for message in messages)
    return str(error.detail)


def list_members(error: exceptions.APIException) -> dict[str, Any]:
    """Return the members of an error besides code and detail."""
    if isinstance(error, exceptions.ValidationError):
        return {"errors": dict(flatten_errors(error.detail))}
    if isinstance(error, DoubleBooking):
        return {"conflict": error.conflict}
    if isinstance(error.detail, dict):
        return {name: list(messages) for name, messages in error.detail.items()}
    return {}


def flatten_errors(detail: Any, path: str = "") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Yield each field with its errors; nested fields have dotted names, such as ``tags.0``."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from flatten_errors(inner, f"{path}.{name}" if path else str(name))
    elif detail and all(isinstance(one, str) for one in detail):
        messages = [
            {"code": str(getattr(one, "code", "invalid")), "message": str(one)} for one in detail
        ]
        yield path or "non_field_errors", messages
    else:
        for number, inner in enumerate(detail):
            if inner:
                yield from flatten_errors(inner, f"{path}.{number}" if path else str(number))


def describe_stay(other: Any, user: Any) -> dict[str, Any] | None:
    """Return the conflicting stay, if the caller can see it."""
    if other is None or other.pk is None:
        return None
    seen = list_visible(get_access(user), type(other)).filter(pk=other.pk).first()
    if seen is None:
        return None
    return {
        "id": seen.pk,
        "guest_name": seen.guest_name,
        "check_in": seen.check_in.isoformat(),
        "check_out": seen.check_out.isoformat(),
    }


def list_headers(error: exceptions.APIException) -> dict[str, str]:
    """Return the headers for an error."""
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
