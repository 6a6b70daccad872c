"""Stocks and their movements."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from django.db.models import F

from .ledger import Ledger, Repair

__all__ = ["give_category", "mend_stock", "sign_movements", "unsign_movements"]

TAKEN: Final = ("stock_out", "damage", "transfer")
"""Types of movements that take something; the legacy system wrote all amounts without a sign."""

TYPES: Final = frozenset({"stock_in", "stock_out", "adjustment", "damage", "transfer"})

NOTHING: Final = Decimal("0.00")
CENT: Final = Decimal("0.01")
LARGEST_COST: Final = 99_999_999


def mend_stock(ledger: Ledger) -> None:
    """Mend numbers that cannot be, round prices to cents, set movements of nothing aside."""
    ledger.change(_mend_levels(ledger))
    ledger.change(_round_costs(ledger))
    ledger.set_aside(
        list(ledger.rows("InventoryTransaction").filter(quantity=0)), "Nothing was moved."
    )


def give_category(ledger: Ledger) -> None:
    """Put all items into one category, for somebody to sort."""
    items = ledger.rows("InventoryItem").filter(category=None)
    if items.exists():
        category: Any = ledger.apps.get_model("api", "InventoryCategory")(name="Not sorted")
        ledger.make([category], "Items need a category.")
        items.order_by().update(category=category)


def sign_movements(ledger: Ledger) -> None:
    """Make what was taken negative, and note what each movement left."""
    ledger.change(_mend_movements(ledger))
    _change_sign(ledger)
    _note_stocks(ledger)


def unsign_movements(ledger: Ledger) -> None:
    """Write all amounts without a sign again."""
    _change_sign(ledger)
    ledger.undo()


def _mend_levels(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("PropertyInventory")):
        values = {name: NOTHING for name in ("stock", "par") if getattr(row, name) < 0}
        if row.maximum is not None and row.maximum < values.get("par", row.par):
            values["maximum"] = None  # type: ignore[assignment]
        if values:
            yield Repair(
                row, values, "A stock is not below nothing, nor its maximum below its par."
            )


def _round_costs(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("InventoryItem").filter(cost__isnull=False)):
        if not 0 <= row.cost <= LARGEST_COST:
            yield Repair(row, {"cost": None}, f"{row.cost} is no price.")
        elif (rounded := float(Decimal(row.cost).quantize(CENT))) != row.cost:
            yield Repair(row, {"cost": rounded}, "Prices are in cents.")


def _mend_movements(ledger: Ledger) -> Iterator[Repair]:
    for row in ledger.read(ledger.rows("InventoryTransaction")):
        values: dict[str, Any] = {}
        if row.transaction_type not in TYPES:
            values["transaction_type"] = "adjustment"
        elif row.transaction_type in TAKEN and row.change < 0:
            values["change"] = -row.change
        if values:
            yield Repair(row, values, "The type was none, or a taken amount had a sign.")


def _change_sign(ledger: Ledger) -> None:
    rows = ledger.rows("InventoryTransaction").order_by().filter(transaction_type__in=TAKEN)
    rows.update(change=-F("change"))


def _note_stocks(ledger: Ledger) -> None:
    """Go back from today's stock; what the movements do not explain is never below nothing."""
    stocks = dict(ledger.rows("PropertyInventory").values_list("pk", "stock"))
    rows = ledger.rows("InventoryTransaction").order_by("inventory", "-pk")
    for inventory, movements in groupby(list(rows), lambda row: row.inventory_id):
        left, noted = stocks[inventory], []
        for row in movements:
            row.stock_after = max(left, NOTHING)
            left -= row.change
            noted.append(row)
        ledger.rows("InventoryTransaction").bulk_update(noted, ["stock_after"], batch_size=1_000)
