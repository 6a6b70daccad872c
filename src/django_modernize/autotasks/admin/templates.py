"""The pages of templates: a list with their state, a form with a preview, and why or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..choices import ChoiceNames
from ..describing import describe_reason, describe_timing
from ..explaining import trace_coming, trace_pair
from ..forms import AutoTaskForm, describe_counts
from ..running import run_subject
from .rule_files import RuleFileAdminMixin

__all__ = ["AutoTaskAdminMixin"]

TRACED: Final = 50

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
else:
    Base = object


class AutoTaskAdminMixin(RuleFileAdminMixin, Base):
    """A ``ModelAdmin`` of templates; put it before ``ModelAdmin``.

    Saving runs the template over everything, as the preview says; what becomes of its open tasks
    is asked where it matters.
    """

    form = AutoTaskForm
    change_form_template = "admin/modernize_autotasks/template_form.html"
    list_display = ["name", "is_active", "state", "trigger", "timing_words", "version", "order"]
    list_filter = ["is_active", "trigger"]
    search_fields = ["name", "title"]

    @property
    def media(self) -> forms.Media:
        """Add the styles of previews."""
        return super().media + forms.Media(css={"all": ["modernize_autotasks/rules.css"]})

    def get_urls(self) -> list[URLPattern]:
        """Add the page that says why or why not."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_trace"
        view = self.admin_site.admin_view(self.trace_view)
        return [path("<path:object_id>/trace/", view, name=name), *super().get_urls()]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a new template begins with."""
        return {"order": 0, **super().get_changeform_initial_data(request)}

    @admin.display(description=gettext_lazy("state"))
    def state(self, template: Any) -> str:
        """Return whether it works, and since when it does not."""
        if template.failed_at is None:
            return _("works") if template.is_active else _("off")
        moment = timezone.localtime(template.failed_at)
        return _("failed on %(moment)s: %(error)s") % {
            "moment": f"{moment:%Y-%m-%d %H:%M}",
            "error": template.error[:100],
        }

    @admin.display(description=gettext_lazy("due"), ordering="anchor")
    def timing_words(self, template: Any) -> str:
        """Return when its tasks are due, in words."""
        return describe_timing(template)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what belongs to a template, then have it do what the preview said."""
        super().save_related(request, form, formsets, change)
        template = self.model._base_manager.get(pk=form.instance.pk)
        counts = run_subject(template.subject, templates=[template])
        template.refresh_from_db()
        if template.failed_at is not None:
            messages.error(request, _("The template failed: %(error)s") % {"error": template.error})
            return
        messages.info(request, _("Tasks: %(told)s.") % {"told": describe_counts(counts)})

    def trace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show for the next subjects whether they have a task and why, and for one in full."""
        template: Any = self.get_object(request, unquote(object_id))
        if template is None:
            raise Http404
        if not self.has_view_permission(request, template):
            raise PermissionDenied
        subject = template.subject
        chosen = request.GET.get("subject", "")
        found = self._find_chosen(subject.model, chosen)
        names = ChoiceNames()
        trace = trace_pair(template, found.pk) if found is not None else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Why, and why not: %(name)s") % {"name": template},
            "opts": self.opts,
            "original": template,
            "media": self.media,
            "chosen": found,
            "trace": trace,
            "sentence": describe_reason(trace.reason, names) if trace else "",
            "rows": [
                (row, row.holds, describe_reason(row.reason, names))
                for row in trace_coming(template, limit=TRACED)
            ],
        }
        return TemplateResponse(request, "admin/modernize_autotasks/trace.html", context)

    def _find_chosen(self, model: type[Model], key: str) -> Any:
        if not key:
            return None
        try:
            return model._base_manager.filter(pk=model._meta.pk.to_python(key)).first()
        except ValidationError as error:
            raise Http404 from error
