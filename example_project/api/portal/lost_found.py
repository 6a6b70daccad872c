"""Lost and found."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from api.models import LostFoundItem, Property
from api.models.inventory import LostFoundStatus
from api.services.lost_found import TRANSITIONS, report_item, set_status
from api.services.permission import list_visible, may_change_object

from .forms import offer_rows
from .pages import PortalRequest, portal_page, read_page

__all__ = ["change_status", "report", "show_item", "show_items"]


class ReportForm(forms.Form):
    """What was found, and where."""

    house = forms.ModelChoiceField(queryset=Property.objects.none(), label=_("House"))
    title = forms.CharField(label=_("What it is"), max_length=200)
    found_where = forms.CharField(label=_("Found in"), max_length=100, required=False)
    storage_place = forms.CharField(label=_("Kept in"), max_length=100, required=False)
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, houses: QuerySet[Property], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "house", houses)


class StatusForm(forms.Form):
    """The outcome."""

    status = forms.ChoiceField(label=_("What became of it"))
    claimed_by = forms.CharField(
        label=_("Claimed by"), max_length=200, required=False, help_text=_("If it was claimed.")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, item: LostFoundItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            one for one in LostFoundStatus.choices if one[0] in TRANSITIONS[item.status]
        ]


@portal_page("api.view_lostfounditem")
def show_items(request: PortalRequest) -> HttpResponse:
    """List what was found. Costs two statements beside the frame's."""
    items = list_visible(request.access, LostFoundItem)
    status = request.GET.get("status", LostFoundStatus.FOUND)
    if status in LostFoundStatus.values:
        items = items.filter(status=status)
    context = {
        "page": read_page(request, items.select_related("property", "found_by")),
        "status": status,
        "statuses": LostFoundStatus.choices,
        "may_add": request.access.may("api.add_lostfounditem"),
    }
    return render(request, "portal/lost_found/list.html", context)


@portal_page("api.view_lostfounditem")
def show_item(request: PortalRequest, item_id: int) -> HttpResponse:
    """Show one item with its photos. Costs three statements."""
    return _show(request, _find_item(request, item_id))


@portal_page("api.change_lostfounditem")
@require_POST
def change_status(request: PortalRequest, item_id: int) -> HttpResponse:
    """Record what happened to an item."""
    item = _find_item(request, item_id)
    form = StatusForm(request.POST, item=item)
    if form.is_valid():
        try:
            set_status(actor=request.user, item=item, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, gettext("It is noted."))
            return redirect("portal:found_item", item.pk)
    return _show(request, item, form)


@portal_page("api.add_lostfounditem")
def report(request: PortalRequest) -> HttpResponse:
    """Report an item that was found."""
    houses = list_visible(request.access, Property)
    form = ReportForm(request.POST or None, houses=houses)
    if request.method == "POST" and form.is_valid():
        item = report_item(actor=request.user, **form.cleaned_data)
        messages.success(request, gettext("It is noted."))
        return redirect("portal:found_item", item.pk)
    return render(request, "portal/lost_found/form.html", {"form": form})


def _find_item(request: PortalRequest, item_id: int) -> LostFoundItem:
    rows = list_visible(request.access, LostFoundItem)
    item: LostFoundItem = get_object_or_404(
        rows.select_related("property", "booking__property", "found_by"), pk=item_id
    )
    return item


def _show(
    request: PortalRequest, item: LostFoundItem, form: StatusForm | None = None
) -> HttpResponse:
    is_open = bool(TRANSITIONS[item.status])
    if not (is_open and may_change_object(request.access, "api.change_lostfounditem", item)):
        form = None
    elif form is None:
        form = StatusForm(item=item)
    context = {
        "item": item,
        "form": form,
        "photos": list(item.photos.all()),
        "may_add_photo": request.access.may("api.add_lostfoundphoto"),
        "may_read_history": request.access.may("api.view_history"),
    }
    return render(request, "portal/lost_found/item.html", context)
