"""Logging in over the API, and the endpoints of people."""

import pytest
from django.contrib.auth import get_user
from knox.models import AuthToken
from rest_framework.test import APIClient

from api.models import PasswordResetLog, Profile, Property, User
from api.models.auth import Role
from api.services.accounts import issue_token
from django_modernize.audit import AuditEvent
from tests.example.rows import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "tangerine-lake-77"


def send(address, data=None, token=None, method="post"):
    client = APIClient(headers={"authorization": f"Token {token}"} if token else {})
    return getattr(client, method)(f"/api/v1/{address}/", data)


def log_in(person, password="secret-person"):
    return send("auth/log-in", {"username": person.username, "password": password})


def client_of(role):
    client = APIClient()
    client.person = make_user(role)
    client.force_authenticate(client.person)
    return client


def test_a_token_stands_for_the_person_in_the_trail_too():
    manager = make_user(Role.MANAGER)
    token = log_in(manager).json()["token"]
    assert send("properties", {"name": "Owl"}, token).status_code == 201
    event = AuditEvent.objects.get(object_type=Property._meta.label_lower)
    assert (event.actor, event.source) == (manager, "api")


def test_a_token_is_stored_as_a_digest_alone():
    token = log_in(make_user()).json()["token"]
    assert token not in str([*AuthToken.objects.values("digest")])


@pytest.mark.parametrize("username", ["there", "not-there"])
def test_a_wrong_password_is_told_as_a_name_that_there_is_not(username):
    User.objects.create_user("there", password="secret-person")
    answer = send("auth/log-in", {"username": username, "password": "wrong"})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The user name and password do not match."


def test_an_inactive_person_does_not_log_in():
    person = make_user()
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert log_in(person).status_code == 401


@pytest.mark.parametrize("token", ["x", "ä", "a b", "'", "0" * 64, "\x00"])
def test_a_token_that_is_none_is_refused(token):
    answer = APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Token {token}")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")


def test_a_rotated_token_is_over_and_the_new_one_works():
    old = log_in(make_user()).json()["token"]
    new = send("auth/rotate", token=old).json()["token"]
    assert send("me", token=old, method="get").status_code == 401
    assert send("me", token=new, method="get").status_code == 200


def test_logging_out_ends_one_token_and_everywhere_all():
    person = make_user()
    first, second, third = (log_in(person).json()["token"] for _ in range(3))
    assert send("auth/log-out", token=first).status_code == 204
    assert send("me", token=first, method="get").status_code == 401
    assert send("auth/log-out-everywhere", token=second).status_code == 204
    assert send("me", token=third, method="get").status_code == 401


def test_a_session_counts_and_its_changes_need_the_csrf_token():
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(make_user(Role.MANAGER))
    assert client.get("/api/v1/me/").status_code == 200
    assert client.post("/api/v1/properties/", {"name": "Owl"}).status_code == 403


def test_log_ins_are_counted_by_address_and_by_name(settings):
    settings.ARISTAY_RATES = {"log_in_name": "2/min", "log_in_address": "3/min"}
    person = make_user()
    codes = []
    for number, name in enumerate([person.username, person.username.upper(), person.username]):
        client = APIClient(REMOTE_ADDR=f"10.0.0.{number}")
        data = {"username": name, "password": "wrong"}
        codes.append(client.post("/api/v1/auth/log-in/", data).status_code)
    assert codes == [401, 401, 429]
    codes = [
        send("auth/log-in", {"username": f"x{n}", "password": "x"}).status_code for n in "abcd"
    ]
    assert codes == [401, 401, 401, 429]


def test_an_invite_is_shown_with_its_code_once_and_makes_an_account():
    manager = client_of(Role.MANAGER)
    data = {"role": "staff", "expires_at": "2099-01-01T00:00:00Z"}
    invite = manager.post("/api/v1/invites/", data).json()
    assert "code" not in manager.get(f"/api/v1/invites/{invite['id']}/").json()
    newcomer = {"code": invite["code"], "username": "ada", "password": PASSWORD}
    answer = send("auth/accept-invite", newcomer)
    assert (answer.status_code, answer.json()["role"]) == (201, "staff")
    assert log_in(User.objects.get(username="ada"), PASSWORD).status_code == 200
    refused = send("auth/accept-invite", {**newcomer, "username": "bea"})
    assert refused.json()["errors"]["code"][0]["code"] == "invite_invalid"


def test_an_invite_keeps_no_answer_under_a_key():
    data = {"role": "staff", "expires_at": "2099-01-01T00:00:00Z"}
    answer = client_of(Role.MANAGER).post(
        "/api/v1/invites/", data, headers={"Idempotency-Key": "one"}
    )
    assert (answer.status_code, [*answer.json()["errors"]]) == (400, ["Idempotency-Key"])


def test_a_manager_invites_no_superuser():
    data = {"role": "superuser", "expires_at": "2099-01-01T00:00:00Z"}
    assert client_of(Role.MANAGER).post("/api/v1/invites/", data).status_code == 403


def test_a_withdrawn_invite_is_over():
    manager = client_of(Role.MANAGER)
    data = {"role": "staff", "expires_at": "2099-01-01T00:00:00Z"}
    invite = manager.post("/api/v1/invites/", data).json()
    assert manager.post(f"/api/v1/invites/{invite['id']}/withdraw/").status_code == 200
    newcomer = {"code": invite["code"], "username": "ada", "password": PASSWORD}
    assert send("auth/accept-invite", newcomer).status_code == 400


def test_asking_for_a_password_tells_nobody_who_has_an_account(
    mailoutbox, django_capture_on_commit_callbacks
):
    person = make_user()
    User.objects.filter(pk=person.pk).update(email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            send("auth/request-password", {"email": email})
            for email in ("ada@example.com", "nobody@example.com")
        ]
    assert {(one.status_code, one.content) for one in answers} == {(204, b"")}
    assert [mail.to for mail in mailoutbox] == [["ada@example.com"]]
    assert PasswordResetLog.objects.get().user == person


def test_a_password_is_set_by_the_link_of_the_mail_once(
    mailoutbox, django_capture_on_commit_callbacks
):
    person = make_user()
    User.objects.filter(pk=person.pk).update(email="ada@example.com")
    token = issue_token(person)[1]
    with django_capture_on_commit_callbacks(execute=True):
        send("auth/request-password", {"email": "ada@example.com"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/new/" in word)
    uid, proof = link.rstrip("/").split("/")[-2:]
    data = {"uid": uid, "token": proof, "password": PASSWORD}
    assert send("auth/new-password", {**data, "password": "123"}).status_code == 400
    assert send("auth/new-password", data).status_code == 204
    assert send("auth/new-password", data).json()["errors"]["token"][0]["code"] == "reset_invalid"
    assert send("me", token=token, method="get").status_code == 401
    assert log_in(person, PASSWORD).status_code == 200
    assert PasswordResetLog.objects.filter(user=person, action="completed").count() == 1


@pytest.mark.parametrize("uid", ["x", "ÿ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_link_that_is_none_is_refused(uid):
    data = {"uid": uid, "token": "x", "password": PASSWORD}
    assert send("auth/new-password", data).status_code == 400


def test_one_changes_the_own_password_with_the_old_one():
    person = make_user()
    token = log_in(person).json()["token"]
    wrong = {"old_password": "wrong", "new_password": PASSWORD}
    assert send("me/password", wrong, token).status_code == 400
    right = {**wrong, "old_password": "secret-person"}
    assert send("me/password", right, token).status_code == 204
    assert send("me", token=token, method="get").status_code == 401


def test_one_changes_the_own_profile_and_not_the_own_role_or_team():
    staff = client_of(Role.STAFF)
    answer = staff.patch("/api/v1/me/", {"phone": "123", "role": "staff"})
    assert answer.status_code == 200
    more = {"phone": "456", "role": "manager", "task_group": "cleaning"}
    refused = staff.patch("/api/v1/me/", more)
    assert (refused.status_code, {*refused.json()["errors"]}) == (400, {"role", "task_group"})
    profile = Profile.objects.get(user=staff.person)
    assert (profile.phone, profile.role, profile.task_group) == ("123", "staff", "none")
    assert "api.change_task" in answer.json()["permissions"]


def test_a_time_zone_that_there_is_not_is_refused():
    answer = client_of(Role.STAFF).patch("/api/v1/me/", {"time_zone": "Moon/Base"})
    assert answer.status_code == 400
    assert [*answer.json()["errors"]] == ["time_zone"]


def test_a_manager_gives_people_below_a_role_below():
    manager, staff = client_of(Role.MANAGER), make_user(Role.STAFF)
    address = f"/api/v1/people/{staff.pk}/role/"
    assert manager.post(address, {"role": "viewer"}).json()["role"] == "viewer"
    assert manager.post(address, {"role": "manager"}).status_code == 403


def test_the_profile_of_a_person_takes_no_role():
    manager, staff = client_of(Role.MANAGER), make_user(Role.STAFF)
    answer = manager.patch(f"/api/v1/profiles/{staff.profile.pk}/", {"role": "superuser"})
    assert (answer.status_code, [*answer.json()["errors"]]) == (400, ["role"])
    assert Profile.objects.get(user=staff).role == "staff"


def test_people_above_are_not_seen():
    manager, boss = client_of(Role.MANAGER), make_user(Role.SUPERUSER)
    for address in (f"people/{boss.pk}", f"profiles/{boss.profile.pk}"):
        assert manager.get(f"/api/v1/{address}/").status_code == 404
    assert manager.post(f"/api/v1/people/{boss.pk}/deactivate/").status_code == 404


def test_a_person_is_deactivated_and_a_session_ends():
    manager, staff = client_of(Role.MANAGER), make_user(Role.STAFF)
    session = APIClient()
    session.force_login(staff)
    assert manager.post(f"/api/v1/people/{staff.pk}/deactivate/").json()["is_active"] is False
    assert session.get("/api/v1/me/").status_code == 401
    assert not get_user(session).is_authenticated
    assert manager.post(f"/api/v1/people/{staff.pk}/reactivate/").json()["is_active"] is True


def test_a_manager_grants_a_named_few_and_changes_them():
    manager, staff = client_of(Role.MANAGER), make_user(Role.STAFF)
    wanted = {
        "user": staff.pk, "permission": "api.add_booking", "is_granted": True, "reason": "summer"
    }  # fmt: skip
    made = manager.post("/api/v1/permission-overrides/", wanted)
    assert made.status_code == 201
    address = f"/api/v1/permission-overrides/{made.json()['id']}/"
    assert manager.patch(address, {"is_granted": False}).json()["reason"] == "summer"
    assert manager.delete(address).status_code == 403
    other = {**wanted, "permission": "api.delete_booking"}
    assert manager.post("/api/v1/permission-overrides/", other).status_code == 403
    unknown = manager.post("/api/v1/permission-overrides/", {**wanted, "permission": "api.fly"})
    assert (unknown.status_code, [*unknown.json()["errors"]]) == (400, ["permission"])
