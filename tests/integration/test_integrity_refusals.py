"""A block of any writes fails with the constraint's own error, and names the row in the way."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from django_modernize.context import change_context, get_context
from django_modernize.integrity import ConstraintViolated, explain_refusals
from tests.testapp.models import Lodging, Reservation, Shelf, Suite

pytestmark = pytest.mark.django_db

MAY = [date(2026, 5, day) for day in range(1, 32)]
NAMED = "This reservation overlaps with “booked from 2026-05-11” (May 11, 2026 to May 21, 2026)."
UNNAMED = "The range overlaps with that of another row."


@pytest.fixture
def lodging():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def stored(lodging):
    """A reservation from the 11th to the 21st of May."""
    return Reservation.objects.create(lodging=lodging, check_in=MAY[10], check_out=MAY[20])


def reserve(lodging, first, last, **values):
    return Reservation(lodging=lodging, check_in=MAY[first], check_out=MAY[last], **values)


def refuse(model, candidates, write):
    with pytest.raises(ConstraintViolated) as caught, explain_refusals(model, candidates):
        write()
    return caught.value


def test_a_bulk_write_names_both_rows(lodging, stored):
    rows = [reserve(lodging, 1, 5), reserve(lodging, 15, 25), reserve(lodging, 25, 30)]
    refusal = refuse(Reservation, rows, lambda: Reservation.objects.bulk_create(rows))
    assert (refusal.candidate, refusal.other) == (rows[1], stored)
    assert (refusal.code, refusal.messages) == ("overlap", [NAMED])
    assert refusal.constraint.name == "reservation_no_overlap"
    assert Reservation.objects.get() == stored


def test_rows_of_one_bulk_write_that_overlap_are_named(lodging):
    rows = [reserve(lodging, 1, 5), reserve(lodging, 10, 20), reserve(lodging, 15, 16)]
    refusal = refuse(Reservation, rows, lambda: Reservation.objects.bulk_create(rows))
    assert (refusal.candidate, refusal.other) == (rows[2], rows[1])


def test_raw_sql_gets_the_error_without_the_rows(lodging, stored):
    def write():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE testapp_reservation SET check_in = '2026-05-30'")

    refusal = refuse(Reservation, (), write)
    assert (refusal.code, refusal.candidate, refusal.other) == ("before", None, None)
    assert refusal.messages == ["Check_in must be before check_out."]


def test_an_update_of_many_rows_is_explained(lodging, stored):
    reserve(lodging, 1, 5).save()
    refusal = refuse(Reservation, (), lambda: Reservation.objects.update(check_out=MAY[30]))
    assert refusal.messages == [UNNAMED]


def test_a_wrong_order_is_told_of_its_row(lodging):
    rows = [reserve(lodging, 1, 5), reserve(lodging, 7, 6)]
    refusal = refuse(Reservation, rows, lambda: Reservation.objects.bulk_create(rows))
    assert (refusal.candidate, refusal.messages) == (
        rows[1],
        ["Check in must be before check out."],
    )


def test_a_value_that_is_taken_is_told_of_its_row(lodging, stored):
    Reservation.objects.update(badge="7")
    rows = [reserve(lodging, 1, 2), reserve(lodging, 2, 3, badge="7")]
    refusal = refuse(Reservation, rows, lambda: Reservation.objects.bulk_create(rows))
    assert (refusal.candidate, refusal.code) == (rows[1], "unique")


def test_the_error_is_what_callers_expect_of_both_kinds(lodging, stored):
    rows = [reserve(lodging, 15, 25)]
    refusal = refuse(Reservation, rows, rows[0].save)
    assert isinstance(refusal, IntegrityError)
    assert isinstance(refusal, ValidationError)


def test_a_transaction_around_the_block_goes_on(lodging, stored):
    with transaction.atomic():
        refuse(Reservation, (), reserve(lodging, 15, 25).save)
        reserve(lodging, 21, 25).save()
    assert Reservation.objects.count() == 2


def test_an_error_of_something_else_stays_what_it_is(lodging, stored):
    Reservation.objects.update(code="A")
    with pytest.raises(IntegrityError) as caught, explain_refusals(Reservation):
        reserve(lodging, 1, 2, code="A").save()
    assert not isinstance(caught.value, ConstraintViolated)
    with pytest.raises(IntegrityError) as caught, explain_refusals(Shelf):
        reserve(lodging, 15, 25).save()
    assert not isinstance(caught.value, ConstraintViolated)


def test_blocks_within_blocks_explain_once(lodging, stored):
    rows = [reserve(lodging, 15, 25)]
    with (
        pytest.raises(ConstraintViolated) as caught,
        explain_refusals(Reservation),
        explain_refusals(Reservation, rows),
    ):
        rows[0].save()
    assert caught.value.other == stored


def test_a_child_is_refused_by_its_parents_constraint(lodging, stored):
    suite = Suite(lodging=lodging, check_in=MAY[15], check_out=MAY[16])
    assert refuse(Suite, [suite], suite.save).other.pk == stored.pk


def test_a_write_that_is_not_refused_costs_a_savepoint(lodging, django_assert_num_queries):
    with django_assert_num_queries(3), explain_refusals(Reservation):
        reserve(lodging, 1, 2).save()


def may_see(row):
    return get_context().reason == "may see"


@override_settings(
    MODERNIZE={"CONFLICT_VISIBILITY": "tests.integration.test_integrity_refusals.may_see"}
)
def test_a_row_that_the_reader_may_not_see_is_not_named(lodging, stored):
    rival = reserve(lodging, 15, 25)
    with pytest.raises(ValidationError) as caught:
        rival.validate_constraints()
    assert caught.value.messages == [UNNAMED]
    with change_context(reason="may see"), pytest.raises(ValidationError) as caught:
        rival.validate_constraints()
    assert caught.value.messages == [NAMED]
    assert refuse(Reservation, [rival], rival.save).messages == [UNNAMED]
