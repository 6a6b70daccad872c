"""Forms for stocks and found items; the services validate them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from api.models import InventoryItem, Property, PropertyInventory
from api.seen_values import SeenValuesMixin
from api.services.permission import Access, list_visible

from .forms import offer_rows

__all__ = [
    "LevelsForm",
    "PhotoForm",
    "StockForm",
    "TransferForm",
]


class AmountField(forms.DecimalField):
    """An amount with two decimal places."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, min_value=Decimal(0), **options)


class TransferForm(forms.Form):
    """A transfer to another house."""

    makes_anew = True

    target = forms.ModelChoiceField(
        label=_("To"), queryset=PropertyInventory.objects.none(), empty_label=None
    )
    amount = AmountField(label=_("How much"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(
        self, *args: Any, access: Access, source: PropertyInventory, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = list_visible(access, PropertyInventory).filter(item=source.item_id)
        field: Any = self.fields["target"]
        field.queryset = others.exclude(pk=source.pk).select_related("property", "item")
        field.label_from_instance = lambda stock: stock.property.name


class LevelsForm(SeenValuesMixin, forms.Form):
    """How much of an item there should be."""

    makes_anew = False
    """Whether sending it twice would make two of something."""

    par = AmountField(label=_("Least"), help_text=_("At or below, it is to be bought."))
    maximum = AmountField(label=_("Most"), required=False)
    place = forms.CharField(label=_("Where it is kept"), max_length=100, required=False)


class StockForm(LevelsForm):
    """A new item for a house."""

    makes_anew = True

    house = forms.ModelChoiceField(label=_("House"), queryset=Property.objects.none())
    item = forms.ModelChoiceField(label=_("Item"), queryset=InventoryItem.objects.none())
    stock = AmountField(label=_("How much is there"), initial=0)
    field_order = ["house", "item", "stock"]

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = list_visible(access, InventoryItem).filter(is_active=True)
        offer_rows(self, "house", list_visible(access, Property))
        offer_rows(self, "item", items.order_by("name"))


class PhotoForm(forms.Form):
    """A photo of an item."""

    image = forms.FileField(
        label=_("Photo"),
        widget=forms.ClearableFileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/heic"}
        ),
    )
