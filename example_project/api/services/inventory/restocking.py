"""Creates a task when a stock is low, but no second one while it is open."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from api.models import PropertyInventory, Task
from api.models.inventory import StockLevel
from api.models.task_choices import TaskStatus, TaskType

__all__ = ["make_restock_tasks"]

SHORT: Final = frozenset({StockLevel.OUT, StockLevel.LOW})
CLOSED: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.CANCELLED})


def make_restock_tasks(stocks: Sequence[PropertyInventory]) -> list[Task]:
    """Create the missing tasks of low stocks.

    They are stored together with the change that made the stock low.

    Args:
        stocks: Locked stocks with their house, item and task to restock.

    Returns:
        The new tasks.

    Costs nothing if no stock needs a task, otherwise two queries.
    """
    short = [one for one in stocks if one.find_level() in SHORT and not _is_open(one.restock_task)]
    if not short:
        return []
    made = Task.objects.bulk_create(_describe_task(stock) for stock in short)
    for stock, task in zip(short, made, strict=True):
        stock.restock_task = task
    PropertyInventory.objects.bulk_update(short, ["restock_task"])
    return made


def _is_open(task: Task | None) -> bool:
    return task is not None and not task.is_deleted and task.status not in CLOSED


def _describe_task(stock: PropertyInventory) -> Task:
    left = f"{stock.stock.normalize():f} {stock.item.unit}"
    return Task(
        title=_("Restock %(item)s") % {"item": stock.item.name},
        description=_("%(left)s left; there should be at least %(par)s.")
        % {"left": left, "par": f"{stock.par.normalize():f}"},
        task_type=TaskType.OTHER,
        property=stock.property,
    )
