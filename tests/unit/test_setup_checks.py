"""What a project forgets when it sets the trail up is named, in place of nothing being recorded."""

import pytest
from django.test.utils import override_settings

from django_modernize.audit.setup_checks import MIDDLEWARE, SIGNS_IN, check_setup
from django_modernize.middleware import ChangeContextMiddleware
from django_modernize.triggers.setup_checks import check_base

AUDIT = "django_modernize.audit"
MODELS = ["django.contrib.auth", "django.contrib.contenttypes", "tests.testapp"]


class OwnMiddleware(ChangeContextMiddleware):
    """A project's own."""


def ids(messages):
    return [message.id for message in messages]


def test_a_project_that_forgot_nothing_hears_nothing():
    assert (check_base(), check_setup()) == ([], [])


def test_a_trail_without_the_application_that_makes_triggers_is_an_error():
    with override_settings(INSTALLED_APPS=[*MODELS, AUDIT]):
        (message,) = check_base()
    assert message.id == "modernize.E004"
    assert '"django_modernize.audit" is in INSTALLED_APPS' in message.msg


def test_tracked_models_without_the_trail_are_an_error():
    with override_settings(INSTALLED_APPS=[*MODELS, "django_modernize"]):
        (message,) = check_setup()
    assert message.id == "modernize.E213"
    assert "no changes are recorded" in message.msg
    assert ", …: tracked" in message.msg


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        ([SIGNS_IN], ["modernize.W214"]),
        ([MIDDLEWARE, SIGNS_IN], []),
        ([SIGNS_IN, f"{__name__}.OwnMiddleware"], []),
        ([], []),
    ],
)
def test_requests_whose_changes_have_no_actor_are_named(middleware, expected):
    with override_settings(MIDDLEWARE=middleware):
        assert ids(check_setup()) == expected
