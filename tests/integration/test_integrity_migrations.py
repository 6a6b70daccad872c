"""The constraints go through migrations as Django's own do: made, taken away, unapplied."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Q

from django_modernize.integrity import (
    NoOverlap,
    find_conflicts,
)
from django_modernize.integrity.sqlite import build_statements
from tests.lease import (
    APART,
    EVERY_CONSTRAINT,
    HOUSE,
    Project,
    assert_kept_apart,
    count_traces,
    create_booking,
    describe_project,
    detect,
    may,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_makemigrations_and_migrate_agree(project):
    wanted = describe_project(*EVERY_CONSTRAINT)
    project.migrate(*detect(project.state, wanted))
    assert detect(project.state, wanted) == []
    project.book(10, 20)
    assert_kept_apart(project)


def test_makemigrations_adds_and_removes_constraints(project):
    project.migrate(*detect(project.state, describe_project()))
    added = detect(project.state, describe_project(*EVERY_CONSTRAINT))
    assert [type(operation).__name__ for operation in added] == ["AddConstraint"] * 3
    project.migrate(*added)
    project.book(10, 20)
    assert_kept_apart(project)
    removed = detect(project.state, describe_project())
    project.migrate(*removed)
    assert count_traces() == 0
    project.book(10, 20)


def test_what_a_migration_says_is_the_same_for_every_django():
    operation = migrations.AddConstraint("booking", APART)
    migration = migrations.Migration("0002_apart", "lease")
    migration.operations = [operation]
    assert (
        "constraint=django_modernize.integrity.NoOverlap('start', 'end', "
        "condition=models.Q(('deleted_at__isnull', True), models.Q(('status', 'cancelled'), "
        "_negated=True)), name='booking_no_overlap', partition_by=('house',))"
    ) in MigrationWriter(migration).as_string()


def test_another_condition_takes_the_old_constraint_away(kept_apart):
    everything = NoOverlap("start", "end", partition_by="house", name="booking_no_overlap")
    wanted = describe_project(everything, *EVERY_CONSTRAINT[1:])
    kept_apart.migrate(*detect(kept_apart.state, wanted))
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        kept_apart.book(10, 20, status="cancelled")


def test_another_message_changes_nothing_in_the_database(kept_apart):
    reworded = APART.clone()
    reworded.violation_error_message = "Taken."
    (operation,) = detect(kept_apart.state, describe_project(reworded, *EVERY_CONSTRAINT[1:]))
    assert type(operation).__name__ == "AlterConstraint"
    kept_apart.migrate(operation)
    assert_kept_apart(kept_apart)


def test_unapplying_takes_the_constraint_away_and_applying_brings_it_back(project):
    project.migrate(HOUSE, create_booking())
    project.book(10, 20)
    add = migrations.AddConstraint("booking", APART)
    before = project.migrate(add)
    project.unapply(before, add)
    assert count_traces() == 0
    project.migrate(add)
    assert_kept_apart(project)


def test_removal_can_be_unapplied(kept_apart):
    remove = migrations.RemoveConstraint("booking", APART.name)
    before = kept_apart.migrate(remove)
    kept_apart.unapply(before, remove)
    assert_kept_apart(kept_apart)


@pytest.mark.parametrize(
    "ranges",
    [
        [(10, 20), (19, 21)],
        [(10, 20), (10, 20)],
        [(1, 30), (2, 3), (15, 16)],
        [(1, 30), (29, 31)],
        [(5, 6), (6, 7), (7, 9), (8, 10)],
    ],
    ids=repr,
)
def test_rows_that_overlap_already_stop_the_migration(project, ranges):
    project.migrate(HOUSE, create_booking())
    for first, last in ranges:
        project.book(first, last)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.migrate(migrations.AddConstraint("booking", APART))
    assert count_traces() == 0
    assert project.model().objects.count() == len(ranges)


def test_rows_that_take_no_part_do_not_stop_the_migration(project):
    project.migrate(HOUSE, create_booking())
    project.book(10, 20)
    project.book(10, 20, status="cancelled")
    project.book(10, 20, deleted_at="2026-05-01T00:00Z")
    project.book(20, 10)
    project.book(15, 15)
    project.book(10, 20, house=project.model("House").objects.create(pk=2))
    project.migrate(migrations.AddConstraint("booking", APART))
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21)


def test_overlapping_rows_written_by_the_same_migration_stop_it():
    def write(apps, editor):
        editor.execute("INSERT INTO lease_house (id) VALUES (1)")
        for _ in range(2):
            editor.execute(
                'INSERT INTO lease_booking (house_id, start, "end", status) '
                f"VALUES (1, '{may(1)}', '{may(2)}', 'booked')"
            )

    def migrate():
        try:
            Project().migrate(HOUSE, create_booking(APART), migrations.RunPython(write))
        finally:
            # Django leaves its transaction open where a deferred statement fails: end it as a
            # process that gives up does.
            connection.connection.close()

    with ThreadPoolExecutor(1) as thread:
        raised = thread.submit(migrate).exception()
    assert isinstance(raised, IntegrityError)
    assert "booking_no_overlap" in str(raised)
    assert count_traces() == 0


@pytest.mark.database_lacks("postgresql", reason="judges the rows by itself")
def test_rows_that_do_not_overlap_are_not_touched_by_the_judgement(kept_apart):
    kept_apart.book(20, 25)
    kept_apart.book(5, 10)
    kept_apart.book(1, 30, house=kept_apart.model("House").objects.create(pk=2))
    with connection.schema_editor(collect_sql=True) as editor:
        judgement = build_statements(APART, kept_apart.model(), editor)[-1]
    with connection.cursor() as cursor:
        cursor.execute(str(judgement))
        assert cursor.rowcount == 0


def test_sqlmigrate_shows_the_whole_constraint_and_runs_nothing(project):
    project.migrate(HOUSE, create_booking())
    migration = migrations.Migration("0002_apart", "lease")
    migration.operations = [
        migrations.AddConstraint("booking", APART),
        migrations.AddConstraint(
            "booking", NoOverlap("start", "end", partition_by="code", name="booking_by_code")
        ),
    ]
    with connection.schema_editor(collect_sql=True) as editor:
        migration.apply(project.state.clone(), editor, collect_sql=True)
    text = "\n".join(editor.collected_sql)
    assert "booking_no_overlap" in text
    assert "booking_by_code" in text
    assert ("CREATE EXTENSION" in text) == (connection.vendor == "postgresql")
    assert ("AFTER UPDATE OF" in text) == (connection.vendor == "sqlite")
    assert count_traces() == 0


def test_the_statement_for_a_table_that_exists_does_the_whole_work(project):
    project.migrate(HOUSE, create_booking())
    with connection.schema_editor() as editor:
        editor.deferred_sql.append(APART.create_sql(project.model(), editor))
    project.book(10, 20)
    assert_kept_apart(project)


def test_a_percent_sign_in_the_condition_is_taken_literally(project):
    odd = NoOverlap(
        "start",
        "end",
        condition=Q(code__startswith="50%s") | Q(code="a%%b'c"),
        name="booking_no_overlap",
    )
    project.migrate(HOUSE, create_booking())
    project.migrate(migrations.AddConstraint("booking", odd))
    for code in ("50%s off", "a%%b'c"):
        project.model().objects.all().delete()
        project.book(1, 5, code=code)
        with pytest.raises(IntegrityError, match="booking_no_overlap"):
            project.book(4, 6, code=code)
        for other in ("50s", "50 s", "a%b'c", None):
            project.book(1, 5, code=other)


def test_a_generated_end_is_kept_apart_when_what_it_is_made_of_changes(project):
    nights = models.GeneratedField(
        expression=F("first") + F("nights"), output_field=models.IntegerField(), db_persist=True
    )
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("first", models.IntegerField()),
        ("nights", models.IntegerField()),
        ("last", nights),
    ]
    apart = NoOverlap("first", "last", name="booking_no_overlap")
    project.migrate(migrations.CreateModel("Booking", fields, {"constraints": [apart]}))
    model = project.model()
    model.objects.create(first=1, nights=3)
    model.objects.create(first=4, nights=3)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        model.objects.filter(first=1).update(nights=4)
    apart.validate(model, model(first=1, nights=9))


def test_a_key_of_several_columns_tells_a_row_from_itself(project):
    fields = [
        ("pk", models.CompositePrimaryKey("floor", "number")),
        ("floor", models.IntegerField()),
        ("number", models.IntegerField()),
        ("start", models.IntegerField()),
        ("end", models.IntegerField()),
    ]
    apart = NoOverlap("start", "end", partition_by="floor", name="booking_no_overlap")
    project.migrate(migrations.CreateModel("Booking", fields, {"constraints": [apart]}))
    model = project.model()
    stored = model.objects.create(floor=1, number=1, start=1, end=5)
    model.objects.filter(pk=(1, 1)).update(start=2)
    rival = model.objects.create(floor=1, number=2, start=5, end=9)
    rival.start = 4
    assert [conflict.other for conflict in find_conflicts([stored, rival])] == [stored]
