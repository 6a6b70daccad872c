"""What imports leave for people to decide is counted and listed, wherever it is looked for."""

from datetime import date

import pytest
from django.urls import reverse

from api.models.auth import Role
from api.services.import_plan import (
    apply_plan,
    approve_label,
    count_open_conflicts,
    decide_row,
    list_open_conflicts,
    map_label,
)
from api.services.permission import get_access

from .factories import row, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("work_at_once")]


@pytest.fixture
def plan(owl, administrator):
    """A plan with one row in conflict."""
    return upload(administrator, row(), row(code="HM2", guest_name="Bo"))


def test_a_conflict_is_listed_with_house_and_days(plan, owl, administrator):
    (found,) = list_open_conflicts(get_access(administrator))
    assert (found.row.guest_name, found.row.plan, found.house_id) == ("Bo", plan, owl.pk)
    assert (found.first_day, found.last_day) == (date(2026, 12, 18), date(2026, 12, 21))
    assert "overlaps" in found.row.reason


def test_conflicts_are_listed_for_a_span_of_days(plan, administrator):
    access = get_access(administrator)
    assert list_open_conflicts(access, first_day=date(2026, 12, 21), last_day=date(2027, 1, 1))
    assert not list_open_conflicts(access, first_day=date(2026, 12, 22))
    assert not list_open_conflicts(access, last_day=date(2026, 12, 17))


def test_what_is_decided_or_applied_is_no_open_conflict(plan, administrator):
    access = get_access(administrator)
    assert count_open_conflicts(access) == 1
    decide_row(plan.rows.get(outcome="conflict"), "skip", actor=administrator)
    assert count_open_conflicts(access) == 0
    other = upload(administrator, row(code="HM3"), row(code="HM4"))
    assert count_open_conflicts(access) == 1
    apply_plan(other, actor=administrator)
    assert count_open_conflicts(access) == 0


def test_who_may_not_import_is_told_of_no_conflict(plan, make_person):
    access = get_access(make_person(Role.STAFF))
    assert (count_open_conflicts(access), list_open_conflicts(access)) == (0, [])


def test_conflicts_in_houses_that_somebody_does_not_see_are_left_out(plan, make_person):
    viewer = make_person(Role.VIEWER)
    viewer.permission_overrides.create(
        permission="api.import_bookings", is_granted=True, reason="helps out"
    )
    assert list_open_conflicts(get_access(viewer)) == []


def test_statements_do_not_grow_with_plans_and_conflicts(
    plan, owl, crane, administrator, django_assert_num_queries
):
    upload(administrator, *(row(code=f"HM{number}") for number in range(10)))
    access = get_access(administrator)
    with django_assert_num_queries(4):
        assert len(list_open_conflicts(access)) == 10


def test_the_portal_counts_conflicts_and_leads_to_them(client, plan, administrator):
    client.force_login(administrator)
    overview = client.get(reverse("portal:overview")).content.decode()
    assert "conflicts to decide" in overview
    assert "Conflicts of imports to decide" in overview
    page = client.get(reverse("portal:imports")).content.decode()
    address = f"{reverse('portal:import_plan', args=[plan.pk])}?outcome=conflict"
    assert f'<a href="{address}">1 conflict to decide</a>' in page
    assert "overlaps" in client.get(address).content.decode()


def test_the_houses_that_labels_were_decided_to_mean_are_told(owl, crane, administrator):
    rows = [
        row(property_label="The Owl"),
        row(code="HM2", property_label="The Owl", guest_name="Bo"),
        row(code="HM3", property_label="Heron House"),
        row(code="HM4", property_label="Heron House", guest_name="Cy"),
        row(code="HM5", property_label="Nowhere"),
    ]
    plan = upload(administrator, *rows)
    map_label(plan.labels.get(label="The Owl"), owl, actor=administrator)
    approve_label(plan.labels.get(label="Heron House"), actor=administrator)
    found = list_open_conflicts(get_access(administrator))
    assert [(one.row.guest_name, one.house_id) for one in found] == [("Bo", owl.pk), ("Cy", None)]
