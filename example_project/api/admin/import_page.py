"""The admin pages of the import: the form and the report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.models import BookingImportLog
from api.models.import_plan import WORKBOOKS
from api.models.imports import RowOutcome
from api.services.excel_import import ImportRefused, ImportReport, import_bookings
from api.services.excel_import.log import make_rows, needs_row
from django_modernize.uploads import SecureFormField

if TYPE_CHECKING:
    from .base import ModelAdmin

    Upload = UploadedFile[Any]

__all__ = ["may_import", "show_import_page", "show_report_page"]

ROWS_PER_PAGE: Final = 200


def _describe_workbooks() -> str:
    size = filesizeformat(WORKBOOKS.max_bytes)
    return _("An Excel file (.xlsx) of at most %(size)s.") % {"size": size}


class ImportForm(forms.Form):
    """The options of an import."""

    file = SecureFormField(
        policy=WORKBOOKS,
        label=gettext_lazy("Workbook"),
        help_text=lazy(_describe_workbooks, str)(),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    sheet = forms.CharField(
        required=False,
        max_length=100,
        label=gettext_lazy("Sheet"),
        help_text=gettext_lazy(
            "Leave it empty for “Cleaning schedule”, or for a workbook's only sheet."
        ),
    )
    create_properties = forms.BooleanField(
        required=False,
        label=gettext_lazy("Create houses that do not exist yet"),
        help_text=gettext_lazy(
            "Otherwise their rows are refused, and everything else is imported."
        ),
    )
    dry_run = forms.BooleanField(
        required=False,
        label=gettext_lazy("Only show what would happen"),
        help_text=gettext_lazy("Nothing is written."),
    )

    def __init__(self, *args: Any, may_create: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_create:
            del self.fields["create_properties"]


def may_import(request: HttpRequest) -> bool:
    """Whether the user may import bookings."""
    return request.user.has_perm("api.import_bookings")


def show_import_page(admin: "ModelAdmin", request: HttpRequest) -> HttpResponse:
    """Show the form; on POST, import the file and show the report.

    Raises:
        PermissionDenied: The user may not import.
    """
    if not may_import(request):
        raise PermissionDenied
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*given, may_create=request.user.has_perm("api.approve_property"))
    report = _import_file(request, form) if form.is_valid() else None
    if report is not None and not report.dry_run:
        text = _("“%(name)s” was imported.") % {"name": report.file_name}
        messages.success(request, text)
        return redirect("admin:api_booking_import_report", report.log_id)
    context = {"title": _("Import bookings"), "form": form}
    if report is not None:
        # The steps below perform the import itself, with the same choices.
        choices = form.cleaned_data | {"file": None, "dry_run": False}
        context["form"] = ImportForm(initial=choices, may_create="create_properties" in choices)
        context.update(_preview_context(report))
    return _render(admin, request, "import_form.html", context)


def show_report_page(admin: "ModelAdmin", request: HttpRequest, log_id: int) -> HttpResponse:
    """Show what an import did.

    Raises:
        PermissionDenied: The user may neither import nor see the log.
    """
    if not (may_import(request) or request.user.has_perm("api.view_bookingimportlog")):
        raise PermissionDenied
    log = get_object_or_404(BookingImportLog.objects.select_related("imported_by"), pk=log_id)
    rows = log.rows.all()
    outcome = request.GET.get("outcome", "")
    if outcome in RowOutcome.values:
        rows = rows.filter(outcome=outcome)
    context = {
        "title": _("Import of “%(name)s”") % {"name": log.file_name},
        "log": log,
        "counts": [(one, getattr(log, f"{one.value}_count")) for one in RowOutcome],
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "outcome": outcome,
        "outcome_label": RowOutcome(outcome).label if outcome in RowOutcome.values else "",
    }
    return _render(admin, request, "import_report.html", context)


def _import_file(request: HttpRequest, form: ImportForm) -> ImportReport | None:
    choices = form.cleaned_data
    file: Upload = choices["file"]
    try:
        return import_bookings(
            file.read(),
            file_name=file.name or "workbook.xlsx",
            sheet=choices["sheet"],
            create_properties=choices.get("create_properties", False),
            dry_run=choices["dry_run"],
            actor=request.user,
        )
    except ImportRefused as error:
        form.add_error("file", forms.ValidationError(str(error), code=error.code))
        return None


def _preview_context(report: ImportReport) -> dict[str, Any]:
    rows = make_rows(filter(needs_row, report.rows))
    return {
        "report": report,
        "counts": list(report.counts.items()),
        "rows": rows[:ROWS_PER_PAGE],
        "hidden_count": max(0, len(rows) - ROWS_PER_PAGE),
    }


def _render(
    admin: "ModelAdmin", request: HttpRequest, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    everything = {
        **admin.admin_site.each_context(request),
        "opts": admin.model._meta,
        "media": admin.media,
        **context,
    }
    return TemplateResponse(request, f"admin/api/booking/{template}", everything)
