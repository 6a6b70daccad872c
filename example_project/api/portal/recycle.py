"""The recycle bin, and deleting."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from api.services.permission import list_visible
from api.services.recycle import (
    KINDS,
    delete_row,
    list_deleted,
    preview_delete,
    preview_restore,
    restore_row,
)

from .history import PAGES
from .pages import PortalRequest, portal_page, read_page

__all__ = ["delete", "restore", "show_bin", "show_deleted"]


@portal_page("api.restore_deleted")
def show_bin(request: PortalRequest) -> HttpResponse:
    """List what was deleted. Costs a statement for each kind besides the frame's."""
    kind = request.GET.get("kind", "")
    found = list_deleted(actor=request.user, kind=kind)
    context = {
        "page": read_page(request, found),
        "kind": kind,
        "kinds": [(name, _name_kind(model)) for name, model in KINDS.items()],
    }
    return render(request, "portal/recycle/list.html", context)


@portal_page("api.restore_deleted")
def show_deleted(request: PortalRequest, kind: str, object_id: int) -> HttpResponse:
    """Show what restoring a row would bring back."""
    row = _find_row(request, kind, object_id, manager="deleted_objects")
    preview = preview_restore(actor=request.user, row=row)
    context = {"row": row, "kind": kind, "preview": preview, "groups": _group(preview)}
    return render(request, "portal/recycle/deleted.html", context)


@portal_page("api.restore_deleted")
@require_POST
def restore(request: PortalRequest, kind: str, object_id: int) -> HttpResponse:
    """Restore a row, and redirect to it."""
    row = _find_row(request, kind, object_id, manager="deleted_objects")
    try:
        count = restore_row(actor=request.user, row=row)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("portal:deleted", kind, object_id)
    words = ngettext("%(count)s thing is back.", "%(count)s things are back.", count)
    messages.success(request, words % {"count": count})
    return _leave(row)


@portal_page()
def delete(request: PortalRequest, kind: str, object_id: int) -> HttpResponse:
    """Show what a deletion includes, and on confirmation move it to the recycle bin."""
    row = _find_row(request, kind, object_id, manager="objects")
    if request.method == "POST":
        try:
            delete_row(actor=request.user, row=row, reason=request.POST.get("reason", "").strip())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("portal:delete", kind, object_id)
        messages.success(request, gettext("“%(row)s” is in the recycle bin.") % {"row": row})
        return redirect(
            "portal:recycle" if request.access.may("api.restore_deleted") else "portal:home"
        )
    preview = preview_delete(actor=request.user, row=row)
    address = PAGES.get(type(row))
    context = {
        "row": row,
        "kind": kind,
        "preview": preview,
        "groups": _group(preview),
        "back": address,
    }
    return render(request, "portal/recycle/delete.html", context)


def _find_row(request: PortalRequest, kind: str, object_id: int, *, manager: str) -> Any:
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    return get_object_or_404(list_visible(request.access, model, manager=manager), pk=object_id)


def _group(preview: Any) -> list[tuple[str, int, list[Any], int]]:
    """Return each kind with its count, its first rows, and how many more there are."""
    return [
        (_name_rows(model, count), count, preview.named[model], count - len(preview.named[model]))
        for model, count in preview.counts.items()
    ]


def _name_kind(model: Any) -> str:
    return capfirst(str(model._meta.verbose_name_plural))


def _name_rows(model: Any, count: int) -> str:
    return capfirst(str(model._meta.verbose_name)) if count == 1 else _name_kind(model)


def _leave(row: Any) -> HttpResponse:
    if type(row) in PAGES:
        return redirect(PAGES[type(row)], row.pk)
    return redirect("portal:recycle")
