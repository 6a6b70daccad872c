"""What the tests of AriStay share."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.utils import translation

from api.models import CalendarFeed, PermissionOverride, Profile, Property, Task, User
from api.models.auth import Role, TaskGroup
from api.models.task_choices import TaskType
from api.services.backup import create_backup
from api.services.permission.matrix import ALL_PERMISSIONS
from django_modernize.audit import seal


@pytest.fixture(autouse=True)
def _quick_settings(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.TIME_ZONE = "America/New_York"
    # Each test asks as often as it likes, and the one that looks at rates begins at nothing.
    settings.ARISTAY_RATES = {}
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def _leave_language():
    """Leave no language behind that a page of the test was read in."""
    yield
    translation.deactivate()


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
def boss(client, administrator):
    """Sign the administrator in."""
    client.force_login(administrator)
    return administrator


@pytest.fixture
def make_staff(db):
    """Return a maker of people of the staff with further permissions of AriStay."""

    def make(*names):
        user = User.objects.create_user("staff", password="secret-staff", is_staff=True)
        Profile.objects.filter(user=user).update(role=Role.STAFF)
        for name in names:
            permission = f"api.{name}"
            assert permission in ALL_PERMISSIONS
            PermissionOverride.objects.create(
                user=user, permission=permission, is_granted=True, reason="for a test"
            )
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def work_at_once(monkeypatch, settings, tmp_path):
    """Have imports worked on without the commit that a test never makes, and files kept apart."""
    from api.services.import_plan import background

    settings.MEDIA_ROOT = tmp_path
    at_once = SimpleNamespace(on_commit=lambda act: act())
    monkeypatch.setattr(background, "transaction", at_once)


@pytest.fixture
def make_person(db):
    """Return a maker of people of a role."""

    def make(role, **profile):
        user = User.objects.create_user(f"{role}{User.objects.count()}")
        if role == Role.SUPERUSER:
            User.objects.filter(pk=user.pk).update(is_superuser=True)
        Profile.objects.filter(user=user).update(role=role, **profile)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def manager(make_person):
    return make_person(Role.MANAGER)


@pytest.fixture
def cleaner(make_person):
    return make_person(Role.STAFF, task_group=TaskGroup.CLEANING)


@pytest.fixture(autouse=True)
def _rules_in_november(monkeypatch):
    """Rules make no task whose time has passed: the tests' stays lie ahead, whatever the year."""
    moment = datetime(2026, 11, 1, 12, tzinfo=UTC)
    clock = SimpleNamespace(now=lambda: moment)
    monkeypatch.setattr("django_modernize.autotasks.running.timezone", clock)


@pytest.fixture
def make_task(owl):
    """Return a maker of cleanings, as a machine makes them."""

    def make(title="Clean", **values):
        return Task.objects.create(
            **{"title": title, "property": owl, "task_type": TaskType.CLEANING, **values}
        )

    return make


@pytest.fixture
def feed(owl):
    """A calendar of another site, whose vanished events cancel their bookings."""
    return CalendarFeed.objects.create(
        property=owl, name="Airbnb", url="https://example.com/a.ics", cancels_vanished=True
    )


@pytest.fixture
def media(settings, tmp_path):
    """Return the folder of the photos, with two of them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for name in ("tasks/ab/one.jpg", "lost_found/two.jpg"):
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode() * 1000)
    return settings.MEDIA_ROOT


@pytest.fixture
def sealed():
    """Store a little, and seal it."""
    house = Property.objects.create(name="Owl Point")
    house.name = "Owl's Point, “naïve”"
    house.save()
    Property.objects.create(name="Crane").delete()
    return seal()


@pytest.fixture
def backup(sealed, media, tmp_path):
    return create_backup(tmp_path / "backups").path
