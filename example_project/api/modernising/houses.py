"""The house of what was in none."""

from typing import Any, Final

from .ledger import Ledger, Repair

__all__ = ["house_homeless"]

HOMELESS: Final = "Without a house"
MADE_BECAUSE: Final = "What is in no house needs one."


def house_homeless(ledger: Ledger, model_name: str) -> None:
    """Put the rows that are in no house into one that is made for such rows.

    Args:
        ledger: Of the phase.
        model_name: A model with a foreign key ``property``.
    """
    homeless = ledger.rows(model_name).filter(property=None)
    if homeless.exists():
        house = _find_house(ledger)
        values = {"property_id": house}
        ledger.change(Repair(row, values, "It was in no house.") for row in ledger.read(homeless))


def _find_house(ledger: Ledger) -> Any:
    """Return the key of the house that an earlier phase made, or of a new one."""
    made = ledger.rows("ModernisationRecord").filter(reason=MADE_BECAUSE)
    known = ledger.rows("Property").filter(pk__in=made.values("object_id")).first()
    if known is not None:
        return known.pk
    names = set(ledger.rows("Property").values_list("name", flat=True))
    name, number = HOMELESS, 1
    while name in names:
        number += 1
        name = f"{HOMELESS} ({number})"
    house: Any = ledger.apps.get_model("api", "Property")(name=name)
    ledger.make([house], MADE_BECAUSE)
    return house.pk
