"""Writers who do not see one another's rows yet cannot both have the same days."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from threading import Barrier, Event

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from django_modernize.integrity import ConstraintViolated, explain_refusals
from tests.testapp.models import Lodging, Reservation

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = date(2026, 5, 1)
PATIENCE = 60


@pytest.fixture
def lodging():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def threads():
    """Threads, each with a connection of its own that ends with its work."""
    with ThreadPoolExecutor(4) as pool:

        def start(work, *arguments):
            return pool.submit(run_and_close, work, *arguments)

        yield start


def run_and_close(work, *arguments):
    try:
        return work(*arguments)
    finally:
        connection.close()


def book(lodging, first, nights):
    start = FIRST + timedelta(days=first)
    return Reservation.objects.create(
        lodging=lodging, check_in=start, check_out=start + timedelta(days=nights)
    )


class SlowWriter:
    """Books in a transaction that stays open until it is told how to end."""

    def __init__(self, lodging):
        self.lodging = lodging
        self.has_written = Event()
        self.may_end = Event()

    def write(self, *, commit):
        with transaction.atomic():
            book(self.lodging, 0, 5)
            self.has_written.set()
            assert self.may_end.wait(PATIENCE)
            transaction.set_rollback(not commit)


def race(threads, lodging, *, commit):
    """Let a second writer begin while a first has written and not ended; return the second."""
    slow = SlowWriter(lodging)
    first = threads(lambda: slow.write(commit=commit))
    assert slow.has_written.wait(PATIENCE)
    second = threads(book, lodging, 4, 5)
    with pytest.raises(TimeoutError):
        second.result(timeout=0.3)
    slow.may_end.set()
    first.result(PATIENCE)
    return second


def test_of_two_transactions_at_once_one_wins_and_the_other_is_refused(threads, lodging):
    second = race(threads, lodging, commit=True)
    with pytest.raises(IntegrityError, match="reservation_no_overlap"):
        second.result(PATIENCE)
    assert Reservation.objects.get().check_in == FIRST


def test_a_transaction_that_gives_up_makes_room(threads, lodging):
    race(threads, lodging, commit=False).result(PATIENCE)
    assert Reservation.objects.get().check_in == FIRST + timedelta(days=4)


def write_at_random(lodging, seed):
    chance = random.Random(seed)
    refused = 0
    for _ in range(15):
        try:
            book(lodging, chance.randrange(60), chance.randrange(1, 6))
        except IntegrityError as error:
            assert "reservation_no_overlap" in str(error)
            refused += 1
        except OperationalError as error:
            # PostgreSQL ends one of two inserts that wait for one another.
            assert "deadlock" in str(error)
            refused += 1
    return refused


def test_many_writers_leave_no_overlap(threads, lodging):
    refusals = [threads(write_at_random, lodging, seed) for seed in range(4)]
    refused = sum(refusal.result(60) for refusal in refusals)
    ranges = list(Reservation.objects.order_by("check_in").values_list("check_in", "check_out"))
    assert len(ranges) + refused == 4 * 15
    assert refused > 0
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(ranges))


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_a_deadlock_over_something_else_is_no_overlap(threads, lodging):
    rows = [book(lodging, day, 3) for day in (0, 10)]
    meeting = Barrier(2)

    def touch(first, second):
        with connection.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '50ms'")
        with explain_refusals(Reservation), transaction.atomic():
            for row in (first, second):
                Reservation.objects.filter(pk=row.pk).update(status="booked")
                if row is first:
                    meeting.wait(PATIENCE)

    both = [threads(touch, *rows), threads(touch, *reversed(rows))]
    (error,) = [error for work in both if (error := work.exception(PATIENCE))]
    assert isinstance(error, OperationalError)
    assert "deadlock" in str(error)


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time")
def test_of_two_writers_that_wait_for_one_another_one_is_told_of_the_overlap(threads, lodging):
    meeting = Barrier(2)

    def book_both(first, second):
        with explain_refusals(Reservation):
            book(lodging, first, 5)
            meeting.wait(PATIENCE)
            book(lodging, second, 5)

    both = [threads(book_both, 0, 32), threads(book_both, 30, 2)]
    errors = [error for work in both if (error := work.exception(PATIENCE))]
    (refusal,) = errors
    assert isinstance(refusal, ConstraintViolated)
    assert (refusal.code, refusal.is_race) == ("overlap", True)
    assert Reservation.objects.count() == 2
