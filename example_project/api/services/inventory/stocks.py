"""Creates stocks, sets their levels, and lists them."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from api.models import InventoryItem, Property, PropertyInventory, User
from api.models.inventory import TransactionType, compare_levels
from api.services.changes import making_changes
from api.services.permission import get_access, list_visible

from .movements import change_stock, lock_stocks
from .restocking import make_restock_tasks

__all__ = ["list_stocks", "review_levels", "set_levels", "start_stock"]


def list_stocks(*, actor: User) -> "QuerySet[PropertyInventory]":
    """Return the stocks that a person can see, each with its ``level``.

    Args:
        actor: Who looks.

    Costs one query when it is read, with house and item.
    """
    rows: QuerySet[PropertyInventory] = list_visible(get_access(actor), PropertyInventory)
    return rows.select_related("property", "item").annotate(level=compare_levels())


def start_stock(
    *,
    actor: User,
    house: Property,
    item: InventoryItem,
    par: Decimal,
    maximum: Decimal | None = None,
    place: str = "",
    stock: Decimal = Decimal(0),
) -> PropertyInventory:
    """Start keeping an item in a house.

    Args:
        actor: Who does it.
        house: The house.
        item: The item.
        par: At or below is low.
        maximum: Above is too much.
        place: Where in the house.
        stock: How much there is.

    Raises:
        PermissionDenied: The actor may not, or does not see the house.
        ValidationError: The house has the item already, or a number is none.

    Costs twelve queries.
    """
    access = get_access(actor)
    is_seen = list_visible(access, Property).filter(pk=house.pk).exists()
    if not (is_seen and access.may("api.add_propertyinventory")):
        raise PermissionDenied(_("You may not add to what this house keeps."))
    kept = PropertyInventory(property=house, item=item, par=par, maximum=maximum, place=place)
    with making_changes():
        kept.full_clean()
        kept.save()
        if stock:
            change_stock(
                actor=actor,
                inventory=kept,
                transaction_type=TransactionType.ADJUSTMENT,
                amount=stock,
            )
            kept.refresh_from_db()
    return kept


def set_levels(
    *,
    actor: User,
    inventory: PropertyInventory,
    par: Decimal,
    maximum: Decimal | None = None,
    place: str = "",
) -> PropertyInventory:
    """Set how much of an item there should be; a stock that is low afterwards gets a task.

    Args:
        actor: Who does it.
        inventory: The stock.
        par: At or below is low.
        maximum: Above is too much.
        place: Where in the house.

    Raises:
        PermissionDenied: The actor may not.
        ValidationError: A number is none, or the maximum below par.

    Costs six queries, and two more where a task to restock is made.
    """
    with making_changes():
        (locked,) = lock_stocks(actor, [inventory.pk], permission="api.change_propertyinventory")
        locked.par, locked.maximum, locked.place = par, maximum, place
        locked.full_clean()
        locked.save(update_fields=["par", "maximum", "place"])
        make_restock_tasks([locked])
    return locked


def review_levels(*, actor: User, inventory: PropertyInventory) -> None:
    """Create the restocking task that a stock needs after its levels have changed.

    Args:
        actor: Who changed them.
        inventory: The stock.

    Raises:
        PermissionDenied: The actor may not change the levels.

    Costs a query, and two more where a task to restock is made.
    """
    with making_changes():
        make_restock_tasks(
            lock_stocks(actor, [inventory.pk], permission="api.change_propertyinventory")
        )
