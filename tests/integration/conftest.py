"""What all tests that need a database share."""

import pytest


@pytest.fixture(autouse=True)
def _empty_trail(request):
    """Take away the events that Django's own flush left, after the last test, on SQLite.

    There it deletes table after table, and so it leaves events of what it deletes after the
    events.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        return
    request.getfixturevalue("transactional_db")
    from django_modernize.audit import AuditEvent

    AuditEvent.objects.all()._raw_delete("default")
