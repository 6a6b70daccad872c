"""Stock in, out and between houses; never below zero, even with concurrent changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from api.models import InventoryTransaction, Property, PropertyInventory, Task, User
from api.models.inventory import TransactionType
from api.models.refusals import StateRefused
from api.services.changes import making_changes
from api.services.locking import hold_rows, lock_stock_rows
from api.services.permission import get_access, list_visible

from .restocking import make_restock_tasks

__all__ = ["SIGNS", "change_stock", "lock_stocks", "transfer_stock"]

SIGNS: Final = {
    TransactionType.STOCK_IN: 1,
    TransactionType.STOCK_OUT: -1,
    TransactionType.DAMAGE: -1,
}
"""Whether a movement adds or takes; an adjustment does what the count says."""

CENT: Final = Decimal("0.01")
MOST: Final = Decimal("99999999.99")


def change_stock(
    *,
    actor: User,
    inventory: PropertyInventory,
    transaction_type: str,
    amount: Decimal,
    note: str = "",
    task: Task | None = None,
) -> InventoryTransaction | None:
    """Change one stock.

    Args:
        actor: Who does it.
        inventory: The stock.
        transaction_type: ``stock_in``, ``stock_out``, ``damage`` or ``adjustment``.
        amount: How much was brought or taken, in the item's unit; of an adjustment, how much there
            is by count.
        note: What there is to say.
        task: The task in whose course it happened.

    Returns:
        The entry in the book, ``None`` where a count found what the book says.

    Raises:
        PermissionDenied: The actor may not write to the book of this house.
        StateRefused: More is taken than there is (``below_zero``).
        ValidationError: The amount is none, or the task is in another house; codes ``amount``,
            ``type`` and ``other_property``.

    Costs seven queries, and four more where a task to restock is made.
    """
    is_count = transaction_type == TransactionType.ADJUSTMENT
    if not is_count and transaction_type not in SIGNS:
        raise ValidationError(
            {"transaction_type": _say("type", _("%s is no change of one stock."), transaction_type)}
        )
    _check_amount(amount, may_be_zero=is_count)
    with making_changes():
        _hold_task(task)
        (locked,) = lock_stocks(actor, [inventory.pk])
        _check_task(task, [locked])
        change = (
            amount - locked.stock if is_count else amount * SIGNS[TransactionType(transaction_type)]
        )
        if not change:
            return None
        entry = _write_entry(locked, transaction_type, change, note=note, task=task)
        make_restock_tasks([locked])
    return entry


def transfer_stock(
    *,
    actor: User,
    source: PropertyInventory,
    target: PropertyInventory,
    amount: Decimal,
    note: str = "",
    task: Task | None = None,
) -> InventoryTransaction:
    """Move an item from one house to another, both ends or neither.

    Args:
        actor: Who does it.
        source: The stock that gives.
        target: The stock of the same item that gets.
        amount: How much, in the item's unit.
        note: What there is to say.
        task: The task in whose course it happened, in one of the houses.

    Returns:
        The entry of the target; its ``counterpart`` is that of the source.

    Raises:
        PermissionDenied: The actor may not write to the book of both houses.
        ValidationError: As for :func:`change_stock`; ``other_item`` if the ends are of different
            items, ``same_stock`` if they are one.

    Costs nine queries, and four more where a task to restock is made.
    """
    _check_amount(amount)
    if source.pk == target.pk:
        raise ValidationError({"target": _say("same_stock", _("Choose another house."))})
    with making_changes():
        _hold_task(task)
        locked = {one.pk: one for one in lock_stocks(actor, [source.pk, target.pk])}
        giving, getting = locked[source.pk], locked[target.pk]
        if giving.item_id != getting.item_id:
            message = _say("other_item", _("%s is another item."), getting.item)
            raise ValidationError({"target": message})
        _check_task(task, [giving, getting])
        kind = TransactionType.TRANSFER
        out = _write_entry(giving, kind, -amount, note=note, task=task)
        entry = _write_entry(getting, kind, amount, note=note, task=task, counterpart=out)
        make_restock_tasks([giving])
    return entry


def lock_stocks(
    actor: User, keys: Sequence[int], *, permission: str = "api.add_inventorytransaction"
) -> list[PropertyInventory]:
    """Lock stocks until the end of the transaction, in the order of their keys.

    Args:
        actor: Who wants to change them.
        keys: Their primary keys.
        permission: What it takes.

    Raises:
        PermissionDenied: The actor lacks the permission, or does not see one of them.

    Costs one query, two more on PostgreSQL, and two for the actor's access.
    """
    access = get_access(actor)
    lock_stock_rows(keys)
    rows = list_visible(access, PropertyInventory).filter(pk__in=keys).order_by("pk")
    # Read after locking: a joined read would return the restocking task from before.
    rows = rows.select_related("property", "item", "restock_task")
    found: list[PropertyInventory] = list(rows) if access.may(permission) else []
    if len(found) != len(set(keys)):
        raise PermissionDenied(_("You may not change this stock."))
    return found


def _write_entry(
    inventory: PropertyInventory,
    transaction_type: str,
    change: Decimal,
    *,
    note: str,
    task: Task | None,
    counterpart: InventoryTransaction | None = None,
) -> InventoryTransaction:
    """Write an entry and update the stock; the row is locked."""
    after = inventory.stock + change
    if after < 0:
        there = f"{inventory}, {inventory.stock.normalize():f} {inventory.item.unit}"
        raise StateRefused(
            _("There is not enough: %(there)s."), "below_zero", {"there": there}, field="amount"
        )
    _check_amount(after, may_be_zero=True)
    entry = InventoryTransaction(
        inventory=inventory,
        transaction_type=transaction_type,
        change=change,
        stock_after=after,
        counterpart=counterpart,
        task=task,
        note=note,
    )
    entry.clean_fields()
    entry.save()
    inventory.stock = after
    inventory.save(update_fields=["stock"])
    return entry


def _check_amount(amount: Decimal, *, may_be_zero: bool = False) -> None:
    if not amount.is_finite() or amount > MOST or amount != amount.quantize(CENT):
        message = _("Give a number with at most eight digits, and two behind the point.")
    elif amount < 0 or (amount == 0 and not may_be_zero):
        message = _("Give an amount above zero.")
    else:
        return
    raise ValidationError({"amount": _say("amount", message)})


def _hold_task(task: Task | None) -> None:
    """Lock the task before the stock, in the same order as a deletion of the task."""
    if task is not None:
        hold_rows(Property._base_manager.filter(pk=task.property_id))
        hold_rows(Task._base_manager.filter(pk=task.pk))


def _check_task(task: Task | None, stocks: Sequence[PropertyInventory]) -> None:
    if task is not None and task.property_id not in {one.property_id for one in stocks}:
        message = _say("other_property", _("The task “%s” is in another house."), task)
        raise ValidationError({"task": message})


def _say(code: str, message: str, name: object = None) -> ValidationError:
    return ValidationError(message if name is None else message % name, code=code)
