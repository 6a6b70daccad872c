"""Rules in the portal: written row by row, looked at, tested, asked about, saved and explained."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from api.models import AutoTaskTemplate, Booking, Task, User
from api.models.auth import Role
from api.services.changes import making_changes
from tests.example.rows import RULE_FORM

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SOON = timezone.now().replace(microsecond=0) + 30 * DAY


@pytest.fixture
def stays(owl):
    with making_changes():
        return [
            Booking.objects.create(
                property=owl,
                guest_name=name,
                check_in=SOON + start * DAY,
                check_out=SOON + (start + nights) * DAY,
                nights=nights,
            )
            for name, start, nights in (("Ada", 0, 2), ("Ben", 10, 8))
        ]


def write(*rows, **values):
    """Return what the form sends: each row is (field, operator, value, upper)."""
    data = RULE_FORM | {
        "offset_length": "1",
        "offset_side": "1",
        "conditions-word": "all",
        "conditions-count": str(len(rows)),
        **values,
    }
    parts = ("field", "operator", "value", "upper")
    for index, row in enumerate(rows):
        data |= {
            f"conditions-{index}-{part}": value for part, value in zip(parts, row, strict=False)
        }
    return data


LONG = ("nights", "more", "7")


def send(client, route, *args, **data):
    return client.post(reverse(f"portal:{route}", args=args), data)


def make_rule(client, *rows, **values):
    send(client, "new_rule", **write(*rows or [LONG], **values))
    return AutoTaskTemplate.objects.get(name=values.get("name", "Long stays"))


@pytest.mark.usefixtures("boss", "stays")
def test_a_preview_shows_whom_a_rule_concerns_and_saves_nothing(client):
    page = send(client, "new_rule", **write(LONG, _preview="1")).content.decode()
    assert "What saving would do" in page
    assert "<strong>1</strong> new task" in page
    assert "Look after Ben" in page
    assert "Look after Ada" not in page
    assert not AutoTaskTemplate.objects.filter(name="Long stays").exists()


@pytest.mark.usefixtures("boss", "stays")
def test_a_window_is_written_shown_on_the_task_and_kept_by_its_form(client):
    rule = make_rule(client, days_later="3", not_after="check_out")
    page = client.get(reverse("portal:rule", args=[rule.pk])).content.decode()
    assert "up to 3 days later, not after: check out" in page
    task = Task.objects.get(made_by=rule)
    window = task.describe_window()
    assert window in client.get(reverse("portal:task", args=[task.pk])).content.decode()
    zone = ZoneInfo(task.property.time_zone)
    for days, is_refused in ((4, True), (2, False)):
        day = (task.due_date + days * DAY).astimezone(zone)
        values = {"title": task.title, "task_type": task.task_type, "description": ""}
        values |= {"day": f"{day:%Y-%m-%d}", "hour": f"{day:%H:%M}"}
        page = client.post(reverse("portal:edit_task", args=[task.pk]), values)
        assert (f"It may be done from {window}." in page.content.decode()) is is_refused
    moved = Task.objects.get(pk=task.pk)
    assert round((moved.due_date - task.due_date) / DAY) == 2
    with making_changes():
        booking = task.booking
        booking.check_in += 9 * DAY
        booking.check_out += 9 * DAY
        booking.save()
    page = client.get(reverse("portal:task", args=[task.pk])).content.decode()
    assert "It is due outside of this time." in page


@pytest.mark.usefixtures("boss", "stays")
def test_a_test_on_the_past_shows_what_a_rule_would_have_made(client):
    days = {"_backtest_from": f"{SOON:%Y-%m-%d}", "_backtest_to": f"{SOON + 20 * DAY:%Y-%m-%d}"}
    page = send(client, "new_rule", **write(LONG, _backtest="1", **days)).content.decode()
    assert "What it would have made from" in page
    assert "Look after Ben" in page
    assert not Task.objects.filter(title="Look after Ben").exists()


@pytest.mark.usefixtures("boss", "stays")
def test_saving_does_what_the_preview_said_and_the_list_counts_it(client):
    rule = make_rule(client)
    assert rule.conditions == {"field": "nights", "is": "more", "value": 7}
    assert [task.title for task in rule.tasks.all()] == ["Look after Ben"]
    page = client.get(reverse("portal:rules")).content.decode()
    assert "1 day after check in" in page
    assert 'data-label="Open tasks">1<' in page


@pytest.mark.usefixtures("boss", "stays")
@pytest.mark.parametrize(("side", "offset"), [("-1", -3), ("1", 3)])
def test_before_and_after_are_chosen_in_words_and_read_back(client, side, offset):
    rule = make_rule(client, offset_length="3", offset_side=side)
    assert rule.offset == offset
    page = client.get(reverse("portal:edit_rule", args=[rule.pk])).content.decode()
    assert 'name="offset_length" value="3"' in page
    assert f'<option value="{side}" selected>' in page


@pytest.mark.usefixtures("boss", "stays")
def test_a_change_asks_what_becomes_of_open_tasks_and_does_as_it_is_told(client):
    rule = make_rule(client)
    changed = write(LONG, title="Visit {guest_name}")
    page = send(client, "edit_rule", rule.pk, **changed).content.decode()
    assert "There are open tasks of this rule" in page
    assert Task.objects.get(made_by=rule).title == "Look after Ben"
    send(client, "edit_rule", rule.pk, **changed, _decide="leave")
    assert Task.objects.get(made_by=rule).title == "Look after Ben"
    again = write(LONG, title="See {guest_name}")
    send(client, "edit_rule", rule.pk, **again, _decide="update")
    assert Task.objects.get(made_by=rule).title == "See Ben"


@pytest.mark.usefixtures("boss", "stays")
def test_switching_off_asks_about_open_tasks_first(client):
    rule = make_rule(client)
    page = send(client, "switch_rule", rule.pk, active="0").content.decode()
    assert "<strong>1</strong> cancelled" in page
    assert AutoTaskTemplate.objects.get(pk=rule.pk).is_active
    send(client, "switch_rule", rule.pk, active="0", policy="update")
    assert not AutoTaskTemplate.objects.get(pk=rule.pk).is_active
    assert Task.objects.get(made_by=rule).status == "cancelled"
    send(client, "switch_rule", rule.pk, active="1")
    assert Task.objects.get(made_by=rule).status == "pending"


@pytest.mark.usefixtures("boss", "stays")
def test_a_rule_without_open_tasks_is_switched_off_at_once(client):
    rule = make_rule(client, ("nights", "more", "99"))
    send(client, "switch_rule", rule.pk, active="0")
    assert not AutoTaskTemplate.objects.get(pk=rule.pk).is_active


@pytest.mark.usefixtures("boss", "stays")
def test_what_failed_is_run_again(client):
    rule = make_rule(client)
    Task.objects.filter(made_by=rule).delete()
    rule.records.all().delete()
    AutoTaskTemplate.objects.filter(pk=rule.pk).update(failed_at=timezone.now(), error="Disk full")
    page = client.get(reverse("portal:rule", args=[rule.pk])).content.decode()
    assert "Disk full" in page
    send(client, "run_rule", rule.pk)
    assert AutoTaskTemplate.objects.get(pk=rule.pk).failed_at is None
    assert Task.objects.filter(made_by=rule, title="Look after Ben").count() == 1


@pytest.mark.usefixtures("boss")
def test_a_rule_says_why_a_booking_has_no_task(client, stays):
    rule = make_rule(client)
    address = reverse("portal:rule", args=[rule.pk])
    page = client.get(address, {"booking": stays[0].pk}).content.decode()
    assert "a condition does not hold: nights is more than 7 (it is 2)" in page
    assert 'id="trace"' in page


@pytest.mark.usefixtures("boss", "stays")
def test_a_task_says_which_rule_made_it_and_what_decided(client):
    rule = make_rule(client, LONG, ("check_in", "weekday", "Mon, Tue, Wed, Thu, Fri, Sat, Sun"))
    task = Task.objects.get(made_by=rule)
    assert (
        reverse("portal:origin", args=[task.pk])
        in client.get(reverse("portal:task", args=[task.pk])).content.decode()
    )
    page = client.get(reverse("portal:origin", args=[task.pk])).content.decode()
    assert page.count("the conditions hold") == 2
    assert "nights is more than 7" in page


@pytest.mark.usefixtures("boss")
def test_a_task_of_a_persons_own_says_that_no_rule_made_it(client, owl):
    task = Task.objects.create(title="Flowers", property=owl)
    page = client.get(reverse("portal:origin", args=[task.pk])).content.decode()
    assert "No rule and no schedule made this task." in page


@pytest.mark.usefixtures("boss", "owl")
def test_rows_are_drawn_as_they_are_filled_in(client):
    rows = write(("check_in", "weekday", "Mon"), ("property", "", ""), ("nights", "range", "2"))
    page = send(client, "rule_conditions", **rows).content.decode()
    assert page.count('<li class="is-filled">') == 3
    assert page.count("<li>") == 1
    assert '<input type="checkbox" name="conditions-0-value" value="Mon" checked>' in page
    assert "<option>Owl Point</option>" in page
    assert 'name="conditions-2-upper"' in page
    # A number begins with no text.
    assert page.count('value="starts_with"') == 0


@pytest.mark.usefixtures("boss")
def test_a_row_is_taken_away_and_the_next_ones_move_up(client):
    rows = write(LONG, ("source", "equals", "Vrbo"))
    page = send(client, "rule_conditions", **rows, remove="0").content.decode()
    assert page.count('<li class="is-filled">') == 1
    assert '<option value="source" selected>' in page.split('id="id_conditions-0-field"')[1]


@pytest.mark.usefixtures("boss")
def test_several_boxes_are_one_condition(client):
    data = write(("check_in", "weekday", ["Mon", "Sun"]), ("status", "in", ["booked", "confirmed"]))
    send(client, "new_rule", **data)
    assert AutoTaskTemplate.objects.get(name="Long stays").conditions == {
        "all": [
            {"field": "check_in", "is": "weekday", "value": [0, 6]},
            {"field": "status", "is": "in", "value": ["booked", "confirmed"]},
        ]
    }


@pytest.mark.usefixtures("boss")
def test_an_instant_is_chosen_by_the_readers_clock_and_read_back(client):
    rule = make_rule(client, ("check_in", "more", "2036-07-01T15:00"))
    assert rule.conditions["value"] == "2036-07-01T15:00:00-04:00"
    page = client.get(reverse("portal:edit_rule", args=[rule.pk])).content.decode()
    assert 'type="datetime-local" name="conditions-0-value" value="2036-07-01T15:00"' in page


@pytest.mark.usefixtures("boss")
def test_a_german_reader_writes_days_and_answers_in_german(client):
    boss = User.objects.get(username="boss")
    boss.profile.language = "de"
    boss.profile.save()
    rows = [("check_in", "weekday", ["Mo", "So"]), ("same_day", "equals", "ja")]
    client.post(reverse("portal:new_rule"), write(*rows), headers={"accept-language": "de"})
    assert AutoTaskTemplate.objects.get(name="Long stays").conditions == {
        "all": [
            {"field": "check_in", "is": "weekday", "value": [0, 6]},
            {"field": "same_day", "is": "equals", "value": True},
        ]
    }


@pytest.mark.usefixtures("boss")
def test_what_is_wrong_is_said_at_its_place(client):
    wrong = write(("nights", "more", ""), title="{secret}", horizon_days="")
    page = send(client, "new_rule", **wrong).content.decode()
    assert "Row 1: Say with what it is compared." in page
    assert "{secret} is none of" in page
    assert '<details class="panel" open>' in page


@pytest.mark.usefixtures("boss")
def test_a_text_of_a_rule_is_shown_and_never_run(client):
    rule = make_rule(client, LONG, title="<script>alert(1)</script>")
    page = client.get(reverse("portal:rule", args=[rule.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_manager_reads_rules_and_changes_none(client, make_person):
    client.force_login(make_person(Role.MANAGER))
    rule = AutoTaskTemplate.objects.first()
    page = client.get(reverse("portal:rules")).content.decode()
    assert "Switch o" not in page
    assert client.get(reverse("portal:rule", args=[rule.pk])).status_code == 200
    assert client.get(reverse("portal:new_rule")).status_code == 403
    for route in ("edit_rule", "switch_rule", "run_rule"):
        assert send(client, route, rule.pk, active="1").status_code == 403
    assert send(client, "rule_conditions").status_code == 403


def test_a_cleaner_sees_no_rule(client, make_person):
    client.force_login(make_person(Role.STAFF))
    assert client.get(reverse("portal:rules")).status_code == 403


def test_a_rule_that_somebody_changed_meanwhile_is_not_replaced_unseen(client, boss):
    make_rule(client, title="First")
    rule = AutoTaskTemplate.objects.latest("pk")
    seen = client.get(reverse("portal:edit_rule", args=[rule.pk])).context["form"]["seen_version"]
    send(client, "edit_rule", rule.pk, **write(LONG, title="Theirs"))
    mine = write(LONG, title="Mine", seen_version=seen.value())
    answer = send(client, "edit_rule", rule.pk, **mine)
    assert "Somebody changed this rule meanwhile" in answer.content.decode()
    rule.refresh_from_db()
    assert rule.title == "Theirs"
    mine["seen_version"] = answer.context["form"]["seen_version"].value()
    assert send(client, "edit_rule", rule.pk, **mine).status_code == 302
    rule.refresh_from_db()
    assert rule.title == "Mine"


def test_texts_are_offered_what_people_read_and_no_keys(client, administrator):
    client.force_login(administrator)
    page = client.get(reverse("portal:new_rule")).content.decode()
    assert 'data-insert="{property_name}"' in page
    assert 'data-insert="{property}"' not in page
    answer = send(client, "new_rule", **write(title="Clean {property}"))
    assert "{property} is none of" in answer.content.decode()
    assert not AutoTaskTemplate.objects.filter(title="Clean {property}").exists()
