"""Makes admin forms assign work only to people who may do it."""

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from api.services.permission import require_worker

__all__ = ["WORKER_FIELDS", "WorkersAdminMixin"]

WORKER_FIELDS: Final = ("assigned_to", "assignee", "assignees")
"""What names the people who do tasks."""

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    BaseForm = forms.ModelForm[Any]
else:
    Base = object
    BaseForm = object


class WorkersFormMixin(BaseForm):
    """Refuses people who may only view tasks, unless the row already refers to them."""

    def clean(self) -> Any:
        """Validate people who are newly assigned."""
        cleaned = super().clean()
        for name in WORKER_FIELDS:
            if name in self.changed_data:
                self._judge(name)
        return cleaned

    def _judge(self, name: str) -> None:
        given = self.cleaned_data.get(name)
        people = [given] if given is None or hasattr(given, "pk") else list(given)
        known = self.initial.get(name) or []
        for person in people:
            if not isinstance(known, list) or person not in known:
                try:
                    require_worker(person)
                except ValidationError as error:
                    self.add_error(name, error)


class WorkersAdminMixin(Base):
    """Validates the people to whom a row assigns tasks. Put it before ``ModelAdmin``."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form of a row, which refuses people who may only view tasks."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (WorkersFormMixin, form), {})
