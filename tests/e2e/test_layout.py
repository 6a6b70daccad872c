"""What is on a page stays where it is while the rest of the page loads."""

import pytest
from playwright.sync_api import expect

from tests.example.factories import make_file, row
from tools.page_pictures import WATCH_SHIFTS

# Below it people are said not to notice (https://web.dev/articles/cls).
NOTICED = 0.1


@pytest.mark.parametrize("address", ["/admin/api/booking/", "/admin/api/booking/add/"])
def test_djangos_side_bar_does_not_push_a_page_of_the_admin_aside(visits, address):
    with visits("boss") as page:
        page.add_init_script(WATCH_SHIFTS)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.locator("#nav-sidebar").is_visible()
        assert page.evaluate("window.shifted") < NOTICED


def test_a_side_bar_that_was_shut_stays_shut(visits):
    with visits("boss") as page:
        page.goto("/admin/api/booking/")
        page.locator("#toggle-nav-sidebar").click()
        page.reload()
        assert not page.locator("#nav-sidebar").is_visible()
        page.locator("#toggle-nav-sidebar").click()
        assert page.locator("#nav-sidebar").is_visible()


def shifts_when_slow(page, address, width):
    """Return how far a page jumps where network and processor are those of a phone."""
    page.set_viewport_size({"width": width, "height": 1024})
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    speed = {"latency": 60, "downloadThroughput": 400_000, "uploadThroughput": 400_000}
    session.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(WATCH_SHIFTS)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page.evaluate("window.shifted")


@pytest.mark.parametrize("width", [360, 768])
@pytest.mark.parametrize("address", ["/admin/api/task/", "/admin/api/booking/add/"])
def test_filters_and_shortcuts_that_come_late_have_their_room_from_the_start(
    visits, address, width
):
    with visits("boss") as page:
        assert shifts_when_slow(page, address, width) < NOTICED / 4


@pytest.mark.parametrize("address", ["/admin/api/booking/add/", "/admin/api/scheduletemplate/add/"])
def test_fields_of_the_admin_fit_a_tablet(visits, address):
    beyond = """[...document.querySelectorAll("#content .form-row *")].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width && box.right > one.closest(".form-row").getBoundingClientRect().right + 1;
    }).map((one) => one.outerHTML.slice(0, 80))"""
    with visits("boss") as page:
        page.set_viewport_size({"width": 768, "height": 1024})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(beyond) == []


@pytest.mark.parametrize("width", [360, 768, 1024])
def test_the_conditions_of_a_rule_are_not_cut_in_the_admin(visits, width):
    with visits("boss") as page:
        page.set_viewport_size({"width": width, "height": 1024})
        page.goto("/admin/api/autotasktemplate/add/")
        page.wait_for_load_state("networkidle")
        cut = "one => one.scrollWidth > one.clientWidth"
        assert not page.locator(".conditions").evaluate(cut)


def test_the_reasons_of_an_import_are_seen_without_scrolling(visits):
    refused = row(start_date="31 Febuary", property_label="A house with a name of many words")
    file = {"name": "plan.xlsx", "mimeType": "application/zip", "buffer": make_file(refused)}
    with visits("boss") as page:
        page.goto("/admin/api/booking/import/")
        page.get_by_label("Workbook").set_input_files(file)
        page.get_by_label("Only show what would happen").check()
        page.get_by_role("button", name="Import").click()
        reason = page.get_by_role("cell", name="is not a date")
        expect(reason).to_be_visible()
        for width in (360, 768, 1024):
            page.set_viewport_size({"width": width, "height": 1024})
            assert reason.evaluate("one => one.getBoundingClientRect().right <= innerWidth"), width
