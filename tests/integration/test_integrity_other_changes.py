"""Ranges stay apart whatever else migrations change of their table."""

import pytest
from django.db import IntegrityError, migrations, models
from django.db.models import F, Q

from django_modernize.integrity import (
    NoOverlap,
)
from tests.lease import (
    APART,
    EVERY_CONSTRAINT,
    HOUSE,
    assert_kept_apart,
    count_traces,
    create_booking,
    may,
)

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_CHANGES = {
    "a field's type": [
        migrations.AlterField("booking", "code", models.CharField(max_length=50, null=True))
    ],
    "a type that the condition reads": [
        migrations.AlterField("booking", "status", models.CharField(max_length=50, default="x"))
    ],
    "a new field": [
        migrations.AddField("booking", "note", models.CharField(max_length=9, default=""))
    ],
    "a nullable field": [
        migrations.AddField("booking", "note", models.CharField(max_length=9, null=True))
    ],
    "a relation that comes and goes": [
        migrations.AddField(
            "booking",
            "other",
            models.ForeignKey("lease.House", models.CASCADE, null=True, related_name="+"),
        ),
        migrations.RemoveField("booking", "other"),
    ],
    "the table's name": [migrations.AlterModelTable("booking", "stays 'and' more")],
    "the model's name": [migrations.RenameModel("Booking", "NewBooking")],
    "the column of the start": [
        migrations.AlterField("booking", "start", models.DateField(db_column="first day"))
    ],
    "the column of the partition": [
        migrations.AlterField(
            "booking",
            "house",
            models.ForeignKey("lease.House", models.CASCADE, db_column="home"),
        )
    ],
    "the column of the condition": [
        migrations.AlterField(
            "booking",
            "status",
            models.CharField(max_length=20, default="booked", db_column="stage"),
        )
    ],
    "another constraint": [
        migrations.AddConstraint(
            "booking", models.CheckConstraint(condition=~Q(code="x"), name="booking_not_x")
        )
    ],
    "an index": [migrations.AddIndex("booking", models.Index(F("code"), name="booking_code"))],
    "the partition's own table": [
        migrations.AddField("house", "name", models.CharField(max_length=9, default=""))
    ],
    "the partition's table's name": [migrations.RenameModel("House", "NewHouse")],
    "several things at once": [
        migrations.AlterField("booking", "code", models.CharField(max_length=50, null=True)),
        migrations.AlterModelTable("booking", "stays"),
        migrations.AddField("booking", "note", models.CharField(max_length=9, default="")),
    ],
}


@pytest.mark.parametrize("operations", OTHER_CHANGES.values(), ids=OTHER_CHANGES)
def test_ranges_stay_apart_when_something_else_changes(kept_apart, operations):
    kept_apart.migrate(*operations)
    follow_names(kept_apart)
    assert_kept_apart(kept_apart)


# Django itself cannot rename a column on SQLite in the migration that puts an index on it.
CHANGES_AT_ONCE = {
    name: operations for name, operations in OTHER_CHANGES.items() if "column" not in name
}


@pytest.mark.parametrize("operations", CHANGES_AT_ONCE.values(), ids=CHANGES_AT_ONCE)
def test_ranges_stay_apart_when_something_changes_in_the_same_migration(project, operations):
    project.migrate(HOUSE, create_booking(*EVERY_CONSTRAINT), *operations)
    follow_names(project)
    project.book(10, 20)
    assert_kept_apart(project)


@pytest.mark.parametrize(
    "change", ["the table's name", "the column of the start", "several things at once"]
)
def test_the_constraint_can_be_removed_when_something_else_has_changed(kept_apart, change):
    kept_apart.migrate(*OTHER_CHANGES[change])
    follow_names(kept_apart)
    name = kept_apart.model()._meta.model_name
    kept_apart.migrate(migrations.RemoveConstraint(name, APART.name))
    assert count_traces() == 0
    kept_apart.book(10, 20)


def follow_names(project):
    """Let a project find its models by their first names after they were renamed."""
    plain = type(project).model

    def model(name="Booking"):
        known = {state.name for state in project.state.models.values()}
        return plain(project, name if name in known else f"New{name}")

    project.model = model


def test_a_field_of_the_range_is_renamed_with_its_constraint(kept_apart):
    renamed = NoOverlap(
        "arrives", "end", partition_by="house", condition=APART.condition, name=APART.name
    )
    kept_apart.migrate(
        migrations.RemoveConstraint("booking", "booking_no_overlap"),
        migrations.RemoveConstraint("booking", "booking_order"),
        migrations.RenameField("booking", "start", "arrives"),
        migrations.AddConstraint("booking", renamed),
    )
    model = kept_apart.model()
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        model.objects.create(
            house=kept_apart.model("House").objects.get(), arrives=may(19), end=may(21)
        )
