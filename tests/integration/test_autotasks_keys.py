"""Rows are found by many keys at once, however the keys are written."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_modernize.autotasks.keys import filter_keys
from tests.testapp.models import Venue

pytestmark = pytest.mark.django_db


@pytest.fixture
def venues():
    return [Venue.objects.create(name=name) for name in ("Barn", "Mill", "Loft")]


@pytest.mark.parametrize("write", [int, str])
def test_rows_are_found_by_keys_as_they_are_and_as_the_trail_writes_them(venues, write):
    keys = [write(one.pk) for one in venues[:2]]
    assert set(filter_keys(Venue.objects.all(), keys)) == set(venues[:2])


def test_no_keys_find_no_rows(venues):
    assert not filter_keys(Venue.objects.all(), []).exists()


def test_other_conditions_count_too(venues):
    rows = filter_keys(Venue.objects.exclude(name="Mill"), [one.pk for one in venues])
    assert [one.name for one in rows.order_by("pk")] == ["Barn", "Loft"]


@pytest.mark.database_lacks("sqlite", reason="takes no lists")
def test_many_keys_are_one_parameter(venues):
    with CaptureQueriesContext(connection) as found:
        list(filter_keys(Venue.objects.all(), range(1, 1000)))
    assert found[0]["sql"].count("ANY(") == 1
    assert " IN " not in found[0]["sql"]
