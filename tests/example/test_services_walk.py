"""Every service by every role: who may go through is judged by the matrix, and by nothing else.

The services are found by looking for those that take an actor. What is expected is worked out as
for the API, from the matrix and from who has to do with which house.
"""

from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from api import models
from api.models.auth import Role
from api.services.permission.matrix import MATRIX
from api.services.permission.scopes import HOUSE_PATHS, TASK_PATHS
from django_modernize.audit import AuditEvent
from django_modernize.context import change_context
from tests.example.rows import Corner, make_user
from tests.example.service_doors import DOORS, FRAMES, list_services
from tests.example.test_rest_walk import is_seen

pytestmark = pytest.mark.django_db

ROLES = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.SUPERUSER]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_every_service_that_takes_an_actor_is_walked():
    assert sorted(list_services()) == sorted([*DOORS, *FRAMES]), (
        "say in tests/example/service_doors what the matrix has to say to it"
    )


def make_world(role):
    """Return a person of a role, with a house that is theirs, and one that is not."""
    person = make_user(role)
    own = Corner(models.Property.objects.create(name="Own"), worker=person)
    foreign = Corner(models.Property.objects.create(name="Foreign"))
    models.PropertyOwnership.objects.create(property=own.house, user=person)
    return person, {True: own, False: foreign}


def make_row(door, corner, *, is_own):
    if door.is_of_people:
        corner.made[models.User] = make_user(Role.VIEWER if is_own else Role.SUPERUSER)
    return door.make_row(corner)


def may_pass(door, role, *, is_own):
    """Tell who gets through, by the matrix and the houses alone."""
    if door.is_personal:
        return is_own or door.model is None
    if role == Role.SUPERUSER:
        return True
    if not set(door.asks) <= MATRIX[role]:
        return False
    if door.is_of_people:
        return is_own
    return door.model is None or is_seen(role, door.model, is_own=is_own)


def passes(door, actor, row, corner):
    """Go through a door; tell whether that did something. One that is shut changes nothing."""
    before = AuditEvent.objects.count()
    try:
        with change_context(actor=actor):
            result = door.go(actor, row, corner)
            return bool(door.did(result, row))
    except PermissionDenied:
        assert AuditEvent.objects.count() == before
        return False


@pytest.mark.parametrize("name", DOORS)
def test_a_role_does_by_a_service_what_the_matrix_says(name):
    door = DOORS[name]
    for role, is_own in product(ROLES, (True, False)):
        with transaction.atomic():
            person, corners = make_world(role)
            row = make_row(door, corners[is_own], is_own=is_own)
            expected = may_pass(door, role, is_own=is_own)
            assert passes(door, person, row, corners[is_own]) is expected, (role, is_own)
            transaction.set_rollback(True)


def override(person, permissions, *, is_granted):
    for permission in permissions:
        models.PermissionOverride.objects.update_or_create(
            user=person,
            permission=permission,
            defaults={"is_granted": is_granted, "reason": "for a test"},
        )
    return models.User.objects.get(pk=person.pk)


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.asks])
def test_each_permission_that_a_service_asks_for_closes_it_when_denied(name):
    door = DOORS[name]
    for denied in ("", *door.asks):
        with transaction.atomic():
            person, corners = make_world(Role.MANAGER)
            person = override(person, door.asks, is_granted=True)
            if denied:
                person = override(person, [denied], is_granted=False)
            row = make_row(door, corners[True], is_own=True)
            assert passes(door, person, row, corners[True]) is not bool(denied), denied
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    "name", [name for name, door in DOORS.items() if door.model in {*HOUSE_PATHS, *TASK_PATHS}]
)
def test_a_permission_opens_nothing_in_houses_that_a_viewer_does_not_see(name):
    door = DOORS[name]
    person, corners = make_world(Role.VIEWER)
    model = door.model._meta.model_name
    person = override(person, [*door.asks, f"api.view_{model}"], is_granted=True)
    row = make_row(door, corners[False], is_own=False)
    assert not passes(door, person, row, corners[False])
