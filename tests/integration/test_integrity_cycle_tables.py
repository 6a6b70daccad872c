"""``NoCycle`` keeps writers at once apart, and outlives what migrations do to its table."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import (
    IntegrityError,
    NotSupportedError,
    OperationalError,
    connection,
    migrations,
    models,
    transaction,
)
from django.db.models import Q

from django_modernize.integrity import NoCycle, find_breaches
from tests.lease import detect
from tests.testapp.models import Course, Prerequisite

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60


@pytest.fixture
def courses():
    return Course.objects.bulk_create(Course(name=name) for name in "AB")


def lead(course, needed):
    return Prerequisite.objects.create(course=course, needed=needed)


class HalfWriter:
    """Writes half of a circle in a transaction that stays open until it is told to end."""

    def __init__(self, isolation="READ COMMITTED"):
        self.isolation = isolation
        self.has_written = Event()
        self.may_end = Event()

    def write(self, course, needed):
        try:
            with transaction.atomic():
                set_isolation(self.isolation)
                lead(course, needed)
                self.has_written.set()
                assert self.may_end.wait(PATIENCE)
        finally:
            connection.close()


def set_isolation(level):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "SERIALIZABLE"])
def test_two_writers_at_once_do_not_close_a_circle_with_one_half_each(courses, isolation):
    a, b, *_ = courses
    slow, quick = HalfWriter(isolation), HalfWriter(isolation)
    quick.may_end.set()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow.write, a, b)
        assert slow.has_written.wait(PATIENCE)
        second = pool.submit(quick.write, b, a)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        slow.may_end.set()
        first.result(PATIENCE)
        assert isinstance(second.exception(PATIENCE), IntegrityError | OperationalError)
    assert Prerequisite.objects.get().course == a


@pytest.mark.database_lacks("sqlite", reason="has one isolation level")
def test_repeatable_read_where_nothing_could_be_noticed_is_refused(courses):
    with pytest.raises(NotSupportedError, match="READ COMMITTED or SER"), transaction.atomic():
        set_isolation("REPEATABLE READ")
        lead(courses[0], courses[1])


TASK = migrations.CreateModel("Task", [("id", models.BigAutoField(primary_key=True))])
KEPT = NoCycle("task", "needed", condition=~Q(note="50% off"), name="kept_no_cycle")
NOTE = models.CharField(max_length=9, default="")


def create_edge(*constraints):
    return migrations.CreateModel(
        "Edge",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("task", models.ForeignKey("lease.Task", models.CASCADE, related_name="+")),
            ("needed", models.ForeignKey("lease.Task", models.CASCADE, related_name="+")),
            ("note", models.CharField(max_length=20, default="")),
        ],
        options={"constraints": list(constraints), "indexes": []},
    )


class Edges:
    """Writes edges whatever models and fields are called by now."""

    def __init__(self, project):
        names = {state.name for state in project.state.models.values()}
        self.edge = project.model("Edge" if "Edge" in names else "Link")
        task = project.model("Task")
        self.source = next(
            name
            for name in ("task", "later")
            if any(field.name == name for field in self.edge._meta.fields)
        )
        self.tasks = [task.objects.get_or_create(pk=number)[0] for number in range(1, 4)]

    def write(self, first, second, **values):
        ends = {self.source: self.tasks[first], "needed": self.tasks[second]}
        with transaction.atomic():
            return self.edge.objects.create(**ends, **values)

    def assert_kept(self):
        self.edge.objects.all().delete()
        self.write(0, 1)
        self.write(1, 2)
        self.write(2, 0, note="50% off")
        with pytest.raises(IntegrityError):
            self.write(2, 0)
        with pytest.raises(IntegrityError), transaction.atomic():
            self.edge.objects.update(note="")


CHANGES = {
    "nothing": [],
    "a rebuild": [migrations.AddField("edge", "price", NOTE)],
    "the table's name": [
        migrations.AlterModelTable("edge", "links 'and' more"),
        migrations.AddField("edge", "price", NOTE),
    ],
    "the model's name": [
        migrations.RenameModel("Edge", "Link"),
        migrations.AddField("link", "price", NOTE),
    ],
    "a column's name": [
        migrations.AlterField(
            "edge",
            "task",
            models.ForeignKey(
                "lease.Task", models.CASCADE, related_name="+", db_column="what comes later"
            ),
        ),
        migrations.AddField("edge", "price", NOTE),
    ],
}


@pytest.mark.parametrize("operations", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("is_added", [False, True], ids=["created", "added"])
def test_a_constraint_outlives_what_migrations_do_to_its_table(project, operations, is_added):
    if is_added:
        project.migrate(TASK, create_edge(), migrations.AddConstraint("edge", KEPT))
    else:
        project.migrate(TASK, create_edge(KEPT))
    for operation in operations:
        project.migrate(operation)
    Edges(project).assert_kept()


def test_a_constraint_goes_when_it_is_told_to_and_comes_back(project):
    project.migrate(TASK, create_edge(KEPT))
    removal = migrations.RemoveConstraint("edge", KEPT.name)
    before = project.migrate(removal)
    edges = Edges(project)
    edges.write(0, 1)
    edges.write(1, 0)
    edges.edge.objects.all().delete()
    project.unapply(before, removal)
    project.state = before
    Edges(project).assert_kept()


def test_makemigrations_writes_it_once(project):
    project.migrate(TASK, create_edge())
    wanted = project.state.clone()
    migrations.AddConstraint("edge", KEPT).state_forwards("lease", wanted)
    project.migrate(*detect(project.state, wanted))
    assert detect(project.state, wanted) == []
    Edges(project).assert_kept()


def test_rows_that_lead_in_a_circle_already_stop_it_and_are_found(project):
    project.migrate(TASK, create_edge())
    edges = Edges(project)
    edges.write(0, 1)
    closing = edges.write(1, 0)
    edges.write(1, 2)
    edges.write(2, 0, note="50% off")
    state = project.state
    with pytest.raises(IntegrityError):
        project.migrate(migrations.AddConstraint("edge", KEPT))
    project.state = state
    assert edges.edge.objects.count() == 4
    assert find_breaches(KEPT, edges.edge, "default") == [closing.pk]
    closing.delete()
    project.migrate(migrations.AddConstraint("edge", KEPT))
    Edges(project).assert_kept()
