"""Supplies: every change of a stock goes through here, and becomes an entry in the ledger."""

from .movements import change_stock, transfer_stock
from .restocking import make_restock_tasks
from .shopping import HouseList, Purchase, ShoppingList, list_shopping
from .stocks import list_stocks, review_levels, set_levels, start_stock

__all__ = [
    "HouseList",
    "Purchase",
    "ShoppingList",
    "change_stock",
    "list_shopping",
    "list_stocks",
    "make_restock_tasks",
    "review_levels",
    "set_levels",
    "start_stock",
    "transfer_stock",
]
