"""A change that is sent twice under one key is made once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from api.models import IdempotencyKey, Property, User
from api.models.auth import Role
from api.services.idempotency import KEPT_FOR, _lock_key
from tests.example.rows import make_user

HOUSE = {"name": "Owl"}


def make_client(person=None):
    client = APIClient()
    client.force_authenticate(person or make_user(Role.MANAGER))
    return client


@pytest.fixture
def client(db):
    return make_client()


def post(client, data=HOUSE, key="one", address="/api/v1/properties/"):
    return client.post(address, data, headers={"Idempotency-Key": key})


def test_the_answer_is_repeated_and_the_change_is_not(client):
    first, second = post(client), post(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Property.objects.count() == 1


def test_without_a_key_the_change_is_made_again(client):
    client.post("/api/v1/properties/", HOUSE)
    assert client.post("/api/v1/properties/", HOUSE).status_code == 400


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"name": "Crane"}},
        {"address": "/api/v1/property-tags/"},
    ],
)
def test_a_key_that_was_used_for_another_request_is_refused(client, other):
    post(client)
    answer = post(client, **other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Property.objects.count() == 1


def test_the_order_of_the_names_in_a_body_does_not_matter(client):
    post(client, {"name": "Owl", "address": "1"})
    assert post(client, {"address": "1", "name": "Owl"}).status_code == 201


def test_keys_are_each_persons_own(client):
    post(client)
    assert post(make_client(), {"name": "Crane"}).status_code == 201


def test_a_refused_request_keeps_nothing_and_may_be_sent_corrected(client):
    assert post(client, {"name": ""}).status_code == 400
    assert post(client).status_code == 201


def test_an_answer_without_a_body_is_repeated_too(db):
    client, house = make_client(make_user(Role.SUPERUSER)), Property.objects.create(name="Owl")
    for _ in range(2):
        answer = client.delete(
            f"/api/v1/properties/{house.pk}/", headers={"Idempotency-Key": "gone"}
        )
        assert answer.status_code == 204


def test_an_answer_is_repeated_for_seven_days(client):
    post(client)
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR + timedelta(minutes=1))
    assert post(client).status_code == 201
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR)
    assert post(client).status_code == 400, "it is carried out anew, and there is such a house"


def test_old_keys_are_purged_and_others_kept(client, capsys):
    post(client, key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR)
    post(client, {"name": "Crane"}, key="new")
    call_command("purge_idempotency_keys")
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
    assert "Deleted 1 " in capsys.readouterr().out


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "schlüssel"])
def test_a_key_that_is_none_is_refused(client, key):
    answer = client.post("/api/v1/properties/", HOUSE, HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
def test_two_requests_under_one_key_at_once_make_one_change():
    person, start = make_user(Role.MANAGER), Barrier(2)

    def send(_):
        client = make_client(person)
        start.wait(60)
        try:
            return post(client).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(send, range(2)))
    # The second is told to come again, or waited and repeats the answer.
    assert statuses in ([201, 201], [201, 409])
    assert Property.objects.count() == 1


@pytest.mark.database_lacks("sqlite", reason="has one writer at a time: the second waits")
@pytest.mark.django_db(transaction=True)
def test_a_key_that_another_transaction_holds_is_a_conflict():
    person, held, done = make_user(Role.MANAGER), Barrier(2), Barrier(2)
    IdempotencyKey.objects.create(user=person, key="one", created_at=timezone.now())

    def hold():
        try:
            with transaction.atomic():
                list(IdempotencyKey.objects.select_for_update())
                held.wait(60)
                done.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait(60)
        answer = post(make_client(person))
        done.wait(60)
        holding.result()
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_use")
    assert not Property.objects.exists()


def test_what_else_a_database_says_is_no_key_in_use(client):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE api_idempotencykey RENAME TO away")
    with pytest.raises(DatabaseError), transaction.atomic():
        _lock_key(User.objects.get(), "one")
