"""What tests of several rules share."""

import pytest

from tests.habits import Habits


@pytest.fixture
def habits(tmp_path):
    return Habits(tmp_path)
