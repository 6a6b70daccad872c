"""What a REST API does to rows leaves exactly its events."""

import pytest
from rest_framework.test import APIClient

from django_modernize.audit import AuditEvent
from tests.testapp.models import Ledger, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    Person.objects.create(username="ann")
    return APIClient(headers={"authorization": "Token ann"})


@pytest.fixture
def ledger():
    return Ledger.objects.create(title="first", amount=1)


def told(ledger_count=1):
    """Return the events since the rows that were there before."""
    events = AuditEvent.objects.for_model(Ledger).order_by("id")[ledger_count:]
    assert {(event.source, event.actor_label) for event in events} <= {("api", "ann")}
    return [(event.action, event.changes) for event in events]


def test_create(client):
    key = client.post("/api/ledgers/", {"title": "new", "amount": 3}).json()["id"]
    assert told(0) == [("create", {"id": [None, key], "title": [None, "new"], "amount": [None, 3]})]


def test_create_of_many(client):
    rows = [{"title": "a"}, {"title": "b"}]
    assert client.post("/api/ledgers/", rows, format="json").status_code == 201
    assert [(action, changes["title"]) for action, changes in told(0)] == [
        ("create", [None, "a"]),
        ("create", [None, "b"]),
    ]


def test_full_update(client, ledger):
    client.put(f"/api/ledgers/{ledger.pk}/", {"title": "second", "amount": 1})
    assert told() == [("update", {"title": ["first", "second"]})]


def test_partial_update(client, ledger):
    client.patch(f"/api/ledgers/{ledger.pk}/", {"amount": 2})
    assert told() == [("update", {"amount": [1, 2]})]


def test_delete(client, ledger):
    assert client.delete(f"/api/ledgers/{ledger.pk}/").status_code == 204
    assert [action for action, _ in told()] == ["delete"]


def test_action_of_its_own(client, ledger):
    client.post("/api/ledgers/double/")
    assert told() == [("update", {"amount": [1, 2]})]


def test_refused_data_leave_nothing(client, ledger):
    assert client.patch(f"/api/ledgers/{ledger.pk}/", {"amount": "much"}).status_code == 400
    assert told() == []


def test_an_unknown_token_changes_nothing(client, ledger):
    stranger = APIClient(headers={"authorization": "Token eve"})
    assert stranger.delete(f"/api/ledgers/{ledger.pk}/").status_code == 403
    assert told() == []
