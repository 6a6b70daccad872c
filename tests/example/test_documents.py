"""Papers of houses and bookings: who brings them, who reads them, and what is no paper."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from api import models
from api.models.auth import Role
from api.models.document import PAPERS
from api.services.documents import add_document, change_document
from django_modernize.audit import history
from tests.documents import document
from tests.example.rows import Corner, bring_paper, make_user

pytestmark = pytest.mark.django_db
BASE = "/api/v1/documents/"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def owl():
    return models.Property.objects.create(name="Owl Point")


@pytest.fixture
def keeper():
    return make_user(Role.MANAGER)


def browse(user):
    client = Client()
    client.force_login(user)
    return client


def call(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def make_owner(house):
    owner = make_user(Role.VIEWER)
    models.PropertyOwnership.objects.create(property=house, user=owner)
    return owner


SCRIPTED = document(catalog=b"/OpenAction<</S/JavaScript/JS(x)>>")


def bring_scripts():
    return SimpleUploadedFile("manual.pdf", SCRIPTED, "application/pdf")


def post_to_portal(user, house, file):
    body = {"file": file, "title": "Boiler", "document_type": "manual", "audience": "staff"}
    answer = browse(user).post(reverse("portal:new_document", args=[house.pk]), body)
    return answer.status_code == 302


def post_to_api(user, house, file):
    body = {"property": house.pk, "file": file, "title": "Boiler"}
    return call(user).post(BASE, body, format="multipart").status_code == 201


def post_to_admin(user, house, file):
    body = {
        "property": house.pk, "file": file, "title": "Boiler",
        "document_type": "manual", "audience": "staff",
    }  # fmt: skip
    answer = browse(user).post(reverse("admin:api_document_add"), body)
    return answer.status_code == 302


def call_service(user, house, file):
    try:
        add_document(actor=user, house=house, file=file, title="Boiler")
    except ValidationError:
        return False
    return True


DOORS = [post_to_portal, post_to_api, post_to_admin, call_service]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_paper_is_stored_under_a_random_name_by_every_door(door, keeper, owl, media):
    assert door(keeper, owl, bring_paper())
    paper = models.Document.objects.get()
    assert (paper.created_by, paper.original_name, paper.size) == (
        keeper,
        "manual.pdf",
        len(document().rstrip()),
    )
    (stored,) = [path for path in media.rglob("*") if path.is_file()]
    assert "manual" not in stored.name
    assert history(paper).count() == 1


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_a_paper_with_scripts_is_refused_by_every_door_and_leaves_nothing(door, keeper, owl, media):
    assert not door(keeper, owl, bring_scripts())
    assert not models.Document.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_what_is_refused_is_said_beside_the_file(keeper, owl):
    body = {"property": owl.pk, "file": bring_scripts(), "title": "Boiler"}
    answer = call(keeper).post(BASE, body, format="multipart")
    assert answer.status_code == 400
    assert "scripts" in str(answer.json())


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("managers", {"manager"}),
        ("staff", {"manager", "staff"}),
        ("owners", {"manager", "staff", "owner"}),
    ],
)
def test_a_paper_is_read_by_those_whom_it_is_for(audience, readers, owl, keeper):
    paper = Corner(owl).make(models.Document, audience=audience)
    people = {"manager": keeper, "staff": make_user(Role.STAFF), "owner": make_owner(owl)}
    people["another owner"] = make_owner(models.Property.objects.create(name="Crane"))
    for name, person in people.items():
        expected = 200 if name in readers else 404
        portal = browse(person).get(reverse("portal:document", args=[paper.pk]))
        assert portal.status_code == expected, name
        assert call(person).get(f"{BASE}{paper.pk}/file/").status_code == expected, name
        listed = call(person).get(BASE).json()["results"]
        assert bool(listed) == (name in readers)


def test_a_paper_is_served_to_be_saved_under_the_name_that_it_came_with(owl, keeper):
    paper = Corner(owl).make(models.Document)
    answer = browse(keeper).get(reverse("portal:document", args=[paper.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="manual.pdf"'
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_only_managers_bring_papers(role, owl):
    person = make_owner(owl) if role == Role.VIEWER else make_user(role)
    with pytest.raises(PermissionDenied):
        add_document(actor=person, house=owl, file=bring_paper(), title="Boiler")
    assert not post_to_api(person, owl, bring_paper())
    address = reverse("portal:new_document", args=[owl.pk])
    assert browse(person).get(address).status_code == 403


def test_a_paper_of_a_booking_stands_in_its_house_alone(owl, keeper):
    booking = Corner(models.Property.objects.create(name="Crane")).make(models.Booking)
    with pytest.raises(ValidationError) as caught:
        add_document(actor=keeper, house=owl, booking=booking, file=bring_paper(), title="Lease")
    assert "must be that of the" in str(caught.value)


def test_the_pages_of_a_house_and_of_a_booking_list_their_papers(owl, keeper):
    booking = Corner(owl).make(models.Booking)
    Corner(owl).make(models.Document, title="Boiler")
    Corner(owl).make(models.Document, title="Lease", booking=booking)
    house_page = browse(keeper).get(reverse("portal:house", args=[owl.pk])).content.decode()
    assert "Boiler" in house_page
    assert "Lease" in house_page
    page = browse(keeper).get(reverse("portal:booking", args=[booking.pk])).content.decode()
    assert "Lease" in page
    assert "Boiler" not in page
    assert f"?booking={booking.pk}" in page


def test_a_house_has_room_for_so_many_bytes(owl, keeper, monkeypatch):
    paper = Corner(owl).make(models.Document)
    models.Document.objects.filter(pk=paper.pk).update(size=PAPERS.quotas[0].max_bytes)
    with pytest.raises(ValidationError) as caught:
        add_document(actor=keeper, house=owl, file=bring_paper(), title="Boiler")
    (refusal,) = caught.value.error_dict["file"]
    assert refusal.code == "quota"


def test_what_is_told_of_a_paper_is_changed_and_its_file_replaced(owl, keeper, media):
    paper = Corner(owl).make(models.Document)
    former = paper.file.name
    change_document(actor=keeper, document=paper, values={"title": "Stove", "file": bring_paper()})
    paper.refresh_from_db()
    assert paper.title == "Stove"
    assert paper.file.name != former
    with pytest.raises(PermissionDenied):
        change_document(actor=make_user(Role.STAFF), document=paper, values={"title": "x"})
    answer = call(keeper).patch(f"{BASE}{paper.pk}/", {"audience": "staff"}, format="json")
    assert answer.json()["audience"] == "staff"


def test_a_list_of_papers_costs_the_same_however_many_there_are(owl, keeper):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count_queries(client, address):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    addresses = {
        call(keeper): BASE,
        browse(keeper): reverse("portal:house", args=[owl.pk]),
    }
    booking = Corner(owl).make(models.Booking)
    Corner(owl).make(models.Document, booking=booking)
    for client, address in addresses.items():
        client.get(address)
    few = [count_queries(client, address) for client, address in addresses.items()]
    for _ in range(5):
        Corner(owl).make(models.Document, booking=booking)
    assert [count_queries(client, address) for client, address in addresses.items()] == few
