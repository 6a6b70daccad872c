"""Rules over the API: made, previewed, tested on the past and explained, by the one matrix."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from rest_framework.test import APIClient

from api.models import AutoTaskTemplate, Booking, ScheduleTemplate, Task
from api.models.auth import Role
from api.services.changes import making_changes
from api.services.task_template.changing import save_rule
from django_modernize.autotasks.schedules import get_schedule, run_schedules

pytestmark = pytest.mark.django_db

CHECK_IN = datetime(2036, 12, 18, 16, tzinfo=ZoneInfo("America/New_York"))
RULE = {
    "name": "Long stays",
    "anchor": "check_in",
    "offset": 4,
    "title": "Look after {guest_name}",
    "conditions": {"field": "nights", "is": "more", "value": 7},
}
TEMPLATES = "/api/v1/task-templates/"


@pytest.fixture
def client(make_person):
    client = APIClient()
    client.force_authenticate(make_person(Role.SUPERUSER))
    return client


@pytest.fixture
def stay(owl):
    with making_changes():
        return Booking.objects.create(
            property=owl,
            guest_name="Ada",
            check_in=CHECK_IN,
            check_out=CHECK_IN + timedelta(days=9),
            nights=9,
        )


@pytest.mark.usefixtures("stay")
def test_a_rule_is_previewed_then_changed_and_carried_out(client):
    made = client.post(TEMPLATES, RULE, format="json")
    assert made.status_code == 201, made.content
    address = f"{TEMPLATES}{made.json()['id']}/"
    assert Task.objects.get(title="Look after Ada").made_by_id == made.json()["id"]
    change = {"title": "See {guest_name}"}
    preview = client.post(f"{address}preview/", change, format="json").json()
    assert preview["counts"] == {"move": 1}
    assert preview["steps"][0]["title"] == "See Ada"
    assert AutoTaskTemplate.objects.get(pk=made.json()["id"]).title == RULE["title"]
    changed = client.patch(address, change, format="json")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert Task.objects.filter(title="See Ada").exists()


@pytest.mark.usefixtures("stay")
def test_a_task_is_rescheduled_within_its_window_alone(client):
    window = {"days_earlier": 1, "days_later": 2, "not_after": "check_out"}
    assert client.post(TEMPLATES, RULE | window, format="json").status_code == 201
    task = Task.objects.get(title="Look after Ada")
    address = f"/api/v1/tasks/{task.pk}/"
    shown = client.get(address).json()
    due = task.due_date
    ends = (due - timedelta(days=1), due + timedelta(days=2))
    assert [datetime.fromisoformat(shown[f"{one}_at"]) for one in ("earliest", "latest")] == [*ends]
    change = {"days_later": 1}
    rule = f"{TEMPLATES}{task.made_by_id}/preview/"
    (step,) = client.post(rule, change, format="json").json()["steps"]
    assert datetime.fromisoformat(step["latest_at"]) == due + timedelta(days=1)
    late = client.patch(address, {"due_date": (due + timedelta(days=3)).isoformat()})
    assert (late.status_code, late.json()["errors"]["due_date"][0]["code"]) == (400, "window")
    kept = client.patch(address, {"due_date": ends[1].isoformat()})
    assert kept.status_code == 200
    refused = client.patch(address, {"latest_at": "2036-12-31T00:00:00Z"})
    assert [*refused.json()["errors"]] == ["latest_at"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"not_after": "guest_name"}, "not_after"),
        ({"days_later": 2_000_000_000}, "days_later"),
        ({"conditions": {"field": "secret", "is": "empty"}}, "conditions"),
        ({"title": "{secret}"}, "title"),
        ({"offset": 2_000_000_000}, "offset"),
        ({"watched_fields": 5}, "watched_fields"),
    ],
)
def test_a_rule_that_is_wrong_is_refused_by_its_field(client, change, field):
    answer = client.post(TEMPLATES, {**RULE, **change}, format="json")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}


def test_a_rule_is_tested_on_the_past_and_says_why(client, stay):
    key = client.post(TEMPLATES, {**RULE, "is_active": False}, format="json").json()["id"]
    days = {"first": "2036-12-01", "last": "2036-12-31"}
    tested = client.get(f"{TEMPLATES}{key}/backtest/", days).json()
    assert tested["counts"] == {"create": 1}
    assert client.get(f"{TEMPLATES}{key}/backtest/", {"first": "x"}).status_code == 400
    AutoTaskTemplate.objects.filter(pk=key).update(is_active=True)
    trace = client.get(f"{TEMPLATES}{key}/trace/", {"booking": stay.pk}).json()
    assert trace["cause"] == "holds"
    assert [line["text"] for line in trace["lines"]] == ["nights is more than 7"]
    assert client.get(f"{TEMPLATES}{key}/trace/", {"booking": 10**12}).status_code == 400


def test_a_schedule_with_a_wrong_rule_is_refused(client, owl):
    values = {
        "name": "Pool",
        "property": owl.pk,
        "first_day": "2036-01-31",
        "title": "Pool",
        "rule": "FREQ=OFTEN",
    }
    refused = client.post("/api/v1/schedules/", values, format="json")
    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"rule"})
    made = client.post("/api/v1/schedules/", {**values, "rule": "FREQ=WEEKLY"}, format="json")
    assert (made.status_code, made.json()["time_zone"]) == (201, "America/New_York")


def test_planned_tasks_follow_a_schedule_unless_they_are_to_be_left(client, owl):
    values = {"name": "Pool", "property": owl.pk, "rule": "FREQ=DAILY", "title": "Pool"}
    values |= {"first_day": "2026-01-01", "horizon_days": 1, "change_policy": "update"}
    made = client.post("/api/v1/schedules/", values, format="json").json()
    assert "change_policy" not in made
    run_schedules(get_schedule(ScheduleTemplate))
    address = f"/api/v1/schedules/{made['id']}/"
    for change in ({"title": "Pump"}, {"title": "Pond", "change_policy": "leave"}):
        assert client.patch(address, change, format="json").json()["title"] == change["title"]
        assert set(Task.objects.values_list("title", flat=True)) == {"Pump"}
    assert client.patch(address, {"change_policy": "often"}, format="json").status_code == 400
    client.patch(address, {"is_active": False}, format="json")
    assert set(Task.objects.values_list("status", flat=True)) == {"cancelled"}


def test_people_take_turns_in_the_tasks_of_a_rule(client, make_person, owl):
    people = [make_person(Role.STAFF) for _ in range(2)]
    keys = [one.pk for one in people]
    made = client.post(TEMPLATES, {**RULE, "assignees": keys}, format="json")
    assert (made.status_code, sorted(made.json()["assignees"])) == (201, sorted(keys))
    with making_changes():
        Booking.objects.bulk_create(
            Booking(
                property=owl,
                guest_name=f"Guest {number}",
                check_in=CHECK_IN + timedelta(days=10 * number),
                check_out=CHECK_IN + timedelta(days=10 * number + 9),
                nights=9,
            )
            for number in range(4)
        )
    tasks = Task.objects.filter(made_by=made.json()["id"]).order_by("due_date")
    assert [one.assigned_to_id for one in tasks] == sorted(keys) * 2
    address = f"{TEMPLATES}{made.json()['id']}/"
    change = {"assignees": keys[:1], "offset": 5}
    assert client.post(f"{address}preview/", change, format="json").json()["counts"] == {"move": 4}
    assert client.patch(address, change, format="json").json()["assignees"] == keys[:1]
    assert {one.assigned_to_id for one in tasks.all()} == set(keys[:1])
    assert client.patch(address, {"assignees": [10**6]}, format="json").status_code == 400


def test_a_rule_gives_no_work_to_who_may_only_look(client, make_person):
    viewer, worker = make_person(Role.VIEWER), make_person(Role.STAFF)
    for name, value in (("assignee", viewer.pk), ("assignees", [worker.pk, viewer.pk])):
        refused = client.post(TEMPLATES, {**RULE, name: value}, format="json")
        assert (refused.status_code, [*refused.json()["errors"]]) == (400, [name])
    made = client.post(TEMPLATES, {**RULE, "assignee": worker.pk}, format="json").json()
    AutoTaskTemplate.objects.update(assignee=viewer)
    address = f"{TEMPLATES}{made['id']}/"
    kept = client.patch(address, {"name": "Longer", "assignee": viewer.pk}, format="json")
    assert kept.json()["name"] == "Longer"


def test_a_schedule_gives_no_work_to_who_may_only_look(client, make_person, owl):
    schedule = {
        "name": "Pool",
        "property": owl.pk,
        "rule": "FREQ=WEEKLY",
        "first_day": "2036-12-01",
        "title": "Clean the pool",
        "assignee": make_person(Role.VIEWER).pk,
    }
    refused = client.post("/api/v1/schedules/", schedule, format="json")
    assert [one["code"] for one in refused.json()["errors"]["assignee"]] == ["no_worker"]


def test_the_service_of_rules_judges_whom_it_is_given(client, make_person):
    """Whichever the door, and whatever its form let through."""
    viewer, boss = make_person(Role.VIEWER), make_person(Role.SUPERUSER)
    rule = AutoTaskTemplate(**RULE, subject_key="booking", assignee=viewer)
    for assignees in (None, [viewer]):
        with pytest.raises(ValidationError) as refused:
            save_rule(actor=boss, rule=rule, assignees=assignees)
        (error,) = refused.value.error_dict["assignees" if assignees else "assignee"]
        assert error.code == "no_worker"
        rule.assignee = None
    save_rule(actor=boss, rule=rule, assignees=[boss])
    rule.assignees.add(viewer)
    save_rule(actor=boss, rule=rule, assignees=[viewer])
    assert rule.assignees.get() == viewer
