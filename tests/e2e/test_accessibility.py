"""axe finds nothing serious on any page, for any role, in light and dark, on phone and desktop."""

import re
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.urls import reverse

from api.management.commands.setup_demo import DEMO_WORKBOOK
from api.models import User
from api.services.import_plan import create_plan

from .conftest import DESKTOP, PHONE

LIGHT = [("light", DESKTOP), ("light", PHONE)]
DARK = [("dark", DESKTOP), ("dark", PHONE)]
OPTIONS = {"resultTypes": ["violations"]}
# Light and dark have the same elements: what else axe knows, it has told of in the light.
COLOURS = OPTIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}
SERIOUS = {"serious", "critical"}
PUBLIC = ["/sign-in/", "/password/forgotten/", "/password/sent/", "/nowhere/"]


@pytest.fixture(scope="session")
def axe():
    return Axe()


def list_pages(page):
    """Return what the person's navigation leads to, and one page of each kind behind it."""
    page.goto("/")
    links = page.locator("#navigation ul a")
    found = [link.get_attribute("href") for link in links.all()]
    for address in list(found):
        page.goto(address)
        inner = [link.get_attribute("href") for link in page.locator("main a[href^='/']").all()]
        kinds = {re.sub(r"\d+", "0", one): one for one in inner}
        found += kinds.values()
    return list({re.sub(r"\d+", "0", one): one for one in found}.values())


def find_faults(axe, page, scheme):
    options = OPTIONS if scheme == "light" else COLOURS
    results = axe.run(page, options=options).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:160]}"
        for fault in results
        if fault["impact"] in SERIOUS
        for node in fault["nodes"][:3]
    ]


def judge(axe, page, addresses, looks):
    faults = []
    for address in addresses:
        page.goto(address)
        for scheme, size in looks:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            found = find_faults(axe, page, scheme) + (["wider than the screen"] if wide else [])
            faults += [f"{address}, {scheme}, {size['width']} px: {fault}" for fault in found]
    return faults


@pytest.mark.parametrize(
    ("name", "looks"),
    # The owner sees all that a manager does; in the dark a viewer's pages are the worker's.
    [("vera", LIGHT), *product(["sam", "boss"], [LIGHT, DARK])],
)
def test_every_page_of_a_role_is_accessible(visits, axe, name, looks):
    with visits(name) as page:
        assert judge(axe, page, list_pages(page), looks) == []


def test_a_page_that_asks_before_an_import_is_discarded_is_accessible(visits, axe):
    boss = User.objects.get(username="boss")
    # Longer than a phone is wide, without a space.
    workbook = ContentFile(DEMO_WORKBOOK.read_bytes(), name="cleaning_schedule_of_this_year.xlsx")
    address = reverse("portal:import_discard", args=[create_plan(workbook, actor=boss).pk])
    with visits("boss") as page:
        assert judge(axe, page, [address], LIGHT + DARK) == []


def test_what_everybody_sees_is_accessible(visits, axe):
    with visits("") as page:
        assert judge(axe, page, PUBLIC, LIGHT + DARK) == []
