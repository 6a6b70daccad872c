"""The pages on stamps and on the diff run as they are written."""

from pathlib import Path

import pytest

from tests.pages import ROOT, python_blocks
from tests.testapp import models_diff, models_stamps
from tests.testapp.models import Invoice, Payslip, Person, Recipe

pytestmark = pytest.mark.django_db

STAMPS = python_blocks(ROOT / "docs" / "features" / "stamps.md")
DIFF = python_blocks(ROOT / "docs" / "features" / "model_diff.md")


def classes_of(block):
    return block[block.index("class ") :]


@pytest.mark.parametrize(
    ("module", "block"),
    [
        (models_stamps, STAMPS[0]),
        (models_stamps, STAMPS[2]),
        (models_stamps, STAMPS[-1]),
        (models_diff, DIFF[0]),
        (models_diff, DIFF[-1]),
    ],
)
def test_the_models_of_the_documentation_are_those_that_are_tested(module, block):
    assert classes_of(block) in Path(module.__file__).read_text(encoding="utf-8")


def test_the_examples_of_stamps_run():
    ann, bob = (Person.objects.create(username=name) for name in ("ann", "bob"))
    names = {"ann": ann, "bob": bob, "Invoice": Invoice, "Payslip": Payslip}
    for block in (STAMPS[1], *STAMPS[3:-1]):
        exec(block, names)


def test_the_examples_of_the_diff_run():
    names = {"Recipe": Recipe}
    for block in DIFF[1:-1]:
        exec(block, names)
