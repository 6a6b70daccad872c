"""Makes admin forms keep what somebody else stored since they were opened."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import cached_property

from api.seen_values import SeenValuesMixin

__all__ = ["SeenValuesAdminMixin"]

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    BaseFormSet = forms.BaseInlineFormSet[Any, Any, Any]
    ModelChoiceField = forms.ModelChoiceField[Any]
else:
    Base = BaseFormSet = object
    ModelChoiceField = forms.ModelChoiceField


class KnownRowField(ModelChoiceField):
    """The key of a row that is already loaded.

    Args:
        rows: The rows by key, as written in a page.
    """

    def __init__(self, *args: Any, rows: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = rows

    def to_python(self, value: Any) -> Any:
        """Return the row; an unknown key is refused with Django's message."""
        if value in self.empty_values:
            return None
        if str(value) not in self._rows:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], "invalid_choice", {"value": value}
            )
        return self._rows[str(value)]


class KnownRowsMixin(BaseFormSet):
    """Loads the inline rows once; Django would query each by its key, although it has loaded it."""

    @cached_property
    def _rows(self) -> Mapping[str, Any]:
        return {str(row.pk): row for row in self.get_queryset()}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the field of the row's key, which resolves without a query."""
        super().add_fields(form, index)
        model: Any = self.model
        name = model._meta.pk.name
        field = form.fields.get(name)
        if type(field) is forms.ModelChoiceField:
            form.fields[name] = KnownRowField(
                field.queryset,
                rows=self._rows,
                initial=field.initial,
                required=field.required,
                widget=field.widget,
            )


class SeenValuesAdminMixin(Base):
    """Keeps users from overwriting unseen changes, in a form and in its inline rows.

    Put it before ``ModelAdmin``. Costs two statements for a submitted form,
    and none for each inline row that is left alone.
    """

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form of a row, which remembers the seen values."""
        return _remember(super().get_form(request, obj, change=change, **kwargs))

    def get_formsets_with_inlines(
        self, request: HttpRequest, obj: Any = None
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the inline formsets, which remember them too."""
        for formset, inline in super().get_formsets_with_inlines(request, obj):
            formset.form = _remember(formset.form)
            yield type(formset.__name__, (KnownRowsMixin, formset), {}), inline

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return a row; for a submitted form, as it is stored, and locked."""
        found = super().get_object(request, object_id, from_field)
        is_changing = request.method == "POST" and transaction.get_connection().in_atomic_block
        if found is None or not is_changing:
            return found
        self.lock_row(request, found)
        return super().get_object(request, object_id, from_field)

    def lock_row(self, request: HttpRequest, row: Any) -> None:
        """Lock a row; override it where other rows have to be locked before or with it."""
        rows = self.model._base_manager.select_for_update(no_key=True).filter(pk=row.pk)
        rows.values_list("pk").first()


def _remember(form: Any) -> Any:
    return type(form.__name__, (SeenValuesMixin, form), {})
