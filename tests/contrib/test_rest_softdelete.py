"""Django REST framework: rows that are hidden, listed and brought back over the wire."""

import pytest
from rest_framework.test import APIClient

from tests.testapp.models import Album, House, Label, Person, Rack, Room, Track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rack():
    """The default of an album's reserve."""
    return Rack.objects.create(pk=1, name="rack")


@pytest.fixture
def client():
    Person.objects.create(username="ann")
    return APIClient(headers={"authorization": "Token ann"})


@pytest.fixture
def album():
    album = Album.objects.create(title="album")
    Track.objects.create(album=album)
    return album


def test_destroying_hides_and_names_who_did_it(client, album):
    assert client.delete(f"/api/albums/{album.pk}/").status_code == 204
    album = Album.all_objects.get()
    assert (album.is_deleted, album.deleted_by.username) == (True, "ann")
    assert client.get(f"/api/albums/{album.pk}/").status_code == 404
    assert client.get("/api/albums/").json() == []
    assert client.delete(f"/api/albums/{album.pk}/").status_code == 404


def test_deleted_rows_are_listed_and_come_back_with_what_went_along(client, album):
    Album.objects.create(title="living")
    album.delete()
    assert [row["id"] for row in client.get("/api/albums/deleted/").json()] == [album.pk]
    response = client.post(f"/api/albums/{album.pk}/restore/")
    assert (response.status_code, response.json()["title"]) == (200, "album")
    assert Track.objects.exists()
    assert client.post(f"/api/albums/{album.pk}/restore/").status_code == 404


def test_what_is_in_the_way_of_a_restore_is_a_409_that_names_it(client, album):
    album.delete()
    Album.objects.create(title="album")
    response = client.post(f"/api/albums/{album.pk}/restore/")
    assert response.status_code == 409
    assert response.json() == {
        "conflicts": ["album (album): Album with this Title already exists."]
    }
    assert Album.all_objects.get(pk=album.pk).is_deleted


def test_a_deleted_parent_comes_back_when_it_is_asked_for(client, album):
    track = Track.objects.get()
    track.delete()
    album.delete()
    url = f"/api/tracks/{track.pk}/restore/"
    assert client.post(url).status_code == 409
    assert client.post(url, [], format="json").status_code == 400
    assert client.post(url, {"with_parents": "maybe"}).status_code == 400
    assert client.post(url, {"with_parents": "true"}).status_code == 200
    assert Album.objects.get() == album
    track.delete()
    album.delete()
    assert client.post(url, {"with_parents": True}, format="json").status_code == 200


def test_a_row_that_protects_is_a_409(client):
    house = House.objects.create(name="house")
    house.guests.create()
    response = client.delete(f"/api/houses/{house.pk}/")
    assert (response.status_code, "Guest.house" in response.json()["conflicts"][0]) == (409, True)
    assert House.objects.exists()
    assert not Room.objects.exists()


def test_a_deleted_rows_value_is_free_and_a_living_ones_is_not(client, album):
    data = {"title": "album"}
    response = client.post("/api/albums/", data, format="json")
    assert (response.status_code, list(response.json())) == (400, ["title"])
    album.delete()
    assert client.post("/api/albums/", data, format="json").status_code == 201


def test_a_value_that_the_database_holds_for_a_deleted_row_is_refused(client):
    Label.objects.create(name="rock").delete()
    response = client.post("/api/labels/", {"name": "rock"}, format="json")
    assert (response.status_code, list(response.json())) == (400, ["name"])
