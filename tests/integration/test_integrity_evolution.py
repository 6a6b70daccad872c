"""Every constraint outlives what migrations do to its table, and goes when it is told to."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.optimizer import MigrationOptimizer
from django.db.models import Q

from django_modernize.integrity import Before, NoOverlap, ParentKey, SameParent, UniqueAlive
from tests.lease import detect, may

pytestmark = pytest.mark.django_db(transaction=True)

HOUSE = migrations.CreateModel("House", [("id", models.BigAutoField(primary_key=True))])
BOOKING_FIELDS = [
    ("id", models.BigAutoField(primary_key=True)),
    ("house", models.ForeignKey("lease.House", models.CASCADE)),
    ("start", models.DateField()),
    ("end", models.DateField(null=True)),
    ("code", models.CharField(max_length=20, null=True)),
    ("deleted_at", models.DateTimeField(null=True)),
]
TASK_FIELDS = [
    ("id", models.BigAutoField(primary_key=True)),
    ("booking", models.ForeignKey("lease.Booking", models.CASCADE)),
    ("house", models.ForeignKey("lease.House", models.CASCADE)),
]
ALIVE = Q(deleted_at__isnull=True)
ORDER = Before("start", "end", name="kept_order")
APART = NoOverlap("start", "end", partition_by="house", condition=ALIVE, name="kept_apart")
APART_LATE = NoOverlap(
    "start", "end", partition_by="house", name="kept_apart", deferrable=models.Deferrable.DEFERRED
)
ONCE = UniqueAlive("code", name="kept_once", ignore_case="code", nulls_distinct=False)
KEY = ParentKey("house", name="kept_key")
TOGETHER = SameParent("booking", "house", name="kept_together")
CONSTRAINTS = {"Before": ORDER, "NoOverlap": APART, "deferred": APART_LATE, "UniqueAlive": ONCE}


def create_tables(booking=(), task=(), key=(KEY,)):
    return [
        HOUSE,
        migrations.CreateModel(
            "Booking", BOOKING_FIELDS, {"constraints": [*booking, *key], "indexes": []}
        ),
        migrations.CreateModel("Task", TASK_FIELDS, {"constraints": list(task), "indexes": []}),
    ]


class Rows:
    """Writes rows whatever models and fields are called by now."""

    def __init__(self, project):
        self.project = project
        self.code = 0

    def model(self, *names):
        known = {state.name for state in self.project.state.models.values()}
        return self.project.model(next(name for name in names if name in known))

    def house(self, number):
        return self.model("House", "Home").objects.get_or_create(pk=number)[0]

    def book(self, first, last, house=1, **values):
        self.code += 1
        model = self.model("Booking", "Stay")
        names = {field.name for field in model._meta.get_fields()}
        start, home = ("start" if "start" in names else "first"), "house"
        values = {start: may(first), "end": may(last), home: self.house(house), **values}
        return model.objects.create(**{"code": f"code {self.code}", **values})

    def task(self, booking, house):
        return self.model("Task", "Job").objects.create(
            booking_id=booking.pk, house=self.house(house)
        )


def refuses(write):
    """Tell whether the database refuses a write, at once or at the end of its transaction."""
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


def assert_kept(constraint, rows):
    """Assert that a constraint refuses what it should, and nothing else."""
    rows.model("Task", "Job").objects.all().delete()
    rows.model("Booking", "Stay").objects.all().delete()
    booking = rows.book(10, 20, code="Elm")
    rows.book(20, 21)
    rows.task(booking, 1)
    wrong_writes = {
        "kept_order": lambda: rows.book(9, 8),
        "kept_apart": lambda: rows.book(19, 20),
        "kept_once": lambda: rows.book(1, 2, code="ELM"),
        "kept_together": lambda: rows.task(booking, 2),
    }
    assert refuses(wrong_writes[constraint.name])
    if constraint is TOGETHER:
        others = type(booking).objects.filter(pk=booking.pk)
        assert refuses(lambda: others.update(house=rows.house(2)))


@pytest.fixture
def rows(project):
    return Rows(project)


NOTE = models.CharField(max_length=9, default="")
BOOKING_CHANGES = {
    "a rebuild": [migrations.AddField("booking", "note", NOTE)],
    "a column that goes": [
        migrations.AddField("booking", "note", NOTE),
        migrations.RemoveField("booking", "note"),
    ],
    "a type": [
        migrations.AlterField("booking", "code", models.CharField(max_length=30, null=True))
    ],
    "the table's name": [
        migrations.AlterModelTable("booking", "stays 'and' more"),
        migrations.AddField("booking", "note", NOTE),
    ],
    "the model's name": [
        migrations.RenameModel("Booking", "Stay"),
        migrations.AddField("stay", "note", NOTE),
    ],
    "columns": [
        migrations.AlterField("booking", "start", models.DateField(db_column="first day")),
        migrations.AlterField(
            "booking", "code", models.CharField(max_length=20, null=True, db_column="token")
        ),
        migrations.AddField("booking", "note", NOTE),
    ],
    "the partition's name": [
        migrations.RenameModel("House", "Home"),
        migrations.AddField("home", "note", NOTE),
    ],
}
TASK_CHANGES = {
    "a rebuild of the child": [migrations.AddField("task", "note", NOTE)],
    "the child's table": [migrations.AlterModelTable("task", "jobs")],
    "the child's name": [
        migrations.RenameModel("Task", "Job"),
        migrations.AddField("job", "note", NOTE),
    ],
    "the child's columns": [
        migrations.AlterField(
            "task", "house", models.ForeignKey("lease.House", models.CASCADE, db_column="home")
        ),
        migrations.AlterField(
            "task", "booking", models.ForeignKey("lease.Booking", models.CASCADE, db_column="stay")
        ),
    ],
}


@pytest.mark.parametrize("operations", BOOKING_CHANGES.values(), ids=BOOKING_CHANGES)
@pytest.mark.parametrize("constraint", [ORDER, APART_LATE, ONCE], ids=repr)
def test_a_constraint_outlives_changes_of_its_table(project, rows, constraint, operations):
    project.migrate(*create_tables(booking=[constraint]))
    assert_kept(constraint, rows)
    for operation in operations:
        project.migrate(operation)
    assert_kept(constraint, rows)


@pytest.mark.parametrize(
    "operations",
    [*BOOKING_CHANGES.values(), *TASK_CHANGES.values()],
    ids=[*BOOKING_CHANGES, *TASK_CHANGES],
)
def test_a_bond_outlives_changes_of_either_table(project, rows, operations):
    project.migrate(*create_tables(task=[TOGETHER]))
    assert_kept(TOGETHER, rows)
    for operation in operations:
        project.migrate(operation)
    assert_kept(TOGETHER, rows)


def test_a_bond_moves_with_its_parents_column_when_it_is_made_anew(project, rows):
    project.migrate(*create_tables(task=[TOGETHER]))
    project.migrate(
        migrations.RemoveConstraint("task", "kept_together"),
        migrations.AlterField(
            "booking", "house", models.ForeignKey("lease.House", models.CASCADE, db_column="home")
        ),
        migrations.AddConstraint("task", TOGETHER),
    )
    assert_kept(TOGETHER, rows)


@pytest.mark.database_lacks("postgresql", reason="follows the column")
def test_a_parents_column_that_changes_alone_stops_the_migration(project, rows):
    project.migrate(*create_tables(task=[TOGETHER]))
    house = models.ForeignKey("lease.House", models.CASCADE, db_column="home")
    with ThreadPoolExecutor(1) as thread:
        stop = thread.submit(give_up, project, migrations.AlterField("booking", "house", house))
        assert "foreign key mismatch" in str(stop.exception())
    assert_kept(TOGETHER, rows)


EVERYTHING = [*CONSTRAINTS.values(), TOGETHER]
IDS = [*CONSTRAINTS, "SameParent"]


def add(constraint):
    return migrations.AddConstraint("task" if constraint is TOGETHER else "booking", constraint)


def remove(constraint):
    return migrations.RemoveConstraint(
        "task" if constraint is TOGETHER else "booking", constraint.name
    )


@pytest.mark.parametrize("constraint", EVERYTHING, ids=IDS)
def test_a_constraint_comes_goes_and_comes_back(project, rows, constraint):
    project.migrate(*create_tables())
    project.migrate(add(constraint))
    assert_kept(constraint, rows)
    before = project.migrate(remove(constraint))
    with pytest.raises(AssertionError):
        assert_kept(constraint, rows)
    rows.model("Task").objects.all().delete()
    rows.model("Booking").objects.all().delete()
    project.unapply(before, remove(constraint))
    assert_kept(constraint, rows)


@pytest.mark.parametrize("constraint", EVERYTHING, ids=IDS)
def test_a_squashed_history_makes_the_same_constraint(project, rows, constraint):
    house, booking, task = create_tables(key=())
    of_task = constraint is TOGETHER
    history = [
        house,
        booking,
        migrations.AddConstraint("booking", KEY),
        *([task] if of_task else []),
        add(constraint),
        remove(constraint),
        migrations.AddField("booking", "note", NOTE),
        migrations.RenameField("booking", "note", "remark"),
        add(constraint),
        *([] if of_task else [task]),
    ]
    squashed = MigrationOptimizer().optimize(history, "lease")
    assert len(squashed) < len(history)
    project.migrate(*squashed)
    assert_kept(constraint, rows)


@pytest.mark.parametrize("constraint", EVERYTHING, ids=IDS)
def test_makemigrations_writes_each_constraint_once(project, rows, constraint):
    project.migrate(*create_tables())
    wanted = project.state.clone()
    add(constraint).state_forwards("lease", wanted)
    project.migrate(*detect(project.state, wanted))
    assert detect(project.state, wanted) == []
    assert_kept(constraint, rows)


@pytest.mark.parametrize("constraint", EVERYTHING, ids=IDS)
def test_sql_that_was_run_by_hand_and_faked_is_the_same(project, rows, constraint):
    project.migrate(*create_tables())
    migration = migrations.Migration("0002_faked", "lease")
    migration.operations = [add(constraint)]
    state = project.state
    with connection.schema_editor(collect_sql=True) as editor:
        faked = migration.apply(state.clone(), editor, collect_sql=True)
    run_by_hand("\n".join(editor.collected_sql))
    project.state = faked
    assert_kept(constraint, rows)
    project.migrate(migrations.AddField("booking", "note", NOTE))
    assert_kept(constraint, rows)


def run_by_hand(script):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(script)
            return
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.executescript(script)
        cursor.execute("PRAGMA foreign_keys = ON")


def give_up(project, operation):
    """Migrate as a process that ends with the error: Django may leave the transaction open."""
    before = project.state
    try:
        project.migrate(operation)
    finally:
        project.state = before
        connection.connection.close()


@pytest.mark.parametrize("constraint", EVERYTHING, ids=IDS)
def test_rows_that_break_a_constraint_already_stop_it_and_nothing_changes(
    project, rows, constraint
):
    project.migrate(*create_tables())
    booking = rows.book(10, 20, code="Elm")
    wrong = {
        "kept_order": lambda: rows.book(9, 8),
        "kept_apart": lambda: rows.book(19, 20),
        "kept_once": lambda: rows.book(1, 2, code="ELM"),
        "kept_together": lambda: rows.task(booking, 2),
    }
    wrong[constraint.name]()
    count = rows.model("Booking").objects.count()
    with ThreadPoolExecutor(1) as thread:
        assert isinstance(
            thread.submit(give_up, project, add(constraint)).exception(), IntegrityError
        )
    assert rows.model("Booking").objects.count() == count
    # Without the constraint still: more of the same can be written.
    rows.model("Booking").objects.exclude(pk=booking.pk).delete()
    wrong[constraint.name]()


@pytest.mark.database_lacks("sqlite", reason="judges at once always")
def test_deferred_ranges_may_change_places(project, rows):
    project.migrate(*create_tables(booking=[APART_LATE]))
    first, second = rows.book(1, 5), rows.book(5, 9)
    with transaction.atomic():
        type(first).objects.filter(pk=first.pk).update(start=may(5), end=may(9))
        type(first).objects.filter(pk=second.pk).update(start=may(1), end=may(5))
    assert list(type(first).objects.order_by("start")) == [second, first]
