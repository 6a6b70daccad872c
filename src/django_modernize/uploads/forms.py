"""A form field that inspects uploads, for forms with or without a model."""

from typing import Any

from django import forms
from django.forms import Widget

from .judging import judge_file
from .policies import UploadPolicy

__all__ = ["SecureFormField"]


class SecureFormField(forms.FileField):
    """A form ``FileField`` that accepts only what its policy allows.

    Args:
        policy: What is allowed.
        **kwargs: See :class:`django.forms.FileField`.
    """

    def __init__(self, *, policy: UploadPolicy | None, **kwargs: Any) -> None:
        self.policy = policy
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> Any:
        """Return the upload if it is accepted.

        Raises:
            UploadRejected: The policy does not allow it.
        """
        file = super().to_python(data)
        if file is not None and self.policy is not None:
            judge_file(file, self.policy)
        return file

    def widget_attrs(self, widget: Widget) -> dict[str, Any]:
        """Set ``accept``, so that the browser offers only files with allowed extensions."""
        attributes = super().widget_attrs(widget)
        if self.policy is not None and "accept" not in widget.attrs:
            allowed = (f".{extension}" for extension in self.policy.offered_extensions)
            attributes["accept"] = ",".join(allowed)
        return attributes
