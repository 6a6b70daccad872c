"""Somebody at work hears of an outage in the page that is open, and goes on after it."""

from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from api.models import Property, Task, User

AWAY = '<p class="message is-error">AriStay cannot reach its data just now.</p>'


def test_a_cleaner_is_told_that_a_tap_was_not_stored_and_taps_again(visits, take_picture):
    task = Task.objects.create(
        title="Turn the heating down",
        property=Property.objects.first(),
        assigned_to=User.objects.get(username="sam"),
        due_date=timezone.now(),
    )
    with visits("sam", is_phone=True) as page:
        page.goto(f"/tasks/{task.pk}/")
        said = page.locator("#messages")
        begin = page.get_by_role("button", name="Start", exact=True)
        page.route("**/status/", lambda route: route.fulfill(status=503, body=AWAY))
        begin.click()
        expect(said).to_contain_text("cannot reach its data")
        take_picture(page, "portal_outage")
        page.unroute("**/status/")
        page.context.set_offline(True)
        begin.click()
        expect(said).to_contain_text("AriStay does not answer")
        page.context.set_offline(False)
        begin.click()
        expect(page.locator(".gate .state")).to_contain_text("in progress")
    connection.close()
    task.refresh_from_db()
    assert task.status == "in_progress"
