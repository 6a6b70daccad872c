"""What the document says of a row is what a row may be: nothing where there is nothing."""

import re
from pathlib import Path

import pytest
from rest_framework import serializers

from api.rest import problems
from api.rest.problems import TITLES
from api.rest.urls import router

PAGE = Path(__file__).parents[2] / "docs" / "api" / "rest.md"
REST = Path(problems.__file__).parent


def find_empty_step(model, source):
    """Tell whether a row that a source leads over may be missing."""
    *steps, _ = source.split(".")
    for step in steps:
        field = model._meta.get_field(step)
        if getattr(field, "null", False):
            return True
        model = field.related_model
    return False


@pytest.mark.parametrize("view", [view for _, view, _ in router.registry])
def test_a_value_over_a_row_that_may_be_missing_may_be_null(view):
    serializer = view.serializer_class()
    for name, field in serializer.fields.items():
        if "." in str(field.source) and find_empty_step(view.model, field.source):
            has_word = field.default not in (serializers.empty, None)
            assert field.allow_null or has_word, f"{name} of {type(serializer).__name__}"


@pytest.mark.parametrize("view", [view for _, view, _ in router.registry])
def test_a_choice_that_may_be_empty_is_described_so(view):
    for name, field in view.serializer_class().fields.items():
        columns = {column.name: column for column in view.model._meta.concrete_fields}
        if isinstance(field, serializers.ChoiceField) and columns.get(name):
            assert field.allow_blank or "" in field.choices or not columns[name].blank, name


def test_every_code_of_a_problem_is_documented():
    documented = set(re.findall(r"`([a-z_]+)`", PAGE.read_text()))
    source = "\n".join(path.read_text() for path in REST.rglob("*.py"))
    used = set(re.findall(r'(?:default_code|code) ?= ?"([a-z_]+)"', source))
    rules = "\n".join(
        path.read_text()
        for area in ("models", "services")
        for path in (REST.parent / area).rglob("*.py")
    )
    used |= set(re.findall(r'raise StateRefused\(.*?"([a-z_]+)"', rules, re.DOTALL))
    assert {"plan_changed", "too_large", "double_booking", "transition", "undone"} <= used
    assert used - {"required", "invalid"} <= documented, used - documented
    statuses = {int(one) for one in re.findall(r"\b([45]\d\d)\b", PAGE.read_text())}
    assert set(TITLES) <= statuses
