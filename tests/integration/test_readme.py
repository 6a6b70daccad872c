"""What the README and the documentation show is true."""

import re
from pathlib import Path

import pytest

from tests.pages import ROOT, python_blocks
from tests.testapp import models_readme
from tests.testapp.models import Person

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAPERS = [ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"]


def test_the_model_of_the_readme_is_the_one_that_is_tested():
    model = Path(models_readme.__file__).read_text(encoding="utf-8")
    assert python_blocks(ROOT / "README.md")[0] in model


def test_the_first_page_of_the_documentation_shows_the_example_of_the_readme():
    assert python_blocks(ROOT / "docs" / "index.md") == python_blocks(ROOT / "README.md")[:2]


@pytest.mark.django_db
def test_the_example_of_the_readme_runs(capsys):
    ann = Person.objects.create(username="ann")
    example = python_blocks(ROOT / "README.md")[1]
    exec(example, {"ann": ann, "Cabin": models_readme.Cabin})
    expected = re.search(r"^# (\[.*\])$", example, re.MULTILINE).group(1)
    assert capsys.readouterr().out.strip() == expected
    cabin = models_readme.Cabin.objects.get()
    assert (cabin.created_by, cabin.modified_by) == (ann, ann)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_in_the_documentation_is_python(page):
    for block in python_blocks(page):
        compile(block, str(page), "exec")


def list_anchors(page):
    """Return what the headings of a page are reached by."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, *PAPERS], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        place = (page.parent / name) if name else page
        assert place.exists(), target
        assert not anchor or anchor in list_anchors(place), target
