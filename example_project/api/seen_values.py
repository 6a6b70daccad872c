"""Forms for rows that others may change meanwhile: nobody overwrites a change unseen."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _

from django_modernize.audit import history

__all__ = ["SeenValuesMixin"]

LATEST_EVENTS = 20
"""Among so many it is looked for who made a change."""


class SeenValuesMixin(forms.BaseForm):
    """Remembers in the page what each field showed, and takes only what the person changed.

    A field that the person left alone keeps its stored value, whoever changed it. A field that both
    changed is refused once, with the stored value and who set it; sent again, it is accepted. A
    form that is sent without the seen values, for example by a program, is accepted as it is.

    The stored value is the form's ``initial``, which the view reads anew for each request. Files
    are not compared, since they are sent only if they change; nor are forms that create a row.

    Costs a query for each field that both changed.
    """

    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._remembered: set[str] = set()
        row = self._find_row()
        if row is not None and row.pk is None:
            return
        if not self.is_bound or any(map(self._is_told, self.fields)):
            self._remembered = {name for name in self._list_known() if self._has_seen(name)}
        for name, field in self.fields.items():
            field.show_hidden_initial = name in self._remembered

    def _find_row(self) -> Model | None:
        """Return the row that the form edits, if it knows one."""
        return getattr(self, "instance", None)

    def _list_known(self) -> Iterator[str]:
        for name, field in self.fields.items():
            is_kept = field.disabled or isinstance(field, forms.FileField)
            if name in self.initial and not is_kept:
                yield name

    def _is_told(self, name: str) -> bool:
        """Return whether the page says what a field showed."""
        widget = self.fields[name].hidden_widget()
        hidden_name = self.add_initial_prefix(name)
        return not widget.value_omitted_from_data(self.data, self.files, hidden_name)

    def _has_seen(self, name: str) -> bool:
        """Return whether a field is remembered, or was when the page was rendered."""
        if not self.is_bound:
            return True
        hidden_name = self.add_initial_prefix(name)
        if hidden_name in self.data:
            return True
        widget = self.fields[name].hidden_widget()
        if not isinstance(widget, forms.MultiWidget | forms.MultipleHiddenInput):
            return False
        # Some have parts with names of their own, or none. Django looks for the whole, and would
        # mistake what was typed for what was seen when it renders the form again.
        self._write(hidden_name, [])
        return True

    def _write(self, name: str, values: list[str]) -> None:
        """Set what the page says, in a copy if the data is the request's own.

        Inline forms share one copy: one copy each would cost the square of their number.
        """
        try:
            self.data.setlist(name, values)
        except AttributeError:
            self.data = self.data.copy()
            self.data.setlist(name, values)

    def _clean_fields(self) -> None:
        """Keep what somebody else stored, and refuse what both changed.

        This runs before the form's own validation, which is about the final values.
        """
        super()._clean_fields()  # type: ignore[misc]
        for name in self._remembered & self.cleaned_data.keys():
            self._merge(name)

    def _merge(self, name: str) -> None:
        field, stored = self.fields[name], self._find_stored(name)
        differs = field.has_changed(stored, self[name].data)
        if name not in self.changed_data:
            # Includes values that a page renders differently: line endings, fractions of a second.
            if not isinstance(field, forms.ModelChoiceField):
                self.cleaned_data[name] = self.initial[name]
            elif differs:
                self.cleaned_data[name] = field.clean(field.prepare_value(stored))
        elif differs and field.has_changed(_unify(stored), _unify(self._read_seen(name))):
            self._refuse_once(name, stored)

    def _find_stored(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def _read_seen(self, name: str) -> Any:
        widget = self.fields[name].hidden_widget()
        return widget.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))

    def _refuse_once(self, name: str, stored: Any) -> None:
        value, author = _describe(self.fields[name], stored), self._find_author(name)
        refusal = (
            _("Meanwhile this has become “%(value)s”, by %(author)s. Save again to replace it.")
            if author
            else _("Meanwhile this has become “%(value)s”. Save again to replace it with yours.")
        )
        self.add_error(name, refusal % {"value": value, "author": author})
        # The page shows this refusal with the stored value, so the next attempt counts as informed.
        self._show(self.add_initial_prefix(name), self.fields[name], stored)

    def _find_author(self, name: str) -> str:
        """Return who changed a field last, or an empty string if the trail does not say."""
        row = self._find_row()
        events: Any = [] if row is None else history(row)[:LATEST_EVENTS]
        return next((one.actor_label for one in events if name in one.changes), "")

    def _show(self, hidden_name: str, field: forms.Field, stored: Any) -> None:
        widget, written = field.hidden_widget(), field.prepare_value(stored)
        if isinstance(widget, forms.MultiWidget):
            for part, name, value in _list_parts(widget, hidden_name, written):
                self._write(name, [part.format_value(value) or ""])
        elif isinstance(widget, forms.MultipleHiddenInput):
            self._write(hidden_name, [str(one) for one in written or ()])
        else:
            self._write(hidden_name, [widget.format_value(written) or ""])


def _list_parts(widget: Any, name: str, value: Any) -> Iterator[tuple[forms.Widget, str, Any]]:
    """Yield the parts of a widget, each with its name in the page and its value."""
    values = widget.decompress(value)
    for part, suffix, one in zip(widget.widgets, widget.widgets_names, values, strict=True):
        yield part, f"{name}{suffix}", one


def _unify(value: Any) -> Any:
    """Return text with the line endings that every browser sends."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _describe(field: forms.Field, stored: Any) -> str:
    if isinstance(field, forms.ModelMultipleChoiceField):
        stored = ", ".join(str(one) for one in stored or ())
    elif isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        stored = field.queryset.filter(pk=stored).first()
    elif isinstance(field, forms.ChoiceField):
        names = dict(field.choices)  # type: ignore[arg-type]
        many = stored if isinstance(stored, list | tuple) else [stored]
        stored = ", ".join(str(names.get(one, one)) for one in many if one is not None)
    return "-" if stored in (None, "") else str(stored)
