"""The stock of the houses: its book, its levels, what is to be bought."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.models import (
    InventoryCategory,
    InventoryItem,
    InventoryTransaction,
    Profile,
    Property,
    PropertyInventory,
    Task,
    User,
)
from api.models.auth import Role
from api.models.inventory import StockLevel, TransactionType
from api.models.task_choices import TaskStatus
from api.services.inventory import (
    change_stock,
    list_shopping,
    list_stocks,
    set_levels,
    start_stock,
    transfer_stock,
)
from api.services.recycle import delete_row, preview_delete, restore_row
from django_modernize.softdelete.purge import purge_rows

MOVES = [TransactionType.STOCK_IN, TransactionType.STOCK_OUT, TransactionType.DAMAGE]


@pytest.fixture
def keeper(db):
    user = User.objects.create_user("keeper")
    Profile.objects.filter(user=user).update(role=Role.MANAGER)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def soap(db):
    shelf = InventoryCategory.objects.create(name="Bath")
    return InventoryItem.objects.create(category=shelf, name="Soap", cost=Decimal("2.50"))


def keep(house, item, stock=0, **values):
    """Keep an item in a house, with a stock that stands in the book."""
    kept = PropertyInventory.objects.create(property=house, item=item, **values)
    if stock:
        InventoryTransaction.objects.create(
            inventory=kept,
            transaction_type=TransactionType.STOCK_IN,
            change=stock,
            stock_after=stock,
        )
        PropertyInventory.objects.filter(pk=kept.pk).update(stock=stock)
    return PropertyInventory.objects.get(pk=kept.pk)


def move(user, kept, kind, amount, **values):
    return change_stock(
        actor=user, inventory=kept, transaction_type=kind, amount=Decimal(amount), **values
    )


def stock_of(kept):
    return PropertyInventory.objects.get(pk=kept.pk).stock


def sum_book(kept):
    return sum((one.change for one in kept.transactions.all()), Decimal(0))


@pytest.mark.parametrize(
    ("kind", "left"), [("stock_in", 7), ("stock_out", 3), ("damage", 3), ("adjustment", 2)]
)
def test_each_kind_of_movement_says_what_is_left(keeper, owl, soap, kind, left):
    kept = keep(owl, soap, 5)
    entry = move(keeper, kept, kind, 2, note="spring")
    assert (entry.stock_after, stock_of(kept), entry.note) == (left, left, "spring")
    assert sum_book(kept) == left


def test_a_count_that_finds_what_the_book_says_writes_nothing(keeper, owl, soap):
    kept = keep(owl, soap, 5)
    assert move(keeper, kept, "adjustment", 5) is None
    assert kept.transactions.count() == 1


@pytest.mark.parametrize("kind", ["stock_out", "damage"])
def test_a_stock_is_never_below_zero(keeper, owl, soap, kind):
    kept = keep(owl, soap, 5)
    with pytest.raises(ValidationError, match="not enough: Soap in Owl Point, 5 each") as refused:
        move(keeper, kept, kind, "5.01")
    assert refused.value.error_dict["amount"][0].code == "below_zero"
    assert stock_of(kept) == sum_book(kept) == 5


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "123456789"])
def test_an_amount_is_a_number_above_zero_with_two_places(keeper, owl, soap, amount):
    with pytest.raises(ValidationError) as refused:
        move(keeper, keep(owl, soap, 5), "stock_in", amount)
    assert refused.value.error_dict["amount"][0].code == "amount"


def test_a_transfer_is_no_change_of_one_stock(keeper, owl, soap):
    with pytest.raises(ValidationError, match="no change of one stock"):
        move(keeper, keep(owl, soap, 5), "transfer", 1)


def test_a_transfer_moves_both_ends_and_ties_them(keeper, owl, crane, soap):
    source, target = keep(owl, soap, 5), keep(crane, soap, 1)
    entry = transfer_stock(actor=keeper, source=source, target=target, amount=Decimal(2))
    assert (stock_of(source), stock_of(target)) == (3, 3)
    assert (entry.inventory, entry.change) == (target, 2)
    assert (entry.counterpart.inventory, entry.counterpart.change) == (source, -2)
    assert entry.counterpart.origin == entry


def test_a_transfer_that_cannot_be_moves_neither_end(keeper, owl, crane, soap):
    source, target = keep(owl, soap, 1), keep(crane, soap, 1)
    with pytest.raises(ValidationError, match="not enough"):
        transfer_stock(actor=keeper, source=source, target=target, amount=Decimal(2))
    assert (stock_of(source), stock_of(target)) == (1, 1)


def test_a_transfer_is_between_two_stocks_of_one_item(keeper, owl, crane, soap):
    towel = InventoryItem.objects.create(category=soap.category, name="Towel")
    source = keep(owl, soap, 5)
    with pytest.raises(ValidationError, match="Towel is another item"):
        transfer_stock(actor=keeper, source=source, target=keep(crane, towel), amount=Decimal(1))
    with pytest.raises(ValidationError, match="another house"):
        transfer_stock(actor=keeper, source=source, target=source, amount=Decimal(1))


def test_a_movement_names_only_a_task_of_its_house(keeper, owl, crane, soap):
    task = Task.objects.create(title="Clean", property=crane)
    with pytest.raises(ValidationError, match="is in another house"):
        move(keeper, keep(owl, soap, 5), "stock_out", 1, task=task)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_staff_write_to_the_book_and_viewers_do_not(keeper, owl, soap, role):
    kept = keep(owl, soap, 5)
    Profile.objects.filter(user=keeper).update(role=role)
    person = User.objects.get(pk=keeper.pk)
    if role == Role.STAFF:
        assert move(person, kept, "stock_out", 1)
        return
    with pytest.raises(PermissionDenied):
        move(person, kept, "stock_out", 1)
    assert stock_of(kept) == 5


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: InventoryTransaction.objects.update(change=9),
        lambda entry: InventoryTransaction.objects.bulk_update([entry], ["note"]),
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: InventoryTransaction.objects.all().delete(),
        lambda entry: connection.cursor().execute(
            "UPDATE api_inventorytransaction SET stock_after = 9"
        ),
        lambda entry: connection.cursor().execute("DELETE FROM api_inventorytransaction"),
    ],
    ids=["update", "bulk_update", "save", "delete", "queryset", "sql", "sql delete"],
)
def test_the_book_is_append_only_from_every_door(owl, soap, change):
    entry = keep(owl, soap, 5).transactions.get()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(entry)
    assert InventoryTransaction.objects.get().change == 5


def test_the_book_stays_when_a_task_that_it_names_goes(keeper, owl, soap):
    task = Task.objects.create(title="Clean", property=owl)
    entry = move(keeper, keep(owl, soap, 5), "stock_out", 1, task=task)
    task.hard_delete()
    assert InventoryTransaction.objects.get(pk=entry.pk).task is None


def test_a_house_goes_into_the_bin_with_its_stocks_and_both_come_back_with_their_book(
    administrator, owl, soap
):
    kept = keep(owl, soap, 5)
    assert not preview_delete(actor=administrator, row=owl).obstacles
    delete_row(actor=administrator, row=owl)
    assert not PropertyInventory.objects.exists()
    assert InventoryTransaction.objects.count() == 1
    restore_row(actor=administrator, row=Property.deleted_objects.get())
    assert stock_of(kept) == sum_book(kept) == 5


def test_a_stock_with_a_book_is_never_removed_for_good(administrator, owl, soap):
    entry = keep(owl, soap, 5).transactions.get()
    owl.delete()
    list(purge_rows(before=timezone.now() + timedelta(days=1), using="default"))
    assert Property.deleted_objects.get().pk == owl.pk
    assert InventoryTransaction.objects.get().inventory_id == entry.inventory_id


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from([*MOVES, TransactionType.ADJUSTMENT, TransactionType.TRANSFER]),
            st.booleans(),
            st.decimals(min_value=0, max_value=9, places=2),
        ),
        max_size=8,
    )
)
def test_a_stock_is_the_sum_of_its_book_after_any_movements(keeper, owl, crane, soap, moves):
    with transaction.atomic():
        pair = [keep(owl, soap), keep(crane, soap)]
        for kind, is_first, amount in moves:
            source, target = pair if is_first else reversed(pair)
            try:
                if kind == TransactionType.TRANSFER:
                    transfer_stock(actor=keeper, source=source, target=target, amount=amount)
                else:
                    move(keeper, source, kind, amount)
            except ValidationError as refused:
                assert set(refused.error_dict) == {"amount"}
        for kept in pair:
            last = kept.transactions.first()
            assert stock_of(kept) == sum_book(kept) == (last.stock_after if last else 0) >= 0
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("stock", "level"),
    [(0, "out"), (1, "low"), (2, "low"), (3, "normal"), (5, "normal"), (6, "over")],
)
def test_a_level_is_out_low_normal_or_over(keeper, owl, soap, stock, level):
    kept = keep(owl, soap, stock, par=2, maximum=5)
    assert kept.find_level() == list_stocks(actor=keeper).get(pk=kept.pk).level == level


def test_without_a_maximum_nothing_is_over(keeper, owl, soap):
    kept = keep(owl, soap, 900, par=2)
    assert kept.find_level() == list_stocks(actor=keeper).get().level == StockLevel.NORMAL


def test_levels_are_listed_in_one_statement(keeper, soap, django_assert_num_queries):
    for number in range(9):
        keep(Property.objects.create(name=f"House {number}"), soap, number, par=3)
    rows = list_stocks(actor=keeper)
    with django_assert_num_queries(1):
        assert [str(one) for one in rows if one.level == StockLevel.OUT] == ["Soap in House 0"]


def test_low_stock_makes_one_task_until_that_is_done(keeper, owl, soap):
    kept = keep(owl, soap, 5, par=4)
    move(keeper, kept, "stock_out", 1)
    task = Task.objects.get()
    assert (task.title, task.property) == ("Restock Soap", owl)
    move(keeper, kept, "stock_out", 1)
    assert Task.objects.count() == 1
    Task.objects.update(status=TaskStatus.COMPLETED)
    move(keeper, kept, "damage", 1)
    assert Task.objects.filter(status=TaskStatus.PENDING).count() == 1


def test_a_deleted_task_to_restock_is_no_open_one(keeper, owl, soap):
    kept = keep(owl, soap, 5, par=4)
    move(keeper, kept, "stock_out", 1)
    Task.objects.get().delete()
    move(keeper, kept, "stock_out", 1)
    assert Task.objects.count() == 1


def test_enough_stock_makes_no_task(keeper, owl, soap):
    move(keeper, keep(owl, soap, 5, par=3), "stock_out", 1)
    assert not Task.objects.exists()


def test_a_movement_that_fails_makes_no_task(keeper, owl, soap):
    kept = keep(owl, soap, 5, par=4)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        move(keeper, kept, "stock_out", 1)
        1 / 0  # noqa: B018
    assert not Task.objects.exists()


def test_a_higher_par_makes_a_task_too(keeper, owl, soap):
    kept = keep(owl, soap, 5, par=1)
    set_levels(actor=keeper, inventory=kept, par=Decimal(5), place="cellar")
    assert Task.objects.get().title == "Restock Soap"
    with pytest.raises(ValidationError, match="inventory_maximum_from_par"):
        set_levels(actor=keeper, inventory=kept, par=Decimal(5), maximum=Decimal(2))


def test_a_stock_begins_with_an_entry_in_the_book(keeper, owl, soap):
    kept = start_stock(actor=keeper, house=owl, item=soap, par=Decimal(2), stock=Decimal(8))
    assert kept.stock == sum_book(kept) == 8
    with pytest.raises(ValidationError):
        start_stock(actor=keeper, house=owl, item=soap, par=Decimal(2))


def test_what_to_buy_is_listed_for_each_house_and_in_all(
    keeper, owl, crane, soap, django_assert_num_queries
):
    towel = InventoryItem.objects.create(category=soap.category, name="Towel")
    gone = InventoryItem.objects.create(category=soap.category, name="Wax", is_active=False)
    keep(owl, soap, 1, par=2, maximum=6)
    keep(owl, towel, 3, par=3)
    keep(owl, gone, 0, par=3)
    keep(crane, soap, 0, par=2, maximum=4)
    keep(crane, towel, 9, par=3)
    assert list_stocks(actor=keeper).count() == 5
    with django_assert_num_queries(1):
        shopping = list_shopping(actor=keeper)
    assert [
        (house.name, [(one.name, one.amount, one.cost) for one in house.purchases])
        for house in shopping.houses
    ] == [
        ("Crane", [("Soap", 4, Decimal(10))]),
        ("Owl Point", [("Soap", 5, Decimal("12.5")), ("Towel", 1, None)]),
    ]
    assert [(one.name, one.amount) for one in shopping.total] == [("Soap", 9), ("Towel", 1)]
    assert shopping.cost == Decimal("22.5")


def test_a_movement_costs_the_same_whatever_the_book_holds(
    keeper, owl, soap, django_assert_max_num_queries
):
    kept = keep(owl, soap, 50, par=1)
    for _number in range(5):
        move(keeper, kept, "stock_out", 1)
    with django_assert_max_num_queries(14):
        move(keeper, kept, "stock_out", 1)


def test_a_category_with_things_in_it_is_not_deleted_and_says_what_is_in_it(administrator):
    shelf = InventoryCategory.objects.create(name="Bath")
    InventoryItem.objects.create(category=shelf, name="Soap")
    with pytest.raises(ValidationError) as raised:
        delete_row(actor=administrator, row=shelf)
    assert raised.value.code == "protected"
    assert raised.value.messages == ["It is still needed by: Soap."]
