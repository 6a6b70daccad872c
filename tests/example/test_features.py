"""A feature reaches the share of the people that the environment says."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import include, path

from api.models import User
from api.operations.features import FEATURES_BY_PLACE, is_enabled

PORTAL = [path("page/", lambda request: HttpResponse("portal"))]

urlpatterns = [
    path("", include((PORTAL, "portal"))),
    path("api/page/", lambda request: HttpResponse("api")),
]

PEOPLE = [User(pk=number) for number in range(1, 1001)]


@pytest.fixture
def features(settings):
    settings.ROOT_URLCONF = __name__
    settings.ARISTAY_FEATURES = {"api": 100, "portal": 100}
    return settings.ARISTAY_FEATURES


def list_having(feature):
    return {person.pk for person in PEOPLE if is_enabled(feature, person)}


def test_a_share_of_the_people_has_it_and_keeps_it_while_the_share_grows(features):
    sizes = []
    before = set()
    for share in (0, 10, 25, 100):
        features["portal"] = share
        now = list_having("portal")
        assert before <= now
        before = now
        sizes.append(len(now))
    assert sizes[0] == 0
    assert 60 < sizes[1] < 140
    assert 200 < sizes[2] < 300
    assert sizes[3] == len(PEOPLE)


def test_not_the_same_people_try_everything_first(features):
    features.update(api=10, portal=10)
    assert list_having("api") != list_having("portal")


def test_before_a_log_in_it_is_on_as_soon_as_anybody_has_it(features):
    features["portal"] = 1
    assert is_enabled("portal", AnonymousUser())
    features["portal"] = 0
    assert not is_enabled("portal", AnonymousUser())


def test_every_feature_of_a_page_is_one_of_the_settings(settings):
    assert set(FEATURES_BY_PLACE.values()) <= set(settings.ARISTAY_FEATURES)


@pytest.mark.parametrize(
    ("feature", "page", "other"),
    [("portal", "/page/", "/api/page/"), ("api", "/api/page/", "/page/")],
)
def test_what_is_off_is_not_found_and_nothing_else_is_touched(
    client, features, feature, page, other
):
    # The test has no access to a database: nobody is looked up for a feature that is on or off.
    features[feature] = 0
    assert client.get(page).status_code == 404
    assert client.get(other).status_code == 200


@pytest.mark.django_db
def test_those_without_it_do_not_find_it(client, features, administrator):
    client.force_login(administrator)
    answers = []
    for share in range(1, 101):
        features["portal"] = share
        if is_enabled("portal", administrator):
            break
        answers.append(client.get("/page/").status_code)
    assert set(answers) <= {404}
    assert client.get("/page/").status_code == 200
