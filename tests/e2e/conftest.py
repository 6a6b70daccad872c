"""One server over one company, one browser, and a signed-in visitor for each person."""

import os
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import override_settings, setup_databases, teardown_databases
from playwright.sync_api import expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from .browsers import find_chromium
from .scenario import PASSWORD, build_company, prepare_journeys

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# In milliseconds; two cores may be busy with other tests.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
# An answer of 403, 404 or 503, or none at all, is what some journeys look for.
REFUSALS = ("Failed to load resource", "Response Status Error Code", "htmx:sendError", "htmx:after")
# Where it is set, the pictures of the documentation are taken anew.
PICTURES = os.environ.get("ARISTAY_PICTURES", "")


@pytest.fixture(scope="session")
def company(
    django_test_environment, django_db_blocker, django_db_modify_db_settings, tmp_path_factory
):
    """The company, stored for all tests: the browser's requests see what is committed alone.

    pytest-django makes a database for tests that ask for one in their own transaction; these
    leave it to the server's.
    """
    # Playwright runs an event loop in this thread, in which Django would refuse its ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    # The quick hash is for these tests' sign-ins alone.
    quick = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
    # A thread of the server that keeps its connection would keep the database from going away.
    connections.databases["default"]["CONN_MAX_AGE"] = 0
    with (
        django_db_blocker.unblock(),
        override_settings(
            ALLOWED_HOSTS=["localhost"], MEDIA_ROOT=tmp_path_factory.mktemp("media"), **quick
        ),
    ):
        databases = setup_databases(verbosity=0, interactive=False)
        people = build_company(houses=6, stays=8)
        prepare_journeys(people)
        yield people
        teardown_databases(databases, verbosity=0)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _close_connections(company):
    """Close the connection of a test that looks into the database itself.

    Within Playwright's loop it is another than outside of it, where nobody would close it.
    """
    yield
    connections.close_all()


@pytest.fixture(scope="session")
def site(company):
    """The address of the running server."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    path = find_chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def visits(site, browser):
    """Return a way to visit the site as a person; each signs in once."""
    cookies = {}

    @contextmanager
    def visit(name, *, is_phone=False, **options):
        size = PHONE if is_phone else DESKTOP
        context = browser.new_context(
            base_url=site,
            viewport=size,
            has_touch=is_phone,
            # A colour that is on its way to another has no contrast to judge.
            reduced_motion="reduce",
            storage_state=cookies.get(name),
            timezone_id="America/New_York",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        complaints = watch(page)
        if name and name not in cookies:
            sign_in(page, name)
            cookies[name] = context.storage_state()
        try:
            yield page
        finally:
            context.close()
        assert complaints == []

    return visit


def watch(page):
    """Return the list of what the browser complains about, as of the content policy."""
    complaints = []

    def note(message):
        if message.type == "error" and not any(words in message.text for words in REFUSALS):
            complaints.append(f"{message.location}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def sign_in(page, name):
    page.goto("/sign-in/")
    # In whatever language.
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


@pytest.fixture(scope="session")
def take_picture():
    """Return what keeps a picture of a page for the documentation, if it is to be taken anew."""

    def take(page, name):
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}.png")

    return take
