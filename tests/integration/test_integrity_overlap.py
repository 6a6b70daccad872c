"""The database keeps ranges apart, whatever way a row takes to it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.connections import other_program
from tests.testapp.models import Appointment, Lodging, Reservation, Shelf, Suite

pytestmark = pytest.mark.django_db

MAY = [date(2026, 5, day) for day in range(1, 32)]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def lodging():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def stored(lodging):
    """A reservation from the 10th to the 20th."""
    return Reservation.objects.create(
        lodging=lodging, check_in=MAY[10], check_out=MAY[20], code="A"
    )


def build(lodging, first, last, **values):
    return Reservation(lodging=lodging, check_in=MAY[first], check_out=MAY[last], **values)


def refused():
    """Expect the database to refuse a write, and leave the transaction usable."""
    return _Refused()


class _Refused:
    def __enter__(self):
        self.atomic = transaction.atomic()
        self.raises = pytest.raises(IntegrityError, match="_no_overlap")
        self.raises.__enter__()
        self.atomic.__enter__()

    def __exit__(self, *raised):
        self.atomic.__exit__(*raised)
        return self.raises.__exit__(*raised)


@pytest.mark.parametrize(
    ("first", "last"),
    [(9, 11), (19, 21), (12, 14), (9, 21), (10, 20), (10, 11), (19, 20)],
)
def test_a_range_that_shares_a_day_is_refused(stored, lodging, first, last):
    with refused():
        build(lodging, first, last).save()


@pytest.mark.parametrize(("first", "last"), [(5, 10), (20, 25), (1, 2)])
def test_one_may_come_on_the_day_that_another_leaves(stored, lodging, first, last):
    build(lodging, first, last).save()


def test_another_partition_is_no_obstacle(stored):
    build(Lodging.objects.create(name="Oak"), 10, 20).save()


def test_an_earlier_range_with_others_in_between_is_not_overlooked(lodging):
    for first in (1, 3, 5, 7):
        build(lodging, first, first + 2).save()
    with refused():
        build(lodging, 2, 3).save()
    with refused():
        build(lodging, 8, 20).save()
    build(lodging, 9, 20).save()


def test_a_cancelled_row_blocks_nothing(stored, lodging):
    Reservation.objects.update(status="cancelled")
    build(lodging, 10, 20).save()


def test_a_cancelled_row_is_never_refused(stored, lodging):
    build(lodging, 10, 20, status="cancelled").save()


def test_a_deleted_row_blocks_nothing(stored, lodging):
    stored.delete()
    build(lodging, 10, 20).save()


def test_a_row_cannot_come_back_to_life_over_another(stored, lodging):
    stored.delete()
    build(lodging, 15, 25).save()
    with refused():
        Reservation.all_objects.filter(pk=stored.pk).update(deleted_at=None)


def test_a_row_cannot_be_uncancelled_over_another(stored, lodging):
    late = build(lodging, 15, 25, status="cancelled")
    late.save()
    late.status = "booked"
    with refused():
        late.save(update_fields=["status"])


def test_a_row_may_be_written_over_itself(stored):
    stored.check_in = MAY[12]
    stored.save()
    Reservation.objects.update(check_out=MAY[15])


def test_save_over_another_row_is_refused(stored, lodging):
    later = build(lodging, 20, 25)
    later.save()
    later.check_in = MAY[19]
    with refused():
        later.save()


def test_update_into_another_row_is_refused(stored, lodging):
    build(lodging, 20, 25).save()
    with refused():
        Reservation.objects.filter(check_in=MAY[20]).update(check_in=MAY[15])


def test_update_into_another_partition_is_refused(stored):
    oak = Lodging.objects.create(name="Oak")
    build(oak, 12, 14).save()
    with refused():
        Reservation.objects.filter(lodging=oak).update(lodging=stored.lodging)


def test_bulk_create_over_a_stored_row_is_refused_as_a_whole(stored, lodging):
    with refused():
        Reservation.objects.bulk_create([build(lodging, 1, 5), build(lodging, 15, 25)])
    assert Reservation.objects.count() == 1


def test_bulk_create_of_rows_that_overlap_with_one_another_is_refused(lodging):
    with refused():
        Reservation.objects.bulk_create([build(lodging, 1, 5), build(lodging, 4, 8)])


def test_bulk_update_is_refused(stored, lodging):
    later = build(lodging, 20, 25)
    later.save()
    later.check_in = MAY[19]
    with refused():
        Reservation.objects.bulk_update([later], ["check_in"])


def test_an_upsert_of_the_same_row_passes(stored, lodging):
    Reservation.objects.bulk_create(
        [build(lodging, 11, 21, code="A")],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["check_in", "check_out"],
    )
    assert Reservation.objects.get().check_in == MAY[11]


def test_an_upsert_into_another_row_is_refused(stored, lodging):
    build(lodging, 20, 25, code="B").save()
    with refused():
        Reservation.objects.bulk_create(
            [build(lodging, 19, 25, code="B")],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["check_in", "check_out"],
        )


@pytest.mark.database_lacks("sqlite", reason="knows unique indexes as conflicts alone")
def test_ignoring_conflicts_leaves_overlapping_rows_out(stored, lodging):
    Reservation.objects.bulk_create(
        [build(lodging, 1, 5), build(lodging, 15, 25), build(lodging, 4, 8)], ignore_conflicts=True
    )
    assert Reservation.objects.count() == 2


@pytest.mark.database_lacks("postgresql", reason="knows exclusion constraints as conflicts")
def test_ignoring_conflicts_does_not_let_overlapping_rows_in(stored, lodging):
    with refused():
        Reservation.objects.bulk_create([build(lodging, 15, 25)], ignore_conflicts=True)


def test_get_or_create_and_update_or_create_are_refused(stored, lodging):
    values = {"lodging": lodging, "check_in": MAY[12], "check_out": MAY[13]}
    with refused():
        Reservation.objects.get_or_create(code="B", defaults=values)
    with refused():
        Reservation.objects.update_or_create(code="B", defaults=values)


def test_raw_sql_is_refused(stored):
    with refused(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_reservation (lodging_id, check_in, check_out, status, badge, "
            "deletion_reason) SELECT lodging_id, check_in, check_out, status, badge, "
            "deletion_reason FROM testapp_reservation"
        )


@pytest.mark.database_lacks("postgresql", reason="has no INSERT OR REPLACE")
def test_a_replaced_row_is_judged_without_its_old_self(stored):
    build(stored.lodging, 20, 25).save()
    columns = [field.column for field in Reservation._meta.local_concrete_fields]
    values = ["date(check_in, %s)" if column == "check_in" else column for column in columns]
    replace = (
        f"INSERT OR REPLACE INTO testapp_reservation ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM testapp_reservation WHERE check_in = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(replace, ["+1 day", MAY[20]])
    assert Reservation.objects.filter(check_in=MAY[21]).exists()
    with refused(), connection.cursor() as cursor:
        cursor.execute(replace, ["-5 days", MAY[21]])


@pytest.mark.django_db(transaction=True)
def test_another_program_is_refused_and_may_write_what_fits(stored):
    copy = (
        "INSERT INTO testapp_reservation (lodging_id, check_in, check_out, status, badge, "
        "deletion_reason) SELECT lodging_id, '{}', '{}', 'booked', '', '' FROM testapp_reservation"
    )
    with other_program() as program:
        with pytest.raises(Exception, match="reservation_no_overlap"):
            program.execute(copy.format(MAY[15], MAY[25]))
        program.execute(copy.format(MAY[20], MAY[25]))
    assert Reservation.objects.count() == 2


def test_a_child_of_the_table_is_kept_apart_from_its_parents_rows(stored, lodging):
    with refused():
        Suite.objects.create(lodging=lodging, check_in=MAY[15], check_out=MAY[16])


def test_a_failed_write_leaves_nothing_behind(stored, lodging):
    with refused():
        build(lodging, 15, 25).save()
    assert list(Reservation.objects.all()) == [stored]


def test_instants_are_kept_apart_to_the_microsecond():
    tick = timedelta(microseconds=1)
    Appointment.objects.create(room=1, begins=NOON, ends=NOON + tick)
    with refused():
        Appointment.objects.create(room=1, begins=NOON, ends=NOON + 2 * tick)
    Appointment.objects.create(room=1, begins=NOON + tick, ends=NOON + 2 * tick)


def test_instants_are_compared_across_time_zones():
    west = timezone.get_fixed_timezone(-300)
    Appointment.objects.create(room=1, begins=NOON, ends=NOON + timedelta(hours=1))
    with refused():
        Appointment.objects.create(
            room=1,
            begins=datetime(2026, 5, 1, 7, 30, tzinfo=west),
            ends=datetime(2026, 5, 1, 9, tzinfo=west),
        )


def test_every_field_of_the_partition_has_to_be_equal():
    hour = {"begins": NOON, "ends": NOON + timedelta(hours=1)}
    Appointment.objects.create(room=1, is_upstairs=False, **hour)
    Appointment.objects.create(room=1, is_upstairs=True, **hour)
    Appointment.objects.create(room=2, is_upstairs=True, **hour)
    with refused():
        Appointment.objects.create(room=1, is_upstairs=True, **hour)


@pytest.mark.parametrize("missing", ["room", "begins", "ends"])
def test_a_row_without_a_start_an_end_or_a_partition_blocks_nothing(missing):
    hour = {"room": 1, "begins": NOON, "ends": NOON + timedelta(hours=1)}
    Appointment.objects.create(**hour)
    for _ in range(2):
        Appointment.objects.create(**{**hour, missing: None})
    with refused():
        Appointment.objects.filter(**{f"{missing}__isnull": True}).update(
            **{missing: hour[missing]}
        )


def test_an_empty_range_blocks_nothing():
    hour = timedelta(hours=1)
    Appointment.objects.create(room=1, begins=NOON - hour, ends=NOON + hour)
    Appointment.objects.create(room=1, begins=NOON, ends=NOON)
    Appointment.objects.create(room=1, begins=NOON, ends=NOON)


def test_a_range_the_wrong_way_round_blocks_nothing():
    Shelf.objects.create(left=10, right=1)
    Shelf.objects.create(left=5, right=8)
    with refused():
        Shelf.objects.create(left=7, right=9)


def test_numbers_without_a_partition_are_kept_apart_in_the_whole_table():
    Shelf.objects.create(left=-5, right=0)
    Shelf.objects.create(left=2**40, right=2**62)
    with refused():
        Shelf.objects.create(left=2**61, right=2**61 + 1)
    with refused():
        Shelf.objects.create(left=-100, right=-4)


def test_before_refuses_a_range_the_wrong_way_round(lodging):
    with pytest.raises(IntegrityError, match="reservation_in_before_out"), transaction.atomic():
        build(lodging, 5, 5).save()
    with pytest.raises(IntegrityError, match="reservation_in_before_out"), transaction.atomic():
        build(lodging, 5, 4).save()


def test_before_lets_equal_values_pass_where_it_is_told_to():
    Appointment.objects.create(begins=NOON, ends=NOON)
    with pytest.raises(IntegrityError, match="appointment_order"), transaction.atomic():
        Appointment.objects.create(begins=NOON, ends=NOON - timedelta(microseconds=1))


def test_unique_alive_counts_living_rows_alone(lodging):
    Lodging.objects.create(name="Oak")
    with pytest.raises(IntegrityError), transaction.atomic():
        Lodging.objects.create(name="OAK")
    Lodging.objects.get(name="Oak").delete()
    Lodging.objects.create(name="OAK")


def test_unique_alive_counts_what_its_condition_says(lodging):
    build(lodging, 1, 2, badge="").save()
    build(lodging, 2, 3, badge="").save()
    build(lodging, 3, 4, badge="7").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        build(lodging, 4, 5, badge="7").save()
