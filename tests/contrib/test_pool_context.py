"""psycopg's pool: connections change hands, contexts do not."""

import threading

import pytest
from django.db import connection, connections, transaction

from django_modernize.audit import AuditEvent
from django_modernize.context import change_context
from tests.testapp.models import Ledger

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.database_lacks("sqlite", reason="has no pool"),
]


@pytest.fixture
def pooled():
    alias = connection.copy("pooled")
    alias.settings_dict = {
        **alias.settings_dict,
        "OPTIONS": {**alias.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 2}},
    }
    connections["pooled"] = alias
    yield alias
    alias.close()
    alias.close_pool()
    del connections["pooled"]


def write(alias, name):
    rows = Ledger.objects.using(alias.alias)
    for number in range(5):
        with change_context(reason=name):
            rows.create(title=name)
            with transaction.atomic(using=alias.alias):
                rows.filter(title=name).update(amount=number + 1)
        # As at the end of a request: the connection goes back, and the next one may be another.
        alias.close()
        rows.create(title="nobody")
        alias.close()


def test_connections_that_change_hands_carry_no_context_along(pooled):
    def work(name):
        # A connection belongs to its thread; the pool to all that have its alias.
        alias = pooled.copy()
        connections["pooled"] = alias
        try:
            write(alias, name)
        finally:
            alias.close()

    threads = [threading.Thread(target=work, args=[name]) for name in ("ann", "bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = AuditEvent.objects.all()
    created = [event for event in events if event.action == "create"]
    assert len(created) == 30
    for event in created:
        title = event.changes["title"][1]
        assert event.reason == ("" if title == "nobody" else title)
    updated = [event for event in events if event.action == "update"]
    titles = dict(Ledger.objects.values_list("pk", "title"))
    assert {titles[int(event.object_id)] == event.reason for event in updated} == {True}
