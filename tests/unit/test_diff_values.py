"""When values count as the same, and what is kept of them."""

import pickle
from copy import deepcopy

import pytest
from django.db import models

from django_modernize import diff
from django_modernize.diff.baseline import NOT_LOADED, UNSAVED, Baseline
from django_modernize.diff.values import (
    can_change_in_place,
    freeze_value,
    is_same_value,
    may_change,
)
from django_modernize.models import ModelDiffMixin
from tests.testapp.models import Article

JSON = models.JSONField()


class Vain(list):
    """A list that equals itself alone."""

    def __eq__(self, other):
        return self is other

    __hash__ = None


class Quarrelsome:
    """A value that cannot be compared."""

    def __eq__(self, other):
        raise RuntimeError("not to be compared")

    __hash__ = None


class Stubborn(list):
    """A list that cannot be copied."""

    def __deepcopy__(self, memo):
        raise TypeError


@pytest.mark.parametrize("value", [None, "a", 1, b"x", Vain(), Stubborn(), object(), NOT_LOADED])
def test_what_cannot_change_or_be_copied_is_kept_itself(value):
    assert freeze_value(JSON, value) is value


@pytest.mark.parametrize("value", [[1], {"a": [2]}, {3}, bytearray(b"x")])
def test_what_can_change_is_copied(value):
    frozen = freeze_value(JSON, value)
    assert frozen == value
    assert frozen is not value


@pytest.mark.parametrize("inner", [[1], {"b": None}, {1}, bytearray(b"x"), [{"a": [2]}], [(1,)]])
@pytest.mark.parametrize("outer", [lambda part: [part, 1], lambda part: {"a": part, "b": (2,)}])
def test_what_is_kept_of_a_container_does_not_change_with_it(inner, outer):
    inner = deepcopy(inner)
    value = outer(inner)
    frozen = freeze_value(JSON, value)
    assert frozen == value
    inner.clear()
    assert frozen != value


def test_binary_values_are_kept_as_bytes():
    assert freeze_value(models.BinaryField(), memoryview(b"x")) == b"x"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, False),
        ("a", False),
        (1, False),
        (memoryview(b"x"), False),
        ([], True),
        ({}, True),
        (Vain(), True),
        (object(), True),
    ],
)
def test_only_a_value_that_may_change_is_put_aside_until_it_is_read(value, expected):
    assert may_change(value) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("title", False),
        ("id", False),
        ("writer", False),
        ("scan", False),
        ("extra", True),
        ("tags", True),
        ("digest", True),
    ],
)
def test_fields_whose_values_change_in_place_are_known(name, expected):
    assert can_change_in_place(Article._meta.get_field(name)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, True, False),
        ({"a": 0}, {"a": False}, False),
        ({"a": 0}, {"b": 0}, False),
        ([1, 2], [1], False),
        ([1], (1,), True),
        ({"a": [None]}, {"a": [None]}, True),
        (1, 1.0, True),
    ],
)
def test_json_values_are_the_same_when_json_says_so(one, other, expected):
    assert is_same_value(JSON, one, other) is expected
    assert is_same_value(JSON, other, one) is expected


@pytest.mark.parametrize("value", [float("nan"), Vain(), object()])
def test_a_value_is_the_same_as_itself_whatever_it_says_it_equals(value):
    assert is_same_value(models.FloatField(), value, value) is True


def test_a_value_that_cannot_be_compared_is_another_one():
    assert is_same_value(models.CharField(), "one", Quarrelsome()) is False


def test_a_baseline_can_be_pickled_whatever_the_driver_gave():
    baseline = pickle.loads(pickle.dumps(Baseline(["a", "b"], [memoryview(b"x"), NOT_LOADED])))
    assert baseline.to_dict() == {"a": b"x", "b": NOT_LOADED}
    assert baseline.get("b") is NOT_LOADED


def test_a_baseline_is_replaced_and_never_changed():
    baseline = Baseline(["a"], [1])
    assert baseline.replace({"b": 2}).to_dict() == {"a": 1, "b": 2}
    assert baseline.get("b") is NOT_LOADED
    assert UNSAVED.get("b") is None


def test_what_was_not_loaded_shows_itself():
    assert repr(NOT_LOADED) == "NOT_LOADED"
    assert pickle.loads(pickle.dumps(NOT_LOADED)) is NOT_LOADED


def test_the_feature_gives_its_mixin_and_nothing_it_has_not():
    assert diff.ModelDiffMixin is ModelDiffMixin
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = diff.Nothing


def test_reading_and_writing_pass_by_no_descriptor_but_djangos_own():
    asked = {
        field.attname
        for field in Article._meta.concrete_fields
        if hasattr(type(Article.__dict__[field.attname]), "__set__")
    }
    # Files, and foreign keys that forget their cached object.
    assert asked == {"scan", "photo", "writer_id", "editor_id"}
    # Python would ask the class for each attribute that is set.
    assert Article.__setattr__ is object.__setattr__
    assert Article.__delattr__ is object.__delattr__
