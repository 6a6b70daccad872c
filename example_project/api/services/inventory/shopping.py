"""What to buy: for each house, and in total."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from django.db.models.functions import Coalesce

from api.models import PropertyInventory, User
from api.services.permission import get_access, list_visible

__all__ = ["HouseList", "Purchase", "ShoppingList", "list_shopping"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """How much of an item to buy."""

    item_id: int
    name: str
    unit: str
    sku: str
    amount: Decimal
    cost: Decimal | None
    """Of the whole amount; ``None`` where the item has no price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseList:
    """What one house needs."""

    property_id: int
    name: str
    purchases: tuple[Purchase, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShoppingList:
    """What all houses need."""

    houses: tuple[HouseList, ...]
    total: tuple[Purchase, ...]
    """The same, an item once."""

    @property
    def cost(self) -> Decimal:
        """The total cost, as far as prices are known."""
        return sum((one.cost for one in self.total if one.cost is not None), Decimal(0))


def list_shopping(*, actor: User) -> ShoppingList:
    """Return what is low or out in the houses that a person can see.

    A stock at or below par is filled up to its maximum; where there is none, so far that it is no
    longer low. Items that are no longer active are left out.

    Args:
        actor: Who looks.

    Costs one query, and two for the actor's access.
    """
    rows = list_visible(get_access(actor), PropertyInventory)
    short = rows.filter(stock__lte=F("par"), item__is_active=True).annotate(
        amount=Coalesce(F("maximum"), F("par") + 1) - F("stock")
    )
    found = short.filter(amount__gt=0).order_by("property__name", "property_id", "item__name")
    houses: dict[tuple[int, str], list[Purchase]] = {}
    for row in found.values_list(
        "property_id", "property__name", "item_id", "item__name", "item__unit", "item__sku",
        "item__cost", "amount",
    ):  # fmt: skip
        houses.setdefault((row[0], row[1]), []).append(_make_purchase(*row[2:]))
    return ShoppingList(
        houses=tuple(
            HouseList(property_id=key, name=name, purchases=tuple(purchases))
            for (key, name), purchases in houses.items()
        ),
        total=_add_up(houses.values()),
    )


def _make_purchase(
    item_id: int, name: str, unit: str, sku: str, price: Decimal | None, amount: Decimal
) -> Purchase:
    cost = None if price is None else price * amount
    return Purchase(item_id=item_id, name=name, unit=unit, sku=sku, amount=amount, cost=cost)


def _add_up(lists: Iterable[Iterable[Purchase]]) -> tuple[Purchase, ...]:
    sums: dict[int, Decimal] = {}
    costs: dict[int, Decimal] = {}
    known: dict[int, Purchase] = {}
    for purchase in (one for purchases in lists for one in purchases):
        known[purchase.item_id] = purchase
        sums[purchase.item_id] = sums.get(purchase.item_id, Decimal(0)) + purchase.amount
        costs[purchase.item_id] = costs.get(purchase.item_id, Decimal(0)) + (purchase.cost or 0)
    ordered = sorted(known.values(), key=lambda one: (one.name, one.item_id))
    return tuple(_sum_purchase(one, sums, costs) for one in ordered)


def _sum_purchase(
    purchase: Purchase, sums: Mapping[int, Decimal], costs: Mapping[int, Decimal]
) -> Purchase:
    key = purchase.item_id
    return Purchase(
        item_id=key,
        name=purchase.name,
        unit=purchase.unit,
        sku=purchase.sku,
        amount=sums[key],
        cost=None if purchase.cost is None else costs[key],
    )
