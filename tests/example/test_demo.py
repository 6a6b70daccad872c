"""The demo shows a company that looks alive, made once and the same for the same day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db.models import Count, Q
from django.utils import timezone

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportPlan,
    ChecklistResponse,
    LostFoundItem,
    Notification,
    Profile,
    Property,
    PropertyInventory,
    Task,
    TaskImage,
    User,
)
from api.models.auth import Role
from api.models.booking import BookingSource
from api.models.inventory import compare_levels
from api.models.task_choices import TaskStatus
from api.models.task_image import ImageStatus
from api.services.demo_company import PEOPLE
from api.services.demo_company.company import Company
from api.services.demo_company.stays import find_status, propose_stays
from django_modernize.audit import AuditEvent, verify

pytestmark = pytest.mark.django_db

PASSWORD = "a-good-demo"


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def set_up(**options):
    out = StringIO()
    call_command("setup_demo", days=20, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def company(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setenv("ARISTAY_DEMO_PASSWORD", PASSWORD)
    with django_capture_on_commit_callbacks(execute=True):
        return set_up()


# On the first the next stay is prepared by the afternoon; on the second something was found in the
# house that is sold; on the third hardly anybody has left of late.
@pytest.mark.parametrize(
    "now",
    [
        None,
        datetime(2026, 12, 1, 15, 57),
        datetime(2026, 12, 16, 0, 30),
        datetime(2026, 12, 24, 16),
    ],
    ids=str,
)
def test_everything_that_there_is_to_see_is_there_on_each_day(now, monkeypatch, request):
    if now:
        monkeypatch.setattr(timezone, "now", lambda: now.replace(tzinfo=UTC))
    request.getfixturevalue("company")
    assert Property.objects.count() == 40
    assert Property.deleted_objects.count() == 1
    assert Booking.deleted_objects.exists()
    assert set(Task.objects.values_list("status", flat=True)) == set(TaskStatus)
    assert set(Profile.objects.values_list("role", flat=True)) == set(Role)
    states = {ImageStatus.PENDING, ImageStatus.APPROVED, ImageStatus.REJECTED}
    assert set(TaskImage.objects.values_list("status", flat=True)) == states
    levels = PropertyInventory.objects.annotate(level=compare_levels())
    assert {"out", "low", "normal"} <= set(levels.values_list("level", flat=True))
    assert set(LostFoundItem.objects.values_list("status", flat=True)) == {
        "found",
        "claimed",
        "donated",
        "disposed",
    }
    assert Notification.objects.filter(read_at=None).exists()
    waiting = BookingImportPlan.objects.get()
    assert set(waiting.rows.values_list("outcome", flat=True)) >= {"conflict", "refused"}
    assert "Lighthouse" in waiting.labels.values_list("label", flat=True)
    actors = Counter(AuditEvent.objects.values_list("actor_label", flat=True))
    assert {"admin", "maria", "tom", "anna", "emil"} <= set(actors)
    assert verify().is_sound
    assert_done_as_the_rules_want_it()


def assert_done_as_the_rules_want_it():
    done = Task.objects.filter(status=TaskStatus.COMPLETED)
    assert done.count() > 20
    required = Q(checklists__template__items__is_required=True)
    answered = Q(checklists__responses__is_done=True)
    for task in done.annotate(
        asked=Count("checklists__template__items", filter=required, distinct=True),
        said=Count("checklists__responses", filter=answered, distinct=True),
    ):
        assert task.said >= task.asked
    assert not ChecklistResponse.objects.filter(Q(done_by=None) | Q(done_at=None)).exists()
    for stock in PropertyInventory.objects.prefetch_related("transactions"):
        assert stock.stock == sum(entry.change for entry in stock.transactions.all())


def test_a_second_run_changes_nothing_and_everybody_can_log_in(company, client):
    counts = [model.objects.count() for model in (User, Booking, Task, TaskImage)]
    assert set_up() == ""
    assert [model.objects.count() for model in (User, Booking, Task, TaskImage)] == counts
    assert "Imported demo_bookings.xlsx: 154 created" in company
    assert PASSWORD not in company
    assert BookingImportLog.objects.count() == 1
    for name, *_ in (("admin",), *PEOPLE):
        assert client.login(username=name, password=PASSWORD), name


def test_stays_are_the_same_for_the_same_day_and_keep_out_of_those_that_are_there():
    taken = [(date(2027, 3, 1), date(2027, 3, 9))]

    def propose():
        company = Company(today=date(2027, 3, 4), days=60, people=None)
        house = Property(name="Owl Point")
        now = datetime(2027, 3, 4, 12, tzinfo=UTC)
        return [
            (one.check_in, one.check_out, one.guest_name, one.source, one.external_code)
            for one in propose_stays(company, house, taken, now)
        ]

    stays = propose()
    assert len(stays) > 10
    assert stays == propose()
    days = [*taken, *((start.date(), end.date()) for start, end, *_ in stays)]
    days.sort()
    assert all(end <= start for (_, end), (start, _) in pairwise(days))


def test_an_administrator_who_is_there_keeps_the_password_and_others_have_a_new_one(
    administrator, monkeypatch
):
    monkeypatch.delenv("ARISTAY_DEMO_PASSWORD", raising=False)
    User.objects.filter(pk=administrator.pk).update(username="admin")
    password = set_up().split("“")[1].split("”")[0]
    assert len(password) >= 12
    assert User.objects.get(username="admin").check_password("secret-boss")
    assert User.objects.get(username="maria").check_password(password)
    assert "password" not in set_up()


@pytest.mark.parametrize(
    ("source", "begins", "status"),
    [
        (BookingSource.OWNER, -1, "owner_staying"),
        (BookingSource.AIRBNB, -1, "currently_hosting"),
        (BookingSource.OWNER, -9, "completed"),
    ],
)
def test_a_stay_of_the_demo_has_the_status_of_its_days(source, begins, status):
    now = datetime(2027, 3, 4, 12, tzinfo=UTC)
    begin = now + timedelta(days=begins)
    booking = Booking(source=source, check_in=begin, check_out=begin + timedelta(days=3))
    assert find_status(booking, now) == status
