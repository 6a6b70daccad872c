"""Hidden rows in Django's admin: marked, filtered, and brought back with one click."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from ..exceptions import RestoreConflict

__all__ = ["DeletedFilter", "SoftDeleteAdminMixin"]

if TYPE_CHECKING:
    Base = ModelAdmin[Model]
else:
    Base = object


class DeletedFilter(admin.SimpleListFilter):
    """Shows the living rows unless one asks for the deleted ones, or for both."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices beside the living rows."""
        return [("only", "Only deleted"), ("include", "Include deleted")]

    def choices(self, changelist: Any) -> Any:
        """Return the choices with the default's own name first."""
        choices = list(super().choices(changelist))
        return [{**choices[0], "display": "Not deleted"}, *choices[1:]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the rows down."""
        if self.value() == "include":
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() != "only")


class SoftDeleteAdminMixin(Base):
    """A ``ModelAdmin`` that hides deleted rows, shows them on demand, and restores them.

    Put it before ``ModelAdmin``. Whoever may delete a row may restore it; override
    ``has_restore_permission`` to decide otherwise.
    """

    actions = ("restore_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows: the filter hides the deleted ones from the list alone.

        What another object's page offers to choose from is living.
        """
        rows: QuerySet[Any] = self.model.all_objects.all()  # type: ignore[attr-defined]
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            rows = rows.filter(deleted_at__isnull=True)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Put the filter for deleted rows first."""
        return [DeletedFilter, *super().get_list_filter(request)]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the mark, where deleted rows can be seen."""
        columns = super().get_list_display(request)
        return (
            [*columns, "deletion_state"] if DeletedFilter.parameter_name in request.GET else columns
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the page that a restore button posts to."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/restore/", view, name=name), *super().get_urls()]

    def has_restore_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell whether somebody may bring rows back."""
        return self.has_delete_permission(request, obj)

    @admin.display(description="deleted")
    def deletion_state(self, obj: Any) -> SafeString | str:
        """Return who deleted a row and when, with the button that brings it back."""
        if not obj.is_deleted:
            return "—"
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_restore"
        url = reverse(name, args=[obj.pk], current_app=self.admin_site.name)
        # The list is one form with its token already, so the button needs no form of its own.
        return format_html(
            '{} <button type="submit" class="button" formaction="{}" title="{}">Restore</button>',
            date_format(localtime(obj.deleted_at), "SHORT_DATETIME_FORMAT"),
            url,
            obj.deletion_reason or "no reason given",
        )

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore one row and go back to the list."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_restore_permission(request, obj):
            raise PermissionDenied
        self._restore(request, self.get_queryset(request).filter(pk=obj.pk))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name, current_app=self.admin_site.name))

    @admin.action(description="Restore selected %(verbose_name_plural)s", permissions=["restore"])
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Restore the selected rows, each with all that its deletion took."""
        self._restore(request, queryset)

    def _restore(self, request: HttpRequest, rows: Any) -> None:
        try:
            count, _ = rows.restore()
        except RestoreConflict as conflict:
            for sentence in conflict.conflicts:
                self.message_user(request, sentence, messages.ERROR)
            return
        self.message_user(request, f"{count} rows restored.", messages.SUCCESS)
