"""Inspect each upload only once, even if a form, a model and a save all need the verdict."""

import logging
from typing import TYPE_CHECKING, Any, Final

from django.core.files.base import File

from ..exceptions import UnjudgedUpload
from .inspection import inspect
from .policies import UploadPolicy
from .verdicts import Verdict

if TYPE_CHECKING:
    from django.db.models import Model

    from .fields import SecureFileField

__all__ = ["UploadValidator", "judge_file", "judge_upload"]

logger = logging.getLogger("django_modernize.uploads")

REMEMBERED: Final = "_modernize_verdict"
"""The attribute of a file that holds its verdict and the arguments of the inspection."""


def judge_upload(
    content: Any, *, field: "SecureFileField", name: str | None, instance: "Model | None"
) -> Verdict:
    """Return the verdict on a file that is about to be stored.

    Raises:
        UploadRejected: It is refused.
        UnjudgedUpload: The field has no policy.
    """
    if field.policy is None:
        raise UnjudgedUpload(
            field.label,
            "it has no policy, as in migration models, so it cannot store files. Store them "
            "through the application's real model.",
        )
    return judge_file(
        content,
        field.policy,
        name=name,
        instance=instance,
        size_field=field.size_field,
        purpose=field.label,
    )


def judge_file(
    content: Any,
    policy: UploadPolicy,
    *,
    name: str | None = None,
    instance: "Model | None" = None,
    size_field: str | None = None,
    purpose: str = "a form",
) -> Verdict:
    """Return the verdict on a file, reusing the verdict if it has just been accepted.

    Args:
        content: The file.
        policy: The policy.
        name: The client's name, if the file does not have it.
        instance: The object that the file is for.
        size_field: The field with the size, for quotas.
        purpose: What the file is for, as shown in the log.

    Raises:
        UploadRejected: It is refused. The refusal is logged with its code but without content.
    """
    name = getattr(content, "name", None) if name is None else name
    # A quota depends on the object, which a form does not have yet.
    asked = (policy, name, id(instance) if policy.quotas else None)
    known: tuple[Any, Verdict] | None = getattr(content, REMEMBERED, None)
    if known is not None and known[0] == asked:
        return known[1]
    verdict = inspect(content, policy, name=name, instance=instance, size_field=size_field)
    if verdict.code is not None:
        logger.warning(
            "Upload refused: %s, policy %s, %d bytes, for %s",
            verdict.code.value,
            policy.name,
            verdict.size,
            purpose,
        )
    verdict.raise_refusal()
    if isinstance(content, File):
        setattr(content, REMEMBERED, (asked, verdict))
    return verdict


class UploadValidator:
    """Inspect what a form or serializer receives for a field.

    Args:
        field: The field of the model.
    """

    def __init__(self, field: "SecureFileField") -> None:
        self.field = field

    def __call__(self, value: Any) -> None:
        """Inspect a file that is not stored yet.

        Raises:
            UploadRejected: It is refused.
        """
        instance = getattr(value, "instance", None)
        if getattr(value, "_committed", False) or self.field.policy is None:
            return
        name = value.name
        # The file from the form, on which the verdict is cached.
        content = value.file if instance is not None else value
        judge_upload(content, field=self.field, name=name, instance=instance)
