"""Forms of things that somebody else may change meanwhile: nobody undoes what was never seen."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

__all__ = ["SeenValuesMixin"]


class SeenValuesMixin(forms.BaseForm):
    """Remembers in the page what each field showed, and takes only what the person made different.

    A field that the person left alone keeps what is stored, whoever changed it. One that both
    changed is refused once, with what is stored now; sent again it counts. Whoever sends a form
    without what was seen, as a program may, is taken at their word.

    What is stored is the form's ``initial``, which the view reads anew for each request.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = name in self.initial

    def clean(self) -> dict[str, Any]:
        """Keep what somebody else stored, and refuse what both changed."""
        super().clean()
        for name in list(self.cleaned_data):
            field, stored = self.fields[name], self._find_stored(name)
            seen = self.data.get(self[name].html_initial_name)
            if seen is None or not field.has_changed(stored, self[name].data):
                continue
            if name not in self.changed_data:
                # Also what a browser alone wrote otherwise, as the ends of lines.
                self.cleaned_data[name] = field.clean(field.prepare_value(stored))
            elif field.has_changed(_unify(stored), _unify(seen)):
                self._refuse_once(name, stored)
        return self.cleaned_data

    def _find_stored(self, name: str) -> Any:
        return self.get_initial_for_field(self.fields[name], name)

    def _refuse_once(self, name: str, stored: Any) -> None:
        refusal = _("Meanwhile this has become “%(value)s”. Save again to replace it with yours.")
        self.add_error(name, refusal % {"value": _describe(self.fields[name], stored)})
        # The page shows this refusal with what is stored, so the next saving knows of it.
        written = self.fields[name].prepare_value(stored)
        data: Any = self.data
        self.data = data.copy()
        self.data[self[name].html_initial_name] = "" if written is None else written  # type: ignore[index]


def _unify(value: Any) -> Any:
    """Return a text as every browser sends it, whatever ends its lines."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _describe(field: forms.Field, stored: Any) -> str:
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        stored = field.queryset.filter(pk=stored).first()
    elif isinstance(field, forms.ChoiceField):
        stored = dict(field.choices).get(stored, stored)  # type: ignore[arg-type]
    return "-" if stored in (None, "") else str(stored)
