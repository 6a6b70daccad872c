"""The doors to houses, what is in them, what was deleted, and reports."""

from datetime import date
from decimal import Decimal
from typing import Any

from api import models
from api.services import (
    documents,
    lost_found,
    recycle,
    reports,
)
from api.services import property as houses
from api.services.inventory import movements, shopping, stocks
from tests.example.rows import Corner, bring_paper, take_photo
from tests.example.service_doors.door import Door, delete, holds

STOCK = "api.add_inventorytransaction"
LEVELS = "api.change_propertyinventory"


def make_stocks(corner: Corner) -> Any:
    """Make a stock, and one of the same item in another house; return the first."""
    item = corner.get(models.InventoryItem)
    other = corner.make(models.Property)
    corner.made["other"] = corner.make(models.PropertyInventory, property=other, item=item)
    return corner.make(models.PropertyInventory, item=item)


def transfer_stock(actor: Any, stock: Any, corner: Corner) -> Any:
    """Move a little of a stock to another house, which everybody sees who sees stocks."""
    other, amount = corner.made["other"], Decimal(1)
    return movements.transfer_stock(actor=actor, source=stock, target=other, amount=amount)


def report_houses(actor: Any, house: Any, corner: Corner) -> Any:
    """Return the names of the houses in a report."""
    report = reports.make_report(
        actor=actor, name="occupancy", first=date(2027, 1, 1), last=date(2027, 1, 9)
    )
    return [row[0] for row in report.rows]


DOORS: dict[str, Door] = {
    "documents.add_document": Door(
        go=lambda actor, row, corner: documents.add_document(
            actor=actor, house=row, file=bring_paper(), title="Manual"
        ),
        asks=("api.add_document",),
        model=models.Property,
    ),
    "documents.change_document": Door(
        go=lambda actor, row, corner: documents.change_document(
            actor=actor, document=row, values={"title": "Manual"}
        ),
        asks=("api.change_document",),
        model=models.Document,
    ),
    "inventory.movements.change_stock": Door(
        go=lambda actor, row, corner: movements.change_stock(
            actor=actor, inventory=row, transaction_type="stock_in", amount=Decimal(1)
        ),
        asks=(STOCK,),
        model=models.PropertyInventory,
    ),
    "inventory.movements.transfer_stock": Door(
        go=transfer_stock, asks=(STOCK,), model=models.PropertyInventory, make=make_stocks
    ),
    "inventory.movements.lock_stocks": Door(
        go=lambda actor, row, corner: movements.lock_stocks(actor, [row.pk]),
        asks=(STOCK,),
        model=models.PropertyInventory,
    ),
    "inventory.shopping.list_shopping": Door(
        go=lambda actor, row, corner: [
            one.property_id for one in shopping.list_shopping(actor=actor).houses
        ],
        asks=("api.view_propertyinventory",),
        model=models.PropertyInventory,
        make=lambda corner: corner.make(models.PropertyInventory, stock=0, par=3),
        did=lambda result, row: row.property_id in result,
    ),
    "inventory.stocks.list_stocks": Door(
        go=lambda actor, row, corner: stocks.list_stocks(actor=actor),
        asks=("api.view_propertyinventory",),
        model=models.PropertyInventory,
        did=holds,
    ),
    "inventory.stocks.start_stock": Door(
        go=lambda actor, row, corner: stocks.start_stock(
            actor=actor, house=row, item=corner.get(models.InventoryItem), par=Decimal(1)
        ),
        asks=("api.add_propertyinventory",),
        model=models.Property,
        needs=(models.InventoryItem,),
    ),
    "inventory.stocks.set_levels": Door(
        go=lambda actor, row, corner: stocks.set_levels(actor=actor, inventory=row, par=Decimal(1)),
        asks=(LEVELS,),
        model=models.PropertyInventory,
    ),
    "inventory.stocks.review_levels": Door(
        go=lambda actor, row, corner: stocks.review_levels(actor=actor, inventory=row),
        asks=(LEVELS,),
        model=models.PropertyInventory,
    ),
    "lost_found.report_item": Door(
        go=lambda actor, row, corner: lost_found.report_item(actor=actor, house=row, title="glove"),
        asks=("api.add_lostfounditem",),
        model=models.Property,
    ),
    "lost_found.set_status": Door(
        go=lambda actor, row, corner: lost_found.set_status(
            actor=actor, item=row, status="claimed", claimed_by="Ada"
        ),
        asks=("api.change_lostfounditem",),
        model=models.LostFoundItem,
    ),
    "lost_found.add_photo": Door(
        go=lambda actor, row, corner: lost_found.add_photo(
            actor=actor, item=row, image=take_photo()
        ),
        asks=("api.add_lostfoundphoto",),
        model=models.LostFoundItem,
    ),
    "property.create_property": Door(
        go=lambda actor, row, corner: houses.create_property(actor=actor, values={"name": "Heron"}),
        asks=("api.add_property",),
    ),
    "property.change_property": Door(
        go=lambda actor, row, corner: houses.change_property(
            actor=actor, house=row, values={"address": "1 Pond Lane"}
        ),
        asks=("api.change_property",),
        model=models.Property,
    ),
    "recycle.list_deleted": Door(
        go=lambda actor, row, corner: [one.row for one in recycle.list_deleted(actor=actor)],
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
        did=holds,
    ),
    "recycle.preview_restore": Door(
        go=lambda actor, row, corner: recycle.preview_restore(actor=actor, row=row),
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
    ),
    "recycle.restore_row": Door(
        go=lambda actor, row, corner: recycle.restore_row(actor=actor, row=row),
        asks=("api.restore_deleted",),
        model=models.Booking,
        make=delete,
    ),
    "recycle.preview_delete": Door(
        go=lambda actor, row, corner: recycle.preview_delete(actor=actor, row=row),
        asks=("api.delete_booking",),
        model=models.Booking,
    ),
    "recycle.delete_row": Door(
        go=lambda actor, row, corner: recycle.delete_row(actor=actor, row=row),
        asks=("api.delete_booking",),
        model=models.Booking,
    ),
    "reports.make_report": Door(
        go=report_houses,
        asks=("api.view_reports",),
        model=models.Property,
        did=lambda result, row: row.name in result,
    ),
}
"""Each by the module and the name of the service."""
