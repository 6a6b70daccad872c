"""What the houses use up: some of it plenty, some low, some gone, each with its book."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from api.models import (
    InventoryCategory,
    InventoryItem,
    InventoryTransaction,
    PropertyInventory,
)
from api.models.inventory import TransactionType
from api.services.inventory import change_stock, transfer_stock
from django_modernize.context import change_context

if TYPE_CHECKING:
    from .company import Company

__all__ = ["add_stores"]

# Category, item, unit, cost, par level.
GOODS: Final = (
    ("Linen", "Bath towel", "piece", "9.50", 8),
    ("Linen", "Bed sheet", "piece", "14.00", 4),
    ("Bathroom", "Toilet paper", "roll", "0.60", 12),
    ("Bathroom", "Hand soap", "bottle", "2.20", 2),
    ("Kitchen", "Coffee capsules", "piece", "0.35", 20),
    ("Kitchen", "Dishwasher tabs", "piece", "0.25", 10),
    ("Tools", "Light bulb", "piece", "3.10", 2),
    ("Tools", "Smoke detector battery", "piece", "2.90", 1),
)


def add_stores(company: "Company") -> None:
    """Keep each item in every house, and move some of it as people do."""
    items = _add_items()
    with change_context(actor=company.people["maria"], reason="First count"):
        stocks = PropertyInventory.objects.bulk_create(
            PropertyInventory(
                property=house,
                item=item,
                par=par,
                maximum=par * 4,
                place="cupboard in the hall",
                stock=par * 2 + company.dice.randrange(par + 1),
            )
            for house in company.houses
            for item, par in items
        )
        InventoryTransaction.objects.bulk_create(
            InventoryTransaction(
                inventory=stock,
                transaction_type=TransactionType.STOCK_IN,
                change=stock.stock,
                stock_after=stock.stock,
                note="First count",
            )
            for stock in stocks
        )
    _use_up(company, stocks)


def _add_items() -> list[tuple[InventoryItem, int]]:
    names = list(dict.fromkeys(category for category, *_ in GOODS))
    made = InventoryCategory.objects.bulk_create(InventoryCategory(name=name) for name in names)
    categories = dict(zip(names, made, strict=True))
    items = InventoryItem.objects.bulk_create(
        InventoryItem(
            category=categories[category],
            name=name,
            unit=unit,
            cost=Decimal(cost),
            sku=f"{category[:2].upper()}-{number:03}",
        )
        for number, (category, name, unit, cost, _) in enumerate(GOODS, start=1)
    )
    return list(zip(items, (par for *_, par in GOODS), strict=True))


def _use_up(company: "Company", stocks: list[PropertyInventory]) -> None:
    """Take things out, which makes tasks to buy more; move and correct some."""
    people = company.people
    for number, stock in enumerate(stocks[2::29][:9]):
        person = people[("anna", "ben", "chloe")[number % 3]]
        rest = Decimal(0) if number % 4 == 0 else stock.par
        with change_context(actor=person, source="manual"):
            change_stock(
                actor=person,
                inventory=stock,
                transaction_type=TransactionType.STOCK_OUT,
                amount=Decimal(stock.stock) - rest,
                note="Used up",
            )
    per_house = len(GOODS)
    with change_context(actor=people["maria"], source="manual"):
        transfer_stock(
            actor=people["maria"],
            source=stocks[0],
            target=stocks[per_house],
            amount=Decimal(3),
            note="Lent to the neighbour",
        )
        change_stock(
            actor=people["maria"],
            inventory=stocks[1],
            transaction_type=TransactionType.DAMAGE,
            amount=Decimal(1),
            note="Torn",
        )
