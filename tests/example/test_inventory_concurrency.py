"""Movements at the same time leave what one after the other would have left."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from api.models import InventoryCategory, InventoryItem, PropertyInventory, Task, User
from api.services.inventory import change_stock, start_stock, transfer_stock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def soap():
    return InventoryItem.objects.create(
        category=InventoryCategory.objects.create(name="Bath"), name="Soap"
    )


def run_together(*calls):
    """Run functions at once, each in a thread with a connection of its own; count refusals."""
    start = Barrier(len(calls))

    def work(call):
        try:
            start.wait(timeout=60)
            call(User.objects.get())
        except ValidationError:
            return 1
        finally:
            connection.close()
        return 0

    with ThreadPoolExecutor(len(calls)) as pool:
        return sum(pool.map(work, calls))


def test_two_who_take_the_last_at_once_do_not_both_get_it(administrator, owl, soap):
    kept = start_stock(actor=administrator, house=owl, item=soap, par=Decimal(1), stock=Decimal(3))

    def take(user):
        change_stock(actor=user, inventory=kept, transaction_type="stock_out", amount=Decimal(2))

    assert run_together(take, take) == 1
    assert PropertyInventory.objects.get().stock == sum(
        one.change for one in kept.transactions.all()
    )
    assert PropertyInventory.objects.get().stock == 1
    assert Task.objects.count() == 1


def test_transfers_against_one_another_do_not_wait_in_a_circle(administrator, owl, crane, soap):
    first, second = (
        start_stock(actor=administrator, house=one, item=soap, par=Decimal(1), stock=Decimal(9))
        for one in (owl, crane)
    )

    def carry(source, target):
        return lambda user: [
            transfer_stock(actor=user, source=source, target=target, amount=Decimal(1))
            for _number in range(3)
        ]

    assert run_together(carry(first, second), carry(second, first)) == 0
    assert {one.stock for one in PropertyInventory.objects.all()} == {Decimal(9)}
