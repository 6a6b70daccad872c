"""What each page of the portal costs: its statements, all of them, and its bytes without photos."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from api.models import (
    AutoTaskTemplate,
    Booking,
    BookingImportLog,
    LostFoundItem,
    Notification,
    Property,
    PropertyInventory,
    ScheduleTemplate,
    Task,
)
from api.portal.urls import urlpatterns
from api.services.import_plan import create_plan
from tests.e2e.scenario import build_company, prepare_journeys
from tests.example.factories import make_file, row
from tools.calendar_speed import fill_houses

HEAVIEST = 100_000
"""No page is larger, before it is compressed."""

STATEMENTS = {
    "home": 4,
    "sign_in": 3,
    "password": 6,
    "forgotten": 6,
    "mail_sent": 6,
    "new_password": 7,
    "imports": 9,
    "import_plan": 12,
    "import_progress": 5,
    "import_discard": 7,
    "import_undo": 9,
    "profile": 6,
    "overview": 12,
    "my_day": 7,
    "tasks": 11,
    "new_task": 8,
    "task": 19,
    "edit_task": 9,
    "origin": 9,
    "rules": 8,
    "new_rule": 11,
    "rule": 10,
    "edit_rule": 13,
    "schedules": 9,
    "new_schedule": 9,
    "schedule": 10,
    "edit_schedule": 10,
    "photos": 7,
    "calendar": 10,
    "preview_move": 6,
    "houses": 8,
    "new_house": 6,
    "house": 10,
    "edit_house": 7,
    "bookings": 8,
    "new_booking": 7,
    "booking": 12,
    "edit_booking": 8,
    "new_document": 7,
    "inventory": 9,
    "shopping": 7,
    "stock": 8,
    "new_stock": 8,
    "edit_levels": 7,
    "transfer_stock": 9,
    "save_photo": 7,
    "lost_found": 8,
    "report_found": 7,
    "found_item": 8,
    "notices": 9,
    "people": 8,
    "person": 11,
    "invites": 7,
    "accept_invite": 6,
    "activity": 25,
    "history": 10,
    "recycle": 17,
    "deleted": 41,
    "delete": 41,
}
"""Page to how many statements an administrator's takes in all: those of the frame, and its own.

The frame's are six: the session, the person, the profile for the language and for the access,
notices that are not read, and conflicts of imports. Whoever is no administrator takes a seventh for
the own permissions.
"""

FILES = {"document", "found_photo"}
"""What gives a file in place of a page."""


@pytest.fixture
def company(db):
    people = build_company(houses=6, stays=6)
    prepare_journeys(people)
    return people


@pytest.fixture
def keys(company, work_at_once):
    """The rows that pages are about."""
    boss = company["boss"]
    plan = create_plan(ContentFile(make_file(row()), name="bookings.xlsx"), actor=boss)
    return SimpleNamespace(
        plan_id=plan.pk,
        log_id=BookingImportLog.objects.first().pk,
        task_id=Task.objects.exclude(checklists=None).first().pk,
        rule_id=AutoTaskTemplate.objects.first().pk,
        schedule_id=ScheduleTemplate.objects.first().pk,
        booking_id=Booking.objects.order_by("-check_in").first().pk,
        house_id=Property.objects.first().pk,
        stock_id=PropertyInventory.objects.first().pk,
        item_id=LostFoundItem.objects.first().pk,
        user_id=company["sam"].pk,
        notice_id=Notification.objects.create(recipient=boss, verb="task_assigned").pk,
        uidb64=urlsafe_base64_encode(force_bytes(company["sam"].pk)),
        token=default_token_generator.make_token(company["sam"]),
    )


def find_address(route, keys):
    """Return the address of a page, ``None`` for one that only takes what is sent."""
    names = re.findall(r"<(?:\w+:)?(\w+)>", str(route.pattern))
    if names == ["kind", "object_id"]:
        manager = (
            Property.objects if route.name in ("history", "delete") else Property.deleted_objects
        )
        return reverse(f"portal:{route.name}", args=["property", manager.first().pk])
    if not all(hasattr(keys, name) for name in names):
        return None
    return reverse(f"portal:{route.name}", kwargs={name: getattr(keys, name) for name in names})


def measure(client, address):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    return response, len(captured)


def test_each_page_costs_what_the_table_says(client, company, keys):
    client.force_login(company["boss"])
    found, heavy = {}, {}
    for route in urlpatterns:
        address = None if route.name in FILES else find_address(route, keys)
        if address is None:
            continue
        client.get(address)
        response, count = measure(client, address)
        if response.status_code == 302 and response.url != "/" and address.startswith(response.url):
            # It only takes a form, and leads to the page above.
            continue
        if response.status_code == 405:
            continue
        assert response.status_code in (200, 302), address
        found[route.name] = count
        if len(response.content) > HEAVIEST:
            heavy[route.name] = len(response.content)
    assert found == STATEMENTS
    assert heavy == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_sixty_houses_over_sixty_days_are_light(client, administrator, language):
    fill_houses()
    client.force_login(administrator)
    headers = {"accept-language": language}
    page = client.get(reverse("portal:calendar"), {"days": 60}, headers=headers)
    assert page.content.count(b"><a class=") == 867
    assert len(page.content) < HEAVIEST
