"""Schedules in the portal: written in words, looked at, saved, and shown with their days."""

import re
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from api.models import (
    PermissionOverride,
    Property,
    PropertyOwnership,
    ScheduleTemplate,
    Task,
    User,
)
from api.models.auth import Role
from api.services.task import set_status
from api.services.task_template.schedules import (
    change_schedule,
    create_schedule,
    find_next_day,
    list_occurrences,
)
from django_modernize.autotasks.schedules import get_schedule, run_schedules
from tests.form_pages import read_form

pytestmark = pytest.mark.django_db

AHEAD = date(2036, 1, 31)
NOW = datetime(2030, 6, 3, 16, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """Keep midnight from passing within a test."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def fill(house, **values):
    """Return what the form sends: a Thursday in 2036, unless values say otherwise."""
    return {
        "name": "Pool",
        "property": house.pk,
        "is_active": "on",
        "frequency": "weekly",
        "interval": "1",
        "first_day": AHEAD.isoformat(),
        "time_of_day": "09:00",
        "horizon_days": "14",
        "title": "Pool of {property_name}",
        "task_type": "lawn_pool",
        **values,
    }


def send(client, route, *args, **data):
    return client.post(reverse(f"portal:{route}", args=args), data)


def read(client, route, *args, **query):
    return client.get(reverse(f"portal:{route}", args=args), query).content.decode()


class Tab:
    """The form of a schedule as a browser holds it, with what it would send."""

    def __init__(self, client, schedule):
        self.client = client
        self.address = reverse("portal:edit_schedule", args=[schedule.pk])
        self.data = read_form(client.get(self.address).content.decode(), "schedule_form")

    def save(self, **values):
        return self.client.post(self.address, {**self.data, **values})


def make_schedule(house, **values):
    values = {"rule": "FREQ=DAILY", "first_day": date(2020, 1, 1), "title": "Mow", **values}
    return ScheduleTemplate.objects.create(property=house, name="Garden", **values)


@pytest.mark.usefixtures("boss")
def test_the_next_days_are_shown_and_nothing_is_saved(client, owl):
    page = send(client, "new_schedule", **fill(owl, frequency="monthly"), _preview="1")
    text = page.content.decode()
    assert "Nothing has been saved." in text
    assert "Thu, Jan. 31, 2036" in text
    assert "Fri, Feb. 29, 2036" in text
    assert not ScheduleTemplate.objects.exists()


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("chosen", "rule", "words"),
    [
        ({}, "FREQ=WEEKLY", "every week on Thursday"),
        (
            {"weekdays": ["0", "4"], "interval": "2"},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            "every 2 weeks on Monday and Friday",
        ),
        ({"frequency": "daily"}, "FREQ=DAILY", "every day"),
        (
            {"frequency": "quarterly", "day_of_month": "1"},
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1",
            "every quarter on day 1",
        ),
        (
            {"frequency": "yearly", "last_day": "2040-12-31"},
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=28,29,30,31;BYSETPOS=-1;UNTIL=20401231",
            "every year on January 31 until 12/31/2040",
        ),
        (
            {"frequency": "custom", "rule": "FREQ=MONTHLY;BYDAY=2TU"},
            "FREQ=MONTHLY;BYDAY=2TU",
            "FREQ=MONTHLY;BYDAY=2TU",
        ),
    ],
)
def test_what_is_chosen_is_stored_as_a_rule_and_told_in_words(client, owl, chosen, rule, words):
    answer = send(client, "new_schedule", **fill(owl, **chosen))
    schedule = ScheduleTemplate.objects.get()
    assert answer.url == reverse("portal:schedule", args=[schedule.pk])
    assert schedule.rule == rule
    assert words in read(client, "schedule", schedule.pk)
    assert words in read(client, "schedules")


@pytest.mark.usefixtures("boss")
def test_a_schedule_goes_by_the_clock_of_its_house_also_when_it_moves(client, owl):
    Property.objects.filter(pk=owl.pk).update(time_zone="America/New_York")
    far = Property.objects.create(name="Far", time_zone="Asia/Tokyo")
    send(client, "new_schedule", **fill(owl))
    schedule = ScheduleTemplate.objects.get()
    assert schedule.time_zone == "America/New_York"
    tab = Tab(client, schedule)
    assert tab.save(property=far.pk).status_code == 302
    schedule.refresh_from_db()
    assert schedule.time_zone == "Asia/Tokyo"
    assert Tab(client, schedule).save(time_zone="UTC").status_code == 302
    assert Tab(client, schedule).save(property=owl.pk).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.property_id, schedule.time_zone) == (owl.pk, "UTC")


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_form_that_is_saved_as_it_was_shown_changes_nothing(client, boss, owl, language):
    boss.profile.language = language
    boss.profile.save()
    rules = ("FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20401231", "FREQ=MONTHLY;BYDAY=2TU")
    for rule in rules:
        schedule = make_schedule(owl, rule=rule, exceptions=["2036-12-24", "2036-12-25"])
        before = ScheduleTemplate.objects.values().get(pk=schedule.pk)
        assert Tab(client, schedule).save().status_code == 302
        after = ScheduleTemplate.objects.values().get(pk=schedule.pk)
        assert {name for name in before if before[name] != after[name]} <= {
            *("modified_at", "modified_by_id", "modified_via")
        }


@pytest.mark.usefixtures("boss")
def test_what_another_one_saved_of_a_schedule_stays(client, owl):
    schedule = make_schedule(owl, rule="FREQ=MONTHLY;BYDAY=2TU")
    tabs = [Tab(client, schedule) for _ in range(3)]
    changed = {"frequency": "monthly", "day_of_month": "15"}
    assert tabs[0].save(**changed, title="Theirs").status_code == 302
    assert tabs[1].save(name="Lawn").status_code == 302
    schedule.refresh_from_db()
    assert (schedule.name, schedule.rule) == ("Lawn", "FREQ=MONTHLY;BYMONTHDAY=15")
    answer = tabs[2].save(title="Mine")
    assert "Meanwhile this has become “Theirs”" in answer.content.decode()
    schedule.refresh_from_db()
    assert schedule.title == "Theirs"


@pytest.mark.usefixtures("boss")
def test_what_is_wrong_with_a_schedule_is_said_at_its_place(client, owl, make_person):
    wrong = {"title": "{secret}", "exceptions": "soon", "horizon_days": "401"}
    text = send(client, "new_schedule", **fill(owl, **wrong)).content.decode()
    assert "{secret} is none of" in text
    assert "At most 400 days ahead." in text
    assert '<details class="panel" open>' in text
    text = send(client, "new_schedule", **fill(owl, frequency="custom", rule="x")).content.decode()
    assert "“x” is no rule" in text
    viewer = make_person(Role.VIEWER)
    answer = send(client, "new_schedule", **fill(owl, assignee=viewer.pk))
    assert "assignee" in answer.context["form"].errors
    assert not ScheduleTemplate.objects.exists()


def make_ahead(house, **values):
    """Make a daily schedule with its tasks of three days."""
    schedule = make_schedule(house, horizon_days=2, **values)
    assert run_schedules(get_schedule(ScheduleTemplate)) == 3
    return schedule


def list_statuses():
    return list(Task.objects.order_by("due_date").values_list("status", flat=True))


@pytest.mark.usefixtures("boss")
def test_who_switches_a_schedule_off_decides_about_its_planned_tasks(client, owl):
    schedule = make_ahead(owl)
    set_status(actor=User.objects.get(), task=Task.objects.earliest("pk"), status="in_progress")
    question = send(client, "switch_schedule", schedule.pk, active="0")
    assert [one[0::2] for one in question.context["question"]["update"].counts] == [("cancel", 2)]
    assert "What becomes of them?" in question.content.decode()
    schedule.refresh_from_db()
    assert schedule.is_active
    address = reverse("portal:switch_schedule", args=[schedule.pk])
    page = client.post(address, {"active": "0", "policy": "update"}, follow=True).content.decode()
    assert "is off. Planned tasks: 2 cancelled." in page
    assert "on these days it would come" in page
    assert list_statuses() == ["in_progress", "cancelled", "cancelled"]
    page = client.post(address, {"active": "1"}, follow=True).content.decode()
    assert "Planned tasks: 2 brought back." in page
    assert list_statuses() == ["in_progress", "pending", "pending"]


@pytest.mark.usefixtures("boss")
def test_planned_tasks_are_left_if_that_is_decided(client, owl):
    schedule = make_ahead(owl)
    send(client, "switch_schedule", schedule.pk, active="0", policy="leave")
    schedule.refresh_from_db()
    assert (schedule.is_active, list_statuses()) == (False, ["pending"] * 3)
    # There is nothing to decide any more.
    assert Tab(client, schedule).save(title="Cut").status_code == 302
    send(client, "switch_schedule", schedule.pk, active="1", policy="leave")
    assert list_statuses() == ["pending"] * 3
    assert set(Task.objects.values_list("title", flat=True)) == {"Mow"}


@pytest.mark.usefixtures("boss")
def test_who_changes_a_schedule_decides_about_its_planned_tasks(client, owl, crane):
    schedule = make_ahead(owl)
    Task.objects.order_by("pk").last().delete()
    tab = Tab(client, schedule)
    changed = {"title": "Cut", "property": crane.pk, "exceptions": "2030-06-04"}
    asked = tab.save(**changed)
    assert "What becomes of them?" in asked.content.decode()
    assert not ScheduleTemplate.objects.filter(title="Cut").exists()
    again = read_form(asked.content.decode(), "schedule_form")
    page = client.post(tab.address, {**again, "_decide": "update"}, follow=True).content.decode()
    assert "Planned tasks: 1 changed, 1 cancelled." in page
    assert list(Task.objects.order_by("pk").values_list("title", "property", "status")) == [
        ("Cut", crane.pk, "pending"),
        ("Mow", owl.pk, "cancelled"),
    ]
    # What the schedule wrote is no person's word: it may be changed again.
    assert Task.objects.exclude(locked_fields=[]).count() == 0


@pytest.mark.usefixtures("boss")
def test_a_change_that_no_planned_task_is_about_is_saved_at_once(client, owl):
    schedule = make_ahead(owl)
    answer = Tab(client, schedule).save(name="Lawn", horizon_days="9")
    assert answer.url == reverse("portal:schedule", args=[schedule.pk])
    assert list_statuses() == ["pending"] * 3


def test_the_next_days_tell_which_task_is_there(client, boss, owl):
    schedule = make_schedule(owl, horizon_days=1, exceptions=[])
    run_schedules(get_schedule(ScheduleTemplate))
    first, second, third = list_occurrences(schedule, Task.objects.all(), count=3)
    assert first.task == Task.objects.order_by("due_date").first()
    assert (second.is_made, third.is_made) == (True, False)
    Task.objects.get(pk=second.task.pk).delete()
    again = list_occurrences(schedule, Task.objects.all(), count=3)[1]
    assert (again.is_made, again.task) == (True, None)
    text = read(client, "schedule", schedule.pk)
    assert reverse("portal:task", args=[first.task.pk]) in text
    assert "made, and gone" in text
    assert text.count("not made yet") == 8


def test_a_task_names_the_schedule_that_made_it(client, make_person, owl):
    make_ahead(owl)
    schedule, task = ScheduleTemplate.objects.get(), Task.objects.earliest("pk")
    origin = reverse("portal:origin", args=[task.pk])
    client.force_login(make_person(Role.MANAGER))
    assert origin in read(client, "task", task.pk)
    page = read(client, "origin", task.pk)
    assert reverse("portal:schedule", args=[schedule.pk]) in page
    assert "every day" in page
    assert "Mon, June 3, 2030" in page
    schedule.delete()
    page = read(client, "origin", task.pk)
    assert reverse("portal:schedule", args=[schedule.pk]) not in page
    assert "Garden" in page
    cleaner = make_person(Role.STAFF)
    Task.objects.update(assigned_to=cleaner)
    client.force_login(cleaner)
    page = read(client, "task", task.pk)
    assert "Garden" in page
    assert origin not in page


def test_the_next_day_is_one_of_the_schedules_clock(owl):
    # Where the day after has begun already.
    far = make_schedule(owl, time_zone="Pacific/Kiritimati")
    assert find_next_day(far) == date(2030, 6, 4)
    assert find_next_day(make_schedule(owl, time_zone="UTC")) == date(2030, 6, 3)
    assert find_next_day(make_schedule(owl, rule="FREQ=DAILY;UNTIL=20200102")) is None


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_browser_is_told_the_days_as_it_reads_them(client, owl, language):
    schedule = make_schedule(owl, rule="FREQ=DAILY;UNTIL=20401231")
    address = reverse("portal:edit_schedule", args=[schedule.pk])
    page = client.get(address, headers={"accept-language": language}).content.decode()
    assert re.search(r'type="date" name="last_day" value="2040-12-31"', page)
    assert re.search(r'type="date" name="first_day" value="2020-01-01"', page)


def test_a_rule_that_no_form_stores_breaks_no_page(client, boss, owl):
    schedule = make_schedule(owl)
    ScheduleTemplate.objects.update(rule="<b>nonsense</b>")
    for route, args in (
        ("schedules", []),
        ("schedule", [schedule.pk]),
        ("edit_schedule", [schedule.pk]),
    ):
        text = read(client, route, *args)
        assert "&lt;b&gt;nonsense&lt;/b&gt;" in text
        assert "<b>nonsense" not in text


@pytest.mark.usefixtures("boss")
def test_texts_of_a_schedule_are_shown_and_never_run(client, owl):
    send(client, "new_schedule", **fill(owl, name="<i>x</i>", title="<script>1</script>"))
    schedule = ScheduleTemplate.objects.get()
    for text in (read(client, "schedules"), read(client, "schedule", schedule.pk)):
        assert "<i>x" not in text
        assert "<script>1" not in text
        assert "&lt;i&gt;x" in text


@pytest.mark.usefixtures("boss")
def test_a_deleted_schedule_is_in_the_bin_and_comes_back_to_its_page(client, owl):
    schedule = make_schedule(owl)
    assert reverse("portal:delete", args=["scheduletemplate", schedule.pk]) in read(
        client, "schedule", schedule.pk
    )
    send(client, "delete", "scheduletemplate", schedule.pk)
    assert client.get(reverse("portal:schedule", args=[schedule.pk])).status_code == 404
    answer = send(client, "restore", "scheduletemplate", schedule.pk)
    assert answer.url == reverse("portal:schedule", args=[schedule.pk])


def test_a_manager_reads_schedules_and_changes_none(client, make_person, owl):
    client.force_login(make_person(Role.MANAGER))
    schedule = make_schedule(owl)
    text = read(client, "schedules") + read(client, "schedule", schedule.pk)
    assert "Garden" in text
    assert "Switch o" not in text
    assert reverse("portal:delete", args=["scheduletemplate", schedule.pk]) not in text
    assert client.get(reverse("portal:new_schedule")).status_code == 403
    assert client.get(reverse("portal:edit_schedule", args=[schedule.pk])).status_code == 403
    for route in ("edit_schedule", "switch_schedule"):
        assert send(client, route, schedule.pk, **fill(owl), active="0").status_code == 403
    assert send(client, "new_schedule", **fill(owl)).status_code == 403
    assert ScheduleTemplate.objects.get().is_active


def test_a_cleaner_sees_no_schedule(client, make_person, owl):
    client.force_login(make_person(Role.STAFF))
    schedule = make_schedule(owl)
    assert client.get(reverse("portal:schedules")).status_code == 403
    assert client.get(reverse("portal:schedule", args=[schedule.pk])).status_code == 403


def test_a_house_that_one_does_not_see_gets_no_schedule(make_person, owl, crane):
    viewer = make_person(Role.VIEWER)
    PropertyOwnership.objects.create(property=owl, user=viewer)
    for action in ("view", "add", "change"):
        permission = f"api.{action}_scheduletemplate"
        PermissionOverride.objects.create(
            user=viewer, permission=permission, is_granted=True, reason="for a test"
        )
    viewer = User.objects.get(pk=viewer.pk)
    values = {"name": "Garden", "rule": "FREQ=DAILY", "first_day": AHEAD, "title": "Mow"}
    own = create_schedule(actor=viewer, values={**values, "property": owl})
    with pytest.raises(PermissionDenied):
        create_schedule(actor=viewer, values={**values, "property": crane})
    with pytest.raises(PermissionDenied):
        change_schedule(actor=viewer, schedule=own, values={"property": crane})
    with pytest.raises(PermissionDenied):
        change_schedule(actor=viewer, schedule=make_schedule(crane), values={"name": "Mine"})


def test_what_machines_write_of_a_schedule_nobody_sets(boss, owl):
    schedule = make_schedule(owl)
    with pytest.raises(ValidationError, match="You cannot set deleted_at by hand"):
        change_schedule(actor=boss, schedule=schedule, values={"deleted_at": NOW})


def test_the_list_shows_the_schedules_of_one_house(client, boss, owl, crane):
    make_schedule(owl)
    make_schedule(crane, title="Rake")
    page = client.get(reverse("portal:schedules"), {"house": crane.pk})
    assert [one.property for one, _words, _day in page.context["schedules"]] == [crane]
    assert len(client.get(reverse("portal:schedules")).context["schedules"]) == 2
