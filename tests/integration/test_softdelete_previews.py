"""A preview tells what a deletion would take, and takes nothing."""

import pytest

from django_modernize.softdelete.previews import count_taken, preview_deletion
from tests.testapp.models import Guest, House, Room, Stay

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    house = House.objects.create(name="house")
    Room.objects.bulk_create([Room(house=house, number=number) for number in range(52)])
    return house


def test_a_preview_counts_all_that_would_go_and_names_fifty_of_each_model(house):
    earlier = house.rooms.order_by("pk").first()
    earlier.delete()
    preview = preview_deletion(House.objects.all())
    assert preview.counts == {House: 1, Room: 51}
    assert preview.named == {House: [house], Room: list(house.rooms.order_by("pk")[:50])}
    assert preview.obstacles == []
    assert House.objects.get() == house


def test_what_is_named_has_its_parents_at_hand(house, django_assert_num_queries):
    Stay.objects.create(room=house.rooms.first())
    [stay] = preview_deletion(House.objects.all()).named[Stay]
    with django_assert_num_queries(0):
        assert stay.room.house == house


def test_what_is_in_the_way_is_named_in_place_of_what_would_go(house, django_assert_num_queries):
    guest = Guest.objects.create(house=house)
    preview = preview_deletion(House.objects.all())
    assert (preview.counts, preview.obstacles) == ({}, [guest])
    with django_assert_num_queries(0):
        assert preview.obstacles[0].house == house


def test_what_a_deletion_took_is_counted_without_what_went_before(house):
    house.rooms.first().delete()
    house.delete()
    assert count_taken(house, house.deletion_id) == {House: 1, Room: 51}
