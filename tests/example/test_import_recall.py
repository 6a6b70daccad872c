"""Nobody is asked twice about the same difference between a file and a booking."""

from datetime import date

import pytest
from django.urls import reverse

from api.models import Booking
from api.services.import_plan import (
    apply_plan,
    approve_labels,
    count_open_conflicts,
    decide_row,
    undo_import,
)
from api.services.permission import get_access

from .factories import row, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]

MORE = row(code="HM2", start_date=date(2027, 1, 1), end_date=date(2027, 1, 3))


@pytest.fixture
def kept(owl, administrator):
    """An import in which somebody has kept two guests, where the file says four."""
    apply_plan(upload(administrator, row(adults=2)), actor=administrator)
    plan = upload(administrator, row(adults=4), MORE)
    decide_row(plan.rows.get(outcome="conflict"), "keep_ours", actor=administrator)
    return apply_plan(plan, actor=administrator)


def look(plan):
    found = plan.rows.get(row_number=2)
    return found.outcome, found.action


def test_a_kept_difference_is_shown_as_kept_in_the_next_save(client, kept, administrator):
    plan = upload(administrator, row(adults=4), MORE)
    assert look(plan) == ("skipped", "keep_ours")
    found = plan.rows.get(row_number=2)
    assert (found.changes, found.decided_by) == ({"adults": ["2", "4"]}, administrator)
    assert count_open_conflicts(get_access(administrator)) == 0
    client.force_login(administrator)
    page = client.get(reverse("portal:import_plan", args=[plan.pk])).content.decode()
    assert "Ours was kept when the same differed before." in page
    apply_plan(plan, actor=administrator, is_all_or_nothing=True)
    assert Booking.objects.get(external_code="HM0001").adults == 2


def test_it_is_kept_once_more_in_the_save_after_that(kept, administrator):
    apply_plan(upload(administrator, row(adults=4), MORE), actor=administrator)
    assert look(upload(administrator, row(adults=4))) == ("skipped", "keep_ours")


@pytest.mark.parametrize("values", [{"adults": 5}, {"adults": 4, "children": 1}])
def test_another_difference_is_asked(kept, administrator, values):
    assert look(upload(administrator, row(**values))) == ("conflict", "")


def test_a_difference_to_another_value_of_ours_is_asked(kept, administrator):
    Booking.objects.filter(external_code="HM0001").update(adults=3)
    assert look(upload(administrator, row(adults=4))) == ("conflict", "")


def test_a_remembered_decision_can_be_taken_back(kept, administrator):
    plan = upload(administrator, row(adults=4), row(code="HM3", property_label="Heron House"))
    decide_row(plan.rows.get(row_number=2), "", actor=administrator)
    assert look(plan) == ("conflict", "")
    approve_labels(plan, plan.labels.all(), actor=administrator)
    assert look(plan) == ("conflict", "")
    decide_row(plan.rows.get(row_number=2), "take_file", actor=administrator)
    apply_plan(plan, actor=administrator)
    assert Booking.objects.get(external_code="HM0001").adults == 4


def test_what_was_decided_in_an_import_that_was_undone_is_asked(kept, administrator):
    undo_import(kept.log, actor=administrator)
    assert look(upload(administrator, row(adults=4))) == ("conflict", "")


def test_what_is_kept_meanwhile_is_kept_in_a_plan_that_stands(owl, administrator):
    apply_plan(upload(administrator, row(adults=2)), actor=administrator)
    elsewhere = {**MORE, "property_label": "Heron House"}
    waiting = upload(administrator, row(adults=4), elsewhere)
    plan = upload(administrator, row(adults=4))
    decide_row(plan.rows.get(), "keep_ours", actor=administrator)
    apply_plan(plan, actor=administrator)
    assert look(waiting) == ("conflict", "")
    approve_labels(waiting, waiting.labels.all(), actor=administrator)
    assert look(waiting) == ("skipped", "keep_ours")
    assert waiting.rows.get(row_number=2).decided_by == administrator
