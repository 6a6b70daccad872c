"""What the tests of AriStay share."""

import pytest
from django.contrib.auth.models import Permission

from api.models import Property, User


@pytest.fixture(autouse=True)
def _quick_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TIME_ZONE = "America/New_York"


@pytest.fixture
def owl(db):
    return Property.objects.create(name="Owl Point")


@pytest.fixture
def crane(db):
    return Property.objects.create(name="Crane")


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("boss", "boss@example.com", "secret-boss")


@pytest.fixture
def make_staff(db):
    """Return a maker of staff users with the named permissions of AriStay."""

    def make(*names):
        user = User.objects.create_user("staff", password="secret-staff", is_staff=True)
        found = Permission.objects.filter(content_type__app_label="api", codename__in=names)
        assert len(found) == len(names)
        user.user_permissions.set(found)
        return user

    return make
