"""Django REST framework: the request's context, with a user whom only the view knows."""

import uuid

import pytest
from rest_framework.test import APIClient

from django_modernize.audit import AuditEvent
from tests.testapp.models import Person

pytestmark = pytest.mark.django_db


def test_a_user_found_by_a_token_in_the_view_is_the_actor_of_what_it_writes():
    person = Person.objects.create(username="ann")
    request_id = uuid.uuid4()
    client = APIClient(headers={"authorization": "Token ann", "x-request-id": str(request_id)})
    response = client.post("/api/ledgers/", {"title": "by REST"})
    assert response.status_code == 201
    event = AuditEvent.objects.get(object_type="testapp.ledger")
    assert (event.actor, event.actor_label) == (person, "ann")
    assert (event.source, event.request_id) == ("api", request_id)
