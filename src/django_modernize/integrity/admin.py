"""Admin integration: show constraint violations of the database as form errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from .exceptions import ConstraintViolated
from .refusals import REFUSALS, explain_error, explain_refusals

__all__ = ["ConstraintAdminMixin"]

if TYPE_CHECKING:
    from django.db.models import Model

    Base = ModelAdmin[Model]
else:
    Base = object


class ConstraintAdminMixin(Base):
    """A ``ModelAdmin`` mixin that shows constraint violations instead of a server error (500).

    Put it before ``ModelAdmin``. Forms find most conflicts before they write. What remains are
    rows written by others in between, and constraints checked at the end of the transaction. The
    form is shown again with the submitted values and names the conflicting row if it is known. An
    editable change list is shown again with a message.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, with the error that the database raised after its validation."""
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "constraint_refusal", None)
        return form if refusal is None else _refuse_form(form, refusal)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the object, so that a violation names the conflicting row."""
        with explain_refusals(type(obj), [obj]):
            super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again if the database refuses the values."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except REFUSALS as error:
            request.constraint_refusal = self._explain_or_raise(request, error)  # type: ignore[attr-defined]
        for _name, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list again if the database refuses the edited values."""
        try:
            return super().changelist_view(request, *args, **kwargs)
        except REFUSALS as error:
            refusal = self._explain_or_raise(request, error)
        self.message_user(request, " ".join(refusal.messages), messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def _explain_or_raise(self, request: HttpRequest, error: Exception) -> ConstraintViolated:
        inlines = self.get_inline_instances(request)
        for model in (self.model, *(inline.model for inline in inlines)):
            if refusal := explain_error(model, error):
                return refusal
        raise error


def _refuse_form(form: type[Any], refusal: ValidationError) -> type[Any]:
    class RefusedForm(form):  # type: ignore[misc]
        """The form shown again, whose validation usually finds the conflict by itself."""

        def full_clean(self) -> None:
            super().full_clean()
            if self.is_bound and not self.errors:
                self.add_error(None, refusal)

    return RefusedForm
