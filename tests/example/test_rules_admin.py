"""An administrator writes rules without JSON, sees what they would do, and then saves them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from api.models import AutoTaskTemplate, Booking, PropertyTag, ScheduleTemplate, Task
from api.services.changes import making_changes
from django_modernize.autotasks.schedules import get_schedule, run_schedules
from tests.example.rows import RULE_FORM

pytestmark = pytest.mark.django_db

ADD = "/admin/api/autotasktemplate/add/"
DAY = timedelta(days=1)
SOON = timezone.now().replace(microsecond=0) + 30 * DAY


@pytest.fixture
def stays(owl):
    with making_changes():
        return Booking.objects.bulk_create(
            Booking(
                property=owl,
                guest_name=name,
                check_in=SOON + start * DAY,
                check_out=SOON + (start + nights) * DAY,
                nights=nights,
                source=source,
            )
            for name, start, nights, source in (
                ("Ada", 0, 2, "Airbnb"),
                ("Ben", 10, 8, "Airbnb"),
                ("Cleo", 20, 9, "Direct"),
            )
        )


def fill(*rows, word="all", **values):
    """Return what the form sends: each row is (group, not, field, operator, value, upper)."""
    data = RULE_FORM | {
        "offset": "1",
        "description": "",
        "conditions-word": word,
        "conditions-count": str(len(rows)),
        **values,
    }
    parts = ("group", "negated", "field", "operator", "value", "upper")
    for index, row in enumerate(rows):
        named = zip(parts, row, strict=False)
        data |= {f"conditions-{index}-{part}": value for part, value in named if value}
    return data


LONG = ("", "", "nights", "more", "7")
AIRBNB = ("", "", "source", "equals", "Airbnb")


@pytest.mark.usefixtures("boss", "stays")
def test_a_preview_shows_whom_a_rule_concerns_and_saves_nothing(client):
    count = AutoTaskTemplate.objects.count()
    page = client.post(ADD, fill(LONG, AIRBNB, _preview="Preview")).content.decode()
    assert "What saving would do" in page
    assert "<strong>1</strong> new task" in page
    assert "<strong>2</strong> no task" in page
    assert "Look after Ben" in page
    assert "the conditions hold: source is Airbnb (it is Airbnb)" in page
    assert AutoTaskTemplate.objects.count() == count
    assert not Task.objects.filter(title__startswith="Look").exists()


@pytest.mark.usefixtures("boss", "stays")
def test_a_window_is_set_and_shown_before_it_is_saved(client):
    window = {"days_later": "3", "not_after": "check_out"}
    page = client.post(ADD, fill(LONG, AIRBNB, **window, _preview="Preview")).content.decode()
    assert "(until " in page
    client.post(ADD, fill(LONG, AIRBNB, **window))
    rule = AutoTaskTemplate.objects.get(name="Long stays")
    assert (rule.days_later, rule.not_after) == (3, "check_out")
    task = Task.objects.get(made_by=rule)
    assert task.latest_at == task.due_date + 3 * DAY
    shown = client.get(reverse("admin:api_task_change", args=[task.pk])).content.decode()
    assert task.describe_window() in shown
    listed = client.get("/admin/api/autotasktemplate/").content.decode()
    assert "up to 3 days later, not after: check out" in listed


@pytest.mark.usefixtures("boss", "stays")
def test_saving_does_what_the_preview_said(client):
    page = client.post(ADD, fill(LONG, AIRBNB), follow=True).content.decode()
    template = AutoTaskTemplate.objects.get(name="Long stays")
    assert template.conditions == {
        "all": [
            {"field": "nights", "is": "more", "value": 7},
            {"field": "source", "is": "equals", "value": "Airbnb"},
        ]
    }
    assert [one.title for one in Task.objects.filter(made_by=template)] == ["Look after Ben"]
    assert "Tasks: 1 new task, 2 no task." in page


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("rows", "word", "tree"),
    [
        ((), "all", {}),
        ((LONG,), "all", {"field": "nights", "is": "more", "value": 7}),
        (
            (LONG, ("A", "", "source", "equals", "Vrbo"), ("A", "1", "status", "equals", "booked")),
            "all",
            {
                "all": [
                    {"field": "nights", "is": "more", "value": 7},
                    {
                        "any": [
                            {"field": "source", "is": "equals", "value": "Vrbo"},
                            {"not": {"field": "status", "is": "equals", "value": "booked"}},
                        ]
                    },
                ]
            },
        ),
        (
            (
                ("", "", "check_in", "weekday", "Mon, sunday"),
                ("", "", "nights", "range", "2", "4"),
                ("", "", "status", "in", "owner staying, Confirmed"),
                ("", "", "earnings", "empty"),
                ("", "", "same_day", "equals", "yes"),
            ),
            "any",
            {
                "any": [
                    {"field": "check_in", "is": "weekday", "value": [0, 6]},
                    {"field": "nights", "is": "range", "value": {"from": 2, "to": 4}},
                    {"field": "status", "is": "in", "value": ["owner_staying", "confirmed"]},
                    {"field": "earnings", "is": "empty"},
                    {"field": "same_day", "is": "equals", "value": True},
                ]
            },
        ),
    ],
)
def test_rows_become_a_condition_and_come_back_as_rows(client, rows, word, tree):
    client.post(ADD, fill(*rows, word=word))
    template = AutoTaskTemplate.objects.get(name="Long stays")
    assert template.conditions == tree
    form = (
        client.get(f"/admin/api/autotasktemplate/{template.pk}/change/").context["adminform"].form
    )
    shown = form["conditions"].field.widget.get_context("conditions", tree, {})["widget"]
    sent = fill(
        *[tuple("1" if part is True else part for part in row.values()) for row in shown["rows"]],
        word=shown["word"],
        name="Again",
    )
    client.post(ADD, sent)
    assert AutoTaskTemplate.objects.get(name="Again").conditions == tree


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("", "", "nights", "more", ""), "Row 2: Say with what it is compared."),
        (("", "", "check_in", "weekday", "Someday"), "is no day of the week"),
        (("", "", "nights", "contains", "2"), "does not go with nights"),
        (("", "", "nights", "more", "many"), "is no number"),
        (("", "", "same_day", "equals", "perhaps"), "neither yes nor no"),
        (("", "", "status", "equals", "gone"), "is none of: booked"),
    ],
)
def test_a_row_that_is_wrong_is_named(client, row, problem):
    page = client.post(ADD, fill(LONG, row)).content.decode()
    assert problem in page
    assert not AutoTaskTemplate.objects.filter(name="Long stays").exists()


@pytest.mark.usefixtures("boss", "owl")
def test_houses_are_chosen_by_their_names(client, owl):
    client.post(ADD, fill(("", "", "property", "in", "Owl Point")))
    template = AutoTaskTemplate.objects.get(name="Long stays")
    assert template.conditions == {"field": "property", "is": "in", "value": [owl.pk]}


@pytest.mark.usefixtures("boss")
def test_a_condition_with_groups_in_groups_is_edited_as_text(client):
    leaf = {"field": "nights", "is": "more", "value": 7}
    tree = {"all": [{"any": [leaf, {"all": [leaf, leaf]}]}]}
    template = AutoTaskTemplate.objects.first()
    AutoTaskTemplate.objects.filter(pk=template.pk).update(conditions=tree)
    page = client.get(f"/admin/api/autotasktemplate/{template.pk}/change/").content.decode()
    assert 'name="conditions-text"' in page
    page = client.post(ADD, fill(**{"conditions-text": '{"all": [{"field": "secret"'})).content
    assert b"This is no JSON" in page


@pytest.mark.usefixtures("boss", "stays")
@pytest.mark.parametrize(
    ("decision", "titles"), [("leave", {"Look after Ben"}), ("update", {"See Ben"})]
)
def test_a_change_asks_what_becomes_of_open_tasks(client, decision, titles):
    client.post(ADD, fill(LONG, AIRBNB))
    template = AutoTaskTemplate.objects.get(name="Long stays")
    address = f"/admin/api/autotasktemplate/{template.pk}/change/"
    changed = fill(LONG, AIRBNB, title="See {guest_name}")
    page = client.post(address, changed).content.decode()
    assert "There are open tasks of this template" in page
    assert AutoTaskTemplate.objects.get(pk=template.pk).title == "Look after {guest_name}"
    client.post(address, {**changed, "_decide": decision})
    assert {one.title for one in Task.objects.filter(made_by=template)} == titles
    assert AutoTaskTemplate.objects.get(pk=template.pk).change_policy == decision


@pytest.mark.usefixtures("boss", "stays")
def test_switching_off_asks_too_and_cancels_what_is_open(client):
    client.post(ADD, fill(LONG))
    template = AutoTaskTemplate.objects.get(name="Long stays")
    address = f"/admin/api/autotasktemplate/{template.pk}/change/"
    off = fill(LONG, is_active="")
    page = client.post(address, off).content.decode()
    assert "<strong>2</strong> cancelled" in page
    client.post(address, {**off, "_decide": "update"})
    assert {one.status for one in Task.objects.filter(made_by=template)} == {"cancelled"}


@pytest.mark.usefixtures("boss", "stays")
def test_a_rule_is_tested_on_the_past(client):
    Booking.objects.update(
        check_in=datetime(2024, 5, 3, 16, tzinfo=ZoneInfo("America/New_York")),
        check_out=datetime(2024, 5, 5, 10, tzinfo=ZoneInfo("America/New_York")),
        status="cancelled",
    )
    Booking.objects.filter(guest_name="Ben").update(status="completed")
    days = {"_backtest_from": "2024-05-01", "_backtest_to": "2024-05-31", "_backtest": "Test"}
    page = client.post(ADD, fill(LONG, **days)).content.decode()
    assert "What it would have made from May 1, 2024 to May 31, 2024" in page
    assert "<strong>1</strong> new task" in page
    page = client.post(ADD, fill(LONG, **days | {"_backtest_to": ""})).content.decode()
    assert "Say from which day to which day" in page


@pytest.mark.usefixtures("boss")
def test_the_trace_says_why_and_why_not(client, stays, django_assert_max_num_queries):
    client.post(ADD, fill(LONG, AIRBNB))
    template = AutoTaskTemplate.objects.get(name="Long stays")
    address = reverse("admin:api_autotasktemplate_trace", args=[template.pk])
    with django_assert_max_num_queries(12):
        page = client.get(address, {"subject": stays[2].pk}).content.decode()
    assert "a condition does not hold: nights is more than 7 (it is 2)" in page
    assert "a condition does not hold: source is Airbnb (it is Direct)" in page
    assert "the conditions hold" in page
    assert "(it is Direct)" in page
    assert client.get(address, {"subject": "x"}).status_code == 404


@pytest.mark.usefixtures("boss")
def test_a_rule_that_failed_says_so_in_the_list_and_on_its_page(client):
    template = AutoTaskTemplate.objects.first()
    AutoTaskTemplate.objects.filter(pk=template.pk).update(
        failed_at=timezone.now(), error="TextInvalid: {gone} is none of"
    )
    for address in ("", f"{template.pk}/change/"):
        page = client.get(f"/admin/api/autotasktemplate/{address}").content.decode()
        assert "TextInvalid: {gone} is none of" in page


@pytest.mark.usefixtures("boss")
def test_rules_are_exported_from_the_list(client):
    keys = list(AutoTaskTemplate.objects.values_list("pk", flat=True))
    data = {"action": "export_selected", "_selected_action": keys}
    answer = client.post("/admin/api/autotasktemplate/", data)
    assert answer.json()["about"] == "booking"
    assert len(answer.json()["rules"]) == len(keys)


def schedule(owl, **values):
    return {
        "name": "Pool",
        "is_active": "on",
        "property": owl.pk,
        "frequency": "monthly",
        "interval": "1",
        "first_day": "2036-01-31",
        "time_of_day": "09:00",
        "exceptions": "",
        "horizon_days": "14",
        "title": "Pool of {property_name}",
        "task_type": "lawn_pool",
        **values,
    }


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"frequency": "daily", "interval": "3"}, "FREQ=DAILY;INTERVAL=3"),
        ({"frequency": "weekly"}, "FREQ=WEEKLY"),
        ({"frequency": "weekly", "weekdays": ["0", "4"]}, "FREQ=WEEKLY;BYDAY=MO,FR"),
        ({}, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        (
            {"day_of_month": "5", "last_day": "2037-01-01"},
            "FREQ=MONTHLY;BYMONTHDAY=5;UNTIL=20370101",
        ),
        ({"frequency": "quarterly", "day_of_month": "1"}, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1"),
        (
            {"frequency": "yearly", "first_day": "2036-02-29"},
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
        ),
        ({"frequency": "custom", "rule": "FREQ=MONTHLY;BYDAY=1MO"}, "FREQ=MONTHLY;BYDAY=1MO"),
    ],
)
def test_a_schedule_is_chosen_in_words_and_read_back(client, owl, values, rule):
    client.post("/admin/api/scheduletemplate/add/", schedule(owl, **values))
    stored = ScheduleTemplate.objects.get()
    assert (stored.rule, stored.time_zone) == (rule, "America/New_York")
    page = client.get(f"/admin/api/scheduletemplate/{stored.pk}/change/")
    initial = page.context["adminform"].form.initial
    assert initial["frequency"] == values.get("frequency", "monthly")


@pytest.mark.usefixtures("boss")
def test_a_schedule_asks_what_becomes_of_planned_tasks(client, owl):
    data = schedule(owl, frequency="daily", first_day="2026-01-01", horizon_days="1")
    client.post("/admin/api/scheduletemplate/add/", data)
    stored = ScheduleTemplate.objects.get()
    assert run_schedules(get_schedule(ScheduleTemplate)) == 2
    address = f"/admin/api/scheduletemplate/{stored.pk}/change/"
    off = {name: value for name, value in data.items() if name != "is_active"}
    page = client.post(address, off).content.decode()
    assert "Tasks of this schedule are planned ahead." in page
    assert ScheduleTemplate.objects.get().is_active
    page = client.post(address, {**off, "_decide": "update"}, follow=True).content.decode()
    assert "Tasks: 2 cancelled." in page
    assert set(Task.objects.values_list("status", flat=True)) == {"cancelled"}
    client.post(address, {**data, "_decide": "leave"})
    assert set(Task.objects.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.usefixtures("boss")
def test_the_next_ten_days_are_shown_before_a_schedule_is_saved(client, owl):
    data = schedule(owl, _preview="Show", exceptions="2036-02-29")
    page = client.post("/admin/api/scheduletemplate/add/", data).content.decode()
    assert page.count("<li>") >= 10
    assert "Thu, Jan. 31, 2036" in page
    assert "Feb. 29, 2036" not in page
    assert "Mon, March 31, 2036" in page
    assert not ScheduleTemplate.objects.exists()
    page = client.post(
        "/admin/api/scheduletemplate/add/", schedule(owl, frequency="custom", rule="FREQ=OFTEN")
    ).content.decode()
    assert "is no rule" in page


@pytest.mark.usefixtures("boss")
def test_a_schedule_that_lacks_a_day_is_not_said_to_have_a_wrong_rule(client, owl):
    data = schedule(owl, first_day="")
    response = client.post("/admin/api/scheduletemplate/add/", data)
    assert set(response.context["adminform"].form.errors) == {"first_day"}


@pytest.mark.usefixtures("boss")
def test_what_is_wrong_with_a_rule_is_said_in_the_readers_language(client, owl):
    data = schedule(owl, frequency="custom", rule="FREQ=OFTEN")
    page = client.post(
        "/admin/api/scheduletemplate/add/", data, headers={"accept-language": "de"}
    ).content.decode()
    assert "ist keine Regel" in page


def test_a_rule_asks_for_the_tags_of_a_house_by_their_names(client, boss, stays, owl):
    pool, lake = (PropertyTag.objects.create(name=name) for name in ("Pool", "Lake side"))
    owl.tags.set([pool])
    row = ("", "", "property_tags", "has_any", "pool, Lake side", "")
    response = client.post(ADD, fill(row))
    assert response.status_code == 302, response.context["adminform"].form.errors
    rule = AutoTaskTemplate.objects.get(name="Long stays")
    wanted = {"field": "property_tags", "is": "has_any", "value": [pool.pk, lake.pk]}
    assert rule.conditions == wanted
    assert Task.objects.filter(made_by=rule).count() == 3
    page = client.get(reverse("admin:api_autotasktemplate_change", args=[rule.pk]))
    assert 'value="Pool, Lake side"' in page.content.decode()
    trace = client.get(
        reverse("admin:api_autotasktemplate_trace", args=[rule.pk]), {"subject": stays[0].pk}
    )
    [line] = trace.context["trace"].lines
    assert (line.text, line.found) == ("property tags has one of Pool, Lake side", "Pool")
