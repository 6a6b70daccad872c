"""Two people at once: no living child comes under a deleted parent, and nothing is half done."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Barrier, Event
from time import sleep

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from django_modernize.softdelete import RestoreConflict
from django_modernize.softdelete.models import DeletionJournal
from django_modernize.softdelete.purge import purge_rows
from tests.connections import is_waiting, wait_until
from tests.testapp.models import Album, Crew, House, Rack, Room, Sailor, Stay, Track

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60
# RACE_ROUNDS=1000 asks longer than a suite has time for.
ROUNDS = int(os.environ.get("RACE_ROUNDS", "40"))

on_postgresql = pytest.mark.database_lacks("sqlite", reason="has one writer at a time")


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


@pytest.fixture
def house():
    return House.objects.create(name="Lake house")


def living_under_deleted():
    rooms = Room.objects.filter(house__deleted_at__isnull=False).count()
    return rooms + Stay.objects.filter(room__deleted_at__isnull=False).count()


@on_postgresql
def test_a_deletion_waits_for_a_child_that_is_being_inserted_and_takes_it(threads, house):
    inserted, may_end = Event(), Event()

    def insert():
        with transaction.atomic():
            Room.objects.create(house=house)
            inserted.set()
            assert may_end.wait(PATIENCE)

    first = threads(insert)
    assert inserted.wait(PATIENCE)
    second = threads(house.delete)
    sleep(0.2)
    assert not second.done()
    may_end.set()
    first.result(PATIENCE)
    assert second.result(PATIENCE) == (2, {"testapp.House": 1, "testapp.Room": 1})


@on_postgresql
def test_a_child_waits_for_the_deletion_of_its_parent_and_is_refused(threads, house):
    deleted, may_end = Event(), Event()

    def delete():
        with transaction.atomic():
            house.delete()
            deleted.set()
            assert may_end.wait(PATIENCE)

    first = threads(delete)
    assert deleted.wait(PATIENCE)
    second = threads(lambda: Room.objects.create(house=house))
    sleep(0.2)
    assert not second.done()
    may_end.set()
    first.result(PATIENCE)
    with pytest.raises(IntegrityError, match="deleted row of testapp_house"):
        second.result(PATIENCE)
    assert not Room.all_objects.exists()


def delete_after(delay, start, house):
    start.wait(PATIENCE)
    sleep(delay)
    House.objects.filter(pk=house.pk).delete()


def insert_after(delay, start, make):
    start.wait(PATIENCE)
    sleep(delay)
    try:
        with transaction.atomic():
            make()
            sleep(delay / 2)
    except IntegrityError as error:
        assert "deleted row" in str(error)


@on_postgresql
def test_in_any_timing_no_living_child_is_left_under_a_deleted_parent(threads):
    random = Random(4)
    for number in range(ROUNDS):
        house = House.objects.create(name=str(number))
        room = Room.objects.create(house=house)
        start = Barrier(3)
        delays = [random.random() / 200 for _ in range(3)]
        work = [
            threads(delete_after, delays[0], start, house),
            threads(insert_after, delays[1], start, partial(Room.objects.create, house=house)),
            threads(insert_after, delays[2], start, partial(Stay.objects.create, room=room)),
        ]
        for one in work:
            one.result(PATIENCE)
        assert living_under_deleted() == 0


def attempt(work):
    """Run what another may get in the way of; a lost race is told, never half done."""
    try:
        with transaction.atomic():
            work()
    except (RestoreConflict, IntegrityError, OperationalError):
        return False
    return True


def test_deleting_and_restoring_the_same_objects_at_once_leaves_whole_deletions(threads, house):
    rooms = [Room.objects.create(house=house) for _ in range(3)]
    for room in rooms:
        Stay.objects.create(room=room)

    def act(seed):
        random = Random(seed)
        for _ in range(8):
            row = random.choice([house, *rooms])
            fresh = type(row).all_objects.get(pk=row.pk)
            attempt(random.choice([fresh.delete, fresh.restore]))

    for one in [threads(act, seed) for seed in range(3)]:
        one.result(60)
    assert living_under_deleted() == 0
    for row in (house, *rooms):
        type(row).all_objects.filter(pk=row.pk).restore(with_parents=True)
    assert (House.objects.count(), Room.objects.count(), Stay.objects.count()) == (1, 3, 3)


@on_postgresql
def test_a_circle_that_is_restored_while_it_is_purged_stays_whole(threads):
    crew = Crew.objects.create()
    leader = Sailor.objects.create(crew=crew)
    crew.delete()
    Crew.all_objects.update(leader=leader)
    restored, may_end = Event(), Event()

    def restore():
        with transaction.atomic():
            crew.restore()
            restored.set()
            assert may_end.wait(PATIENCE)

    first = threads(restore)
    assert restored.wait(PATIENCE)
    second = threads(lambda: dict(purge_rows(before=timezone.now(), using="default")))
    sleep(0.2)
    assert not second.done()
    may_end.set()
    first.result(PATIENCE)
    assert second.result(PATIENCE) == {}
    assert Crew.objects.get().leader == Sailor.objects.get() == leader


def dump_shelves():
    return [list(model._base_manager.order_by("pk").values()) for model in (Rack, Album, Track)]


def test_neighbours_whose_keys_are_replaced_at_once_lose_none(threads):
    """Racks empty the keys of albums that others delete and restore, and put them back."""
    racks = [Rack.objects.create(pk=number, name=f"rack {number}") for number in (1, 2, 3)]
    albums = [
        Album.objects.create(title=str(number), shelf=racks[1 + number % 2], reserve=racks[2])
        for number in range(4)
    ]
    Track.objects.bulk_create(Track(album=album) for album in albums)
    before = dump_shelves()

    def act(seed):
        random = Random(seed)
        for _ in range(8):
            row = random.choice([*racks[1:], *albums])
            rows = type(row).all_objects.filter(pk__in=[row.pk, row.pk + 1, row.pk + 2])
            one = type(row).all_objects.get(pk=row.pk)
            attempt(random.choice([one.delete, one.restore, rows.delete, rows.restore]))

    for one in [threads(act, seed) for seed in range(3)]:
        one.result(60)
    assert not Track.objects.filter(album__deleted_at__isnull=False).exists()
    for model in (Rack, Album, Track):
        model.deleted_objects.restore(with_parents=True)
    assert dump_shelves() == before
    assert not DeletionJournal.objects.exists()


def name_process():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


@on_postgresql
def test_a_deletion_takes_rows_in_the_order_of_their_keys(threads):
    """Whoever locks some of them in that order waits for it, and it never for him."""
    first, second = (House.objects.create(name=name) for name in ("First", "Second"))
    # Where rows stand on the disk says nothing: what was changed stands behind the others.
    House.objects.filter(pk=first.pk).update(name="Changed")
    process = []

    def delete():
        process.append(name_process())
        return House.objects.all().delete()

    with transaction.atomic():
        House.objects.select_for_update().get(pk=first.pk)
        deletion = threads(delete)
        wait_until(lambda: process and is_waiting(process[0]))
        House.objects.select_for_update(nowait=True).get(pk=second.pk)
    assert deletion.result(PATIENCE)[0] == 2
