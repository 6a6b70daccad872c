"""Templates as a file: exported from their list, imported after a look at what would be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..exceptions import RulesInvalid
from ..forms import describe_counts
from ..running import run_subject
from ..sharing import ReadRules, read_rules, write_rules
from ..subjects import Subject, list_subjects

__all__ = ["RuleFileAdminMixin"]

MAX_BYTES: Final = 1_000_000
"""Some thousand templates; what is larger is no such file."""

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = object


class RuleFileForm(forms.Form):
    """A file with templates, or its text once it has been looked at."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        required=False, strip=False, max_length=MAX_BYTES, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, subjects: Mapping[str, Subject], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (key, capfirst(one.model._meta.verbose_name_plural)) for key, one in subjects.items()
        ]
        self.fields["about"] = forms.ChoiceField(label=_("About"), choices=choices)

    def clean(self) -> dict[str, Any]:
        """Read the file.

        Raises:
            ValidationError: There is none, or none with a text.
        """
        values = super().clean() or {}
        if file := values.get("file"):
            values["text"] = _read_file(file)
        if not values.get("text") and not self.errors:
            raise forms.ValidationError(_("Choose a file."), code="required")
        return values


class RuleFileAdminMixin(Base):
    """The part of a ``ModelAdmin`` of templates that has to do with files."""

    change_list_template = "admin/modernize_autotasks/template_list.html"
    actions: Sequence[Any] = ("export_selected",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page that imports templates."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name=name), *super().get_urls()]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may make templates and change them."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, with the way to the import for those who may."""
        may_import = self.has_import_permission(request)
        return super().changelist_view(
            request, {"has_import_permission": may_import, **(extra_context or {})}
        )

    @admin.action(
        description=gettext_lazy("Export selected templates as text"), permissions=["view"]
    )
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Return the selected templates as a file."""
        templates = list(queryset)
        text = write_rules(templates[0].subject, templates)
        headers = {"Content-Disposition": 'attachment; filename="rules.json"'}
        return HttpResponse(text, content_type="application/json", headers=headers)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Show what a file would do, then do it; nothing is stored if one template is wrong."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        subjects = {one.key: one for one in list_subjects() if one.templates is self.model}
        form = RuleFileForm(request.POST or None, request.FILES or None, subjects=subjects)
        outcome, problems = None, list[str]()
        if form.is_valid():
            subject, text = subjects[form.cleaned_data["about"]], form.cleaned_data["text"]
            try:
                if "_import" in request.POST:
                    return self._import(request, subject, text)
                outcome = read_rules(subject, text, dry_run=True)
            except RulesInvalid as error:
                problems = error.problems
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import from a file"),
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "outcome": None if outcome is None else describe_outcome(outcome),
            "problems": problems,
        }
        return TemplateResponse(request, "admin/modernize_autotasks/import.html", context)

    def _import(self, request: HttpRequest, subject: Subject, text: str) -> HttpResponse:
        with transaction.atomic(using=router.db_for_write(self.model)):
            done = read_rules(subject, text)
            names = [*done.created, *done.changed]
            stored = self.model._default_manager.filter(subject_key=subject.key, name__in=names)
            counts = run_subject(subject, templates=list(stored))
        told = {"names": ", ".join(names) or _("nothing"), "told": describe_counts(counts)}
        messages.success(request, _("Imported: %(names)s. Tasks: %(told)s.") % told)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        )


def describe_outcome(outcome: ReadRules) -> list[tuple[str, Sequence[str]]]:
    """Return what becomes of templates, with their names."""
    lines = [
        (_("New"), outcome.created),
        (_("Changed"), outcome.changed),
        (_("As they are"), outcome.unchanged),
    ]
    return [(word, names) for word, names in lines if names]


def _read_file(file: Any) -> str:
    if file.size > MAX_BYTES:
        problem = _("The file is larger than %(limit)s.") % {"limit": filesizeformat(MAX_BYTES)}
        raise forms.ValidationError({"file": problem}, code="too_large")
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        problem = _("The file is no text in UTF-8.")
        raise forms.ValidationError({"file": problem}, code="no_text") from None
