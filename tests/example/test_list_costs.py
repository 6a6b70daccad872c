"""Every page and endpoint that shows rows asks as much for many of them as for few.

They are found through the router, the URL resolver and the admin's registry, and measured as a
whole once: with the rows of a few houses, and then with those of several more, each with people,
photos, changes and deletions of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, reset_queries, transaction
from django.db.models import CharField, Model
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api import models
from api.models.auth import Role
from api.portal.history import KINDS as HISTORY_KINDS
from api.portal.urls import urlpatterns as portal_patterns
from api.rest.urls import urlpatterns as api_patterns
from api.services.recycle import KINDS as BIN_KINDS
from django_modernize.context import change_context
from tests.example.rows import MAKERS, Corner, make_user
from tests.example.test_rest_walk import VIEWS, list_endpoints, list_single_views

# So that there is a database of the tests when the pages are measured, once for all.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("list costs")]

FIRST, MORE = 2, 2
"""How many houses there are at first, and how many come."""

SPAN = {"first": "2027-01-01", "last": "2027-03-01"}
OF_DAYS = re.compile(r"/api/v1/(calendar|reports/[^/]+|task-templates/[^/]+/backtest)/")
"""What wants a span of days; no other endpoint takes one."""

KEYS = {
    "booking_id": models.Booking,
    "document_id": models.Document,
    "house_id": models.Property,
    "image_id": models.TaskImage,
    "invite_id": models.InviteCode,
    "override_id": models.PermissionOverride,
    "item_id": models.LostFoundItem,
    "label_id": models.BookingImportLabel,
    "log_id": models.BookingImportLog,
    "notice_id": models.Notification,
    "photo_id": models.LostFoundPhoto,
    "plan_id": models.BookingImportPlan,
    "rule_id": models.AutoTaskTemplate,
    "schedule_id": models.ScheduleTemplate,
    "row_id": models.BookingImportPlanRow,
    "stock_id": models.PropertyInventory,
    "task_id": models.Task,
    "user_id": models.User,
}
"""Of what row a part of an address of the portal is the key."""


@dataclass
class World:
    """A company that grows by a house at a time; some rows have all that is added in common."""

    people: list[Any] = field(default_factory=list)
    first: dict[Any, Any] = field(default_factory=dict)
    deleted: dict[Any, Any] = field(default_factory=dict)
    corner: Any = None
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def grow(self) -> None:
        """Add a house with a row of each table, and a row of each to the first house."""
        person = make_user(Role.STAFF)
        house = models.Property.objects.create(name=f"House {next(self.numbers)}")
        self.corner = self.corner or Corner(house, worker=person)
        models.PropertyOwnership.objects.create(property=house, user=person)
        for corner in (Corner(house, worker=person), self.corner):
            with change_context(actor=person):
                for model in MAKERS:
                    self.add_rows(corner, model)
        self.first[models.Profile] = self.first[models.User].profile
        for one in self.people:
            Corner(house, worker=one).make(models.Notification)
        self.change(person)

    def add_rows(self, corner: Corner, model: Any) -> None:
        """Add a row, and one that is deleted again where the table has a bin."""
        row = corner.house if model is models.Property else corner.get(model)
        if model in self.first and model is not models.Property:
            row = corner.make(model)
        self.first.setdefault(model, row)
        if hasattr(model, "deleted_objects"):
            gone = corner.make(model)
            gone.delete()
            self.deleted.setdefault(model, gone)

    def change(self, person: Any) -> None:
        """Have somebody change the rows that the pages of one row are about."""
        with change_context(actor=person):
            for model, row in self.first.items():
                name = find_text(model)
                if name and not hasattr(model, "append_only_fields"):
                    models_rows = model._base_manager.filter(pk=row.pk)
                    models_rows.update(**{name: f"text {next(self.numbers)}"})


def find_text(model: type[Model]) -> str | None:
    """Return a field in which anything may be written."""
    for one in model._meta.fields:
        free = isinstance(one, CharField) and not (one.choices or one.unique or one.primary_key)
        if free and one.editable and (one.max_length or 0) >= 40 and one.name != "matter":
            return str(one.name)
    return None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Something to look at."""

    name: str
    model: Any = None
    """Whose row it is about; without it, it is a list."""

    is_of_deleted: bool = False
    address: Any = None
    """Makes the address, of the row's key if there is one."""

    def find_address(self, world: World) -> str:
        """Return where it is."""
        if self.model is None:
            return str(self.address(None))
        rows = world.deleted if self.is_of_deleted else world.first
        return str(self.address(rows[self.model].pk))


def list_api_pages() -> Iterator[Page]:
    """Yield what the API has to read: of each table, and beside them."""
    for prefix, view in VIEWS.items():
        for method, path, _action, is_detail in list_endpoints(view):
            if method == "get":
                form = "/".join(part for part in ("/api/v1", prefix, path) if part) + "/"
                yield Page(
                    name=f"api/{prefix}/{path}",
                    model=view.model if is_detail else None,
                    address=lambda key, form=form: form.replace("{lookup}", str(key)),
                )
    patterns = {getattr(one, "name", ""): one for one in api_patterns}
    for name in list_single_views():
        one = patterns[name]
        if name not in ("schema", "docs", "missing") and hasattr(one.callback.view_class, "get"):
            yield Page(name=f"api/{name}", address=lambda key, one=one: f"/api/v1/{one.pattern}")


def list_portal_pages() -> Iterator[Page]:
    """Yield the pages of the portal, of one row for those that are about one."""
    for one in portal_patterns:
        parts = set(one.pattern.converters)
        kinds = find_kinds(one) if "kind" in parts else [None]
        keys = parts - {"kind"}
        if len(keys) > 1:
            continue
        for kind in kinds:
            (key,) = keys or {None}
            model = KINDS_BY_NAME[kind] if kind else key and KEYS[key]
            yield Page(
                name="/".join(["portal", one.name, *([kind] if kind else [])]),
                model=model,
                is_of_deleted=one.name == "deleted",
                address=lambda row_key, one=one, key=key, kind=kind: reverse(
                    f"portal:{one.name}",
                    kwargs={
                        **({key: row_key} if key else {}), **({"kind": kind} if kind else {}),
                    },
                ),
            )  # fmt: skip


def find_kinds(pattern: Any) -> list[str]:
    """Return what a page with a kind is about: what has a history, or a place in the bin."""
    return [*(HISTORY_KINDS if pattern.name == "history" else BIN_KINDS)]


def list_admin_pages() -> Iterator[Page]:
    """Yield the lists of the admin, the page of a row, its history, and its deletion."""
    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label not in ("api", "modernize_audit"):
            continue
        route = f"admin:{meta.app_label}_{meta.model_name}"
        yield Page(
            name=f"admin/{meta.model_name}",
            address=lambda key, route=route: reverse(f"{route}_changelist"),
        )
        for verb in ("change", "history", "delete"):
            if model in MAKERS:
                yield Page(
                    name=f"admin/{meta.model_name}/{verb}",
                    model=model,
                    address=lambda key, route=route, verb=verb: reverse(
                        f"{route}_{verb}", args=[key]
                    ),
                )


KINDS_BY_NAME = {**HISTORY_KINDS, **BIN_KINDS}
PAGES = {one.name: one for one in [*list_api_pages(), *list_portal_pages(), *list_admin_pages()]}


def read(client: Client, address: str) -> tuple[int, int]:
    """Return the status of a page, and how many statements it took, its rows included."""
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, SPAN if OF_DAYS.fullmatch(address) else {})
        if answer.streaming:
            list(answer.streaming_content)
    if answer.status_code == 302 and answer.url != "/" and address.startswith(answer.url):
        # It only takes a form, and leads to the page above.
        return 405, len(captured)
    return answer.status_code, len(captured)


@pytest.fixture(scope="module")
def costs(django_db_setup, django_db_blocker, tmp_path_factory):
    """Return of each page its status, and its statements with few rows and with many."""
    quick = override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        ARISTAY_RATES={},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    with django_db_blocker.unblock(), quick, transaction.atomic():
        measured = measure_pages()
        transaction.set_rollback(True)
    return measured


def measure_pages() -> dict[str, tuple[int, int, int]]:
    world, clients = World(), []
    for role in (Role.MANAGER, Role.SUPERUSER):
        person = make_user(role)
        world.people.append(person)
        clients.append(Client())
        clients[-1].force_login(person)
    for _ in range(FIRST):
        world.grow()
    addresses = {name: page.find_address(world) for name, page in PAGES.items()}
    # The first look fills what is kept for good, such as the types of content.
    chosen = {name: choose_client(clients, address) for name, address in addresses.items()}
    few = {name: read(chosen[name], address) for name, address in addresses.items()}
    for _ in range(MORE):
        world.grow()
    many = {name: read(chosen[name], address) for name, address in addresses.items()}
    return {name: (few[name][0], few[name][1], many[name][1]) for name in addresses}


def choose_client(clients: list[Client], address: str) -> Client:
    """Return who opens a page: a manager if possible; a superuser is not asked everything."""
    manager, boss = clients
    return manager if read(manager, address)[0] == 200 else boss


UNMEASURED = {
    "admin/bookingimportlog/change": "its page is that of the import's report",
    "admin/bookingimportplan/change": "its page is that of the plan in the portal",
    "api/task-templates/{lookup}/trace": "is about one booking or task more",
    "portal/home": "leads on",
    "portal/sign_in": "leads on whoever is signed in",
}
"""What shows nothing by itself to whoever is signed in, and why."""

CLOSED = {403, 405}
"""Nobody deletes there, or nothing is to be read."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_much_for_many_rows_as_for_few(costs, name):
    status, few, many = costs[name]
    if status not in CLOSED and name not in UNMEASURED:
        assert (status, name) == (200, name)
        assert many <= few, name
