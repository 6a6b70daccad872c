"""Hidden rows and events in Django's admin."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from django_modernize.audit import AuditEvent
from django_modernize.softdelete import previews
from tests.testapp.models import Album, Guest, House, Person, Rack, Room, Track

pytestmark = pytest.mark.django_db

LIST = "/admin/testapp/house/"


@pytest.fixture
def house():
    house = House.objects.create(name="Lake house")
    Room.objects.create(house=house)
    return house


@pytest.fixture
def boss(client):
    boss = Person.objects.create_superuser("boss")
    client.force_login(boss)
    return boss


@pytest.mark.usefixtures("boss")
def test_deleted_rows_are_hidden_until_asked_for(client, house):
    house.delete()
    House.objects.create(name="Other house")
    for query, shown in (("", [False, True]), ("?deleted=only", [True, False])):
        page = client.get(LIST + query).content.decode()
        assert ["Lake house" in page, "Other house" in page] == shown
    assert b"Lake house" in client.get(f"{LIST}?deleted=include").content


def test_a_row_is_restored_from_the_list_and_credited(client, boss, house):
    house.delete()
    url = f"{LIST}{house.pk}/restore/"
    assert url in client.get(f"{LIST}?deleted=only").content.decode()
    assert client.get(url).status_code == 405
    page = client.post(url, follow=True).content.decode()
    assert "2 rows restored" in page
    event = AuditEvent.objects.filter(object_type="testapp.house").first()
    assert (event.action, event.actor) == ("restore", boss)
    assert Room.objects.exists()


@pytest.mark.usefixtures("boss")
def test_many_rows_are_restored_by_an_action_and_a_conflict_is_told(client, house):
    house.delete()
    House.objects.create(name="Lake house")
    data = {"action": "restore_selected", "_selected_action": [house.pk]}
    page = client.post(f"{LIST}?deleted=only", data, follow=True).content.decode()
    assert "Lake house (house)" in page
    assert House.objects.get() != house


@pytest.mark.usefixtures("boss")
def test_the_confirmation_says_what_goes_along_and_takes_nothing(client, house):
    page = client.get(f"{LIST}{house.pk}/delete/").content.decode()
    assert "room: room 1" in page
    assert "Rooms: 1" in page or "rooms: 1" in page
    assert House.objects.exists()
    guest = Guest.objects.create(house=house)
    page = client.get(f"{LIST}{house.pk}/delete/").content.decode()
    assert f"guest: {guest}" in page.replace("&quot;", '"')
    assert not AuditEvent.objects.filter(action="soft_delete").exists()


@pytest.mark.usefixtures("boss")
def test_the_confirmation_names_some_of_many_rows_and_counts_the_rest(client, house, monkeypatch):
    monkeypatch.setattr(previews, "NAMED_ROWS", 2)
    Room.objects.bulk_create([Room(house=house, number=number) for number in range(2, 6)])
    page = client.get(f"{LIST}{house.pk}/delete/").content.decode()
    assert "… and 3 more rooms" in page
    assert "room: room 2" in page
    assert "room: room 3" not in page


def test_a_deleted_rows_page_says_who_when_and_why_and_restores(client, boss, house):
    house.soft_delete(user=boss, reason="<sold>")
    page = client.get(f"{LIST}{house.pk}/change/").content.decode()
    assert "by boss: &lt;sold&gt;. Went along, this one counted: 1 house, 1 room." in page
    assert f'formaction="{LIST}{house.pk}/restore/"' in page
    client.post(f"{LIST}{house.pk}/restore/")
    house.refresh_from_db()
    assert admin.site.get_model_admin(House).deletion_details(house) == "—"
    assert b"Went along" not in client.get(f"{LIST}{house.pk}/change/").content


@pytest.mark.usefixtures("boss")
def test_the_delete_button_hides(client, house):
    client.post(f"{LIST}{house.pk}/delete/", {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [house.pk], "post": "yes"}
    client.post(f"{LIST}?deleted=include", data)
    assert House.all_objects.get().is_deleted


def test_who_may_not_delete_may_not_restore(client, house):
    house.delete()
    viewer = Person.objects.create_user("viewer", is_staff=True)
    client.force_login(viewer)
    assert client.post(f"{LIST}{house.pk}/restore/").status_code == 403
    assert not House.objects.exists()


@pytest.mark.usefixtures("boss")
def test_events_are_shown_escaped_and_cannot_be_changed(client, house):
    House.objects.update(name="<script>alert(1)</script>")
    page = client.get(reverse("admin:modernize_audit_auditevent_changelist")).content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert(1)" not in page
    event = AuditEvent.objects.first()
    url = reverse("admin:modernize_audit_auditevent_change", args=[event.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 403
    assert client.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert not admin.site.get_model_admin(AuditEvent).has_add_permission(None)


@pytest.mark.usefixtures("boss")
def test_the_list_asks_no_query_per_row(client, house, django_assert_max_num_queries):
    House.objects.bulk_create([House(name=f"house {number}") for number in range(60)])
    with django_assert_max_num_queries(8):
        client.get(LIST)
    with django_assert_max_num_queries(8):
        client.get(reverse("admin:modernize_audit_auditevent_changelist"))


def test_guests_protect(client, boss, house):
    Guest.objects.create(house=house)
    page = client.post(f"{LIST}{house.pk}/delete/", {"post": "yes"}).content.decode()
    assert "protected" in page
    assert House.objects.get() == house


@pytest.fixture
def album(boss):
    Rack.objects.create(pk=1, name="rack")
    album = Album.objects.create(title="living album")
    for title in ("living track", "hidden track"):
        Track.objects.create(album=album, title=title)
    Track.objects.get(title="hidden track").delete()
    Album.objects.create(title="hidden album").delete()
    return album


def test_what_is_typed_finds_living_rows_alone(client, album):
    asked = {"app_label": "testapp", "model_name": "track", "field_name": "album", "term": "album"}
    found = client.get("/admin/autocomplete/", asked).json()["results"]
    assert [one["id"] for one in found] == [str(album.pk)]


def test_the_rows_of_another_model_on_a_page_are_the_living_ones_and_go_by_hiding(client, album):
    url = f"/admin/testapp/album/{album.pk}/change/"
    page = client.get(url).content.decode()
    assert ["living track" in page, "hidden track" in page] == [True, False]
    track = Track.objects.get()
    data = {
        "title": album.title,
        "tracks-TOTAL_FORMS": 1,
        "tracks-INITIAL_FORMS": 1,
        "tracks-0-id": track.pk,
        "tracks-0-album": album.pk,
        "tracks-0-DELETE": "on",
    }
    assert client.post(url, data).status_code == 302
    assert not Track.objects.exists()
    assert Track.all_objects.count() == 2


@pytest.mark.usefixtures("boss")
def test_german_pages_speak_german_of_what_is_deleted(client, house):
    house.delete()
    with translation.override("de"):
        page = client.get(f"{LIST}?deleted=only").content.decode()
        details = client.get(f"{LIST}{house.pk}/change/").content.decode()
        restored = client.post(f"{LIST}{house.pk}/restore/", follow=True).content.decode()
    for text in ("Nur gelöschte", "Nicht gelöschte", ">Zurückholen</button>"):
        assert text in page
    assert "ohne Angabe eines Grundes. Mit diesem Eintrag zusammen gelöscht" in details
    assert "2 Einträge zurückgeholt." in restored


def test_names_of_a_deletion_are_translated_without_a_migration():
    field = House._meta.get_field("deleted_at")
    with translation.override("de"):
        assert str(field.verbose_name) == "gelöscht am"
    assert "verbose_name" not in field.deconstruct()[3]
