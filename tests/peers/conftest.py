"""What the tests of the importers share."""

import pytest

from tests.testapp.models import Person


@pytest.fixture
def ann():
    return Person.objects.create(username="ann")
