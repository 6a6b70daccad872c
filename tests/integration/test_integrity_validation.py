"""What a person is told: by validation before the write, and by the error that comes after it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import F
from django.db.models.expressions import DatabaseDefault
from django.forms import modelform_factory
from django.utils import timezone, translation

from django_modernize.integrity import (
    Before,
    NoOverlap,
    UniqueAlive,
)
from tests.testapp.models import Appointment, Lodging, Reservation, Suite

pytestmark = pytest.mark.django_db

MAY = [date(2026, 5, day) for day in range(1, 32)]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def lodging():
    return Lodging.objects.create(name="Elm")


@pytest.fixture
def stored(lodging):
    """A reservation from the 11th to the 21st of May."""
    return Reservation.objects.create(lodging=lodging, check_in=MAY[10], check_out=MAY[20])


@pytest.fixture
def rival(lodging, stored):
    """An unsaved reservation that overlaps with the stored one."""
    return Reservation(lodging=lodging, check_in=MAY[15], check_out=MAY[25])


def find_constraint(name, model=Reservation):
    return next(found for found in model._meta.constraints if found.name == name)


APART = find_constraint("reservation_no_overlap")


def catch(instance, **options):
    """Return the single error that validating the constraints of an instance gives."""
    with pytest.raises(ValidationError) as caught:
        instance.validate_constraints(**options)
    ((error,),) = caught.value.error_dict.values()
    return error


def test_an_overlap_names_the_row_in_the_way_and_its_range(rival):
    error = catch(rival)
    assert error.code == "overlap"
    assert error.messages == [
        "This reservation overlaps with “booked from 2026-05-11” (May 11, 2026 to May 21, 2026)."
    ]


def test_an_overlap_is_told_in_the_readers_time_zone_and_language():
    Appointment.objects.create(room=1, begins=NOON, ends=NOON + timedelta(hours=1))
    late = Appointment(room=1, begins=NOON, ends=NOON + timedelta(hours=2))
    with timezone.override(timezone.get_fixed_timezone(120)), translation.override("de"):
        assert "(1. Mai 2026 14:00 bis 1. Mai 2026 15:00)" in catch(late).messages[0]


def test_a_long_name_of_the_row_in_the_way_is_cut(rival):
    Reservation.objects.update(badge="x" * 200)
    message = catch(rival).messages[0]
    assert "x…”" in message
    assert message.count("x") < 100


def test_the_earliest_of_several_rows_is_named(lodging, stored):
    Reservation.objects.create(lodging=lodging, check_in=MAY[2], check_out=MAY[4])
    long = Reservation(lodging=lodging, check_in=MAY[1], check_out=MAY[30])
    assert "2026-05-03" in catch(long).messages[0]


def test_message_and_code_can_be_the_projects_own(rival):
    own = NoOverlap(
        "check_in",
        "check_out",
        partition_by="lodging",
        name="reservation_no_overlap",
        violation_error_code="busy",
        violation_error_message="Taken until %(end)s by %(other)s.",
    )
    with pytest.raises(ValidationError) as caught:
        own.validate(Reservation, rival)
    assert caught.value.code == "busy"
    assert caught.value.messages == ["Taken until May 21, 2026 by booked from 2026-05-11."]


def test_validation_asks_once(rival, django_assert_num_queries):
    with django_assert_num_queries(1), pytest.raises(ValidationError):
        APART.validate(Reservation, rival)


def test_a_row_does_not_overlap_with_itself(stored):
    stored.check_out = MAY[25]
    stored.validate_constraints()


def test_a_new_row_with_the_key_of_another_does_not_stand_for_it(stored, rival):
    rival.pk = stored.pk
    assert catch(rival).code == "overlap"


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled"},
        {"deleted_at": NOON},
        {"check_in": None},
        {"check_out": MAY[15]},
        {"lodging_id": None},
        {"check_in": MAY[20]},
    ],
    ids=repr,
)
def test_a_row_that_the_database_would_take_is_valid(rival, change):
    for name, value in change.items():
        setattr(rival, name, value)
    APART.validate(Reservation, rival)


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"deleted_at": NOON}], ids=repr)
def test_a_stored_row_that_takes_no_part_is_no_obstacle(rival, change):
    Reservation.all_objects.update(**change)
    APART.validate(Reservation, rival)


@pytest.mark.parametrize("field", ["check_in", "check_out", "lodging", "status"])
def test_a_field_that_is_left_out_leaves_the_judgement_to_the_database(rival, field):
    APART.validate(Reservation, rival, exclude={field})


def test_a_field_that_no_form_can_show_is_no_reason_to_skip(rival):
    with pytest.raises(ValidationError):
        APART.validate(Reservation, rival, exclude={"deleted_at", "code"})


def test_a_form_without_the_deletion_field_tells_of_the_overlap(lodging, stored):
    form_class = modelform_factory(
        Reservation, fields=["lodging", "check_in", "check_out", "status"]
    )
    form = form_class(
        {"lodging": lodging.pk, "check_in": MAY[12], "check_out": MAY[13], "status": "booked"}
    )
    assert form.errors.as_data()[NON_FIELD_ERRORS][0].code == "overlap"


def test_a_value_that_only_the_database_can_compute_is_left_to_it(stored, rival):
    rival.check_in = F("check_out")
    APART.validate(Reservation, rival)


def test_the_constraint_of_a_parents_table_is_validated_for_the_child(lodging, stored):
    suite = Suite(lodging=lodging, check_in=MAY[15], check_out=MAY[16])
    assert catch(suite).code == "overlap"


def test_a_child_does_not_overlap_with_its_own_row_in_the_parents_table(lodging):
    suite = Suite.objects.create(lodging=lodging, check_in=MAY[15], check_out=MAY[16])
    suite.validate_constraints()


def test_a_default_of_the_database_counts_as_the_value_that_it_will_be(lodging, stored):
    defaulted = Reservation(lodging=lodging, check_in=MAY[15], check_out=MAY[16])
    assert isinstance(defaulted.status, DatabaseDefault)
    assert catch(defaulted).code == "overlap"
    Appointment.objects.create(room=1, begins=NOON, ends=NOON + timedelta(hours=1))
    assert catch(Appointment(room=1, begins=NOON, ends=NOON + timedelta(hours=1))).code == "overlap"
    Appointment(
        room=1, is_upstairs=True, begins=NOON, ends=NOON + timedelta(hours=1)
    ).validate_constraints()


def test_before_names_the_fields_as_people_know_them(lodging):
    wrong = Reservation(lodging=lodging, check_in=MAY[2], check_out=MAY[2])
    error = catch(wrong)
    assert (error.code, error.messages) == ("before", ["Check in must be before check out."])


def test_before_has_another_message_where_equal_values_pass():
    hour = timedelta(hours=1)
    Appointment(begins=NOON, ends=NOON).validate_constraints()
    error = catch(Appointment(begins=NOON, ends=NOON - hour))
    assert error.messages == ["Begins must not be after ends."]


@pytest.mark.parametrize("missing", ["begins", "ends"])
def test_before_passes_a_row_without_a_value(missing):
    Appointment(**{"begins": NOON, "ends": NOON, missing: None}).validate_constraints()


def test_before_passes_where_a_field_is_left_out():
    wrong = Appointment(begins=NOON, ends=NOON - timedelta(hours=1))
    wrong.validate_constraints(exclude={"ends"})


def test_before_can_have_a_message_of_the_projects_own():
    own = Before(
        "begins",
        "ends",
        name="order",
        violation_error_code="order",
        violation_error_message="%(first)s, then %(second)s.",
    )
    with pytest.raises(ValidationError) as caught:
        own.validate(Appointment, Appointment(begins=NOON, ends=NOON))
    assert (caught.value.code, caught.value.messages) == ("order", ["Begins, then ends."])


def test_unique_alive_tells_a_form_which_field_is_taken(lodging):
    Reservation.objects.create(lodging=lodging, check_in=MAY[1], check_out=MAY[2], badge="7")
    form_class = modelform_factory(
        Reservation, fields=["lodging", "check_in", "check_out", "badge"]
    )
    form = form_class(
        {"lodging": lodging.pk, "check_in": MAY[5], "check_out": MAY[6], "badge": "7"}
    )
    assert form.errors == {"badge": ["Reservation with this Badge already exists."]}


def test_unique_alive_lets_a_deleted_rows_value_be_used_again(lodging):
    first = Reservation.objects.create(
        lodging=lodging, check_in=MAY[1], check_out=MAY[2], badge="7"
    )
    first.delete()
    Reservation(
        lodging=lodging, check_in=MAY[1], check_out=MAY[2], badge="7"
    ).validate_constraints()


def test_unique_alive_does_not_judge_a_deleted_row(lodging):
    Reservation.objects.create(lodging=lodging, check_in=MAY[1], check_out=MAY[2], badge="7")
    Reservation(
        lodging=lodging, check_in=MAY[5], check_out=MAY[6], badge="7", deleted_at=NOON
    ).validate_constraints()


def test_unique_alive_of_an_expression_has_djangos_message(lodging):
    error = catch(Lodging(name="eLM"))
    assert error.messages == ["Constraint “lodging_unique_name” is violated."]


def test_unique_alive_can_have_a_message_and_a_code_of_the_projects_own(lodging):
    own = UniqueAlive(
        "name", name="own", violation_error_code="taken", violation_error_message="Taken."
    )
    with pytest.raises(ValidationError) as caught:
        own.validate(Lodging, Lodging(name="Elm"))
    assert (caught.value.code, caught.value.messages) == ("taken", ["Taken."])
