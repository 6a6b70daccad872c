"""System checks of upload fields and the installation."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import FieldDoesNotExist
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.utils.module_loading import import_string

from ..conf import get_settings
from .handlers import UploadLimitHandler
from .libmagic import INSTALL_HINT, explain_absence

if TYPE_CHECKING:
    from .fields import SecureFileField

__all__ = ["check_field", "check_handlers", "check_libmagic", "register_checks"]

LIMIT_HANDLER: Final = "django_modernize.uploads.handlers.UploadLimitHandler"
KEEPING_HANDLERS: Final = (MemoryFileUploadHandler, TemporaryFileUploadHandler)
"""Django's own upload handlers, which keep what they receive."""


def register_checks() -> None:
    """Register the checks of the installation."""
    register(check_libmagic, Tags.files)
    register(check_handlers, Tags.files)


def check_libmagic(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that libmagic is installed if a field uses it (modernize.E501, modernize.W502).

    Args:
        app_configs: The applications to check, ``None`` for all.
        **kwargs: The other arguments that Django passes to every check.
    """
    if not any(True for _ in find_secure_fields()):
        return []
    reason = explain_absence()
    if reason is None:
        return []
    is_required = get_settings().upload_libmagic == "required"
    message = f"libmagic cannot be used: {reason}."
    if is_required:
        return [
            Error(f"{message} All uploads are refused.", hint=INSTALL_HINT, id="modernize.E501")
        ]
    return [
        CheckWarning(
            f"{message} Uploads are judged by the library's own detection alone.",
            hint=INSTALL_HINT,
            id="modernize.W502",
        )
    ]


def check_handlers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check that uploads have a byte limit if a field inspects them (modernize.W506).

    Args:
        app_configs: The applications to check, ``None`` for all.
        **kwargs: The other arguments that Django passes to every check.
    """
    if not any(True for _ in find_secure_fields()):
        return []
    in_front: list[str] = []
    for name in settings.FILE_UPLOAD_HANDLERS:
        handler = import_string(name)
        if issubclass(handler, UploadLimitHandler):
            break
        in_front += [name] if issubclass(handler, KEEPING_HANDLERS) else []
    else:
        in_front = list(settings.FILE_UPLOAD_HANDLERS)
    if not in_front:
        return []
    return [
        CheckWarning(
            f"Nothing limits the size of an upload before {in_front[0]} stores it.",
            hint=f'Write: FILE_UPLOAD_HANDLERS = ["{LIMIT_HANDLER}", '
            + ", ".join(
                f'"{name}"' for name in settings.FILE_UPLOAD_HANDLERS if name != LIMIT_HANDLER
            )
            + "]",
            id="modernize.W506",
        )
    ]


def find_secure_fields() -> "Iterator[SecureFileField]":
    """Yield every secure file field of the project, on the model that declares it."""
    from .fields import SecureFileField  # it imports this module

    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SecureFileField):
                yield field


def check_field(field: "SecureFileField") -> list[CheckMessage]:
    """Check a field (modernize.E503 to E505).

    Args:
        field: The field.
    """
    return [*_check_policy(field), *_check_companions(field)]


def _check_policy(field: "SecureFileField") -> Iterator[CheckMessage]:
    if field.policy is None:
        yield Error(
            f"{field.label} has no policy, so it cannot store files.",
            hint=f"Write: {field.name} = {type(field).__name__}(policy=DOCUMENTS)",
            obj=field,
            id="modernize.E503",
        )
    elif field.policy.quotas and field.size_field is None:
        yield Error(
            f"The policy of {field.label} has quotas, but no field stores the file sizes.",
            hint=f'Write: {field.name} = {type(field).__name__}(..., size_field="size"), and below '
            "it: size = models.PositiveBigIntegerField(default=0, editable=False)",
            obj=field,
            id="modernize.E504",
        )


def _check_companions(field: "SecureFileField") -> Iterator[CheckMessage]:
    for name in field.companions.values():
        try:
            companion: Any = field.model._meta.get_field(name)
            problem = "" if companion.creation_counter > field.creation_counter else "stands above"
        except FieldDoesNotExist:
            problem = "is not on the model"
        if problem:
            yield Error(
                f"{field.label} fills {name!r}, which {problem}: fields are saved in the order of "
                "their declaration, so it would get the value of the previous file.",
                hint=f"Declare {name} below {field.name}.",
                obj=field,
                id="modernize.E505",
            )
