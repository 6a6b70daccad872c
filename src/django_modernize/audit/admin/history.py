"""The history page of an object, which replaces Django's own."""

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext as _

from ..models import AuditEvent
from ..querysets import AuditEventQuerySet
from ..reading.descriptions import describe_events
from ..reading.reverting import OPPOSITES, RevertConflict, revert

__all__ = ["AuditedAdminMixin"]

EVENTS_PER_PAGE: Final = 100

if TYPE_CHECKING:
    Base = ModelAdmin[Model]
else:
    Base = object


class AuditedAdminMixin(Base):
    """A ``ModelAdmin`` mixin whose history page shows the trail and can revert events.

    Put it before ``ModelAdmin``. Users who may view the object and events can see its history,
    even after it is permanently deleted. Users who may change the object can revert an event.
    """

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that reverts an event."""
        return [
            path(
                "<path:object_id>/history/<int:event_id>/revert/",
                self.admin_site.admin_view(self.revert_view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_revert",
            ),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the newest hundred events of an object. ``?before=`` shows older ones."""
        target = self._find_target(request, object_id)
        if not self._may_read_trail(request, target):
            raise PermissionDenied
        events = self._read_page(request, target)
        described = describe_events(events[:EVENTS_PER_PAGE])
        may_revert = self.has_change_permission(request, target)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(name)s") % {"name": target},
            "opts": self.opts,
            "object": target,
            "object_id": object_id,
            "entries": [
                (entry, may_revert and entry.event.action in OPPOSITES) for entry in described
            ],
            "older": events[EVENTS_PER_PAGE - 1].pk if len(events) > EVENTS_PER_PAGE else None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/modernize_audit/object_history.html", context)

    def revert_view(self, request: HttpRequest, object_id: str, event_id: int) -> HttpResponse:
        """Show what reverting an event would do, and do it after confirmation."""
        target = self._find_target(request, object_id)
        if not self._may_read_trail(request, target):
            raise PermissionDenied
        if not self.has_change_permission(request, target):
            raise PermissionDenied
        event = get_object_or_404(AuditEvent.objects.for_object(target), pk=event_id)
        if request.method == "POST":
            return self._revert(request, object_id, event)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revert: %(name)s") % {"name": target},
            "opts": self.opts,
            "object": target,
            "object_id": object_id,
            "entry": describe_events([event])[0],
            "conflicts": revert(event, preview=True).conflicts,
        }
        return TemplateResponse(request, "admin/modernize_audit/revert.html", context)

    def _revert(self, request: HttpRequest, object_id: str, event: AuditEvent) -> HttpResponse:
        try:
            revert(event)
        except RevertConflict as error:
            messages.error(request, " ".join(error.conflicts))
        else:
            messages.success(request, _("The change was reverted."))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(
            reverse(name, args=[object_id], current_app=self.admin_site.name)
        )

    def _find_target(self, request: HttpRequest, object_id: str) -> Model:
        """Return the object, or an instance with only its key if it is deleted."""
        found = self.get_object(request, unquote(object_id))
        if found is not None:
            return found
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError as error:
            raise Http404 from error
        target = self.model(pk=key)
        if not AuditEvent.objects.for_object(target).exists():
            missing = {"model": self.opts.verbose_name, "key": object_id}
            raise Http404(_("There is no %(model)s %(key)s, and never was.") % missing)
        return target

    def _may_read_trail(self, request: HttpRequest, target: Model) -> bool:
        may_view = self.has_view_or_change_permission(request, target)
        return may_view and request.user.has_perm("modernize_audit.view_auditevent")

    def _read_page(self, request: HttpRequest, target: Model) -> list[AuditEvent]:
        events: AuditEventQuerySet = AuditEvent.objects.for_object(target)
        before = request.GET.get("before", "")
        if before.isdigit():
            events = events.filter(id__lt=int(before))
        return list(events[: EVENTS_PER_PAGE + 1])
