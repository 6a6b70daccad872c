"""The constraints as values: what migrations, comparisons and messages see of them."""

from types import SimpleNamespace

import pytest
from django.db import NotSupportedError
from django.db.migrations.writer import MigrationWriter
from django.db.models import Deferrable, IntegerField, Q
from django.db.models.functions import Lower

from django_modernize.integrity import (
    Before,
    NoCycle,
    NoOverlap,
    ParentKey,
    SameParent,
    UniqueAlive,
    find_breaches,
)
from django_modernize.integrity.cycle_search import PathText
from django_modernize.integrity.vendors import find_cycle_vendor, find_vendor
from tests.testapp.models import Seat

LIVING = Q(deleted_at__isnull=True)

EVERY_SHAPE = [
    Before("first", "second", name="order"),
    Before("first", "second", name="order", allow_equal=True, violation_error_message="No."),
    Before("first", "second", name="order", violation_error_code="turned"),
    UniqueAlive("code", name="unique"),
    UniqueAlive("house", "code", condition=~Q(code=""), name="unique"),
    UniqueAlive(Lower("name"), name="unique", violation_error_code="taken"),
    UniqueAlive("house", "name", name="unique", ignore_case="name", nulls_distinct=False),
    ParentKey("house", name="key"),
    ParentKey("house", key="code", name="key", violation_error_message="No."),
    ParentKey("house", name="key", violation_error_code="parted"),
    SameParent("booking", "house", name="same"),
    SameParent(
        "booking",
        "house",
        parent_field="home",
        follows=True,
        deferrable=None,
        name="same",
        violation_error_code="elsewhere",
    ),
    NoCycle("pk", "parent", name="tree"),
    NoCycle("task", "needed", condition=LIVING, name="graph", violation_error_code="round"),
    NoOverlap("start", "end", name="apart"),
    NoOverlap("start", "end", name="apart", deferrable=Deferrable.DEFERRED),
    NoOverlap("start", "end", partition_by="house", condition=LIVING, name="apart"),
    NoOverlap(
        "start",
        "end",
        partition_by=["house", "floor"],
        name="apart",
        violation_error_code="busy",
        violation_error_message="Taken by %(other)s.",
    ),
]


@pytest.mark.parametrize("constraint", EVERY_SHAPE, ids=repr)
def test_a_constraint_made_again_from_its_parts_is_equal(constraint):
    path, arguments, options = constraint.deconstruct()
    again = type(constraint)(*arguments, **options)
    assert again == constraint
    assert again.deconstruct() == (path, arguments, options)
    assert constraint.clone() == constraint


@pytest.mark.parametrize("constraint", EVERY_SHAPE, ids=repr)
def test_a_migration_names_the_public_import(constraint):
    text, imports = MigrationWriter.serialize(constraint)
    assert text.startswith(f"django_modernize.integrity.{type(constraint).__name__}(")
    assert "import django_modernize.integrity" in imports


def test_a_migration_holds_nothing_that_follows_from_the_class():
    constraint = NoOverlap("start", "end", partition_by="house", name="apart")
    assert constraint.deconstruct() == (
        "django_modernize.integrity.NoOverlap",
        ("start", "end"),
        {"name": "apart", "partition_by": ("house",)},
    )
    assert Before("first", "second", name="order").deconstruct()[2] == {"name": "order"}
    assert UniqueAlive("code", name="unique").deconstruct()[2] == {"name": "unique"}


def test_one_partition_may_be_given_as_a_name_or_as_a_list():
    assert NoOverlap("start", "end", partition_by="house", name="apart") == NoOverlap(
        "start", "end", partition_by=["house"], name="apart"
    )


@pytest.mark.parametrize(
    "other",
    [
        NoOverlap("start", "end", name="other"),
        NoOverlap("start", "finish", name="apart"),
        NoOverlap("start", "end", partition_by="house", name="apart"),
        NoOverlap("start", "end", condition=LIVING, name="apart"),
        NoOverlap("start", "end", name="apart", violation_error_message="No."),
        Before("start", "end", name="apart"),
    ],
    ids=repr,
)
def test_constraints_that_differ_are_not_equal(other):
    assert NoOverlap("start", "end", name="apart") != other


@pytest.mark.parametrize("constraint", EVERY_SHAPE, ids=repr)
def test_a_constraint_is_nothing_else(constraint):
    assert constraint != constraint.name


@pytest.mark.parametrize("find", [find_vendor, find_cycle_vendor])
def test_a_database_without_triggers_of_ours_is_named(find):
    stranger = SimpleNamespace(vendor="oracle", display_name="Oracle")
    with pytest.raises(NotSupportedError, match="PostgreSQL and SQLite, not on Oracle"):
        find(stranger)


def test_a_way_through_plain_numbers_is_told_by_them():
    field = IntegerField()
    assert str(PathText([1, 2, 1], field, "default")) == "1 → 2 → 1"


def test_rows_that_break_a_constraint_are_not_looked_for_by_a_key_of_two_columns():
    with pytest.raises(TypeError, match="Seat has a key of several columns"):
        find_breaches(Before("row", "number", name="order"), Seat, "default")


def test_an_empty_condition_is_no_condition():
    assert NoOverlap("start", "end", condition=Q(), name="apart").condition is None
    assert UniqueAlive("code", condition=Q(), name="unique").condition == LIVING


@pytest.mark.parametrize("build", [NoCycle, NoOverlap, UniqueAlive])
def test_a_condition_that_is_no_q_is_refused(build):
    with pytest.raises(ValueError, match=rf"{build.__name__}\.condition must be a Q instance"):
        build("start", "end", condition="deleted_at IS NULL", name="apart")


def test_a_deferrable_that_is_none_is_refused():
    with pytest.raises(TypeError, match=r"NoOverlap\.deferrable must be a Deferrable instance"):
        NoOverlap("start", "end", name="apart", deferrable=True)


def test_case_can_be_ignored_in_the_fields_of_the_constraint_alone():
    with pytest.raises(ValueError, match=r"ignore_case names \['city'\]"):
        UniqueAlive("name", name="unique", ignore_case=["name", "city"])


def test_a_message_without_a_known_row_makes_sense():
    constraint = NoOverlap("start", "end", name="apart")
    assert constraint.get_violation_error_message() == (
        "The range overlaps with that of another row."
    )


def test_a_bond_has_a_message_where_no_row_is_known():
    assert SameParent("booking", "house", name="same").get_violation_error_message() == (
        "House must be that of the booking."
    )
    assert ParentKey("house", name="key").get_violation_error_message() == (
        "Something that goes with this row has another house."
    )
    own = ParentKey("house", name="key", violation_error_message="Take %(other)s along.")
    assert own.get_violation_error_message() == "Take another row along."


def test_a_message_of_the_projects_own_is_filled_without_a_known_row():
    constraint = NoOverlap(
        "start", "end", name="apart", violation_error_message="%(name)s: taken by %(other)s."
    )
    assert constraint.get_violation_error_message() == "apart: taken by another row."


def test_before_names_its_fields_where_no_model_is_known():
    assert Before("first", "second", name="order").get_violation_error_message() == (
        "First must be before second."
    )
    assert Before(
        "first", "second", name="order", allow_equal=True
    ).get_violation_error_message() == ("First must not be after second.")
