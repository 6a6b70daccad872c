"""People decide what becomes of labels and rows of an import, and the plan follows."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from api.models import (
    Booking,
    Property,
    PropertyAlias,
    Task,
)
from api.services.import_plan import (
    apply_plan,
    approve_label,
    decide_row,
    map_label,
    reopen_label,
)

from .factories import book, outcomes, row, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


def test_an_approved_label_makes_a_property_without_a_second_upload(owl, administrator):
    plan = upload(administrator, row(), row(code="HM2", property_label="Heron House"))
    approve_label(plan.labels.get(), actor=administrator)
    assert outcomes(plan) == [(2, "created"), (3, "created")]
    assert Property.objects.count() == 1
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get(external_code="HM2").property.name == "Heron House"


def test_a_mapped_label_is_an_alias_from_then_on(owl, administrator):
    plan = upload(administrator, row(property_label="The Owl"))
    map_label(plan.labels.get(), owl, actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().property == owl
    assert PropertyAlias.objects.get().label == "The Owl"
    assert outcomes(upload(administrator, row(property_label="the owl"))) == [(2, "unchanged")]


def test_a_decision_about_a_label_is_taken_back(owl, administrator):
    plan = upload(administrator, row(property_label="The Owl"))
    map_label(plan.labels.get(), owl, actor=administrator)
    assert outcomes(plan) == [(2, "created")]
    reopen_label(plan.labels.get(), actor=administrator)
    assert outcomes(plan) == [(2, "refused")]
    label = plan.labels.get()
    assert (label.decision, label.property) == ("open", None)


def test_labels_that_differ_by_case_are_decided_together(owl, administrator):
    plan = upload(
        administrator,
        row(property_label="Heron"),
        row(
            code="HM2",
            property_label="HERON",
            start_date=date(2027, 1, 1),
            end_date=date(2027, 1, 3),
        ),
    )
    approve_label(plan.labels.first(), actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Property.objects.exclude(pk=owl.pk).count() == 1


def test_only_who_may_approve_properties_decides_about_labels(owl, make_staff):
    staff = make_staff("import_bookings")
    plan = upload(staff, row(property_label="Nowhere"))
    with pytest.raises(PermissionDenied):
        approve_label(plan.labels.get(), actor=staff)
    with pytest.raises(PermissionDenied):
        map_label(plan.labels.get(), owl, actor=staff)


def test_the_values_of_the_file_are_taken_field_by_field(owl, administrator):
    book(administrator, row(guest_contact="old"))
    plan = upload(administrator, row(guest_contact="new", adults=4, end_date=date(2026, 12, 23)))
    found = plan.rows.get()
    assert found.outcome == "conflict"
    assert set(found.changes) == {"guest_contact", "adults", "end_date"}
    decided = decide_row(found, "take_file", fields=["adults", "end_date"], actor=administrator)
    assert decided.outcome == "updated"
    apply_plan(plan, actor=administrator)
    booking = Booking.objects.get()
    assert (booking.adults, booking.nights, booking.guest_contact) == (4, 5, "old")
    assert booking.check_out.date() == date(2026, 12, 23)


def test_keeping_ours_and_skipping_change_nothing(owl, administrator):
    book(administrator, row())
    plan = upload(administrator, row(adults=4), row(code="HM2"))
    for one, action in zip(plan.rows.all(), ["keep_ours", "skip"], strict=True):
        assert decide_row(one, action, actor=administrator).outcome == "skipped"
    assert apply_plan(plan, actor=administrator).log.skipped_count == 2
    assert Booking.objects.get().adults == 1


def test_a_row_is_created_anyway_only_where_nothing_overlaps(owl, crane, administrator):
    book(administrator, row())
    plan = upload(administrator, row(property_label="Crane"), row(code="HM2"))
    elsewhere, overlapping = plan.rows.all()
    assert {elsewhere.outcome, overlapping.outcome} == {"conflict"}
    assert decide_row(elsewhere, "create", actor=administrator).outcome == "created"
    assert decide_row(overlapping, "create", actor=administrator).outcome == "conflict"
    apply_plan(plan, actor=administrator)
    assert Booking.objects.filter(external_code="HM0001").count() == 2


def test_a_booking_moves_to_another_house_with_its_tasks(owl, crane, administrator):
    book(administrator, row())
    Task.objects.create(title="Look", property=owl, booking=Booking.objects.get())
    plan = upload(administrator, row(property_label="Crane"))
    decide_row(plan.rows.get(), "move", target=crane, actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().property == crane
    assert {task.property for task in Task.objects.all()} == {crane}


def test_a_row_in_the_way_of_another_moves_to_a_free_house(owl, crane, administrator):
    book(administrator, row())
    plan = upload(administrator, row(code="HM2", guest_name="Zeno"))
    decide_row(plan.rows.get(), "move", target=crane, actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get(external_code="HM2").property == crane


def test_a_conflict_shows_how_sure_the_match_is_and_what_only_the_encoding_changed(
    owl, administrator
):
    book(administrator, row(guest_name="Ana Núñez"))
    plan = upload(administrator, row(guest_name="Ana NÃºÃ±ez", adults=3))
    found = plan.rows.get()
    assert found.encoding_changes == {"guest_name": ["Ana Núñez", "Ana NÃºÃ±ez"]}
    assert (found.match, found.sureness) == ("code", 100)
    other = upload(administrator, row(code="HM2", guest_name="Zeno", end_date=date(2026, 12, 30)))
    assert other.rows.get().match == "overlap"
    assert other.rows.get().sureness < 50


def test_a_broken_name_can_be_taken_from_a_file_that_spells_it_right(owl, administrator):
    book(administrator, row(guest_name="Ana NÃºÃ±ez"))
    plan = upload(administrator, row(guest_name="Ana Núñez"))
    assert plan.rows.get().outcome == "unchanged"
    decide_row(plan.rows.get(), "take_file", actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get().guest_name == "Ana Núñez"


@pytest.mark.parametrize(
    ("action", "options", "code"),
    [
        ("burn", {}, "action"),
        ("take_file", {"fields": ["code"]}, "unknown_field"),
        ("move", {}, "required"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(owl, administrator, action, options, code):
    plan = upload(administrator, row(), row(code="HM2", guest_name="Bo"))
    with pytest.raises(ValidationError) as raised:
        decide_row(plan.rows.get(outcome="conflict"), action, actor=administrator, **options)
    assert [one.code for found in raised.value.error_dict.values() for one in found] == [code]


def test_there_is_nothing_to_decide_about_a_sound_row(owl, administrator):
    plan = upload(administrator, row())
    with pytest.raises(ValidationError) as raised:
        decide_row(plan.rows.get(), "skip", actor=administrator)
    assert raised.value.code == "settled"


def test_a_label_is_not_mapped_to_a_deleted_house(owl, crane, administrator):
    plan = upload(administrator, row(property_label="The Crane"))
    crane.delete()
    with pytest.raises(ValidationError) as raised:
        map_label(plan.labels.get(), crane, actor=administrator)
    assert raised.value.code == "deleted"
