"""Deleted rows that need one another in a circle are purged together, or stay together."""

from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Q
from django.db.models.signals import post_delete
from django.utils import timezone

from django_modernize.softdelete.purge import purge_rows
from tests.testapp.models import Crew, Favour, House, Pledge, Sailor, Watch

pytestmark = pytest.mark.django_db


def purge(**options):
    counts = {}
    for label, count in purge_rows(before=timezone.now(), using="default", **options):
        counts[label] = counts.get(label, 0) + count
    connection.check_constraints()
    return counts


def make_crew():
    """Return a deleted crew of two sailors, one of whom leads it."""
    crew = Crew.objects.create()
    leader, _ = (Sailor.objects.create(crew=crew) for _ in range(2))
    crew.delete()
    Crew.all_objects.filter(pk=crew.pk).update(leader=leader)
    return crew


@contextmanager
def listeners(*models):
    """Have somebody listen to each deletion, so that Django loads the rows."""

    def listen(sender, instance, **kwargs):
        """Hear of it."""

    for model in models:
        post_delete.connect(listen, sender=model)
    try:
        yield
    finally:
        for model in models:
            post_delete.disconnect(listen, sender=model)


@pytest.mark.parametrize("heard", [(), (Crew,), (Sailor,), (Crew, Sailor)])
def test_a_circle_of_two_models_goes_whoever_listens(heard):
    make_crew()
    with listeners(*heard):
        assert purge() == {"testapp.Crew": 1, "testapp.Sailor": 2}
    assert not Crew.all_objects.exists()
    assert not Sailor.all_objects.exists()


def test_circles_go_in_batches():
    for _ in range(6):
        make_crew()
    assert purge(batch_size=2) == {"testapp.Crew": 6, "testapp.Sailor": 12}


def test_the_number_of_queries_does_not_depend_on_the_number_of_circles(
    django_assert_num_queries, django_assert_max_num_queries
):
    make_crew()
    with django_assert_max_num_queries(70) as few:
        purge(models=[Crew, Sailor])
    for _ in range(20):
        make_crew()
    with django_assert_num_queries(len(few)):
        assert purge(models=[Crew, Sailor])["testapp.Sailor"] == 40


def test_a_circle_of_keys_that_cannot_be_empty_goes():
    Favour.objects.create(pk=1, pledge_id=1)
    Pledge.objects.create(pk=1, favour_id=1)
    Favour.objects.all().delete()
    assert purge() == {"testapp.Favour": 1, "testapp.Pledge": 1}


def test_a_circle_that_something_else_needs_stays_and_the_others_go():
    kept = make_crew()
    make_crew()
    Watch.objects.create(sailor=Sailor.all_objects.filter(crew=kept).last())
    # The sailor who has the watch needs the crew, which needs its leader.
    assert purge() == {"testapp.Crew": 1, "testapp.Sailor": 2}
    assert Crew.all_objects.get() == kept
    assert Sailor.all_objects.filter(crew=kept).count() == 2
    Watch.objects.all().delete()
    assert purge() == {"testapp.Crew": 1, "testapp.Sailor": 2}


def test_a_circle_with_a_row_on_hold_stays(monkeypatch):
    kept = make_crew()
    make_crew()
    held = Sailor.all_objects.filter(crew=kept).last()
    monkeypatch.setattr(Sailor, "purge_hold", Q(pk=held.pk))
    assert purge() == {"testapp.Crew": 1, "testapp.Sailor": 2}
    assert Crew.all_objects.get() == kept


def test_a_circle_with_a_model_that_was_not_chosen_stays():
    make_crew()
    assert purge(models=[Crew]) == {}
    assert Crew.all_objects.exists()


def test_one_of_two_circles_of_a_model_is_held_by_a_row_that_stays(monkeypatch):
    for name in ("kept", "gone"):
        first = House.objects.create(name=name)
        second = House.objects.create(name=f"{name} too", wing_of=first)
        House.objects.filter(pk=first.pk).update(wing_of=second)
    House.objects.all().delete()
    monkeypatch.setattr(House, "purge_hold", Q(name="kept too"))
    assert purge() == {"testapp.House": 2}
    assert set(House.all_objects.values_list("name", flat=True)) == {"kept", "kept too"}


def test_files_of_a_circle_go_with_it(django_capture_on_commit_callbacks):
    crew = make_crew()
    sailor = Sailor.all_objects.filter(crew=crew).first()
    sailor.picture.save("sailor.txt", ContentFile(b"text"))
    try:
        with listeners(Crew, Sailor), django_capture_on_commit_callbacks(execute=True):
            purge()
            assert default_storage.exists(sailor.picture.name)
        assert not default_storage.exists(sailor.picture.name)
    finally:
        default_storage.delete(sailor.picture.name)
