"""What people do with bookings, and what is refused."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import Booking, PermissionOverride, PropertyOwnership, User
from api.models.auth import Role
from api.models.booking import BookingStatus
from api.services.booking import (
    BookingConflict,
    cancel_booking,
    change_booking,
    create_booking,
    find_conflicts,
    move_booking,
)
from api.services.calendar import read_calendar
from django_modernize.audit import history

ZONE = ZoneInfo("America/New_York")


def stay(house, first, last, **values):
    values = {"guest_name": "Ada", **values}
    return Booking.objects.create(
        property=house,
        check_in=house.check_in_at(date(2026, 12, first)),
        check_out=house.check_out_at(date(2026, 12, last)),
        **values,
    )


@pytest.fixture
def manager(make_person):
    return make_person(Role.MANAGER)


def wanted(house, first, last, **values):
    return {
        "property": house,
        "guest_name": "Grace",
        "check_in": house.check_in_at(date(2026, 12, first)),
        "check_out": house.check_out_at(date(2026, 12, last)),
        **values,
    }


def test_a_manager_makes_a_booking_and_its_nights_are_counted(manager, owl):
    booking = create_booking(actor=manager, values=wanted(owl, 1, 4))
    assert Booking.objects.get(pk=booking.pk).nights == 3


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_whoever_may_not_book_makes_no_booking(make_person, owl, role):
    with pytest.raises(PermissionDenied):
        create_booking(actor=make_person(role), values=wanted(owl, 1, 4))


def test_a_taken_house_is_refused_with_who_has_it_and_when(manager, owl):
    taken = stay(owl, 3, 6)
    with pytest.raises(BookingConflict) as refused:
        create_booking(actor=manager, values=wanted(owl, 1, 4))
    assert refused.value.others == [taken]
    assert refused.value.messages == [
        "Owl Point is taken from Dec 3 to Dec 6, 2026 by Ada (booked)."
    ]
    assert refused.value.error_list[0].code == "overlap"


def test_a_stay_in_the_way_that_the_actor_does_not_see_is_not_named(make_staff, owl):
    stay(owl, 3, 6)
    booker = make_staff("add_booking")
    PermissionOverride.objects.create(
        user=booker, permission="api.view_booking", is_granted=False, reason="for a test"
    )
    with pytest.raises(BookingConflict) as refused:
        create_booking(actor=User.objects.get(pk=booker.pk), values=wanted(owl, 1, 4))
    assert refused.value.others == []
    assert refused.value.messages == ["The house is taken in this time."]


def test_a_turnover_on_one_day_is_no_conflict(manager, owl):
    stay(owl, 3, 6)
    assert create_booking(actor=manager, values=wanted(owl, 6, 8)).pk


def test_a_cancelled_stay_is_in_nobodys_way(manager, owl):
    cancel_booking(actor=manager, booking=stay(owl, 3, 6))
    assert create_booking(actor=manager, values=wanted(owl, 3, 6)).pk
    assert find_conflicts(Booking.objects.get(status=BookingStatus.CANCELLED)) == []


def test_a_stay_moves_by_days_and_keeps_its_times_of_day(manager, owl):
    booking = stay(owl, 3, 6)
    late = datetime.combine(date(2026, 12, 3), time(20, 30), ZONE)
    change_booking(actor=manager, booking=booking, values={"check_in": late})
    booking.refresh_from_db()
    moved = move_booking(
        actor=manager,
        booking=booking,
        house=owl,
        first_day=date(2026, 12, 10),
        last_day=date(2026, 12, 15),
    )
    assert moved.check_in.astimezone(ZONE) == datetime(2026, 12, 10, 20, 30, tzinfo=ZONE)
    assert moved.nights == 5


def test_a_stay_moves_to_another_house_by_that_houses_clock(manager, owl, crane):
    crane.check_in_time = time(17)
    crane.time_zone = "Europe/Berlin"
    crane.save()
    booking = stay(owl, 3, 6)
    moved = move_booking(
        actor=manager,
        booking=booking,
        house=crane,
        first_day=date(2026, 12, 3),
        last_day=date(2026, 12, 6),
    )
    assert moved.property == crane
    assert moved.check_in == datetime(2026, 12, 3, 16, tzinfo=UTC)


def test_a_move_onto_another_stay_changes_nothing(manager, owl):
    stay(owl, 10, 12, guest_name="Grace")
    booking = stay(owl, 3, 6)
    days = {"first_day": date(2026, 12, 9), "last_day": date(2026, 12, 11)}
    with pytest.raises(BookingConflict):
        move_booking(actor=manager, booking=booking, house=owl, **days)
    assert Booking.objects.get(pk=booking.pk).find_days() == (date(2026, 12, 3), date(2026, 12, 6))


def test_check_out_before_check_in_is_refused_at_its_field(manager, owl):
    with pytest.raises(ValidationError) as refused:
        create_booking(actor=manager, values=wanted(owl, 4, 2))
    assert "check_out" in refused.value.error_dict


@pytest.mark.parametrize(("first", "last"), [(1, 2), (2026, 9999)])
def test_days_that_no_calendar_has_are_refused(manager, owl, first, last):
    values = wanted(owl, 1, 4)
    values["check_in"] = values["check_in"].replace(year=first, day=2)
    values["check_out"] = values["check_out"].replace(year=last)
    with pytest.raises(ValidationError, match=r"1990-01-01|2200-01-01"):
        create_booking(actor=manager, values=values)


def test_what_imports_write_is_not_set_by_hand(manager, owl):
    with pytest.raises(ValidationError):
        create_booking(actor=manager, values=wanted(owl, 1, 2, raw_row={}))


def test_one_code_of_one_source_is_there_once_in_a_house(manager, owl):
    stay(owl, 1, 2, external_code="HM1", source="Airbnb")
    with pytest.raises(ValidationError):
        create_booking(
            actor=manager, values=wanted(owl, 5, 6, external_code="HM1", source="Airbnb")
        )


def test_an_owner_who_can_edit_moves_stays_in_the_own_houses_alone(make_person, owl, crane):
    owner = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=owner, can_edit=True)
    booking = stay(owl, 3, 6)
    days = {"first_day": date(2026, 12, 4), "last_day": date(2026, 12, 7)}
    assert move_booking(actor=owner, booking=booking, house=owl, **days).nights == 3
    with pytest.raises(PermissionDenied):
        move_booking(actor=owner, booking=booking, house=crane, **days)


def test_the_reason_of_a_cancellation_stands_in_the_history(manager, owl):
    booking = stay(owl, 3, 6)
    cancel_booking(actor=manager, booking=booking, reason="the guest is ill")
    assert history(booking)[0].reason == "the guest is ill"


def test_what_did_not_change_is_not_written(manager, owl):
    booking = stay(owl, 3, 6, nights=3)
    change_booking(actor=manager, booking=booking, values={"guest_name": "Ada"})
    assert history(booking).count() == 1


def test_a_change_costs_the_same_however_many_bookings_there_are(
    manager, owl, django_assert_max_num_queries
):
    booking = stay(owl, 3, 6)
    with CaptureQueriesContext(connection) as captured:
        change_booking(actor=manager, booking=booking, values={"guest_name": "Grace"})
    for day in range(10, 20):
        stay(owl, day, day + 1)
    with django_assert_max_num_queries(len(captured)):
        change_booking(actor=manager, booking=booking, values={"guest_name": "Karen"})


def test_a_stay_that_ended_the_day_before_is_not_in_the_calendar(owl, administrator):
    Booking.objects.create(
        property=owl,
        guest_name="Ada",
        check_in=owl.check_in_at(date(2026, 12, 5)),
        check_out=owl.check_out_at(date(2026, 12, 9)),
    )
    for first, number in ((date(2026, 12, 9), 1), (date(2026, 12, 10), 0)):
        (shown,) = read_calendar(actor=administrator, first=first, last=date(2026, 12, 20))
        assert len(shown.stays) == number


def test_a_stay_is_named_by_the_days_of_its_house_not_of_greenwich(crane):
    crane.time_zone = "Pacific/Honolulu"
    booking = stay(crane, 18, 21)
    assert booking.check_in.astimezone(UTC).date() == date(2026, 12, 19)
    assert str(booking) == "Ada, 2026-12-18 to 2026-12-21"


def test_naming_a_stay_reads_no_house(crane):
    stay(crane, 18, 21)
    booking = Booking.objects.get()
    with CaptureQueriesContext(connection) as captured:
        assert str(booking) == "Ada, 2026-12-18 to 2026-12-21"
    assert len(captured) == 0
