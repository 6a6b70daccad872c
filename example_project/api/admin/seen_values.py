"""Has the admin's forms keep what somebody else stored since they were opened."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from api.seen_values import SeenValuesMixin

__all__ = ["SeenValuesAdminMixin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class SeenValuesAdminMixin(Base):
    """Lets nobody undo unseen what was saved meanwhile, in a form and in the rows below it.

    Put it before ``ModelAdmin``. Costs two statements for a form that is sent.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form of a row, which remembers what was seen."""
        return _remember(super().get_form(request, obj, change=change, **kwargs))

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: Any = None
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the forms of the rows below, which remember it too."""
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form = _remember(formset.form)
            yield formset, inline

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return a row; for a form that is sent as it is stored, and nobody else changes it."""
        found = super().get_object(request, object_id, from_field)
        is_changing = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not is_changing:
            return found
        rows = self.model._base_manager.select_for_update().filter(pk=found.pk)
        rows.values_list("pk").first()
        return super().get_object(request, object_id, from_field)


def _remember(form: Any) -> Any:
    return type(form.__name__, (SeenValuesMixin, form), {})
