"""How people come and go: invites, passwords, tokens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.password_validation import (
    password_changed,
    password_validators_help_texts,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from api.models import InviteCode, InviteUse, PasswordResetLog, PermissionOverride, User
from api.models.auth import Role, TaskGroup
from api.services.accounts import (
    accept_invite,
    change_person,
    create_invite,
    deactivate_person,
    issue_token,
    password_mail,
    reactivate_person,
    request_password,
    rotate_token,
    withdraw_invite,
)
from api.services.accounts.tokens import MOST_TOKENS
from api.services.background import enqueue
from api.services.permission import get_access, grant_override, set_role, withdraw_override
from django_modernize.audit import AuditEvent
from django_modernize.context import change_context
from tests.example.rows import make_user

PASSWORD = "tangerine-lake-77"


def invite(actor, role=Role.STAFF, **values):
    values.setdefault("expires_at", timezone.now() + timedelta(days=1))
    return create_invite(actor=actor, role=role, **values)


def come(code, username="newcomer"):
    return accept_invite(code=code, username=username, password=PASSWORD)


def test_an_invite_makes_an_account_of_its_role_and_team(db):
    _, code = invite(make_user(Role.MANAGER), task_group=TaskGroup.CLEANING)
    person = come(code)
    access = get_access(person)
    assert (access.role, access.task_group) == (Role.STAFF, TaskGroup.CLEANING)
    assert person.check_password(PASSWORD)
    assert InviteUse.objects.get(user=person).invite.use_count == 1


def test_only_the_digest_of_a_code_is_stored(db):
    made, code = invite(make_user(Role.MANAGER))
    assert code not in str(InviteCode.objects.values().get(pk=made.pk))
    assert made.digest not in str([*AuditEvent.objects.values_list("changes", flat=True)])


@pytest.mark.parametrize(
    ("inviter", "role", "is_allowed"),
    [
        (Role.STAFF, Role.VIEWER, False),
        (Role.MANAGER, Role.MANAGER, True),
        (Role.MANAGER, Role.SUPERUSER, False),
        (Role.SUPERUSER, Role.SUPERUSER, True),
    ],
)
def test_the_role_of_an_invite_is_not_above_the_inviters(db, inviter, role, is_allowed):
    actor = make_user(inviter)
    if is_allowed:
        person = come(invite(actor, role)[1])
        assert get_access(person).role == role
        return
    with pytest.raises(PermissionDenied):
        invite(actor, role)


def test_an_invite_of_who_was_degraded_since_lets_nobody_in(db):
    boss = make_user(Role.SUPERUSER)
    manager = make_user(Role.MANAGER)
    with change_context(actor=manager):
        _, code = invite(manager)
    set_role(actor=boss, user=manager, role=Role.STAFF)
    with pytest.raises(ValidationError, match="invalid or has expired"):
        come(code)


def test_an_invite_is_used_as_often_as_it_says(db):
    _, code = invite(make_user(Role.MANAGER), max_uses=2)
    come(code, "one")
    come(code, "two")
    with pytest.raises(ValidationError, match="invalid or has expired"):
        come(code, "three")
    assert not User.objects.filter(username="three").exists()


def test_an_expired_a_withdrawn_and_an_invented_code_are_refused_alike(db):
    manager = make_user(Role.MANAGER)
    made, withdrawn = invite(manager)
    withdraw_invite(actor=manager, invite=made)
    made, expired = invite(manager)
    InviteCode.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    told = set()
    for code in (withdrawn, expired, "invented"):
        with pytest.raises(ValidationError) as refusal:
            come(code)
        told.add(str(refusal.value))
    assert len(told) == 1


def test_an_invite_that_nobody_could_use_is_refused(db):
    manager = make_user(Role.MANAGER)
    for values in ({"max_uses": 0}, {"expires_at": timezone.now()}):
        with pytest.raises(ValidationError):
            invite(manager, **values)


def test_a_refused_newcomer_uses_nothing_up(db):
    made, code = invite(make_user(Role.MANAGER))
    for values in ({"password": "123"}, {"username": "not a name!"}):
        with pytest.raises(ValidationError):
            accept_invite(**{"code": code, "username": "one", "password": PASSWORD, **values})
    assert InviteCode.objects.get(pk=made.pk).use_count == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_come_at_once_by_the_last_use_of_an_invite_are_one():
    _, code = invite(make_user(Role.MANAGER))
    start = Barrier(2)

    def enter(name):
        start.wait(60)
        try:
            return come(code, name).username
        except ValidationError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        came = [*pool.map(enter, ("one", "two"))]
    assert sorted(map(bool, came)) == [False, True]
    assert InviteCode.objects.get().use_count == InviteUse.objects.count() == 1


def test_a_withdrawn_override_lets_the_role_count_again(db):
    manager, staff = make_user(Role.MANAGER), make_user(Role.STAFF)
    override = grant_override(
        actor=manager, user=staff, permission="api.add_booking", is_granted=True, reason="summer"
    )
    with pytest.raises(PermissionDenied):
        withdraw_override(actor=staff, override=override)
    withdraw_override(actor=manager, override=override)
    assert not User.objects.get(pk=staff.pk).has_perm("api.add_booking")


def test_a_manager_sees_and_changes_no_override_of_people_above(db):
    manager, boss = make_user(Role.MANAGER), make_user(Role.SUPERUSER)
    override = PermissionOverride.objects.create(
        user=boss, permission="api.add_booking", is_granted=False, reason="why"
    )
    assert not manager.has_perm("api.view_permissionoverride", override)
    assert not manager.has_perm("api.change_permissionoverride", override)


def test_nobody_changes_their_own_overrides(db):
    manager = make_user(Role.MANAGER)
    override = PermissionOverride.objects.create(
        user=manager, permission="api.add_booking", is_granted=False, reason="why"
    )
    assert manager.has_perm("api.view_permissionoverride", override)
    assert not manager.has_perm("api.change_permissionoverride", override)


def test_a_deactivated_person_is_out_at_once_and_comes_back_when_let(db):
    manager, staff = make_user(Role.MANAGER), make_user(Role.STAFF)
    issue_token(staff)
    deactivate_person(actor=manager, user=staff)
    assert not AuthToken.objects.exists()
    assert not get_access(User.objects.get(pk=staff.pk)).permissions
    reactivate_person(actor=manager, user=staff)
    assert User.objects.get(pk=staff.pk).is_active


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERUSER])
def test_nobody_deactivates_people_of_the_own_rank_or_above(db, role):
    with pytest.raises(PermissionDenied):
        deactivate_person(actor=make_user(Role.MANAGER), user=make_user(role))


def test_nobody_deactivates_themselves(db):
    boss = make_user(Role.SUPERUSER)
    with pytest.raises(PermissionDenied):
        deactivate_person(actor=boss, user=boss)


def test_a_manager_changes_the_address_of_people_below(db):
    manager, staff, boss = make_user(Role.MANAGER), make_user(Role.STAFF), make_user(Role.SUPERUSER)
    change_person(actor=manager, user=staff, email="new@example.com")
    assert User.objects.get(pk=staff.pk).email == "new@example.com"
    with pytest.raises(PermissionDenied):
        change_person(actor=manager, user=boss, email="mine@example.com")


def test_the_oldest_token_goes_when_there_are_too_many(db):
    person = make_user()
    first, _ = issue_token(person)
    for _ in range(MOST_TOKENS):
        issue_token(person)
    assert AuthToken.objects.count() == MOST_TOKENS
    assert not AuthToken.objects.filter(pk=first.pk).exists()


def test_a_token_is_rotated_once(db):
    token, _ = issue_token(make_user())
    rotate_token(token)
    with pytest.raises(Exception, match="authentication"):
        rotate_token(token)
    assert AuthToken.objects.count() == 1


def test_a_new_password_ends_the_tokens_whichever_door_it_comes_by(db):
    person = make_user()
    issue_token(person)
    person.set_password(PASSWORD)
    person.save()
    assert not AuthToken.objects.exists()


def test_the_portal_notes_who_asked_for_a_password_and_who_set_one(
    db, client, mailoutbox, django_capture_on_commit_callbacks
):
    person = make_user()
    User.objects.filter(pk=person.pk).update(email="ada@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/password/forgotten/", {"email": "ada@example.com"})
        client.post("/password/forgotten/", {"email": "nobody@example.com"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/new/" in word)
    path = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(path, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)
    log = PasswordResetLog.objects.order_by("pk").values_list("user", "action")
    assert list(log) == [(person.pk, "requested"), (person.pk, "completed")]
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/password/forgotten/", {}),
        ("/api/v1/auth/request-password/", {"content_type": "application/json"}),
    ],
)
def test_who_asks_for_a_password_does_not_wait_for_the_mail_server(
    db, client, mailoutbox, monkeypatch, django_capture_on_commit_callbacks, path, form
):
    person = make_user()
    User.objects.filter(pk=person.pk).update(email="ada@example.com")
    queue = []
    monkeypatch.setattr(password_mail, "enqueue", lambda *given: queue.append(given))
    with django_capture_on_commit_callbacks(execute=True):
        for name in ("ada", "nobody"):
            client.post(path, {"email": f"{name}@example.com"}, **form)
    assert not mailoutbox
    ((task, *arguments),) = queue
    assert arguments == [person.pk, "http", "testserver", "en"]
    enqueue(task, *arguments)
    assert "http://testserver/password/new/" in mailoutbox[0].body


def test_no_line_of_the_help_for_a_password_is_empty():
    assert all(password_validators_help_texts())


def test_a_password_that_is_changed_for_nobody_ends_no_tokens(db):
    issue_token(make_user())
    password_changed(PASSWORD)
    password_changed(PASSWORD, User(username="not stored"))
    assert AuthToken.objects.count() == 1


def test_what_is_no_address_gets_no_link_for_a_password(db, rf, mailoutbox):
    request_password(email="no address", request=rf.post("/"))
    assert not mailoutbox
    assert not PasswordResetLog.objects.exists()


def test_no_door_takes_a_name_that_differs_from_anothers_by_case_alone(db, client):
    chief, other = make_user(Role.SUPERUSER), make_user()
    taken = other.username.upper()
    _, code = invite(chief)
    doors = {
        "invite": lambda: come(code, taken),
        "change": lambda: change_person(
            actor=chief, user=User.objects.get(pk=chief.pk), username=taken
        ),
        "code": lambda: User.objects.create_user(taken),
    }
    for door in doors.values():
        with pytest.raises(ValidationError) as caught:
            door()
        assert caught.value.error_dict["username"][0].code == "unique"
    with pytest.raises(CommandError, match="already exists"):
        call_command("createsuperuser", username=taken, email="", interactive=False)
    client.force_login(chief)
    page = client.post(reverse("admin:api_user_change", args=[chief.pk]), {"username": taken})
    assert "already exists" in str(page.context["adminform"].form.errors["username"])
    form = {"username": taken, "usable_password": "false"}
    page = client.post(reverse("admin:api_user_add"), form)
    assert "already exists" in str(page.context["adminform"].form.errors["username"])
    path = f"/api/v1/people/{chief.pk}/"
    answer = client.patch(path, {"username": taken}, content_type="application/json")
    assert (answer.status_code, [*answer.json()["errors"]]) == (400, ["username"])
    assert User.objects.filter(username__iexact=taken).get() == other
    # The own name in another case is nobody else's.
    change_person(actor=chief, user=other, username=taken)


def test_a_role_is_not_changed_with_the_names(db):
    person = make_user()
    with pytest.raises(TypeError, match="does not change is_superuser"):
        change_person(actor=make_user(Role.MANAGER), user=person, is_superuser=True)
