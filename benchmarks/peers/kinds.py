"""The peers as ways to store a booking, each with the context of a request that it knows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from ..kinds import StayKind
from .models import HistoryStay, LoggedStay

__all__ = ["list_peers"]

ADDRESS = "192.0.2.1"


def list_peers() -> Iterator[StayKind]:
    """Yield the peers that know the database."""
    records: Any = HistoryStay.history.model
    yield StayKind(
        name="django-auditlog",
        model=LoggedStay,
        uses_library=False,
        context=auditlog_context,
        event=LogEntry,
        event_tables=(LogEntry._meta.db_table,),
    )
    for name, own_ways in (
        ("django-simple-history", {}),
        (
            "django-simple-history, its own bulk functions",
            {"create_rows": create_with_history, "update_instances": update_with_history},
        ),
    ):
        yield StayKind(
            name=name,
            model=HistoryStay,
            uses_library=False,
            context=simple_history_context,
            event=records,
            event_tables=(records._meta.db_table,),
            own_ways=own_ways,
        )
    if connection.vendor == "postgresql":
        yield from list_pghistory()


def list_pghistory() -> Iterator[StayKind]:
    """Yield django-pghistory with a trigger for each row, and for each statement."""
    from pghistory.models import Context

    from .pghistory import StatementStay, TriggerStay

    for name, model in (
        ("django-pghistory", TriggerStay),
        ("django-pghistory, by statement", StatementStay),
    ):
        event: Any = model._meta.apps.get_model("peers", f"{model.__name__}Event")
        yield StayKind(
            name=name,
            model=model,
            uses_library=False,
            context=pghistory_context,
            event=event,
            event_tables=(event._meta.db_table, Context._meta.db_table),
        )


def find_actor() -> Any:
    return get_user_model()._default_manager.get(username="benchmark")


def auditlog_context() -> Any:
    return set_actor(find_actor(), remote_addr=ADDRESS)


@contextmanager
def simple_history_context() -> Iterator[None]:
    """Run the work as the view of a request."""
    from simple_history.models import HistoricalRecords

    request = RequestFactory().get("/", REMOTE_ADDR=ADDRESS)
    request.user = find_actor()
    # What HistoryRequestMiddleware does around a view.
    HistoricalRecords.context.request = request
    try:
        yield
    finally:
        del HistoricalRecords.context.request


def pghistory_context() -> Any:
    """Have what its middleware knows of a request."""
    import pghistory

    return pghistory.context(user=find_actor().pk, url="/admin/api/booking/1/change/")


def create_with_history(stays: list[HistoryStay]) -> None:
    bulk_create_with_history(stays, HistoryStay)


def update_with_history(stays: list[HistoryStay]) -> None:
    for stay in stays:
        stay.status = "confirmed"
    bulk_update_with_history(stays, HistoryStay, ["status"])
