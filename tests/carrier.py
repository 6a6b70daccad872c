"""A program that carries data over in batches, to be killed: ``python -m tests.carrier NAME``."""

import logging
import os
import sys

import django
from django.db import migrations, models
from django.db.models import F

APP = "lease"
ROWS = 3_000


def list_tables():
    """Return the operations that make the tables of a small legacy project."""
    return [
        migrations.CreateModel("House", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Booking",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("house", models.ForeignKey("lease.House", models.CASCADE)),
                ("start", models.DateField()),
                ("end", models.DateField(null=True)),
                ("code", models.CharField(max_length=20, null=True)),
                ("added_on", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            {"constraints": []},
        ),
    ]


def list_operations():
    """Return what can be carried over, by name."""
    from django_modernize.integrity import Before
    from django_modernize.migrate import AddConstraintSafely, BackfillStamps

    order = Before("start", "end", name="booking_order")
    return {
        "stamps": BackfillStamps("Booking", {"created_at": F("added_on")}, batch_size=20),
        "constraint": AddConstraintSafely("Booking", order, quarantine=True, batch_size=20),
    }


def carry(name):
    """Run an operation as a migration that is no transaction of its own."""
    from django.db import connection
    from django.db.migrations.state import ProjectState

    state = ProjectState()
    for operation in list_tables():
        operation.state_forwards(APP, state)
    migration = migrations.Migration("0002_carry", APP)
    migration.operations, migration.atomic = [list_operations()[name]], False
    with connection.schema_editor(atomic=False) as editor:
        migration.apply(state, editor)


def main(name):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    logger = logging.getLogger("django_modernize.migrate")
    logger.addHandler(logging.StreamHandler(sys.stdout))
    logger.setLevel(logging.INFO)
    carry(name)


if __name__ == "__main__":
    main(sys.argv[1])
