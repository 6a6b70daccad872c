"""Refusals that are due to the stored state, not to the input."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["StateRefused"]


class StateRefused(ValidationError):
    """The stored state does not allow this now; the same request may succeed later.

    Forms and pages show it like any validation error; the API answers 409 with its code.

    Args:
        message: What is in the way, and what to do about it.
        code: The code for programs.
        params: The values for the placeholders of the message.
        field: The field that the error belongs to, if any.
    """

    def __init__(
        self,
        message: "StrOrPromise",
        code: str,
        params: dict[str, Any] | None = None,
        *,
        field: str | None = None,
    ) -> None:
        refusal = ValidationError(message, code, params)
        super().__init__(refusal if field is None else {field: refusal})
        self.state_code = code
