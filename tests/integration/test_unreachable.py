"""Checks of a database that cannot be asked say so once, and hinder no other check."""

import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from django_modernize.audit.checks import check_hashes, check_triggers
from django_modernize.audit.partitions.checks import check_partitions
from django_modernize.softdelete.checks import check_guards
from django_modernize.stamps.checks import check_stamp_triggers

pytestmark = pytest.mark.django_db
CHECKS = [check_triggers, check_hashes, check_partitions, check_guards, check_stamp_triggers]


@pytest.fixture
def unreachable(tmp_path):
    """A database that is not where it is looked for."""
    alias = connection.copy("unreachable")
    is_postgresql = connection.vendor == "postgresql"
    nowhere = {"HOST" if is_postgresql else "NAME": str(tmp_path / "nothing" / "base")}
    alias.settings_dict = {**alias.settings_dict, **nowhere}
    connections["unreachable"] = alias
    yield "unreachable"
    del connections["unreachable"]


@pytest.fixture
def unsupported():
    """A database for which the library has no triggers."""
    backend = load_backend("django.db.backends.dummy")
    connections["unsupported"] = backend.DatabaseWrapper(connection.settings_dict, "unsupported")
    yield "unsupported"
    del connections["unsupported"]


def find_all(alias):
    return [message.id for check in CHECKS for message in check(databases=[alias])]


def test_a_database_that_cannot_be_reached_is_warned_of_once(unreachable):
    assert find_all(unreachable) == ["modernize.W205"]


def test_a_database_that_no_trigger_is_written_for_is_left_to_others(unsupported):
    assert find_all(unsupported) == []
