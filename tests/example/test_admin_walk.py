"""Every page of the admin by every role: nobody sees or does more there than the matrix says."""

import pytest
from django.contrib import admin
from django.urls import reverse

from api import models
from api.models.auth import Role
from api.services.permission.matrix import MATRIX
from tests.example.rows import MAKERS, Corner, make_user
from tests.example.test_rest_walk import is_seen

pytestmark = pytest.mark.django_db

ROLES = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.SUPERUSER]
PAGES = {
    model: model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label == "api" and model in {*MAKERS, models.Profile}
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_every_page_of_the_admin_is_walked():
    registered = {model for model in admin.site._registry if model._meta.app_label == "api"}
    others = registered - {*PAGES, models.BookingImportLog}
    assert not others, "add what a row of it needs to tests/example/rows.py"


def address(model, page, *args):
    return reverse(f"admin:api_{model._meta.model_name}_{page}", args=args)


def may(role, verb, model):
    return role == Role.SUPERUSER or f"api.{verb}_{model._meta.model_name}" in MATRIX[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.model_name)
def test_no_page_shows_or_does_more_than_the_matrix_says(client, model, role):
    person = make_user(role)
    client.force_login(person)
    corner = Corner(models.Property.objects.create(name="Owl"), worker=make_user(Role.STAFF))
    row = corner.house if model is models.Property else corner.make(model)
    opened = {
        "view": client.get(address(model, "changelist")),
        "add": client.get(address(model, "add")),
        "change": client.get(address(model, "change", row.pk)),
        "delete": client.get(address(model, "delete", row.pk)),
    }
    if role in (Role.VIEWER, Role.STAFF):
        assert {answer.status_code for answer in opened.values()} == {302}, "to the log-in"
        return
    assert (opened["view"].status_code == 200) is may(role, "view", model)
    for verb in ("add", "delete"):
        assert opened[verb].status_code != 200 or may(role, verb, model), verb
    is_open = opened["change"].status_code == 200
    assert not is_open or is_seen(role, model, is_own=False)
    page = opened["change"].content.decode()
    assert 'name="_save"' not in page or may(role, "change", model)
    if not may(role, "change", model):
        answer = client.post(address(model, "change", row.pk), {})
        assert answer.status_code in (302, 403)


def test_people_above_have_no_page(client):
    client.force_login(make_user(Role.MANAGER))
    boss = make_user(Role.SUPERUSER)
    for model, row in ((models.User, boss), (models.Profile, boss.profile)):
        assert client.get(address(model, "change", row.pk)).status_code == 302
    listed = client.get(address(models.User, "changelist")).content.decode()
    assert boss.username not in listed
    answer = client.post(
        reverse("admin:auth_user_password_change", args=[boss.pk]),
        {"password1": "tangerine-lake-77", "password2": "tangerine-lake-77"},
    )
    assert answer.status_code in (302, 403, 404)
    assert models.User.objects.get(pk=boss.pk).check_password("secret-person")


def send_profile(client, profile, **values):
    data = {"role": profile.role, "task_group": profile.task_group, "time_zone": "UTC", **values}
    return client.post(address(models.Profile, "change", profile.pk), data)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.VIEWER, Role.VIEWER),
        (Role.MANAGER, Role.STAFF),
        (Role.SUPERUSER, Role.STAFF),
    ],
)
def test_no_form_grants_a_role_of_the_own_rank_or_above(client, role, expected):
    client.force_login(make_user(Role.MANAGER))
    staff = make_user(Role.STAFF)
    send_profile(client, staff.profile, role=role)
    assert models.Profile.objects.get(user=staff).role == expected


def test_no_form_changes_the_own_role(client):
    boss = make_user(Role.SUPERUSER)
    client.force_login(boss)
    assert send_profile(client, boss.profile, role=Role.VIEWER).status_code == 302
    assert models.Profile.objects.get(user=boss).role == Role.SUPERUSER


def test_no_form_makes_a_superuser_or_grants_django_permissions(client):
    client.force_login(make_user(Role.MANAGER))
    staff = make_user(Role.STAFF)
    data = {"username": staff.username, "is_superuser": "on", "is_staff": "on", "is_active": ""}
    client.post(address(models.User, "change", staff.pk), {**data, "first_name": "Ada"})
    staff.refresh_from_db()
    assert (staff.first_name, staff.is_superuser, staff.is_staff, staff.is_active) == (
        *("Ada", False, False, True),
    )


def send_override(client, user, permission):
    data = {"user": user.pk, "permission": permission, "is_granted": "on", "reason": "summer"}
    return client.post(address(models.PermissionOverride, "add"), data)


def test_a_form_hands_on_what_there_is_to_hand_on_and_nothing_else(client):
    client.force_login(make_user(Role.MANAGER))
    staff, boss = make_user(Role.STAFF), make_user(Role.SUPERUSER)
    send_override(client, staff, "api.delete_booking")
    send_override(client, boss, "api.add_booking")
    assert not models.PermissionOverride.objects.exists()
    assert send_override(client, staff, "api.add_booking").status_code == 302
    assert models.User.objects.get(pk=staff.pk).has_perm("api.add_booking")


def test_permissions_are_named_in_the_readers_words(client):
    client.force_login(make_user(Role.SUPERUSER))
    send_override(client, make_user(Role.STAFF), "api.assign_task")
    override = models.PermissionOverride.objects.get()
    for page in (
        address(models.PermissionOverride, "add"),
        address(models.PermissionOverride, "change", override.pk),
        address(models.PermissionOverride, "changelist"),
    ):
        text = client.get(page, headers={"accept-language": "de"}).content.decode()
        assert "Aufgaben zuweisen" in text


def test_groups_that_count_for_nothing_have_no_page(client):
    client.force_login(make_user(Role.SUPERUSER))
    assert client.get("/admin/auth/group/").status_code == 404


def test_a_superuser_withdraws_an_override(client):
    client.force_login(make_user(Role.SUPERUSER))
    staff = make_user(Role.STAFF)
    send_override(client, staff, "api.add_booking")
    override = models.PermissionOverride.objects.get()
    client.post(address(models.PermissionOverride, "delete", override.pk), {"post": "yes"})
    assert not models.User.objects.get(pk=staff.pk).has_perm("api.add_booking")


def send_invite(client, role, day="2099-01-01"):
    data = {
        "role": role, "task_group": "none", "max_uses": "1",
        "expires_at_0": day, "expires_at_1": "00:00",
    }  # fmt: skip
    return client.post(address(models.InviteCode, "add"), data, follow=True)


def test_a_form_makes_an_invite_and_shows_its_code_once(client):
    client.force_login(make_user(Role.MANAGER))
    page = send_invite(client, Role.STAFF).content.decode()
    assert "The code is " in page
    invite = models.InviteCode.objects.get()
    assert (
        "The code is "
        not in client.get(address(models.InviteCode, "change", invite.pk)).content.decode()
    )


@pytest.mark.parametrize("values", [(Role.SUPERUSER,), (Role.STAFF, "2020-01-01")])
def test_a_form_refuses_an_invite_that_the_service_refuses(client, values):
    client.force_login(make_user(Role.MANAGER))
    assert send_invite(client, *values).status_code == 200
    assert not models.InviteCode.objects.exists()


def test_the_list_of_people_lets_some_in_no_more(client):
    client.force_login(make_user(Role.MANAGER))
    staff = make_user(Role.STAFF)
    for action, is_active in (("deactivate_selected", False), ("reactivate_selected", True)):
        data = {"action": action, "_selected_action": [staff.pk]}
        client.post(address(models.User, "changelist"), data)
        assert models.User.objects.get(pk=staff.pk).is_active is is_active
