"""What tests of several features share."""

from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, connections, transaction

from django_modernize.audit import seal
from django_modernize.audit.partitions.catalog import read_layout
from django_modernize.audit.partitions.conversion import merge_partitions, partition_events
from django_modernize.context import change_context
from tests.articles import load_article
from tests.connections import other_program
from tests.lease import EVERY_CONSTRAINT, HOUSE, Project, create_booking
from tests.parcels import Clock
from tests.testapp.models import Book, Parcel, Writer


@contextmanager
def stored_database(path):
    """Make another database under the alias ``second``, by migrate as the first one is."""
    if connection.vendor == "sqlite":
        name = str(path / "second.sqlite3")
    else:
        name = f"{connection.settings_dict['NAME']}_second"
        with other_program() as program:
            program.execute(f'CREATE DATABASE "{name}"')
    alias = connection.copy("second")
    alias.settings_dict = {**alias.settings_dict, "NAME": name}
    connections["second"] = alias
    try:
        call_command("migrate", database="second", run_syncdb=True, verbosity=0)
        yield "second"
    finally:
        alias.close()
        del connections["second"]
        if connection.vendor == "postgresql":
            with other_program() as program:
                program.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def role(django_db_setup):
    """Return a name for a role: a server has them for the databases of all processes at once."""
    return f"role_of_{connection.settings_dict['NAME']}"


@pytest.fixture
def second(tmp_path):
    """Another database, for this test alone."""
    with stored_database(tmp_path) as alias:
        yield alias


@pytest.fixture(scope="module")
def lasting_second(django_db_setup, django_db_blocker, tmp_path_factory):
    """Another database, for all tests of a module."""
    with (
        django_db_blocker.unblock(),
        stored_database(tmp_path_factory.mktemp("second")) as alias,
    ):
        yield alias


@pytest.fixture
def shared_second(db, lasting_second):
    """Another database in a transaction that is rolled back after the test."""
    with transaction.atomic(using=lasting_second):
        yield lasting_second
        transaction.set_rollback(True, using=lasting_second)


@pytest.fixture
def writer():
    return Writer.objects.create(name="first")


@pytest.fixture
def article(writer):
    """A loaded row, with a diff."""
    return load_article(writer)


@pytest.fixture
def ticking_clock(monkeypatch):
    """A clock of the stamps that never tells the same time twice."""
    clock = Clock()
    monkeypatch.setattr("django_modernize.stamps.moment.timezone.now", clock)
    return clock


@pytest.fixture
def maker():
    return get_user_model().objects.create(username="maker")


@pytest.fixture
def editor():
    return get_user_model().objects.create(username="editor")


@pytest.fixture
def parcel(maker):
    with change_context(actor=maker, source="api"):
        return Parcel.objects.create(code="A")


@pytest.fixture
def project():
    """A project with an application of its own, whose tables go with the test."""
    project = Project()
    yield project
    project.drop()


@pytest.fixture
def kept_apart(project):
    """A project whose bookings have every constraint, with one from the 10th to the 20th."""
    project.migrate(HOUSE, create_booking(*EVERY_CONSTRAINT))
    project.book(10, 20)
    return project


@pytest.fixture
def partitioned():
    """A trail with sealed events from before, in partitions."""
    Book.objects.create(title="before")
    seal()
    partition_events()
    yield
    if read_layout(connection) is not None:
        merge_partitions()
