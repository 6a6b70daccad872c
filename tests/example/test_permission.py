"""The one matrix of permissions, and what each role sees."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from api.models import (
    BookingImportPlanRow,
    PermissionOverride,
    Profile,
    Property,
    PropertyOwnership,
    Task,
    User,
)
from api.models.auth import Role, TaskGroup
from api.models.task_choices import TaskType
from api.services.permission import get_access, grant_override, list_visible, set_role
from api.services.permission.backend import RoleBackend
from api.services.permission.matrix import ALL_PERMISSIONS, OF_ALL_HOUSES
from tests.example.rows import Corner


def test_a_new_person_has_one_profile_and_is_a_viewer(db):
    user = User.objects.create_user("ada")
    user.first_name = "Ada"
    user.save()
    assert Profile.objects.get(user=user).role == Role.VIEWER


def test_a_person_without_a_profile_may_do_what_a_viewer_may(make_person):
    user = make_person(Role.MANAGER)
    Profile.objects.filter(user=user).delete()
    assert get_access(user).role == Role.VIEWER


def test_a_role_of_superuser_without_the_flag_is_not_unlimited(make_person):
    user = make_person(Role.STAFF)
    Profile.objects.filter(user=user).update(role=Role.SUPERUSER)
    assert not get_access(user).is_unlimited


def test_access_costs_two_queries_once(make_person, django_assert_num_queries):
    user = make_person(Role.MANAGER)
    with django_assert_num_queries(2):
        assert user.has_perm("api.change_booking")
        assert not user.has_perm("api.delete_booking")


def test_an_inactive_person_may_do_nothing(make_person):
    user = make_person(Role.SUPERUSER)
    user.is_active = False
    assert not user.has_perm("api.view_booking")


@pytest.mark.parametrize("is_granted", [True, False])
def test_an_override_goes_before_the_role_until_it_expires(make_person, is_granted):
    user = make_person(Role.MANAGER)
    permission = "api.delete_booking" if is_granted else "api.change_booking"
    override = PermissionOverride.objects.create(
        user=user, permission=permission, is_granted=is_granted, reason="holidays"
    )
    assert User.objects.get(pk=user.pk).has_perm(permission) is is_granted
    past = timezone.now() - timedelta(minutes=1)
    PermissionOverride.objects.filter(pk=override.pk).update(expires_at=past)
    assert User.objects.get(pk=user.pk).has_perm(permission) is not is_granted


def test_an_owner_sees_only_the_own_houses(make_person, owl, crane):
    user = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=user)
    assert list(list_visible(get_access(user), Property)) == [owl]
    assert user.has_perm("api.view_property", owl)
    assert not user.has_perm("api.view_property", crane)
    assert not user.has_perm("api.change_property", owl)


def test_an_ownership_that_can_edit_changes_the_own_houses(make_person, owl, crane):
    user = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=user, can_edit=True)
    assert user.has_perm("api.change_property", owl)
    assert not user.has_perm("api.change_property", crane)


def test_staff_see_their_own_tasks_and_those_of_the_team(make_person, owl):
    user = make_person(Role.STAFF, task_group=TaskGroup.CLEANING)
    for title, values in {
        "team": {"task_type": TaskType.CLEANING},
        "own": {"task_type": TaskType.LAUNDRY, "assigned_to": user},
        "other": {"task_type": TaskType.LAUNDRY},
    }.items():
        Task.objects.create(title=title, property=owl, **values)
    seen = list_visible(get_access(user), Task).values_list("title", flat=True)
    assert set(seen) == {"team", "own"}


def test_who_sees_other_teams_changes_only_the_own_work(make_person, owl):
    user = make_person(Role.STAFF, task_group=TaskGroup.CLEANING, sees_other_teams=True)
    task = Task.objects.create(title="wash", property=owl, task_type=TaskType.LAUNDRY)
    assert user.has_perm("api.view_task", task)
    assert not user.has_perm("api.change_task", task)


def test_a_manager_sees_people_below_and_not_above(make_person):
    manager, staff = make_person(Role.MANAGER), make_person(Role.STAFF)
    make_person(Role.MANAGER)
    make_person(Role.SUPERUSER)
    assert set(list_visible(get_access(manager), User)) == {manager, staff}


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPERUSER])
def test_nobody_grants_a_role_of_the_own_rank_or_above(make_person, role):
    manager, staff = make_person(Role.MANAGER), make_person(Role.STAFF)
    with pytest.raises(PermissionDenied):
        set_role(actor=manager, user=staff, role=role)
    assert Profile.objects.get(user=staff).role == Role.STAFF


def test_nobody_changes_the_own_role(make_person):
    boss = make_person(Role.SUPERUSER)
    with pytest.raises(PermissionDenied):
        set_role(actor=boss, user=boss, role=Role.VIEWER)


def test_a_superuser_makes_another_and_takes_it_back(make_person):
    boss, staff = make_person(Role.SUPERUSER), make_person(Role.STAFF)
    set_role(actor=boss, user=staff, role=Role.SUPERUSER)
    assert User.objects.get(pk=staff.pk).is_superuser
    set_role(actor=boss, user=staff, role=Role.STAFF)
    assert not User.objects.get(pk=staff.pk).is_superuser


def test_a_manager_hands_on_a_named_few(make_person):
    manager, staff = make_person(Role.MANAGER), make_person(Role.STAFF)
    grant_override(
        actor=manager, user=staff, permission="api.add_booking", is_granted=True, reason="summer"
    )
    assert User.objects.get(pk=staff.pk).has_perm("api.add_booking")
    with pytest.raises(PermissionDenied):
        grant_override(
            actor=manager, user=staff, permission="api.change_user", is_granted=True, reason="why"
        )


def test_an_override_needs_a_reason_and_a_permission_that_exists(make_person):
    boss, staff = make_person(Role.SUPERUSER), make_person(Role.STAFF)
    for values in ({"permission": "api.fly", "reason": "why"}, {"permission": "api.add_booking"}):
        with pytest.raises(ValidationError):
            grant_override(actor=boss, user=staff, is_granted=True, **{"reason": " ", **values})


def test_what_shows_all_houses_is_of_no_use_to_who_sees_only_the_own(
    client, make_person, administrator, owl, crane
):
    viewer, staff = make_person(Role.VIEWER), make_person(Role.STAFF)
    PropertyOwnership.objects.create(property=owl, user=viewer)
    row = Corner(house=crane).make(BookingImportPlanRow)
    given = {"actor": administrator, "permission": "api.import_bookings", "reason": "helps"}
    with pytest.raises(ValidationError, match="shows every house"):
        grant_override(user=viewer, is_granted=True, **given)
    grant_override(user=viewer, is_granted=False, **given)
    grant_override(user=staff, is_granted=True, **given)
    # Such as those of somebody who was of the staff then.
    PermissionOverride.objects.all().delete()
    PermissionOverride.objects.bulk_create(
        PermissionOverride(user=viewer, permission=one, is_granted=True, reason="once")
        for one in OF_ALL_HOUSES
    )
    client.force_login(viewer)
    for path in (
        reverse("portal:imports"),
        reverse("portal:import_plan", args=[row.plan_id]),
        "/api/v1/imports/",
        "/api/v1/import-rows/",
        "/api/v1/import-logs/",
    ):
        assert client.get(path).status_code == 403, path


def test_all_permissions_of_a_person_are_those_that_the_matrix_and_the_object_give(
    make_person, owl, crane
):
    owner = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(user=owner, property=owl, can_edit=True)
    everywhere = owner.get_all_permissions()
    assert everywhere == set(get_access(owner).permissions)
    of_own, of_other = owner.get_all_permissions(owl), owner.get_all_permissions(crane)
    assert "api.view_property" in of_own
    assert of_other < of_own <= everywhere


def test_a_superuser_may_do_everything_with_every_object(make_person, owl):
    user = make_person(Role.SUPERUSER)
    assert user.get_all_permissions(owl) >= ALL_PERMISSIONS
    assert RoleBackend().has_perm(user, "api.delete_property", owl)


def test_a_manager_changes_the_own_profile_and_none_of_the_own_rank(make_person):
    user, equal = make_person(Role.MANAGER), make_person(Role.MANAGER)
    assert user.has_perm("api.change_profile", user.profile)
    assert not user.has_perm("api.change_profile", equal.profile)


def test_an_ownership_allows_nothing_beside_the_house(make_person, owl):
    user = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=user, can_edit=True)
    assert not user.has_perm("api.change_property", user.profile)
    assert not AnonymousUser().has_perm("api.change_property", owl)


def test_who_does_not_work_on_the_teams_tasks_changes_the_own_alone(make_person, owl):
    user = make_person(Role.STAFF, task_group=TaskGroup.CLEANING, sees_team_tasks=False)
    values = {"title": "Clean", "property": owl, "task_type": TaskType.CLEANING}
    own, teams = Task.objects.create(**values, assigned_to=user), Task.objects.create(**values)
    assert [user.has_perm("api.change_task", one) for one in (own, teams)] == [True, False]
