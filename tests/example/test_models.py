"""The tables keep their rules whoever writes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, connection, transaction

from api.models import (
    Booking,
    BookingImportLog,
    BookingImportRow,
    InventoryCategory,
    InventoryItem,
    Property,
    PropertyAlias,
    PropertyInventory,
    PropertyOwnership,
    Task,
    User,
)
from aristay.environment import read_database, read_flag, read_list, read_secret_key
from django_modernize.audit import AuditEvent

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 18, 12, tzinfo=UTC)


def book(house, start=0, nights=3, **values):
    begin = NOON + timedelta(days=start)
    return Booking.objects.create(
        property=house,
        check_in=begin,
        check_out=begin + timedelta(days=nights),
        **{"guest_name": "Ada", **values},
    )


def refused(make, *args, **values):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(*args, **values)


def test_a_booking_does_not_overlap_another_in_its_house(owl, crane):
    book(owl)
    refused(book, owl, 2)
    book(owl, 3)
    book(crane, 2)


def test_a_booking_ends_after_it_begins(owl):
    refused(book, owl, nights=0)
    refused(book, owl, nights=-2)


def test_a_cancelled_or_deleted_booking_keeps_nobody_out(owl):
    book(owl, status="cancelled")
    book(owl).delete()
    book(owl)


def test_a_code_counts_once_for_a_house_and_a_source_while_it_lives(owl, crane):
    code = {"external_code": "HM1", "source": "Airbnb"}
    first = book(owl, **code)
    refused(book, owl, 10, **code)
    book(owl, 20, external_code="HM1", source="Vrbo")
    book(crane, **code)
    first.delete()
    book(owl, 30, **code)


def test_bookings_without_a_code_do_not_mind_one_another(owl):
    book(owl)
    book(owl, 10)


def test_a_name_of_a_property_counts_once_among_the_living(owl):
    refused(Property.objects.create, name="Owl Point")
    owl.delete()
    Property.objects.create(name="Owl Point")


def test_a_label_leads_to_one_property(owl, crane):
    PropertyAlias.objects.create(property=owl, label="The Owl")
    refused(PropertyAlias.objects.create, property=crane, label="The Owl")


def test_a_deleted_property_takes_its_bookings_and_brings_them_back(owl):
    booking = book(owl)
    Task.objects.create(title="Clean", property=owl, booking=booking)
    owl.delete()
    assert not Booking.objects.exists()
    assert not Task.objects.exists()
    owl.restore()
    assert Booking.objects.get() == booking
    assert Task.objects.get().booking == booking


def test_a_property_knows_its_instants(owl):
    owl.check_out_time = time(11)
    day = date(2026, 7, 1)
    zone = ZoneInfo("America/New_York")
    assert owl.check_in_at(day) == datetime(2026, 7, 1, 16, tzinfo=zone)
    assert owl.check_out_at(day) == datetime(2026, 7, 1, 11, tzinfo=zone)


def test_a_time_zone_must_exist(owl):
    owl.time_zone = "Mars/Olympus"
    with pytest.raises(ValidationError, match="is no time zone"):
        owl.full_clean()


def test_a_task_is_in_the_house_of_its_booking(owl, crane):
    task = Task(title="Clean", property=crane, booking=book(owl))
    with pytest.raises(ValidationError, match="another house"):
        task.full_clean()
    task.property = owl
    task.full_clean()
    task.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.update(property=crane)
        connection.check_constraints()


def test_a_booking_takes_its_tasks_along_to_another_house(owl, crane):
    booking = book(owl)
    task = Task.objects.create(title="Clean", property=owl, booking=booking)
    booking.property = crane
    booking.full_clean()
    booking.save()
    task.refresh_from_db()
    assert task.property == crane


def test_a_row_of_a_file_is_logged_once(owl):
    log = BookingImportLog.objects.create(file_name="x", request_id="0" * 32, row_count=1)
    BookingImportRow.objects.create(log=log, row_number=2, outcome="created")
    refused(BookingImportRow.objects.create, log=log, row_number=2, outcome="refused")


def test_rows_read_as_what_they_are(owl):
    log = BookingImportLog.objects.create(file_name="a.xlsx", request_id="0" * 32, row_count=1)
    booking = book(owl)
    task = Task.objects.create(title="Clean", property=owl)
    alias = PropertyAlias.objects.create(property=owl, label="The Owl")
    found = BookingImportRow(log=log, row_number=2, outcome="conflict")
    assert [str(one) for one in (owl, alias, booking, task, found)] == [
        "Owl Point",
        "The Owl",
        "Ada, 2026-12-18 to 2026-12-21",
        "Clean",
        "row 2: in conflict",
    ]
    assert str(log).startswith("a.xlsx, 20")


def test_a_password_is_recorded_as_changed_and_never_to_what(administrator):
    administrator.set_password("another-secret")
    administrator.save()
    events = AuditEvent.objects.filter(object_type="api.user")
    assert "password" in events.filter(action="update").get().changes
    assert administrator.password not in str([event.changes for event in events])


def test_a_login_is_no_change_of_a_user(client, administrator):
    before = AuditEvent.objects.count()
    client.force_login(administrator)
    assert AuditEvent.objects.count() == before
    assert User.objects.get().last_login is not None


def test_logs_of_imports_leave_no_events():
    before = AuditEvent.objects.count()
    BookingImportLog.objects.create(file_name="x", request_id="0" * 32, row_count=1)
    assert AuditEvent.objects.count() == before


def test_production_asks_for_a_secret_key(monkeypatch):
    monkeypatch.delenv("ARISTAY_SECRET_KEY", raising=False)
    assert read_secret_key(debug=True)
    with pytest.raises(ImproperlyConfigured, match="ARISTAY_SECRET_KEY"):
        read_secret_key(debug=False)
    monkeypatch.setenv("ARISTAY_SECRET_KEY", "long")
    assert read_secret_key(debug=False) == "long"


def test_a_flag_is_a_yes_or_a_no(monkeypatch):
    for word, value in {"1": True, "Yes": True, "0": False, "": False}.items():
        monkeypatch.setenv("ARISTAY_X", word)
        assert read_flag("ARISTAY_X", default=not value) is value
    monkeypatch.setenv("ARISTAY_X", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="must be 1 or 0"):
        read_flag("ARISTAY_X", default=True)
    monkeypatch.delenv("ARISTAY_X")
    assert read_flag("ARISTAY_X", default=True)


def test_a_list_is_read_without_blanks(monkeypatch):
    monkeypatch.setenv("ARISTAY_X", " a.example, ,b.example ")
    assert read_list("ARISTAY_X") == ["a.example", "b.example"]


@pytest.mark.parametrize("unset", [None, ""])
def test_the_database_is_a_file_unless_the_environment_names_another(monkeypatch, tmp_path, unset):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if unset is not None:
        monkeypatch.setenv("DATABASE_URL", unset)
    database = read_database(default_file=tmp_path / "var" / "x.sqlite3")
    assert database["NAME"] == str(tmp_path / "var" / "x.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert (tmp_path / "var").is_dir()
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone@db.example/aristay")
    database = read_database(default_file=tmp_path / "other" / "x.sqlite3")
    assert database["HOST"] == "db.example"
    assert not (tmp_path / "other").exists()


def test_an_ownership_of_a_kind_counts_once(owl):
    user = User.objects.create(username="owner")
    values = {"property": owl, "user": user}
    PropertyOwnership.objects.create(**values, ownership_type="owner")
    PropertyOwnership.objects.create(**values, ownership_type="manager")
    refused(PropertyOwnership.objects.create, **values, ownership_type="owner")


def test_a_house_has_one_stock_of_an_item(owl, crane):
    shelf = InventoryCategory.objects.create(name="Bath")
    soap = InventoryItem.objects.create(category=shelf, name="Soap", unit="piece")
    for house in (owl, crane):
        PropertyInventory.objects.create(property=house, item=soap)
    refused(PropertyInventory.objects.create, property=owl, item=soap)
