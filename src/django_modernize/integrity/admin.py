"""What the database alone could refuse, shown in Django's admin as an error of the form."""

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
    """A ``ModelAdmin`` that shows a refusal of the database where another would fail (500).

    Put it before ``ModelAdmin``. Forms find most conflicts before they write; what is left is a
    row that somebody else wrote in between, and constraints that are judged at the end of the
    transaction. The form comes back with what was typed, and says which row is in the way where
    that can be told; a list that was edited comes back with a message.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, with the error that it had after its own judgement."""
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "constraint_refusal", None)
        return form if refusal is None else _refuse_form(form, refusal)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and have a refusal name the row in the way."""
        with explain_refusals(type(obj), [obj]):
            super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form again where the database refuses what it says."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except REFUSALS as error:
            request.constraint_refusal = self._explain_or_raise(request, error)  # type: ignore[attr-defined]
        for _name, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list again where the database refuses what was edited in it."""
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
        """The form of a second look, which usually finds by itself what was in the way."""

        def full_clean(self) -> None:
            super().full_clean()
            if self.is_bound and not self.errors:
                self.add_error(None, refusal)

    return RefusedForm
