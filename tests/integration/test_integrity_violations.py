"""What the database's refusal is told as."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from django_modernize.integrity import explain_violation, find_violated_constraint
from tests.testapp.models import Lodging, Reservation, Shelf, Suite

pytestmark = pytest.mark.django_db

MAY = [date(2026, 5, day) for day in range(1, 32)]


@pytest.fixture
def lodging():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def stored(lodging):
    """A reservation from the 11th to the 21st of May."""
    return Reservation.objects.create(lodging=lodging, check_in=MAY[10], check_out=MAY[20])


@pytest.fixture
def rival(lodging, stored):
    """An unsaved reservation that overlaps with the stored one."""
    return Reservation(lodging=lodging, check_in=MAY[15], check_out=MAY[25])


def find_constraint(name):
    return next(found for found in Reservation._meta.constraints if found.name == name)


APART = find_constraint("reservation_no_overlap")


def refuse(write):
    """Return the error with which the database refuses a write."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    return caught.value


def test_an_error_is_traced_to_its_constraint(lodging, rival):
    assert find_violated_constraint(Reservation, refuse(rival.save)) is APART


def test_an_error_of_a_check_is_traced(lodging):
    wrong = Reservation(lodging=lodging, check_in=MAY[2], check_out=MAY[1])
    found = find_violated_constraint(Reservation, refuse(wrong.save))
    assert found is find_constraint("reservation_in_before_out")
    explained = explain_violation(refuse(wrong.save), wrong)
    assert explained.code == "before"
    assert explained.messages == ["Check in must be before check out."]


def test_an_error_of_unique_values_is_traced(lodging):
    first, second = (
        Reservation(lodging=lodging, check_in=MAY[day], check_out=MAY[day + 1], badge="7")
        for day in (1, 2)
    )
    first.save()
    error = refuse(second.save)
    found = find_violated_constraint(Reservation, error)
    assert found is find_constraint("reservation_unique_badge")
    assert explain_violation(error, second).code == "unique"


def test_an_error_of_a_unique_expression_is_traced(lodging):
    error = refuse(Lodging(name="ELM").save)
    assert find_violated_constraint(Lodging, error).name == "lodging_unique_name"


def test_an_error_in_a_parents_table_is_traced_from_the_child(lodging, stored):
    suite = Suite(lodging=lodging, check_in=MAY[15], check_out=MAY[16])
    error = refuse(suite.save)
    assert find_violated_constraint(Suite, error) is APART
    assert explain_violation(error, suite).code == "overlap"


def test_an_error_of_a_unique_field_is_no_constraints(lodging, stored):
    Reservation.objects.update(code="A")
    twin = Reservation(lodging=lodging, check_in=MAY[1], check_out=MAY[2], code="A")
    error = refuse(twin.save)
    assert find_violated_constraint(Reservation, error) is None
    assert explain_violation(error, twin) is None


def test_an_error_of_another_model_is_no_constraint_of_this_one(rival):
    assert find_violated_constraint(Shelf, refuse(rival.save)) is None


def test_an_explained_error_names_the_row_in_the_way(rival):
    explained = explain_violation(refuse(rival.save), rival)
    assert explained.code == "overlap"
    assert "2026-05-11" in explained.messages[0]


def test_an_error_is_explained_in_general_where_the_transaction_is_broken(rival):
    with pytest.raises(ValidationError) as caught, transaction.atomic():
        try:
            rival.save()
        except IntegrityError as error:
            raise explain_violation(error, rival) from error
    assert caught.value.code == "overlap"
    assert caught.value.messages == ["The range overlaps with that of another row."]


def test_an_error_is_explained_in_general_where_the_other_row_is_gone(rival, stored):
    error = refuse(rival.save)
    stored.delete()
    assert explain_violation(error, rival).messages == [
        "The range overlaps with that of another row."
    ]
