"""The database, validation and a plain reference agree on every row."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.integrity import NoOverlap, find_conflicts
from tests.testapp.models import Appointment, Lodging, Reservation, Shelf

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 1)
HOUR = datetime(2026, 5, 1, tzinfo=UTC)
NUMBERS = st.integers(0, 8)

ordered_days = st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] < pair[1])
reservations = st.builds(
    lambda days, house, status, deleted: {
        "check_in": DAY + timedelta(days=days[0]),
        "check_out": DAY + timedelta(days=days[1]),
        "lodging_id": house,
        "status": status,
        "deleted_at": HOUR if deleted else None,
    },
    ordered_days,
    st.sampled_from([1, 2]),
    st.sampled_from(["booked", "booked", "cancelled"]),
    st.sampled_from([False, False, True]),
)
appointments = st.builds(
    lambda hours, room, upstairs: {
        "begins": None if hours[0] is None else HOUR + timedelta(hours=hours[0]),
        "ends": None if hours[1] is None else HOUR + timedelta(hours=hours[1]),
        "room": room,
        "is_upstairs": upstairs,
    },
    st.tuples(st.none() | NUMBERS, st.none() | NUMBERS).filter(
        lambda pair: None in pair or pair[0] <= pair[1]
    ),
    st.sampled_from([None, 1, 1, 2]),
    st.booleans(),
)
shelves = st.fixed_dictionaries(
    {"left": NUMBERS, "right": NUMBERS, "weight": st.sampled_from(list(map(Decimal, (1, 10, 95))))}
)


def steps(rows):
    """Return a strategy for writes: a new row, or new values for the row of a number."""
    return st.lists(st.tuples(st.none() | st.integers(0, 5), rows), max_size=12)


class Reference:
    """What a ``NoOverlap`` means, said without a database."""

    def __init__(self, start, end, partition, takes_part=lambda row: True):
        self.start, self.end, self.partition = start, end, partition
        self.takes_part = takes_part

    def list_conflicts(self, rows, key, row):
        """Return the keys of the rows that a row conflicts with, earliest first."""
        found = [
            (other[self.start], other_key)
            for other_key, other in rows.items()
            if other_key != key and self.are_at_odds(row, other)
        ]
        return [other_key for _, other_key in sorted(found)]

    def are_at_odds(self, one, other):
        return (
            self.counts(one)
            and self.counts(other)
            and all(one[name] == other[name] for name in self.partition)
            and one[self.start] < other[self.end]
            and other[self.start] < one[self.end]
        )

    def counts(self, row):
        values = [row[name] for name in (self.start, self.end, *self.partition)]
        return None not in values and row[self.start] < row[self.end] and self.takes_part(row)


def assert_agreement(model, reference, writes):
    """Write row after row and compare the verdicts; leave nothing behind."""
    (constraint,) = (found for found in model._meta.constraints if isinstance(found, NoOverlap))
    stored = {}
    with transaction.atomic():
        for number, values in writes:
            known = list(stored)
            key = None if number is None or number >= len(known) else known[number]
            instance = model(**values) if key is None else model(pk=key, **values)
            instance._state.adding = key is None
            expected = reference.list_conflicts(stored, key, values)
            assert [found.other.pk for found in find_conflicts([instance])] == expected
            assert is_valid(constraint, model, instance) == (not expected)
            assert is_stored(instance) == (not expected)
            if not expected:
                stored[instance.pk] = values
        transaction.set_rollback(True)


def is_valid(constraint, model, instance):
    try:
        constraint.validate(model, instance)
    except ValidationError:
        return False
    return True


def is_stored(instance):
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError as error:
        assert "no_overlap" in str(error)
        return False
    return True


@pytest.fixture(autouse=True)
def _lodgings(request):
    if "reservation" in request.node.name:
        request.getfixturevalue("db")
        Lodging.objects.bulk_create([Lodging(pk=1, name="Elm"), Lodging(pk=2, name="Oak")])


@settings(max_examples=60, deadline=None)
@given(steps(reservations))
def test_dates_with_a_partition_and_a_condition_of_a_reservation(writes):
    reference = Reference(
        "check_in",
        "check_out",
        ["lodging_id"],
        lambda row: row["status"] != "cancelled" and row["deleted_at"] is None,
    )
    assert_agreement(Reservation, reference, writes)


@settings(max_examples=60, deadline=None)
@given(steps(appointments))
def test_instants_with_nothing_in_every_place(writes):
    reference = Reference("begins", "ends", ["room", "is_upstairs"])
    assert_agreement(Appointment, reference, writes)


@settings(max_examples=60, deadline=None)
@given(steps(shelves))
def test_numbers_in_any_order(writes):
    reference = Reference("left", "right", [], lambda row: row["weight"] > 9.5)
    assert_agreement(Shelf, reference, writes)
