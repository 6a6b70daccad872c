"""Every endpoint of the API by every role: found through the router, judged by the matrix.

What is expected is worked out here anew, from the matrix and from who has to do with which house,
and not asked of the code that the API asks.
"""

import pytest
from django.urls import URLPattern
from rest_framework.test import APIClient

from api import models
from api.models.auth import Role
from api.rest.urls import router, urlpatterns
from api.services.permission.matrix import MATRIX
from api.services.permission.scopes import HOUSE_PATHS, TASK_PATHS
from tests.example.rows import MAKERS, Corner, make_user

pytestmark = pytest.mark.django_db

ROLES = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.SUPERUSER]
VIEWS = {prefix: view for prefix, view, _ in router.registry}
SPECIAL = {
    "deleted": "api.restore_deleted",
    "restore": "api.restore_deleted",
    "history": "api.view_history",
}
VERBS = {
    "list": "view",
    "retrieve": "view",
    "create": "add",
    "partial_update": "change",
    "destroy": "delete",
}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def list_endpoints(view):
    """Yield method, path below the prefix, action and whether it is about one row."""
    for route in router.get_routes(view):
        for method, action in router.get_method_map(view, route.mapping).items():
            detail = route.detail
            path = route.url.replace("{prefix}", "").replace("{trailing_slash}", "/")
            yield method, path.strip("^$/"), action, detail


def find_permission(view, action, method):
    special = {**SPECIAL, **view.action_permissions}.get(action)
    other = "view" if method == "get" else "change"
    return special or f"api.{VERBS.get(action, other)}_{view.model._meta.model_name}"


def is_seen(role, model, *, is_own):
    """Tell who sees a row, by what the matrix and the houses say."""
    if role == Role.SUPERUSER:
        return True
    if f"api.view_{model._meta.model_name}" not in MATRIX[role]:
        return False
    if is_own:
        return True
    if model is models.Notification:
        return False
    if model in TASK_PATHS:
        return role == Role.MANAGER
    if model in HOUSE_PATHS:
        return role != Role.VIEWER
    return True


@pytest.fixture
def world(request):
    """Return a role's client and person, the house that is theirs, and one that is not."""

    def build(role):
        person = make_user(role)
        own = Corner(models.Property.objects.create(name="Own"), worker=person)
        foreign = Corner(models.Property.objects.create(name="Foreign"), owner=make_user())
        models.PropertyOwnership.objects.create(property=own.house, user=person)
        client = APIClient()
        client.force_authenticate(person)
        return client, person, own, foreign

    return build


PUBLIC = {
    "schema",
    "docs",
    "missing",
    "log-in",
    "accept-invite",
    "request-password",
    "new-password",
}
"""Views for whoever is not logged in."""


def list_single_views():
    """Return the names of the views that are of no view set."""
    return [one.name for one in urlpatterns if isinstance(one, URLPattern)]


@pytest.mark.parametrize("name", list_single_views())
def test_a_view_of_no_table_wants_a_log_in_unless_it_is_public(name):
    pattern = next(one for one in urlpatterns if getattr(one, "name", "") == name)
    address = f"/api/v1/{pattern.pattern}"
    view = pattern.callback.view_class
    for method in view.http_method_names:
        if not hasattr(view, method):
            continue
        answer = getattr(APIClient(), method)(address)
        assert (answer.status_code == 401) is (name not in PUBLIC), (method, answer.content)


def make_subject(corner, model):
    return corner.house if model is models.Property else corner.make(model)


def send(client, method, prefix, path, key=None):
    path = path.replace("{lookup}", str(key))
    address = "/".join(part for part in ("/api/v1", prefix, path) if part)
    return getattr(client, method)(f"{address}/")


@pytest.mark.parametrize("prefix", VIEWS)
def test_every_table_of_the_api_has_a_maker_of_rows(prefix):
    assert VIEWS[prefix].model in {*MAKERS, models.Profile}, (
        "add what a row of it needs to tests/example/rows.py"
    )


@pytest.mark.parametrize("prefix", VIEWS)
def test_nobody_without_a_log_in_gets_anything(prefix):
    corner = Corner(models.Property.objects.create(name="Owl"))
    row = make_subject(corner, VIEWS[prefix].model)
    for method, path, _action, _detail in list_endpoints(VIEWS[prefix]):
        answer = send(APIClient(), method, prefix, path, row.pk)
        assert answer.status_code == 401, (method, path)
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("prefix", VIEWS)
def test_a_role_does_to_a_list_what_the_matrix_says(world, prefix, role):
    client, _person, own, foreign = world(role)
    view = VIEWS[prefix]
    rows = {True: make_subject(own, view.model), False: make_subject(foreign, view.model)}
    for method, path, action, detail in list_endpoints(view):
        if detail:
            continue
        answer = send(client, method, prefix, path)
        is_allowed = role == Role.SUPERUSER or (
            find_permission(view, action, method) in MATRIX[role]
        )
        assert (answer.status_code != 403) is is_allowed, (method, path, answer.content)
        assert answer.status_code < 500
        if action == "list" and is_allowed:
            listed = {row["id"] for row in answer.json()["results"]}
            for is_own, row in rows.items():
                assert (row.pk in listed) is is_seen(role, view.model, is_own=is_own)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("prefix", VIEWS)
def test_a_role_does_to_a_row_what_the_matrix_says(world, prefix, role):
    client, _person, own, foreign = world(role)
    view = VIEWS[prefix]
    for is_own, corner in ((True, own), (False, foreign)):
        row = make_subject(corner, view.model)
        endpoints = [one for one in list_endpoints(view) if one[3]]
        # What takes the row away comes last.
        for method, path, action, _ in sorted(endpoints, key=lambda one: one[0] == "delete"):
            if action == "restore":
                continue
            answer = send(client, method, prefix, path, row.pk)
            expected = 403
            if not is_seen(role, view.model, is_own=is_own):
                expected = 404
            elif role == Role.SUPERUSER or find_permission(view, action, method) in MATRIX[role]:
                expected = None
            story = (method, path, is_own, getattr(answer, "content", answer))
            if expected:
                assert answer.status_code == expected, story
            else:
                assert answer.status_code not in (401, 403, 404), story
                assert answer.status_code < 500


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("prefix", [one for one in VIEWS if hasattr(VIEWS[one], "restore")])
def test_only_who_may_restores_a_deleted_row(world, prefix, role):
    client, _person, own, _foreign = world(role)
    row = make_subject(own, VIEWS[prefix].model)
    type(row).objects.filter(pk=row.pk).delete()
    answer = send(client, "post", prefix, "{lookup}/restore", row.pk)
    is_allowed = role == Role.SUPERUSER
    assert (answer.status_code == 200) is is_allowed, answer.content
    assert type(row).objects.filter(pk=row.pk).exists() is is_allowed


@pytest.mark.parametrize("prefix", VIEWS)
def test_a_list_costs_the_same_whatever_its_length(world, prefix, django_assert_max_num_queries):
    client, _person, own, _foreign = world(Role.SUPERUSER)
    model = VIEWS[prefix].model
    own.make(model)
    client.get(f"/api/v1/{prefix}/")
    with django_assert_max_num_queries(100) as few:
        client.get(f"/api/v1/{prefix}/")
    for _ in range(3):
        Corner(models.Property.objects.create(name=f"House {_}"), worker=make_user()).make(model)
    with django_assert_max_num_queries(len(few)):
        assert len(client.get(f"/api/v1/{prefix}/").json()["results"]) >= 4
