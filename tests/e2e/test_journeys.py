"""What people come for, from the first click to the last, in a real browser."""

import re
from datetime import timedelta
from io import BytesIO

from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from api.models import Booking, Property, Task


class Clicks:
    """Counts the clicks of a journey."""

    def __init__(self):
        self.count = 0

    def on(self, target):
        self.count += 1
        target.click()


def test_a_manager_restores_a_deleted_house_with_its_bookings_in_three_clicks(visits, take_picture):
    clicks = Clicks()
    with visits("mona") as page:
        page.goto("/")
        clicks.on(page.get_by_role("link", name="Recycle bin"))
        expect(page.get_by_text("sold, as it seemed")).to_be_visible()
        take_picture(page, "portal_recycle_bin")
        clicks.on(page.get_by_role("link", name="Look and restore Fern Lodge"))
        expect(page.get_by_text("8 Bookings")).to_be_visible()
        take_picture(page, "portal_restore_preview")
        clicks.on(page.get_by_role("button", name="Restore"))
        expect(page.get_by_role("status")).to_contain_text("things are back")
        expect(page.get_by_role("heading", name="Fern Lodge")).to_be_visible()
        expect(page.locator(".lines").first.get_by_role("listitem")).not_to_have_count(0)
    assert clicks.count == 3


def test_an_administrator_restores_a_booking_from_the_admins_first_page_in_three_clicks(visits):
    clicks = Clicks()
    house = Property.objects.get(name="Amber Cottage")
    arrival = house.check_in_at(timezone.localdate() + timedelta(days=500))
    booking = Booking.objects.create(
        property=house,
        guest_name="Nadia Brook",
        check_in=arrival,
        check_out=arrival + timedelta(days=3),
    )
    task = Task.objects.create(title="Flowers", property=house, booking=booking)
    booking.delete()
    assert Task.objects.get(pk=task.pk).booking_id is None
    with visits("boss") as page:
        page.goto("/admin/")
        clicks.on(page.locator("#content-main").get_by_role("link", name="Bookings"))
        clicks.on(page.locator("#changelist-filter").get_by_role("link", name="Only deleted"))
        clicks.on(page.get_by_role("row", name="Nadia Brook").get_by_role("button"))
        expect(page.locator(".messagelist")).to_contain_text("1 row restored")
    assert clicks.count == 3
    assert Task.objects.get(pk=task.pk).booking_id == booking.pk


def test_an_owner_sees_only_the_own_houses(visits, take_picture):
    with visits("vera") as page:
        page.goto("/")
        houses = page.locator("#calendar tbody th")
        expect(houses).to_have_text(["Amber Cottage", "Dune House"])
        take_picture(page, "portal_owner")
        page.get_by_role("link", name="Houses").first.click()
        expect(page.locator("table.cards tbody tr")).to_have_count(2)
        links = page.locator("#navigation").get_by_role("link")
        expect(links.filter(has_text=re.compile("Overview|My day|Recycle|Who did"))).to_have_count(
            0
        )
        for address in find_strangers(page):
            assert page.goto(address).status == 404


def find_strangers(page):
    """Return the addresses of houses beside the own ones."""
    own = {link.get_attribute("href") for link in page.locator("table.cards th a").all()}
    keys = [int(re.search(r"\d+", address)[0]) for address in own]
    return [f"/houses/{key}/" for key in range(min(keys), max(keys)) if key not in keys]


def test_a_stay_is_dragged_onto_another_and_nothing_is_stored(visits, take_picture):
    with visits("mona") as page:
        page.goto("/calendar/")
        stay = page.locator("tr", has_text="Amber Cottage").locator("td a").nth(2)
        start = stay.bounding_box()
        below = page.locator("tr", has_text="Birch Hollow").bounding_box()
        page.mouse.move(start["x"] + 8, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 12, start["y"] + 20, steps=3)
        page.mouse.move(start["x"] + 8, below["y"] + 10, steps=3)
        page.mouse.up()
        panel = page.locator("#move")
        expect(panel.get_by_role("alert")).to_contain_text("Taken by")
        expect(panel.get_by_role("button", name="Move it")).to_have_count(0)
        take_picture(page, "portal_calendar_conflict")
        panel.get_by_role("button", name="Leave it").click()
        expect(panel).to_be_empty()
        page.reload()
        assert stay.bounding_box() == start


def test_a_stay_is_moved_by_keys_alone(visits):
    with visits("mona") as page:
        page.goto("/calendar/?days=60")
        stay = page.locator("tr", has_text="Cedar Point").locator("td a").last
        guest = stay.inner_text()
        stay.focus()
        for _day in range(7):
            page.keyboard.press("Shift+ArrowRight")
        panel = page.locator("#move")
        expect(panel).to_contain_text("The house is free on these days.")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Enter")
        expect(panel.get_by_role("button", name="Move it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(f"The stay of {guest} is moved.")
        expect(panel).to_be_empty()


def test_who_gives_up_a_move_by_escape_goes_on_at_the_stay(visits):
    with visits("mona") as page:
        page.goto("/calendar/?days=60")
        stay = page.locator("tr", has_text="Cedar Point").locator("td a").last
        stay.focus()
        page.keyboard.press("Shift+ArrowRight")
        panel = page.locator("#move")
        expect(panel.get_by_role("button").first).to_be_visible()
        page.keyboard.press("Enter")
        expect(panel.get_by_role("button").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(panel).to_be_empty()
        expect(stay).to_be_focused()


def test_a_reader_of_german_finds_every_word_of_the_frame_in_german(visits, take_picture):
    with visits("", locale="de-DE") as page:
        page.goto("/sign-in/")
        expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    with visits("mona", locale="de-DE") as page:
        page.goto("/overview/")
        expect(page.get_by_role("heading", name="Überblick")).to_be_visible()
        take_picture(page, "portal_overview_german")


def test_a_cleaner_finishes_a_task_with_photos_on_a_phone(visits, take_picture):
    with visits("sam", is_phone=True) as page:
        page.goto("/")
        take_picture(page, "portal_my_day")
        page.get_by_role("link", name="Get Cedar Point ready").click()
        done = page.get_by_role("button", name="Done", exact=True)
        done.click()
        expect(page.get_by_role("status")).to_contain_text("Smoke detector works")
        # What is ticked before the scripts are there is told to nobody.
        page.wait_for_load_state()
        page.get_by_label("Strip the beds").check()
        page.get_by_label("Smoke detector works").check()
        expect(page.locator(".gate")).to_contain_text("2 of 4 done")
        page.get_by_label("Towels counted").fill("8")
        page.get_by_label("Towels counted").press("Enter")
        expect(page.locator(".gate")).to_contain_text("3 of 4 done")
        kitchen = page.locator("li.line", has_text="The kitchen as you leave it")
        kitchen.locator("input[type=file]").set_input_files(make_photo("kitchen.jpg"))
        expect(page.locator(".gate")).to_contain_text("4 of 4 done")
        for kind in ("before", "after"):
            page.get_by_label("What they show").select_option(kind)
            page.locator("#photos").set_input_files(make_photo(f"{kind}.jpg"))
            expect(page.locator(".pairing img").nth(int(kind == "after"))).to_be_visible()
            expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)
        page.evaluate("scrollTo(0, 0)")
        take_picture(page, "portal_task_on_a_phone")
        done.click()
        expect(page.locator(".gate .badge")).to_have_text("completed")


def make_photo(name):
    """Return a small photo as a phone would send it."""
    drawn = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    content = BytesIO()
    drawn.save(content, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}
