"""Take a picture of every page of AriStay, to look at all of them at once.

``python -m tools.page_pictures FOLDER``: as the administrator, at 360, 768 and 1440 pixels, in
light. Options choose the person (``--as sam``), the scheme (``--dark``), the language (``--language
de``) and the widths (``--widths 360 720``; 720 is what a screen of 1440 shows at 200 %). Printed
are the pages that are wider than the screen, that shift while they load, or that weigh over 100 kB.

The company is that of the tests in a browser, in a test database that is gone afterwards.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (360, 768, 1440)
HEIGHTS = {360: 740, 768: 1024}
HEAVIEST = 100_000
MOST_SHIFT = 0.01

PUBLIC = ("/sign-in/", "/password/forgotten/", "/password/sent/", "/nowhere/")
FORMS = (
    "/rules/new/",
    "/schedules/new/",
    "/bookings/new/",
    "/tasks/new/",
    "/houses/new/",
    "/inventory/new/",
)
ADMIN = tuple(
    f"/admin/{rest}"
    for rest in (
        "",
        *("api/booking/", "api/booking/add/", "api/booking/import/", "api/property/", "api/task/"),
        *("api/autotasktemplate/add/", "api/scheduletemplate/add/", "api/bookingimportlog/"),
        *("modernize_audit/auditevent/", "api/user/"),
    )
)

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@contextmanager
def running_company() -> Iterator[str]:
    """Serve the company of the tests, and yield its address."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "aristay.settings"
    os.environ.setdefault("ARISTAY_DEBUG", "1")
    # Playwright runs an event loop in this thread, in which Django would refuse its ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    sys.path.insert(0, str(ROOT / "example_project"))
    import django

    django.setup()
    from django.db import connection, connections
    from django.test.utils import (
        override_settings,
        setup_databases,
        setup_test_environment,
        teardown_databases,
    )

    setup_test_environment()
    connections.databases["default"]["CONN_MAX_AGE"] = 0
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(
            ALLOWED_HOSTS=["localhost"], MEDIA_ROOT=folder, PASSWORD_HASHERS=hashers, DEBUG=False
        ),
    ):
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "pictures.sqlite3")
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            from pytest_django.live_server_helper import LiveServer

            scenario = import_module("tests.e2e.scenario")
            scenario.prepare_journeys(scenario.build_company())
            server = LiveServer("localhost")
            try:
                yield str(server.url)
            finally:
                server.stop()
        finally:
            connections.close_all()
            teardown_databases(databases, verbosity=0)


def list_addresses(page: Any, *, with_admin: bool) -> list[str]:
    """Return the pages that a person reaches, one of each kind."""
    page.goto("/")
    found = [link.get_attribute("href") for link in page.locator("#navigation ul a").all()]
    for address in list(found):
        page.goto(address)
        inner = page.locator("main a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href'))"
        )
        found += inner
    kinds = {re.sub(r"\d+", "0", one.partition("#")[0]): one for one in reversed(found)}
    forms = [one for one in FORMS if page.goto(one).status == 200]
    return [*kinds.values(), *forms, *(ADMIN if with_admin else ())]


def take_pictures(page: Any, addresses: list[str], folder: Path, widths: list[int]) -> None:
    """Keep a picture of each page at each width, and print what is wrong with it."""
    page.add_init_script(WATCH_SHIFTS)
    for address in addresses:
        name = re.sub(r"\W+", "_", address).strip("_") or "home"
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
            answer = page.goto(address)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{name}_{width}.png", full_page=True)
            for problem in find_problems(page, answer):
                print(f"{address} at {width}: {problem}")


def find_problems(page: Any, answer: Any) -> Iterator[str]:
    """Yield what is wrong with a page, as far as a program sees it."""
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield "wider than the screen"
    shifted = page.evaluate("window.shifted")
    if shifted > MOST_SHIFT:
        yield f"shifts by {shifted:.3f} while it loads"
    size = len(answer.body())
    if size > HEAVIEST:
        yield f"{size:,} bytes"


def read_options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as", dest="person", default="boss", help="vera, sam, mona or boss")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--language", default="en-US")
    parser.add_argument("--widths", type=int, nargs="+", default=list(WIDTHS))
    parser.add_argument("--only", default="", help="addresses that contain this")
    return parser.parse_args()


def main() -> None:
    """Take the pictures."""
    options = read_options()
    options.folder.mkdir(parents=True, exist_ok=True)
    from playwright.sync_api import sync_playwright

    with running_company() as site, sync_playwright() as playwright:
        path = import_module("tests.e2e.browsers").find_chromium()
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(
            base_url=site,
            locale=options.language,
            color_scheme="dark" if options.dark else "light",
            reduced_motion="reduce",
            timezone_id="America/New_York",
        )
        page = context.new_page()
        if not options.only:
            take_pictures(page, list(PUBLIC), options.folder, options.widths)
        import_module("tests.e2e.conftest").sign_in(page, options.person)
        addresses = list_addresses(page, with_admin=options.person == "boss")
        chosen = [one for one in addresses if options.only in one]
        take_pictures(page, chosen, options.folder, options.widths)
        browser.close()


if __name__ == "__main__":
    main()
