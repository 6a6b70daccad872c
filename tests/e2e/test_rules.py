"""An administrator makes a rule, sees what it does, imports a workbook and finds out why."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from api.models import AutoTaskTemplate, ScheduleTemplate, Task
from tests.example.factories import make_file, row

HOUSE = "Owl Point"


def stay(code, guest, days, nights):
    start = timezone.localdate() + timedelta(days=days)
    return row(
        code=code,
        guest_name=guest,
        start_date=start,
        end_date=start + timedelta(days=nights),
        nights=nights,
        source="VRBO",
        property_label=HOUSE,
    )


def write_condition(page, number, field, operator, value):
    page.select_option(f"[name=conditions-{number}-field]", field)
    page.select_option(f"[name=conditions-{number}-operator]", operator)
    page.fill(f"[name=conditions-{number}-value]", value)


def import_file(page, tmp_path, *rows):
    path = tmp_path / "bookings.xlsx"
    path.write_bytes(make_file(*rows))
    page.goto("/admin/api/booking/import/")
    page.set_input_files("[name=file]", path)
    page.check("[name=create_properties]")
    page.click("form:has([name=file]) [type=submit]")
    page.wait_for_load_state()


def test_a_rule_with_two_conditions_from_its_preview_to_the_reason(visits, take_picture, tmp_path):
    with visits("boss") as page:
        import_file(page, tmp_path, stay("HA1", "Ada Fenwick", 10, 19), stay("HA2", "Ben", 40, 2))
        page.goto("/admin/api/autotasktemplate/add/")
        page.fill("[name=name]", "Look in on long stays")
        write_condition(page, 0, "nights", "more", "14")
        page.select_option("[name=conditions-1-field]", "source")
        # Of the comparisons those that fit a text are offered.
        offered = page.locator("[name=conditions-1-operator] option:not([hidden])")
        expect(offered).to_have_count(8)
        write_condition(page, 1, "source", "equals", "Vrbo")
        page.fill("[name=title]", "Look in on {guest_name}")
        page.fill("[name=offset]", "4")
        page.select_option("[name=anchor]", "check_in")
        page.fill("[name=local_time]", "11:00")
        page.click("[name=_preview]")
        preview = page.locator("#rule-preview")
        expect(preview).to_contain_text("Look in on Ada Fenwick")
        expect(preview).not_to_contain_text("Ben")
        assert not AutoTaskTemplate.objects.filter(name__startswith="Look").exists()
        take_picture(page, "rule_preview")
        page.click("[name=_save]")
        expect(page.locator(".messagelist")).to_contain_text("Tasks: 1 new task")

        import_file(page, tmp_path, stay("HA3", "Cleo", 50, 16), stay("HA4", "Dan Reed", 70, 3))
        template = AutoTaskTemplate.objects.get(name__startswith="Look")
        made = Task.objects.filter(made_by=template).order_by("due_date")
        assert [task.title for task in made] == ["Look in on Ada Fenwick", "Look in on Cleo"]

        page.goto(f"/admin/api/autotasktemplate/{template.pk}/trace/")
        page.get_by_role("link", name="Dan Reed").click()
        trace = page.locator("#rule-trace")
        expect(trace).to_contain_text("nights is more than 14 (it is 3)")
        take_picture(page, "rule_trace")


def test_rows_of_a_condition_come_and_go(visits):
    with visits("boss") as page:
        page.goto("/admin/api/autotasktemplate/add/")
        page.get_by_role("button", name="Add a condition").click()
        page.get_by_role("button", name="Add a condition").click()
        write_condition(page, 3, "check_in", "weekday", "Mon")
        page.locator("[data-remove] button").first.click()
        page.uncheck("[name=is_active]")
        page.fill("[name=name]", "Mondays")
        page.fill("[name=title]", "Monday")
        page.click("[name=_save]")
        expect(page.locator(".messagelist")).to_contain_text("was added")
        template = AutoTaskTemplate.objects.get(name="Mondays")
        assert template.conditions == {"field": "check_in", "is": "weekday", "value": [0]}


def test_a_schedule_shows_its_next_days(visits, take_picture):
    with visits("boss") as page:
        page.goto("/admin/api/scheduletemplate/add/")
        page.fill("[name=name]", "Pool")
        page.fill("[name=title]", "Pool of {property_name}")
        page.select_option("[name=frequency]", "monthly")
        page.fill("[name=first_day]", "2036-01-31")
        page.click("[aria-labelledby=select2-id_property-container]")
        page.get_by_role("option", name="Amber Cottage").click()
        page.click("[name=_preview]")
        expect(page.locator("#rule-preview")).to_contain_text("Feb. 29, 2036")
        take_picture(page, "schedule_days")


def test_a_schedule_is_made_in_the_portal_by_keyboard_alone(visits):
    with visits("boss") as page:
        page.goto("/schedules/new/")
        page.focus("[name=name]")
        page.keyboard.type("Garden")
        page.keyboard.press("Tab")
        page.keyboard.type("Amber")
        page.focus("[name=frequency]")
        page.keyboard.type("monthly")
        # What goes with other choices is out of the way.
        expect(page.locator("[name=weekdays]").first).to_be_hidden()
        expect(page.locator("[name=rule]")).to_be_hidden()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("31")
        page.fill("[name=first_day]", "2036-01-31")
        page.focus("[name=title]")
        page.keyboard.type("Garden of {property_name}")
        page.focus("[name=_preview]")
        page.keyboard.press("Enter")
        expect(page.locator("#preview")).to_be_focused()
        expect(page.locator("#preview")).to_contain_text("Feb. 29, 2036")
        assert not ScheduleTemplate.objects.filter(name="Garden").exists()
        page.get_by_role("button", name="Save").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#messages")).to_contain_text("“Garden” is saved.")
        schedule = ScheduleTemplate.objects.get(name="Garden")
        assert schedule.property.name == "Amber Cottage"
        page.get_by_role("button", name="Switch off").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#messages")).to_contain_text("“Garden” is off.")
