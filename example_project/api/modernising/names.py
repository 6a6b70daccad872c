"""Names that people take for the same are told apart."""

from collections.abc import Iterator
from typing import Any, Final

from .ledger import Ledger, Repair

__all__ = ["tell_names_apart"]

NAMED: Final = ("Property", "ChecklistTemplate", "InventoryItem", "BookingImportTemplate")
LONGEST: Final = 100


def tell_names_apart(ledger: Ledger) -> None:
    """Take needless spaces out of names, number those that are left equal, mend stock numbers."""
    for model_name in NAMED:
        ledger.change(_tell_apart(ledger, model_name))
    ledger.change(_mend_stock_numbers(ledger))


def _tell_apart(ledger: Ledger, model_name: str) -> Iterator[Repair]:
    rows = list(ledger.read(ledger.rows(model_name)))
    owners: dict[str, Any] = {}
    clean = {row.pk: " ".join(row.name.split()) for row in rows}
    # Who is written properly keeps the name, else who was first.
    for row in sorted(rows, key=lambda row: (clean[row.pk] != row.name, row.pk)):
        owners.setdefault(clean[row.pk].casefold(), row.pk)
    taken = set(owners)
    for row in rows:
        name, owner = clean[row.pk], owners[clean[row.pk].casefold()]
        reason = "Needless spaces."
        if owner != row.pk:
            reason = f"Reads as {owner} does: are they one? Then merge them by hand."
            name = _number_name(name, taken)
        if name != row.name:
            yield Repair(row, {"name": name}, reason)


def _number_name(name: str, taken: set[str]) -> str:
    number = 2
    while (numbered := _append(name, f" ({number})")).casefold() in taken:
        number += 1
    taken.add(numbered.casefold())
    return numbered


def _append(name: str, ending: str) -> str:
    return name[: LONGEST - len(ending)] + ending


def _mend_stock_numbers(ledger: Ledger) -> Iterator[Repair]:
    seen = set()
    for row in ledger.read(ledger.rows("InventoryItem")):
        if row.sku is None:
            yield Repair(row, {"sku": ""}, "No stock number is an empty one.")
        elif row.sku in seen:
            yield Repair(row, {"sku": ""}, f"{row.sku!r} is another item's.")
        elif row.sku:
            seen.add(row.sku)
