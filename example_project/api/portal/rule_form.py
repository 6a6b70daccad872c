"""The form of a rule, without JSON: the library's form, rendered for the portal."""

from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from api.models import AutoTaskTemplate, ChecklistTemplate
from api.services.permission import Access, list_visible, list_workers
from django_modernize.autotasks.forms import AutoTaskForm, ConditionField
from django_modernize.autotasks.texts import is_readable

from .condition_rows import ConditionRows
from .forms import offer_rows

__all__ = ["GROUPS", "RuleForm"]

GROUPS: Final = (
    (_("When"), ("trigger", "watched_fields", "conditions")),
    (_("The task"), ("title", "description", "task_type", "checklist", "assignee", "assignees")),
    (_("Due"), ("offset", "offset_unit", "anchor", "local_time")),
    (_("Within what time"), ("days_earlier", "days_later", "not_before", "not_after")),
)
"""Heading and fields of each part; what is in none of them stands among the limits."""


class SideWidget(forms.MultiWidget):
    """How long, and before or after."""

    template_name = "portal/rules/side.html"

    def __init__(self) -> None:
        sides = [("-1", _("before")), ("1", _("after"))]
        super().__init__(
            {
                "length": forms.NumberInput({"min": 0, "aria-label": _("How long")}),
                "side": forms.Select({"aria-label": _("Before or after")}, choices=sides),
            }
        )

    def decompress(self, value: int | None) -> list[Any]:
        """Split a signed number into its amount and its side."""
        return [abs(value or 0), "1" if value and value > 0 else "-1"]


class SideField(forms.MultiValueField):
    """How long before or after, as a signed number."""

    def __init__(self, **options: Any) -> None:
        fields = [
            forms.IntegerField(min_value=0, max_value=AutoTaskTemplate.MAX_DAYS * 24),
            forms.ChoiceField(choices=[("-1", ""), ("1", "")]),
        ]
        super().__init__(fields, widget=SideWidget(), **options)

    def compress(self, data_list: list[Any]) -> int:
        """Return the number: negative before, positive after."""
        return int(data_list[0]) * int(data_list[1]) if data_list else 0


class RuleConditionField(ConditionField):
    """The conditions, in rows that the server renders while they are filled in."""

    widget = ConditionRows


class RuleForm(AutoTaskForm):
    """A rule about bookings."""

    condition_field = RuleConditionField
    offset = SideField(label=_("How long"))
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = AutoTaskTemplate
        fields = [
            *("name", "is_active", "subject_key"),
            *(name for _heading, names in GROUPS for name in names),
            *("valid_from", "valid_until", "horizon_days", "order"),
            *("skip_past", "runs_after_commit", "change_policy"),
        ]
        labels = {
            "trigger": _("What happens to the booking"),
            "task_type": _("Type"),
            "checklist": _("Checklist"),
            "assignee": _("Assigned to"),
            "assignees": _("People who take turns"),
        }
        help_texts = {
            "checklist": _("Without one, that of the type."),
            "assignees": _("Each new task goes to the next of them."),
        }
        widgets = {
            "local_time": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "valid_from": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "valid_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "description": forms.Textarea({"rows": 3}),
            "assignees": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list_workers(access, keep=self._find_named()).order_by("username")
        offer_rows(self, "assignee", people)
        offer_rows(self, "assignees", people)
        offer_rows(self, "checklist", list_visible(access, ChecklistTemplate).order_by("name"))
        self.fields["watched_fields"].widget = forms.CheckboxSelectMultiple(
            choices=self.fields["watched_fields"].choices  # type: ignore[attr-defined]
        )
        for name in ("title", "description"):
            self.fields[name].help_text = ""

        self.initial["seen_version"] = self.instance.version

    def _find_named(self) -> Q:
        """Return the condition for people whom the rule already refers to."""
        named = Q(pk=self.instance.assignee_id)
        if self.instance.pk is None:
            return named
        return named | Q(pk__in=self.instance.assignees.values("pk"))

    def clean_seen_version(self) -> None:
        """Refuse once to overwrite changes that somebody else made since the page was shown."""
        stored = self.instance.version
        if self.cleaned_data["seen_version"] in (None, stored):
            return
        # The page shows this refusal, so the next attempt counts as informed.
        data: Any = self.data
        self.data = data.copy()
        self.data["seen_version"] = stored  # type: ignore[index]
        raise forms.ValidationError(
            _("Somebody changed this rule meanwhile. Save again to replace it with yours.")
        )

    def list_groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the sections of the form with their fields."""
        return [(heading, [self[name] for name in names]) for heading, names in GROUPS]

    def list_limits(self) -> list[forms.BoundField]:
        """Return the fields that few rules need."""
        shown = {"name", "is_active", *(name for _heading, names in GROUPS for name in names)}
        return [field for field in self.visible_fields() if field.name not in shown]

    def has_wrong_limits(self) -> bool:
        """Return whether one of the limits is invalid, so that they must not be folded."""
        return any(field.errors for field in self.list_limits())

    def list_placeholders(self) -> list[tuple[str, str]]:
        """Return the placeholders for texts, each with its description."""
        named = self.subject.fields.items()
        return [("{" + name + "}", str(field.label)) for name, field in named if is_readable(field)]
