"""Which items a house keeps, how much of each, and transfers between houses."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from api.models import PropertyInventory
from api.services.inventory import set_levels, start_stock, transfer_stock
from api.services.permission import list_visible

from .forms import show_refusal
from .pages import PortalRequest, portal_page
from .stock_forms import LevelsForm, StockForm, TransferForm

__all__ = ["edit_levels", "new_stock", "transfer"]


@portal_page("api.add_propertyinventory")
def new_stock(request: PortalRequest) -> HttpResponse:
    """Start keeping an item in a house."""
    form = StockForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        try:
            stock = start_stock(actor=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, gettext("%(stock)s is saved.") % {"stock": stock})
            return redirect("portal:stock", stock.pk)
    return render(request, "portal/inventory/form.html", {"form": form})


@portal_page("api.change_propertyinventory")
def edit_levels(request: PortalRequest, stock_id: int) -> HttpResponse:
    """Set how much of an item a house should have."""
    stock = _find_stock(request, stock_id)
    now = {"par": stock.par, "maximum": stock.maximum, "place": stock.place}
    form = LevelsForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            set_levels(actor=request.user, inventory=stock, **form.cleaned_data)
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, gettext("%(stock)s is saved.") % {"stock": stock})
            return redirect("portal:stock", stock.pk)
    context = {"form": form, "stock": stock, "heading": gettext("How much there should be")}
    return render(request, "portal/inventory/form.html", context)


@portal_page("api.add_inventorytransaction")
def transfer(request: PortalRequest, stock_id: int) -> HttpResponse:
    """Transfer stock to another house."""
    stock = _find_stock(request, stock_id)
    form = TransferForm(request.POST or None, access=request.access, source=stock)
    if request.method == "POST" and form.is_valid():
        try:
            transfer_stock(actor=request.user, source=stock, **form.cleaned_data)
        except ValidationError as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, gettext("It is in the book of both houses."))
            return redirect("portal:stock", stock.pk)
    context = {"form": form, "stock": stock, "heading": gettext("Carry some to another house")}
    return render(request, "portal/inventory/form.html", context)


def _find_stock(request: PortalRequest, stock_id: int) -> PropertyInventory:
    rows = list_visible(request.access, PropertyInventory).select_related("property", "item")
    stock: PropertyInventory = get_object_or_404(rows, pk=stock_id)
    return stock
