"""Admin integration: mark, filter and restore soft-deleted rows."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..exceptions import RestoreConflict
from .previews import count_taken, preview_deletion

__all__ = ["DeletedFilter", "SoftDeleteAdminMixin"]

if TYPE_CHECKING:
    Base = ModelAdmin[Model]
else:
    Base = object


class DeletedFilter(admin.SimpleListFilter):
    """Show live rows by default, or deleted rows, or both."""

    title = _("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices other than the live rows."""
        return [("only", gettext("Only deleted")), ("include", gettext("Include deleted"))]

    def choices(self, changelist: Any) -> Any:
        """Return the choices, starting with the default."""
        choices = list(super().choices(changelist))
        return [{**choices[0], "display": gettext("Not deleted")}, *choices[1:]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter the rows."""
        if self.value() == "include":
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() != "only")


class SoftDeleteAdminMixin(Base):
    """A ``ModelAdmin`` mixin that hides deleted rows, shows them on demand and restores them.

    Put it before ``ModelAdmin``. Users who may delete a row may restore it; override
    ``has_restore_permission()`` to change that.
    """

    actions: Any = ("restore_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return all rows, since the filter hides the deleted ones from the change list.

        The choices on the page of another object include only live rows.
        """
        rows: QuerySet[Any] = self.model.all_objects.all()  # type: ignore[attr-defined]
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            rows = rows.filter(deleted_at__isnull=True)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Return the filters, starting with the one for deleted rows."""
        return [DeletedFilter, *super().get_list_filter(request)]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the deletion state if the list shows deleted rows."""
        columns = super().get_list_display(request)
        return (
            [*columns, "deletion_state"] if DeletedFilter.parameter_name in request.GET else columns
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Put the details of the deletion and the restore button first for a deleted row."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.is_deleted:
            return fieldsets
        return [(_("Deleted"), {"fields": ["deletion_details"]}), *fieldsets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Add the details of the deletion."""
        return [*super().get_readonly_fields(request, obj), "deletion_details"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Exclude the details of the deletion from the fields that Django collects."""
        fields = super().get_fields(request, obj)
        return [name for name in fields if name != "deletion_details"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what deleting the rows would hide, in the format of Django's confirmation page.

        Args:
            objs: The rows.
            request: The request.
        """
        keys = [obj.pk for obj in objs]
        preview = preview_deletion(self.get_queryset(request).filter(pk__in=keys))
        counts = {
            str(model._meta.verbose_name_plural): count for model, count in preview.counts.items()
        }
        lines = [_list_names(rows, preview.counts[model]) for model, rows in preview.named.items()]
        forbidden = {
            str(model._meta.verbose_name)
            for model in preview.counts
            if self.admin_site.is_registered(model)
            and not self.admin_site.get_model_admin(model).has_delete_permission(request)
        }
        obstacles = [_name_row(obstacle) for obstacle in preview.obstacles]
        return [line for group in lines for line in group], counts, forbidden, obstacles

    def get_urls(self) -> list[URLPattern]:
        """Add the URL that the restore button posts to."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<path:object_id>/restore/", view, name=name), *super().get_urls()]

    def has_restore_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return whether the user may restore rows."""
        return self.has_delete_permission(request, obj)

    @admin.display(description=_("what happened"))
    def deletion_details(self, obj: Any) -> SafeString | str:
        """Return who deleted the row, when, why and what with it, and the restore button."""
        if not obj.is_deleted:
            return "—"
        taken = count_taken(obj, obj.deletion_id)
        along = ", ".join(f"{count} {_name_model(model, count)}" for model, count in taken.items())
        told = gettext(
            "Deleted %(moment)s by %(person)s: %(reason)s. Went along, this one counted: %(along)s."
        ) % {
            "moment": date_format(localtime(obj.deleted_at), "DATETIME_FORMAT"),
            "person": obj.deleted_by or gettext("nobody who is known"),
            "reason": obj.deletion_reason or gettext("no reason given"),
            "along": along,
        }
        return format_html(
            '{}<br><button type="submit" class="button" formaction="{}" formnovalidate>{}</button>',
            told,
            self._restore_url(obj),
            gettext("Restore all of it"),
        )

    @admin.display(description=_("deleted"))
    def deletion_state(self, obj: Any) -> SafeString | str:
        """Return who deleted the row and when, and the restore button."""
        if not obj.is_deleted:
            return "—"
        # The change list is already one form with a CSRF token, so the button needs no form.
        return format_html(
            '{} <button type="submit" class="button" formaction="{}" title="{}">{}</button>',
            date_format(localtime(obj.deleted_at), "SHORT_DATETIME_FORMAT"),
            self._restore_url(obj),
            obj.deletion_reason or gettext("no reason given"),
            gettext("Restore"),
        )

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Restore a row and redirect to the change list."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_restore_permission(request, obj):
            raise PermissionDenied
        self._restore(request, self.get_queryset(request).filter(pk=obj.pk))
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name, current_app=self.admin_site.name))

    @admin.action(
        description=_("Restore selected %(verbose_name_plural)s"), permissions=["restore"]
    )
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Restore the selected rows, each with everything that its deletion hid."""
        self._restore(request, queryset)

    def _restore_url(self, obj: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_restore"
        return reverse(name, args=[quote(obj.pk)], current_app=self.admin_site.name)

    def _restore(self, request: HttpRequest, rows: Any) -> None:
        try:
            count = rows.restore()[0]
        except RestoreConflict as conflict:
            for sentence in conflict.conflicts:
                self.message_user(request, sentence, messages.ERROR)
            return
        told = ngettext("%(count)d row restored.", "%(count)d rows restored.", count)
        self.message_user(request, told % {"count": count}, messages.SUCCESS)


def _list_names(rows: list[Model], count: int) -> list[str]:
    names = [_name_row(row) for row in rows]
    if count > len(rows):
        more = {"count": count - len(rows), "models": rows[0]._meta.verbose_name_plural}
        names.append(gettext("… and %(count)d more %(models)s") % more)
    return names


def _name_row(row: Model) -> str:
    return f"{row._meta.verbose_name}: {row}"


def _name_model(model: type[Model], count: int) -> str:
    return str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)
