"""The read-only change list of all events, with filters, search and export."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..models import AuditEvent
from ..reading.descriptions import list_sources
from ..tracking import get_tracked, of_model
from ..values import find_model
from .exports import EXPORTS, stream_export

__all__ = ["AuditEventAdmin"]

MOST_LISTED: Final = 2_000

if TYPE_CHECKING:
    Base = admin.ModelAdmin[AuditEvent]
    EventPaginator = Paginator[AuditEvent]
else:
    Base = admin.ModelAdmin
    EventPaginator = Paginator


class RecentPaginator(EventPaginator):
    """A paginator over the newest events only, since counting a growing table takes too long."""

    @cached_property
    def count(self) -> int:
        """Return the number of events, up to two thousand."""
        events: Any = self.object_list
        return len(events.values_list("pk")[:MOST_LISTED])


class ModelFilter(admin.SimpleListFilter):
    """Filter by tracked model."""

    title = _("model")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the tracked models, without a query."""
        tracked = get_tracked()
        return sorted((one.label, str(one.model._meta.verbose_name)) for one in tracked)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the events down."""
        label = self.value()
        if not label:
            return queryset
        model = find_model(label)
        return queryset.filter(Q(object_type=label) if model is None else of_model(model))


class SourceFilter(admin.SimpleListFilter):
    """Filter by the source of changes."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return all possible sources, without a query."""
        return list(list_sources().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the events down."""
        return queryset.filter(source=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(Base):
    """The read-only admin of events, newest first, for users with permission to view them."""

    list_display = ("created_at", "action", "what", "summary", "who", "origin", "why")
    list_filter = (ModelFilter, "action", SourceFilter, "created_at")
    search_fields = ("object_id",)
    search_help_text = _(
        "An object's id, a model (api.booking), a request's id, a transaction (tx 123) or the "
        "beginning of a user's name."
    )
    fields = (
        "created_at",
        "action",
        "what",
        "summary",
        "who",
        "origin",
        "why",
        "request",
        "address",
        "program",
        "transaction_id",
    )
    readonly_fields = fields
    paginator = RecentPaginator
    show_full_result_count = False
    list_per_page = 50
    change_list_template = "admin/modernize_audit/event_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of the exports."""
        return [
            path(
                "export/<str:kind>/",
                self.admin_site.admin_view(self.export_view),
                name="modernize_audit_export",
            ),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest, kind: str) -> StreamingHttpResponse:
        """Stream the events of the list, with its filters and search applied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        events = self.get_changelist_instance(request).get_queryset(request)
        return stream_export(events.order_by("id"), kind)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list, with a button for each kind of export."""
        query = request.GET.urlencode()
        exports = [(kind, label, query) for kind, (label, _writer) in EXPORTS.items()]
        return super().changelist_view(request, {**(extra_context or {}), "exports": exports})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search by the only field that a term can match, so that an index is used."""
        term = search_term.strip()
        return (queryset.filter(**_read_term(term)) if term else queryset), False

    @admin.display(description=_("object"), ordering="object_id")
    def what(self, event: AuditEvent) -> str:
        """Return what the event is about."""
        return f"{event.object_type} {event.object_id}"

    @admin.display(description=_("changes"))
    def summary(self, event: AuditEvent) -> SafeString:
        """Return the changed fields with old and new value."""
        return format_html_join(
            "",
            "<div><b>{}</b>: {}{}</div>",
            (
                (name, "" if old is None else format_html("{} → ", old), "" if new is None else new)
                for name, (old, new) in event.decode_changes().items()
            ),
        )

    @admin.display(description=_("who"))
    def who(self, event: AuditEvent) -> str:
        """Return the actor's name at that time."""
        return event.actor_label or "—"

    @admin.display(description=_("source"))
    def origin(self, event: AuditEvent) -> str:
        """Return where the change came from."""
        return str(list_sources().get(event.source, event.source))

    @admin.display(description=_("why"))
    def why(self, event: AuditEvent) -> str:
        """Return the reason."""
        return event.reason

    @admin.display(description=_("request"))
    def request(self, event: AuditEvent) -> str:
        """Return the id that the events of a request share."""
        return str(event.request_id or "")

    @admin.display(description=_("IP address"))
    def address(self, event: AuditEvent) -> str:
        """Return the IP address of the request."""
        return event.ip_address or ""

    @admin.display(description=_("browser or program"))
    def program(self, event: AuditEvent) -> str:
        """Return the user agent of the request."""
        return event.user_agent

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the ordering, newest first: by time if filtered by time, so an index is used."""
        is_bounded = any(name.startswith("created_at__") for name in request.GET)
        return ("-created_at", "-id") if is_bounded else ("-id",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[()]:
        """Return no columns, since no index supports another order."""
        return ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: events cannot be added."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: events cannot be changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: events cannot be deleted."""
        return False


def _read_term(term: str) -> dict[str, Any]:
    """Return the condition that a search term stands for."""
    word, _space, number = term.partition(" ")
    if word == "tx" and number.strip().isdigit():
        return {"transaction_id": int(number)}
    try:
        return {"context__request_id": UUID(term)}
    except ValueError:
        pass
    if "." in word and not number:
        return {"object_type": word.lower()}
    if "." in word:
        return {"object_type": word.lower(), "object_id": number.strip()}
    if term.isdigit():
        return {"object_id": term}
    return {"context__actor_label__istartswith": term}
