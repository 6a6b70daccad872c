"""The history of one object: in Python, with the old and new values, and as a page of the admin."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_modernize.audit import history
from django_modernize.audit.reading import describe_events

from .database import clear_tables
from .harness import Benchmark, Variant, active_context, unwatched_connection
from .kinds import TRACKED, StayKind
from .models import House, make_stay
from .peers.kinds import list_peers
from .report import Facts

__all__ = ["list_benchmarks", "list_facts", "log_in", "show_page"]

EVENTS: Final = 100
"""How many events the object has that is looked at."""

READINGS: Final = 20
"""How many times it is read for one sample."""

Read = Callable[[Any], object]


def list_benchmarks(rows: int) -> Iterator[Benchmark]:
    """Yield the measurements; a hundredth of the rows are objects with a history of their own."""
    kinds = [TRACKED, *(kind for kind in list_peers() if not kind.own_ways)]
    stays = {kind.name: make_histories(kind, rows // EVENTS) for kind in kinds}
    yield Benchmark(
        group="read",
        title=f"reading a history of {EVENTS} events, {READINGS} times",
        variants=tuple(
            _make_variant(kind, f"{kind.name}: {how}", stays[kind.name], read)
            for kind in kinds
            for how, read in list_readings(kind)
        ),
    )
    client = log_in()
    yield Benchmark(
        group="read",
        title=f"the admin's page of a history of {EVENTS} events, {READINGS} times",
        variants=tuple(
            _make_variant(
                kind, kind.name, name_page(kind, stays[kind.name]), partial(show_page, client)
            )
            for kind in kinds
        ),
    )


def list_facts(rows: int) -> Iterator[Facts]:
    """Yield the queries of the pages."""
    client = log_in()
    lines = []
    for kind in [TRACKED, *(kind for kind in list_peers() if not kind.own_ways)]:
        page = name_page(kind, kind.model._base_manager.order_by("pk")[0])
        with CaptureQueriesContext(connection) as queries:
            show_page(client, page)
        counting = [one for one in queries if "COUNT(" in one["sql"]]
        lines.append((kind.name, f"{len(queries)}", f"{len(counting)}"))
    yield Facts(
        title=f"queries of the admin's page of a history of {EVENTS} events",
        headings=("recorded by", "queries, session and user included", "that count"),
        rows=lines,
    )


def make_histories(kind: StayKind, count: int) -> Any:
    """Leave some objects with a hundred events each, and return one of them."""
    if kind.event_tables:
        clear_tables(kind.model._meta.db_table, *kind.event_tables)
    house, _ = House._default_manager.get_or_create(name="measured")
    stays = [make_stay(kind.model, number, house) for number in range(max(1, count))]
    with ExitStack() as stack:
        stack.enter_context(active_context() if kind.uses_library else unwatched_connection())
        stack.enter_context(kind.context())
        for number in range(EVENTS):
            for stay in stays:
                stay.status = f"state {number}"
                stay.save()
    return kind.model._base_manager.get(pk=stays[0].pk)


def list_readings(kind: StayKind) -> Iterator[tuple[str, Read]]:
    """Yield the ways to read a history with its changes that the recorder documents."""
    if kind.name.startswith("django-pghistory"):
        yield "Events.objects.tracks()", read_pghistory
    elif kind.name.startswith("django-simple-history"):
        yield "diff_against()", read_simple_history
    elif kind.name == "django-auditlog":
        yield "changes_dict", read_auditlog
        yield "changes_display_dict", describe_auditlog
    else:
        yield "history()", read_own
        yield "describe_events()", describe_own


def read_own(stay: Any) -> Any:
    return [(event.changes, event.actor_label) for event in history(stay)]


def describe_own(stay: Any) -> Any:
    return describe_events(history(stay))


def read_auditlog(stay: Any) -> Any:
    entries = stay.history.select_related("actor")
    return [(entry.changes_dict, entry.actor and entry.actor.username) for entry in entries]


def describe_auditlog(stay: Any) -> Any:
    entries = stay.history.select_related("actor")
    return [(entry.changes_display_dict, entry.actor and entry.actor.username) for entry in entries]


def read_simple_history(stay: Any) -> Any:
    records = stay.history.select_related("history_user")
    return [
        (new.diff_against(old).changes, new.history_user and new.history_user.username)
        for new, old in pairwise(records)
    ]


def read_pghistory(stay: Any) -> Any:
    from pghistory.models import Events

    events: Any = Events
    return [(event.pgh_diff, event.pgh_context) for event in events.objects.tracks(stay).order_by()]


def name_page(kind: StayKind, stay: Any) -> str:
    """Return the address of the page that shows an object's history."""
    options = kind.model._meta
    if kind.name.startswith("django-pghistory"):
        page = reverse("admin:pghistory_events_changelist")
        return f"{page}?method=tracks&obj={options.label}:{stay.pk}"
    view = "auditlog" if kind.name == "django-auditlog" else "history"
    return reverse(f"admin:{options.app_label}_{options.model_name}_{view}", args=[stay.pk])


def show_page(client: Client, page: str) -> None:
    """Ask for a page.

    Raises:
        RuntimeError: There is none.
    """
    response = client.get(page)
    if response.status_code != 200:
        raise RuntimeError(f"{page} answered {response.status_code}.")


def _make_variant(kind: StayKind, name: str, material: Any, read: Read) -> Variant:
    def read_often(material: Any) -> None:
        for _ in range(READINGS):
            read(material)

    return Variant(
        name=name, prepare=lambda: material, run=read_often, uses_library=kind.uses_library
    )


def log_in() -> Client:
    """Return a client of the admin's pages."""
    user, _ = get_user_model()._default_manager.update_or_create(
        username="benchmark", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user)
    return client
