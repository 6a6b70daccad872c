"""What stands in the way of a row, asked before it is written."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_modernize.integrity import find_conflicts
from tests.testapp.models import Lodging, Reservation, Shelf

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


def test_conflicts_of_many_candidates_cost_one_statement(
    lodging, stored, django_assert_num_queries
):
    later = Reservation.objects.create(lodging=lodging, check_in=MAY[22], check_out=MAY[24])
    candidates = [
        Reservation(lodging=lodging, check_in=MAY[1], check_out=MAY[10]),
        Reservation(lodging=lodging, check_in=MAY[19], check_out=MAY[23]),
        Reservation(lodging=lodging, check_in=MAY[19], check_out=MAY[23], status="cancelled"),
        stored,
    ]
    with django_assert_num_queries(1):
        found = find_conflicts(candidates)
    assert [(conflict.candidate, conflict.other) for conflict in found] == [
        (candidates[1], stored),
        (candidates[1], later),
    ]
    assert all(conflict.constraint is APART for conflict in found)


def test_a_conflict_gives_the_whole_row(rival, stored, django_assert_num_queries):
    (conflict,) = find_conflicts([rival])
    with django_assert_num_queries(0):
        assert conflict.other.check_out == stored.check_out
        assert conflict.other.status == "booked"


def test_no_candidates_cost_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_conflicts([]) == []


def test_candidates_of_different_models_are_refused(rival):
    with pytest.raises(TypeError, match="one model at a time"):
        find_conflicts([rival, Shelf(left=1, right=2)])


def test_a_model_without_ranges_has_no_conflicts(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_conflicts([Lodging(name="Elm")]) == []


def drop_constraint():
    statements = {
        "sqlite": f"DROP TRIGGER modernize_overlap_{APART.name}_insert",
        "postgresql": f"ALTER TABLE testapp_reservation DROP CONSTRAINT {APART.name}",
    }
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor])


def test_conflicts_are_found_among_rows_that_overlap_already(lodging):
    drop_constraint()
    around = Reservation.objects.create(lodging=lodging, check_in=MAY[0], check_out=MAY[30])
    Reservation.objects.create(lodging=lodging, check_in=MAY[2], check_out=MAY[3])
    (conflict,) = find_conflicts(
        [Reservation(lodging=lodging, check_in=MAY[10], check_out=MAY[11])]
    )
    assert conflict.other == around


def read_plan(statement):
    """Return how the database would answer, knowing how many rows there are."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE testapp_reservation")
        cursor.execute(f"{explain[connection.vendor]} {statement}")
        return "\n".join(str(row) for row in cursor.fetchall())


def test_the_constraints_own_index_finds_the_row(lodging, rival):
    # So many that to read all of a lodging would cost more.
    Reservation.objects.bulk_create(
        Reservation(
            lodging=lodging,
            check_in=MAY[0] - timedelta(days=2 * number),
            check_out=MAY[0] - timedelta(days=2 * number - 1),
        )
        for number in range(1, 1000)
    )
    with CaptureQueriesContext(connection) as captured:
        find_conflicts([rival])
    plan = read_plan(captured.captured_queries[0]["sql"])
    if connection.vendor == "sqlite":
        assert (
            "SEARCH testapp_reservation USING INDEX reservation_no_overlap "
            "(lodging_id=? AND check_in>? AND check_in<?)"
        ) in plan
        assert "SEARCH earlier USING INDEX reservation_no_overlap" in plan
    else:
        assert "Index Scan using reservation_no_overlap on testapp_reservation" in plan
