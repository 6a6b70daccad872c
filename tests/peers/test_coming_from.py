"""The pages for those who come from another package run as they are written."""

import pytest

from tests.integration.test_readme import ROOT, python_blocks
from tests.testapp.models import Person

from .models import Order

PAGES = sorted((ROOT / "docs" / "coming_from").glob("django_*.md"))


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_calls_of_a_page_do_what_it_says(page):
    ann = Person.objects.create(username="ann")
    order = Order.objects.create(count=4)
    exec(python_blocks(page)[0], {"ann": ann, "order": order, "Order": Order})


def test_there_is_a_page_for_each_source():
    from django_modernize.contrib.audit_import.sources import SOURCES

    assert {page.stem.removeprefix("django_") for page in PAGES} == set(SOURCES)
