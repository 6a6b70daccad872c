"""The constraints go through migrations as Django's own do, and outlive every other change."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, NotSupportedError, connection, migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models import F, Q

from django_modernize.integrity import (
    Before,
    ExtensionMissing,
    NoOverlap,
    UniqueAlive,
    find_conflicts,
)
from django_modernize.integrity.sqlite import build_statements

pytestmark = pytest.mark.django_db(transaction=True)

APART = NoOverlap(
    "start",
    "end",
    partition_by="house",
    condition=Q(deleted_at__isnull=True) & ~Q(status="cancelled"),
    name="booking_no_overlap",
)
EVERY_CONSTRAINT = [
    APART,
    Before("start", "end", name="booking_order"),
    UniqueAlive("code", name="booking_unique_code"),
]


def list_fields(**changes):
    fields = {
        "id": models.BigAutoField(primary_key=True),
        "house": models.ForeignKey("lease.House", models.CASCADE),
        "start": models.DateField(),
        "end": models.DateField(),
        "status": models.CharField(max_length=20, default="booked"),
        "code": models.CharField(max_length=20, null=True),
        "deleted_at": models.DateTimeField(null=True),
        **changes,
    }
    return list(fields.items())


HOUSE = migrations.CreateModel("House", [("id", models.BigAutoField(primary_key=True))])


def create_booking(*constraints, **fields):
    return migrations.CreateModel(
        "Booking", list_fields(**fields), options={"constraints": list(constraints)}
    )


class Project:
    """A project with an app ``lease`` whose tables follow its migrations."""

    def __init__(self):
        self.state = ProjectState()

    def migrate(self, *operations):
        """Apply one migration of these operations, and give the state before it."""
        before = self.state
        migration = migrations.Migration("0001_step", "lease")
        migration.operations = list(operations)
        with connection.schema_editor() as editor:
            self.state = migration.apply(before.clone(), editor)
        return before

    def unapply(self, before, *operations):
        migration = migrations.Migration("0001_step", "lease")
        migration.operations = list(operations)
        with connection.schema_editor() as editor:
            migration.unapply(before.clone(), editor)
        self.state = before

    def model(self, name="Booking"):
        return self.state.apps.get_model("lease", name)

    def book(self, first, last, **values):
        values.setdefault("house", self.model("House").objects.get_or_create(pk=1)[0])
        return self.model().objects.create(start=may(first), end=may(last), **values)

    def drop(self):
        with connection.schema_editor() as editor:
            # What points at a table goes before it.
            for model in sorted(self.state.apps.get_models(), key=lambda known: known.__name__):
                editor.delete_model(model)


def may(day):
    return f"2026-05-{day:02}"


@pytest.fixture
def project():
    project = Project()
    yield project
    project.drop()


@pytest.fixture
def kept_apart(project):
    """A project whose bookings have every constraint, with one from the 10th to the 20th."""
    project.migrate(HOUSE, create_booking(*EVERY_CONSTRAINT))
    project.book(10, 20)
    return project


def assert_kept_apart(project):
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.model().objects.create(
            house=project.model("House").objects.get(), start=may(1), end=may(11)
        )
    fitting = project.book(20, 21)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.model().objects.filter(pk=fitting.pk).update(start=may(19))
    project.book(10, 20, status="cancelled")
    assert project.model().objects.count() == 3


def count_traces():
    """Return how many triggers, indexes and constraints of ``NoOverlap`` the database has."""
    queries = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE name LIKE '%booking_no_overlap%'",
        "postgresql": "SELECT count(*) FROM pg_class WHERE relname LIKE '%booking_no_overlap%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        return cursor.fetchone()[0]


def detect(before, after):
    """Return the operations that makemigrations writes, read back from the text."""
    # The detector takes states apart.
    detector = MigrationAutodetector(
        before.clone(), after.clone(), MigrationQuestioner(specified_apps={"lease"})
    )
    changes = detector.changes(MigrationGraph())
    operations = []
    for migration in changes.get("lease", []):
        written = {}
        exec(MigrationWriter(migration, include_header=False).as_string(), written)
        operations += written["Migration"].operations
    return operations


def describe_project(*constraints, **fields):
    state = ProjectState()
    state.add_model(ModelState("lease", "House", HOUSE.fields))
    options = {"constraints": list(constraints), "indexes": []}
    state.add_model(ModelState("lease", "Booking", list_fields(**fields), options))
    return state


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


@pytest.mark.usefixtures("no_extension")
def test_a_partition_of_text_brings_the_extension_along(project):
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    project.migrate(HOUSE, create_booking())
    project.migrate(migrations.AddConstraint("booking", apart))
    project.book(10, 20, code="A")
    project.book(10, 20, code="B")
    project.book(10, 20, code=None)
    project.book(10, 20, code=None)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21, code="A")
    rival = project.model()(code="B", start=may(1), end=may(11), house_id=1)
    (conflict,) = find_conflicts([rival])
    assert conflict.other.code == "B"


@pytest.mark.database_lacks("sqlite", reason="needs no extension")
@pytest.mark.usefixtures("no_extension")
def test_a_role_that_may_not_create_the_extension_is_told_what_to_do(project, plain_role):
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    with pytest.raises(ExtensionMissing, match="CREATE EXTENSION btree_gist") as caught:
        project.migrate(HOUSE, create_booking(apart))
    assert isinstance(caught.value, NotSupportedError)
    assert "partitioned by code" in str(caught.value)


@pytest.mark.database_lacks("sqlite", reason="needs no extension")
@pytest.mark.usefixtures("no_extension")
def test_an_extension_that_somebody_has_made_serves_a_role_that_may_not(project, plain_role, role):
    with connection.cursor() as cursor:
        for statement in ("RESET ROLE", "CREATE EXTENSION btree_gist", f"SET ROLE {role}"):
            cursor.execute(statement)
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    project.migrate(HOUSE, create_booking(apart))
    project.book(10, 20, code="A")
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21, code="A")


@pytest.fixture
def plain_role(role):
    """Be a role that may make tables and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")
        cursor.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
        cursor.execute(f"DROP OWNED BY {role}")
        cursor.execute(f"DROP ROLE {role}")


@pytest.fixture
def no_extension():
    """Take the extension away after the test, so that the next database is as bare as this."""
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION IF EXISTS btree_gist CASCADE")


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
