"""The pages for those who come from another package run as they are written."""

import pytest

from tests.integration.test_readme import ROOT, python_blocks
from tests.testapp.models import House, Person

from .models import Order

FOLDER = ROOT / "docs" / "coming_from"
SOFT_DELETE = [FOLDER / "django_safedelete.md", FOLDER / "django_softdelete.md"]
AUDIT = sorted(set(FOLDER.glob("django_*.md")) - set(SOFT_DELETE))


@pytest.mark.django_db
@pytest.mark.parametrize("page", AUDIT, ids=lambda page: page.stem)
def test_the_calls_of_a_page_do_what_it_says(page):
    ann = Person.objects.create(username="ann")
    order = Order.objects.create(count=4)
    exec(python_blocks(page)[0], {"ann": ann, "order": order, "Order": Order})


@pytest.mark.django_db
@pytest.mark.parametrize("page", SOFT_DELETE, ids=lambda page: page.stem)
def test_the_calls_of_a_soft_delete_page_do_what_it_says(page):
    ann = Person.objects.create(username="ann")
    house = House.objects.create(name="house")
    house.rooms.create()
    exec(python_blocks(page)[0], {"ann": ann, "house": house, "House": House})


def test_there_is_a_page_for_each_source():
    from django_modernize.contrib.audit_import.sources import SOURCES

    assert {page.stem.removeprefix("django_") for page in AUDIT} == set(SOURCES)
