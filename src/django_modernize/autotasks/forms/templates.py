"""The form of a template: it shows what saving would do, and asks about open tasks."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..models import ChangePolicy
from ..previewing import backtest, compare_policies, preview_template
from ..subjects import get_subject, list_subjects
from ..windows import list_bounds
from .condition_fields import ConditionField
from .previews import Preview, make_preview

__all__ = ["AutoTaskForm"]

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Any]
else:
    BaseForm = forms.ModelForm


class AutoTaskForm(BaseForm):
    """A template, with its condition in rows and its choices as those of its subject."""

    preview: Preview | None = None
    """What was asked to be shown in place of saving."""

    condition_field: ClassVar[type[ConditionField]] = ConditionField
    """In which field the condition is put together."""

    question: dict[str, Preview] | None = None
    """What becomes of open tasks by each policy, where that has to be decided before saving."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subjects = [one for one in list_subjects() if issubclass(self._meta.model, one.templates)]
        keys = [one.key for one in subjects]
        key = self.data.get("subject_key") or self.instance.subject_key or keys[0]
        self.subject = get_subject(key if key in keys else keys[0])
        names = [(name, field.label) for name, field in self.subject.fields.items()]
        anchors = [(name, self.subject.name_anchor(name)) for name in self.subject.anchors]
        self._replace("subject_key", forms.ChoiceField(choices=[(one, one) for one in keys]))
        self._replace("anchor", forms.ChoiceField(choices=anchors))
        moments = [(name, field.label) for name, field in list_bounds(self.subject).items()]
        for name in ("not_before", "not_after"):
            choices = [("", "—"), *moments]
            self._replace(name, forms.ChoiceField(choices=choices, required=False))
        self._replace("watched_fields", forms.MultipleChoiceField(choices=names, required=False))
        self._replace("conditions", self.condition_field(subject=self.subject))
        allowed = " ".join(f"{{{name}}}" for name in sorted(self.subject.fields))
        for name in {"title", "description"} & set(self.fields):
            self.fields[name].help_text = _("May name: %(names)s") % {"names": allowed}
        if "subject_key" in self.fields and len(keys) == 1:
            self.fields["subject_key"].initial = keys[0]
            self.fields["subject_key"].widget = forms.HiddenInput()

    def clean(self) -> Any:
        """Take over what was decided about open tasks."""
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("_decide") in ChangePolicy.values:
            cleaned["change_policy"] = self.data["_decide"]
        return cleaned

    def is_valid(self) -> bool:
        """Return whether it can be saved now: not where something is to be shown or asked first."""
        if not super().is_valid():
            return False
        if "_preview" in self.data:
            self.preview = make_preview(preview_template(self.instance))
        elif "_backtest" in self.data:
            self.preview = self._test_past()
        elif "_decide" not in self.data:
            found = compare_policies(self.instance)
            self.question = {one: make_preview(plan) for one, plan in found.items()} or None
        return self.preview is None and self.question is None and not self.errors

    def _test_past(self) -> Preview | None:
        day = forms.DateField()
        try:
            first = day.clean(self.data.get("_backtest_from"))
            last = day.clean(self.data.get("_backtest_to"))
        except ValidationError:
            self.add_error(None, _("Say from which day to which day the past is tested."))
            return None
        if not datetime.timedelta(0) <= last - first <= datetime.timedelta(days=3660):
            self.add_error(None, _("The past ends after it begins, and within ten years."))
            return None
        return make_preview(backtest(self.instance, first, last), first=first, last=last)

    def _replace(self, name: str, field: forms.Field) -> None:
        """Put a field in the place of one, with its label."""
        if name in self.fields:
            field.label, field.help_text = self.fields[name].label, self.fields[name].help_text
            self.fields[name] = field
