"""Eight writers at once, in every way to write: no overlap is stored, each refusal is clear.

``MODERNIZE_WRITER_SECONDS=10`` lets them write for longer than the moment that a usual run has.
"""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from django_modernize.integrity import ConstraintViolated, explain_refusals
from tests.testapp.models import Lodging, Reservation

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = date(2026, 5, 1)
WRITERS = 8
SECONDS = float(os.environ.get("MODERNIZE_WRITER_SECONDS", "1"))
INSERT = (
    "INSERT INTO testapp_reservation (lodging_id, check_in, check_out, status, badge,"
    " deletion_reason) VALUES (%s, %s, %s, 'booked', '', '')"
)


def save(rows):
    for row in rows:
        row.save()


def create_in_bulk(rows):
    Reservation.objects.bulk_create(rows)


def insert_raw(rows):
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(INSERT, [row.lodging_id, row.check_in, row.check_out])


WAYS = [save, create_in_bulk, insert_raw]


def choose_rows(chance, lodgings):
    """Return one to three reservations of a few nights, in houses in any order."""
    rows = []
    for _ in range(chance.randrange(1, 4)):
        start = FIRST + timedelta(days=chance.randrange(2000))
        rows.append(
            Reservation(
                lodging=chance.choice(lodgings),
                check_in=start,
                check_out=start + timedelta(days=chance.randrange(1, 6)),
            )
        )
    return rows


def write_until(end, seed, lodgings):
    """Write at random; return how many rows were stored and what was refused."""
    chance, stored, refusals = random.Random(seed), 0, []
    try:
        while time.monotonic() < end:
            rows = choose_rows(chance, lodgings)
            try:
                with explain_refusals(Reservation, rows):
                    chance.choice(WAYS)(rows)
                stored += len(rows)
            except ConstraintViolated as refusal:
                refusals.append(refusal)
    finally:
        connection.close()
    return stored, refusals


def test_eight_writers_leave_no_overlap_and_each_refusal_is_clear():
    lodgings = [Lodging.objects.create(name=f"House {number}") for number in range(3)]
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(WRITERS) as pool:
        work = [pool.submit(write_until, end, seed, lodgings) for seed in range(WRITERS)]
    # Any other error of a writer is raised here.
    results = [future.result() for future in work]
    refusals = [refusal for _, refused in results for refusal in refused]
    assert Reservation.objects.count() == sum(stored for stored, _ in results) > 0
    assert refusals
    for refusal in refusals:
        assert (refusal.code, refusal.constraint.name) == ("overlap", "reservation_no_overlap")
        assert "overlaps with" in refusal.messages[0]
    for lodging in lodgings:
        ranges = lodging.reservation_set.order_by("check_in").values_list("check_in", "check_out")
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(ranges))
