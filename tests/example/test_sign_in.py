"""Passwords cannot be tried in numbers, by no door, and nobody learns which names there are."""

import re
import time

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from api.models.auth import Role
from api.services.accounts import TooManyAttempts, limiting_attempts
from tests.example.rows import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "secret-person"
WAIT = re.compile(r"Wait for (\d+) seconds?, then try again")


@pytest.fixture(autouse=True)
def _rates(settings):
    settings.ARISTAY_RATES = {"log_in_name": "2/min", "log_in_address": "4/min"}


@pytest.fixture
def boss():
    return make_user(Role.SUPERUSER)


def sign_in_by(door, name, password, address="10.0.0.1"):
    """Try to sign in; return the answer."""
    client = Client(REMOTE_ADDR=address)
    where = {
        "portal": reverse("portal:sign_in"),
        "admin": reverse("admin:login"),
        "api": "/api/v1/auth/log-in/",
    }[door]
    answer = (
        client.post(
            where, {"username": name, "password": password}, content_type="application/json"
        )
        if door == "api"
        else client.post(where, {"username": name, "password": password})
    )
    answer.is_in = "_auth_user_id" in client.session or "token" in answer.content.decode()[:10]
    return answer


DOORS = ["portal", "admin", "api"]


@pytest.mark.parametrize("door", DOORS)
def test_whoever_fails_too_often_waits_even_with_the_right_password(boss, door):
    for _ in range(2):
        answer = sign_in_by(door, boss.username, "wrong")
        assert not answer.is_in
        assert answer.status_code in (200, 401)
    refused = sign_in_by(door, boss.username, PASSWORD)
    assert not refused.is_in
    if door == "admin":
        assert 0 < int(WAIT.search(refused.content.decode())[1]) <= 60
    else:
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 61


@pytest.mark.parametrize("door", DOORS)
def test_after_the_wait_the_right_password_lets_in(boss, door, monkeypatch):
    for _ in range(3):
        sign_in_by(door, boss.username, "wrong")
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert sign_in_by(door, boss.username, PASSWORD).is_in


@pytest.mark.parametrize("door", DOORS)
def test_right_passwords_are_not_counted(boss, door):
    assert all(sign_in_by(door, boss.username, PASSWORD).is_in for _ in range(5))


@pytest.mark.parametrize("door", DOORS)
def test_failures_count_where_the_cache_is_a_table_too(boss, door, settings):
    table = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "a_cache"}
    settings.CACHES = {"default": table}
    call_command("createcachetable")
    for _ in range(2):
        sign_in_by(door, boss.username, "wrong")
    refused = sign_in_by(door, boss.username, PASSWORD)
    assert not refused.is_in
    assert refused.status_code == (200 if door == "admin" else 429)


def test_failures_are_counted_over_all_doors_and_spellings_together(boss):
    sign_in_by("portal", boss.username, "wrong", "10.0.0.1")
    sign_in_by("admin", boss.username.upper(), "wrong", "10.0.0.2")
    assert sign_in_by("api", boss.username, PASSWORD, "10.0.0.3").status_code == 429


def test_blanks_around_a_name_or_an_address_do_not_make_another_of_it(boss, mailoutbox):
    names = [f"{' ' * number}{boss.username}\t" for number in range(3)]
    codes = [sign_in_by("api", name, "wrong", f"10.0.0.{len(name)}").status_code for name in names]
    assert codes == [401, 401, 429]
    type(boss).objects.filter(pk=boss.pk).update(email="boss@example.com")
    addresses = [f"boss@example.com{' ' * number}" for number in range(3)]
    asked = [
        Client().post(
            "/api/v1/auth/request-password/", {"email": one}, content_type="application/json"
        )
        for one in addresses
    ]
    assert [answer.status_code for answer in asked] == [204, 204, 429]


@pytest.mark.parametrize("door", DOORS)
def test_who_has_a_session_does_not_find_the_password_out_by_trying(boss, door):
    client = Client()
    client.force_login(boss)
    new = {"new_password1": "tangerine-lake-77", "new_password2": "tangerine-lake-77"}

    def change(old):
        if door == "api":
            data = {"old_password": old, "new_password": "tangerine-lake-77"}
            return client.post("/api/v1/me/password/", data, content_type="application/json")
        where = "portal:password" if door == "portal" else "admin:password_change"
        return client.post(reverse(where), {"old_password": old, **new})

    for _ in range(2):
        change("wrong")
    refused = change(PASSWORD)
    assert refused.status_code == (200 if door == "admin" else 429)
    assert "Too many tries" in refused.content.decode() or door == "api"
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)
    cache.clear()
    assert change(PASSWORD).status_code in (204, 302)


def test_an_address_that_tries_many_names_waits_and_others_do_not(boss):
    for number in range(4):
        assert sign_in_by("portal", f"name{number}", "wrong").status_code == 200
    assert sign_in_by("portal", boss.username, PASSWORD).status_code == 429
    assert sign_in_by("portal", boss.username, PASSWORD, "10.0.0.9").is_in


@pytest.mark.parametrize("door", DOORS)
def test_a_name_that_there_is_not_is_told_the_same(boss, door):
    def tell(name, address):
        pages = [sign_in_by(door, name, "wrong", address) for _ in range(3)]
        told = [(page.status_code, page.content.decode()) for page in pages]
        hidden = re.compile(r"\b\w{32,64}\b|\d+ seconds?")
        return [(code, hidden.sub("", text.replace(name, "NAME"))) for code, text in told]

    assert tell(boss.username, "10.1.0.1") == tell("nobody-at-all", "10.1.0.2")


def test_tries_at_once_get_no_more_places_than_one_after_another(rf, monkeypatch):
    request = rf.get("/")
    # As if each looked before any of the others has written.
    monkeypatch.setattr(type(cache), "get_many", lambda self, keys: {}, raising=False)
    monkeypatch.setattr(
        "api.services.accounts.sign_in.cache.get_many", lambda keys: {}, raising=False
    )
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), limiting_attempts(request, "ann"):
            _ = 1 / 0
    with pytest.raises(TooManyAttempts), limiting_attempts(request, "ann"):
        pass


def test_links_for_a_password_are_not_sent_in_numbers(client, boss):
    type(boss).objects.filter(pk=boss.pk).update(email="boss@example.com")
    address, data = reverse("portal:forgotten"), {"email": "boss@example.com"}
    assert [client.post(address, data).status_code for _ in range(3)] == [302, 302, 429]


def test_codes_of_invites_are_not_tried_in_numbers(client):
    data = {"code": "wrong", "username": "ann", "password": "tangerine-lake-77"}
    address = reverse("portal:accept_invite")
    pages = [client.post(address, data).content.decode() for _ in range(3)]
    assert ["Too many tries" in page for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("wait", "words"), [(1, "1 second,"), (119, "119 seconds,"), (121, "3 minutes,")]
)
def test_a_long_wait_is_told_in_minutes(wait, words):
    assert f"Wait for {words}" in TooManyAttempts(wait).message


def test_a_name_without_a_password_is_not_tried(client, boss):
    for _ in range(3):
        page = sign_in_by("portal", boss.username, "")
        assert "This field is required." in page.content.decode()
    assert sign_in_by("portal", boss.username, PASSWORD).is_in


def test_a_form_that_was_open_for_too_long_leads_back_in_the_readers_language(owl):
    client = Client(enforce_csrf_checks=True)
    data = {"username": "anna", "password": "long-ago", "csrfmiddlewaretoken": "x" * 32}
    page = client.post(reverse("portal:sign_in"), data, headers={"accept-language": "de"})
    assert page.status_code == 403
    assert "Diese Seite war zu lange" in page.content.decode()
    assert "api/portal.css" in page.content.decode()
    part = client.post(reverse("portal:sign_in"), data, headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()


def test_a_wrong_password_is_said_to_be_wrong_in_german_too(client, db):
    page = client.post(
        reverse("portal:sign_in"),
        {"username": "anna", "password": "wrong"},
        headers={"accept-language": "de"},
    )
    assert "passen nicht zusammen" in page.content.decode()
