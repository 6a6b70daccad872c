"""What is refused for the sake of what is stored, and not of what was said."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["StateRefused"]


class StateRefused(ValidationError):
    """What is stored does not let this be done now; another time the same might be.

    Forms and pages show it as any error of validation; the API answers 409 with its code.

    Args:
        message: What is in the way, and what to do about it.
        code: What programs go by.
        params: What the message has placeholders for.
        field: The field that it is told at, if it is about one.
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
