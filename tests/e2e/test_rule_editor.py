"""An administrator makes a rule in the portal, looks at it before it is saved, and asks it why."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from api.models import AutoTaskTemplate, Booking, Property, Task

NAME = "Fruit for long stays"


@pytest.fixture
def stay(company):
    """A stay in autumn, of which nobody else's test speaks."""
    house = Property.objects.get(name="Elm Terrace")
    start = timezone.localdate() + timedelta(days=300)
    booking = Booking.objects.create(
        property=house,
        guest_name="Wanda Quick",
        check_in=house.check_in_at(start),
        check_out=house.check_out_at(start + timedelta(days=21)),
        nights=21,
    )
    yield booking
    AutoTaskTemplate.objects.filter(name=NAME).delete()
    booking.delete()


def add_condition(page, number, field, operator):
    """Choose what a condition is about, and how it is compared; the server draws the row anew."""
    page.select_option(f"[name=conditions-{number}-field]", field)
    row = page.locator(".conditions li.is-filled").nth(number)
    expect(row).to_be_visible()
    page.select_option(f"[name=conditions-{number}-operator]", operator)
    # The row that was empty is filled, and there is another empty one.
    expect(page.locator(".conditions li")).to_have_count(number + 2)
    expect(page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
    return row


def test_a_rule_is_made_by_keys_and_choices_with_its_preview_and_its_reason(
    visits, take_picture, stay
):
    with visits("boss") as page:
        page.goto("/rules/")
        page.get_by_role("link", name="New rule").press("Enter")
        page.fill("[name=name]", NAME)
        # A choice made before the scripts are there asks the server nothing.
        page.wait_for_load_state()
        add_condition(page, 0, "nights", "more")
        page.fill("[name=conditions-0-value]", "13")
        add_condition(page, 1, "property", "equals")
        page.select_option("[name=conditions-1-value]", "Elm Terrace")
        page.fill("#id_title", "Fruit for ")
        page.get_by_text("What texts may name").click()
        page.get_by_role("button", name="{guest_name}", exact=True).click()
        expect(page.locator("#id_title")).to_have_value("Fruit for {guest_name}")
        page.fill("[name=offset_length]", "1")
        page.fill("[name=local_time]", "09:00")
        page.get_by_role("button", name="Preview").click()
        preview = page.locator("#preview")
        expect(preview).to_contain_text("Fruit for Wanda Quick")
        expect(preview).to_contain_text("Nothing has been saved.")
        assert not AutoTaskTemplate.objects.filter(name=NAME).exists()
        take_picture(page, "portal_rule_preview")
        page.get_by_role("button", name="Save").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Tasks: 1 new task")
        page.get_by_label("Guest").fill("wanda")
        page.get_by_label("Guest").press("Enter")
        page.locator("table").get_by_role("link", name="Wanda Quick").click()
        expect(page.locator("#trace")).to_contain_text("nights is more than 13 (it is 21)")
        take_picture(page, "portal_rule_trace")

        page.get_by_role("link", name="Fruit for Wanda Quick").click()
        page.get_by_role("link", name=NAME).click()
        expect(page.get_by_role("heading", name="comes from")).to_be_visible()
        expect(page.get_by_text("the conditions hold").first).to_be_visible()

        page.get_by_role("link", name=NAME).click()
        page.get_by_role("link", name="Edit").click()
        page.fill("#id_title", "Flowers for {guest_name}")
        page.wait_for_load_state()
        page.get_by_role("button", name="Save").click()
        question = page.locator("#question")
        expect(question).to_contain_text("There are open tasks of this rule.")
        take_picture(page, "portal_rule_question")
        question.get_by_role("button", name="Save, and bring them in line").click()
        expect(page.get_by_role("status")).to_contain_text("is saved")
        assert Task.objects.get(booking=stay).title == "Flowers for Wanda Quick"


def test_a_condition_is_taken_away_by_keys_and_one_goes_on_at_the_new_row(visits):
    with visits("boss", is_phone=True) as page:
        page.goto("/rules/new/")
        add_condition(page, 0, "nights", "more")
        page.fill("[name=conditions-0-value]", "13")
        add_condition(page, 1, "source", "contains")
        page.get_by_role("button", name="Remove 1").press("Enter")
        expect(page.locator(".conditions li.is-filled")).to_have_count(1)
        expect(page.locator("[name=conditions-0-field]")).to_have_value("source")
        expect(page.locator("[name=conditions-1-field]")).to_be_focused()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_rule_is_tested_on_the_past_on_a_phone(visits):
    with visits("boss", is_phone=True) as page:
        page.goto("/rules/new/")
        page.fill("[name=name]", "All")
        page.fill("#id_title", "Look at {property_name}")
        today = timezone.localdate()
        page.fill("[name=_backtest_from]", f"{today - timedelta(days=60):%Y-%m-%d}")
        page.fill("[name=_backtest_to]", f"{today:%Y-%m-%d}")
        page.get_by_role("button", name="Test").click()
        expect(page.locator("#preview")).to_contain_text("Look at Amber Cottage")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
