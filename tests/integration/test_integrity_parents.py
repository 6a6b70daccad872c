"""A child has its parent's lodging, whichever of the two is changed and however."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.audit import AuditEvent
from django_modernize.integrity import ConstraintViolated, explain_refusals, explain_violation
from tests.testapp.models import Chore, Errand, Lodging, Reservation

pytestmark = pytest.mark.django_db(transaction=True)

MAY = date(2026, 5, 1)


@pytest.fixture
def elm():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def oak():
    return Lodging.objects.create(name="Oak")


@pytest.fixture
def stay(elm):
    return Reservation.objects.create(
        lodging=elm, check_in=MAY, check_out=MAY + timedelta(days=2), badge="Ann"
    )


@pytest.fixture
def chore(stay, elm):
    return Chore.objects.create(reservation=stay, lodging=elm)


def run_sql(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


WRONG_WRITES = {
    "save of the child": lambda stay, chore, oak: Chore(
        pk=chore.pk, reservation=stay, lodging=oak
    ).save(),
    "create": lambda stay, chore, oak: Chore.objects.create(reservation=stay, lodging=oak),
    "bulk_create": lambda stay, chore, oak: Chore.objects.bulk_create(
        [Chore(reservation=stay, lodging=oak)]
    ),
    "update of the child": lambda stay, chore, oak: Chore.objects.update(lodging=oak),
    "save of the parent": lambda stay, chore, oak: change(stay, lodging=oak).save(),
    "update of the parent": lambda stay, chore, oak: Reservation.objects.update(lodging=oak),
    "bulk_update of the parent": lambda stay, chore, oak: Reservation.objects.bulk_update(
        [change(stay, lodging=oak)], ["lodging"]
    ),
    "raw SQL at the child": lambda stay, chore, oak: run_sql(
        "UPDATE testapp_chore SET lodging_id = %s", oak.pk
    ),
    "raw SQL at the parent": lambda stay, chore, oak: run_sql(
        "UPDATE testapp_reservation SET lodging_id = %s", oak.pk
    ),
}


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize("write", WRONG_WRITES.values(), ids=WRONG_WRITES)
def test_no_way_to_write_parts_them(stay, chore, oak, elm, write):
    with pytest.raises(IntegrityError):
        write(stay, chore, oak)
    assert set(Chore.objects.values_list("lodging", flat=True)) == {elm.pk}
    assert Reservation.objects.get().lodging == elm


def test_both_can_move_in_one_transaction(stay, chore, oak):
    with transaction.atomic():
        Reservation.objects.update(lodging=oak)
        Chore.objects.update(lodging=oak)
    assert Chore.objects.get().lodging == oak


def test_one_that_is_not_deferred_is_judged_at_once(chore, elm, oak):
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Chore.objects.create(after=chore, lodging=oak)
    Chore.objects.create(after=chore, lodging=elm)


@pytest.mark.parametrize("parts", [{"lodging": None}, {"reservation": None}], ids=repr)
def test_a_row_without_either_passes(stay, oak, parts):
    chore = Chore(**{"reservation": stay, "lodging": oak, **parts})
    chore.validate_constraints()
    chore.save()


def test_a_parent_can_go(chore, stay):
    stay.hard_delete()
    assert Chore.objects.get().reservation is None


def test_a_child_that_follows_is_carried_along_and_told_of(stay, elm, oak):
    errand = Errand.objects.create(stay=stay, place=elm)
    stay.lodging = oak
    stay.validate_constraints()
    stay.save()
    errand.refresh_from_db()
    assert errand.place == oak
    event = AuditEvent.objects.for_model(Errand).first()
    assert (event.action, event.changes) == ("update", {"place": [elm.pk, oak.pk]})
    with pytest.raises(IntegrityError):
        Errand.objects.update(place=elm)


def test_validation_of_the_child_names_the_parent(chore, oak, django_assert_num_queries):
    chore.lodging = oak
    with pytest.raises(ValidationError) as caught, django_assert_num_queries(2):
        chore.validate_constraints()
    assert caught.value.messages == [
        "Lodging must be that of the reservation “booked from 2026-05-01 Ann”."
    ]
    with pytest.raises(ValidationError) as caught:
        Chore(after=chore, lodging=oak).validate_constraints()
    assert "Lodging must be that of the after" in caught.value.messages[0]
    # What a form does not show, it does not judge.
    chore.validate_constraints(exclude={"lodging"})


def test_validation_of_the_parent_names_the_child(chore, stay, oak):
    stay.validate_constraints()
    stay.lodging = oak
    with pytest.raises(ValidationError) as caught:
        stay.validate_constraints()
    assert caught.value.messages == [
        f"The chore “chore {chore.pk}” goes with this row and has another lodging."
    ]
    stay.validate_constraints(exclude={"lodging"})
    # Only the database knows what it will be.
    stay.lodging_id = F("lodging_id") + 1
    stay.validate_constraints()


def nobody_sees(row):
    return False


@override_settings(
    MODERNIZE={"CONFLICT_VISIBILITY": "tests.integration.test_integrity_parents.nobody_sees"}
)
def test_rows_that_the_reader_may_not_see_are_not_named(chore, stay, oak):
    with pytest.raises(ValidationError) as caught:
        change(chore, lodging=oak).validate_constraints()
    assert caught.value.messages == ["Lodging must be that of the reservation."]
    with pytest.raises(ValidationError) as caught:
        change(stay, lodging=oak).validate_constraints()
    assert caught.value.messages == ["Something that goes with this row has another lodging."]


def test_a_refusal_is_explained_from_either_side(chore, stay, oak, elm):
    change(chore, lodging=oak)
    with pytest.raises(ConstraintViolated) as caught, explain_refusals(Chore, [chore]):
        chore.save()
    assert caught.value.constraint.name == "chore_in_lodging_of_stay"
    assert "reservation “booked" in caught.value.messages[0]
    change(stay, lodging=oak)
    with pytest.raises(ConstraintViolated) as caught, explain_refusals(Reservation, [stay]):
        stay.save()
    assert caught.value.constraint.name == "reservation_key_in_lodging"
    assert f"“chore {chore.pk}”" in caught.value.messages[0]


def test_a_caught_error_is_explained(chore, oak):
    change(chore, lodging=oak)
    with pytest.raises(IntegrityError) as caught:
        chore.save()
    assert explain_violation(caught.value, chore).code == "same_parent"


def test_a_foreign_key_of_djangos_own_is_not_taken_for_it(elm):
    chore = Chore(lodging_id=elm.pk + 100)
    with pytest.raises(IntegrityError) as caught, explain_refusals(Chore, [chore]):
        chore.save()
    assert not isinstance(caught.value, ConstraintViolated)


moves = st.lists(
    st.tuples(
        st.sampled_from(["parent", "child", "new"]),
        st.sampled_from([None, 0, 1]),
        st.sampled_from([None, 0, 1]),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(moves)
def test_database_and_validation_agree_with_a_plain_reference(steps):
    with transaction.atomic():
        lodgings = [Lodging.objects.create(name=name) for name in ("first", "second")]
        stays = [
            Reservation.objects.create(lodging=one, check_in=MAY, check_out=MAY + timedelta(days=1))
            for one in lodgings
        ]
        for kind, stay, lodging in steps:
            move(kind, stay, lodging, stays, lodgings)
        transaction.set_rollback(True)


def move(kind, stay, lodging, stays, lodgings):
    """Change or make a row, and compare what validation and the database say of it."""
    chosen = None if lodging is None else lodgings[lodging]
    if kind == "parent":
        row = stays[stay or 0]
        if chosen is None:
            return
        kept, row.lodging = row.lodging, chosen
        # Apart in time, so that only the bond can refuse it.
        row.check_in, row.check_out = MAY + timedelta(days=row.pk), MAY + timedelta(days=row.pk + 1)
        children = Chore.objects.filter(reservation=row, lodging__isnull=False)
        expected = all(child.lodging_id == chosen.pk for child in children)
    else:
        row = (Chore.objects.order_by("pk").first() if kind == "child" else None) or Chore()
        row.reservation, row.lodging = None if stay is None else stays[stay], chosen
        expected = None in (stay, lodging) or stays[stay].lodging_id == chosen.pk
    assert is_valid(row) == expected
    stored = is_stored(row)
    assert stored == expected
    if kind == "parent" and not stored:
        row.lodging = kept


def is_valid(row):
    try:
        row.validate_constraints()
    except ValidationError:
        return False
    return True


def is_stored(row):
    is_new = row._state.adding
    try:
        with transaction.atomic():
            row.save()
            connection.check_constraints()
    except IntegrityError:
        if is_new:
            row.pk, row._state.adding = None, True
        return False
    return True
