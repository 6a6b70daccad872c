"""Supplies: the stocks, their ledger, and what to buy."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import Property, PropertyInventory
from api.models.inventory import StockLevel, TransactionType
from api.services.inventory import change_stock, list_shopping, list_stocks
from api.services.permission import list_visible

from .pages import PortalRequest, portal_page, read_page
from .query_parameters import read_key

__all__ = ["show_shopping", "show_stock", "show_stocks"]

BOOK_LINES = 30


class ChangeForm(forms.Form):
    """An entry in the ledger; a transfer has two ends, and a form of its own."""

    transaction_type = forms.ChoiceField(
        label=_("What happened"),
        choices=[one for one in TransactionType.choices if one[0] != TransactionType.TRANSFER],
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=10,
        decimal_places=2,
        help_text=_("For an adjustment what was counted."),
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


@portal_page("api.view_propertyinventory")
def show_stocks(request: PortalRequest) -> HttpResponse:
    """List the stocks. Costs three statements besides the frame's."""
    stocks: QuerySet[Any] = list_stocks(actor=request.user)
    house, level = request.GET.get("house", ""), request.GET.get("level", "")
    if key := read_key(request, "house"):
        stocks = stocks.filter(property=key)
    if level in StockLevel.values:
        stocks = stocks.filter(level=level)
    context = {
        "page": read_page(request, stocks),
        "levels": StockLevel.choices,
        "may_add": request.access.may("api.add_propertyinventory"),
        "houses": list_visible(request.access, Property).only("pk", "name"),
        "house": house,
        "level": level,
    }
    return render(request, "portal/inventory/list.html", context)


@portal_page("api.view_propertyinventory")
def show_stock(request: PortalRequest, stock_id: int) -> HttpResponse:
    """Show a stock with its ledger, and add an entry. Costs two statements to show."""
    rows = list_visible(request.access, PropertyInventory).select_related("property", "item")
    stock: PropertyInventory = get_object_or_404(rows, pk=stock_id)
    form = ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _write(request, stock, form):
        messages.success(request, gettext("It is in the book."))
        return redirect("portal:stock", stock.pk)
    context = {
        "stock": stock,
        "level": stock.find_level(),
        "form": form if request.access.may("api.add_inventorytransaction") else None,
        "may_change": request.access.may("api.change_propertyinventory"),
        "book": stock.transactions.select_related("created_by")[:BOOK_LINES],
    }
    return render(request, "portal/inventory/stock.html", context)


def _write(request: PortalRequest, stock: PropertyInventory, form: forms.Form) -> bool:
    given: dict[str, Any] = form.cleaned_data
    try:
        change_stock(actor=request.user, inventory=stock, **given)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


@portal_page("api.view_propertyinventory")
def show_shopping(request: PortalRequest) -> HttpResponse:
    """Show what to buy, in total and by house. Costs one statement."""
    shopping = list_shopping(actor=request.user)
    return render(request, "portal/inventory/shopping.html", {"shopping": shopping})
