"""A constraint that is added to a table with rows: they are looked at, and moved or named."""

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.writer import OperationWriter
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from django_modernize.integrity import (
    Before,
    NoOverlap,
    ParentKey,
    RowsBreakConstraint,
    SameParent,
    UniqueAlive,
)
from django_modernize.migrate import AddConstraintSafely
from tests.integration.test_integrity_evolution import (
    KEY,
    ORDER,
    TOGETHER,
    Rows,
    assert_kept,
    create_tables,
)
from tests.lease import Project, detect

pytestmark = pytest.mark.django_db(transaction=True)

APART = NoOverlap(
    "start", "end", partition_by="house", condition=Q(deleted_at__isnull=True), name="kept_apart"
)
ONCE = UniqueAlive("code", name="kept_once", ignore_case="code", nulls_distinct=False)
EVERYTHING = [ORDER, APART, ONCE, TOGETHER]


@pytest.fixture
def project():
    project = Project()
    project.migrate(*create_tables())
    yield project
    drop_quarantines()
    project.drop()


def drop_quarantines():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("quarantine_"):
                cursor.execute(f"DROP TABLE {table}")


@pytest.fixture
def rows(project):
    return Rows(project)


def add_safely(constraint, **options):
    model = "Task" if constraint is TOGETHER else "Booking"
    return AddConstraintSafely(model, constraint, **options)


def migrate(project, operation, *, atomic=False):
    """Apply an operation, in a transaction or without, and give the state before it."""
    before, after = project.state, project.state.clone()
    operation.state_forwards("lease", after)
    with connection.schema_editor(atomic=atomic) as editor:
        operation.database_forwards("lease", editor, before, after)
    project.state = after
    return before


def go_back(project, operation, before, *, atomic=False):
    with connection.schema_editor(atomic=atomic) as editor:
        operation.database_backwards("lease", editor, project.state, before)
    project.state = before


def break_rules(rows):
    """Store a row that breaks each constraint beside one that does not; return the former."""
    good = rows.book(10, 20, code="Elm")
    return {
        "kept_order": rows.book(9, 8),
        "kept_apart": rows.book(19, 20),
        "kept_once": rows.book(1, 2, code="ELM"),
        "kept_together": rows.task(good, 2),
    }


def list_rows(model):
    return list(model.objects.order_by("pk").values())


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("constraint", EVERYTHING, ids=repr)
def test_rows_that_break_it_are_named_and_nothing_changes(project, rows, constraint, atomic):
    broken = break_rules(rows)[constraint.name]
    before = list_rows(type(broken))
    with pytest.raises(RowsBreakConstraint) as caught:
        migrate(project, add_safely(constraint), atomic=atomic)
    assert caught.value.keys == [broken.pk]
    label = f"lease.{type(broken).__name__}"
    assert f"1 rows of {label} violate '{constraint.name}'" in str(caught.value)
    assert "quarantine=True" in str(caught.value)
    assert list_rows(type(broken)) == before


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("constraint", EVERYTHING, ids=repr)
def test_rows_that_break_it_are_moved_and_come_back(project, rows, constraint, atomic):
    broken = break_rules(rows)[constraint.name]
    model = type(broken)
    everything = list_rows(model)
    operation = add_safely(constraint, quarantine=True, batch_size=1)
    before = migrate(project, operation, atomic=atomic)
    assert [row["id"] for row in everything if row not in list_rows(model)] == [broken.pk]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM quarantine_{constraint.name}")
        assert cursor.fetchall() == [(broken.pk,)]
    go_back(project, operation, before, atomic=atomic)
    assert list_rows(model) == everything
    assert f"quarantine_{constraint.name}" not in connection.introspection.table_names()
    migrate(project, operation, atomic=atomic)
    assert_kept(constraint, rows)


@pytest.mark.parametrize("constraint", EVERYTHING, ids=repr)
def test_where_no_row_breaks_it_it_is_added(project, rows, constraint):
    operation = add_safely(constraint, quarantine=True)
    before = migrate(project, operation)
    assert_kept(constraint, rows)
    assert f"quarantine_{constraint.name}" not in connection.introspection.table_names()
    go_back(project, operation, before)


def test_a_row_that_others_point_to_is_not_moved(project, rows):
    broken = break_rules(rows)["kept_order"]
    rows.task(broken, 1)
    before = list_rows(type(broken))
    with pytest.raises(RowsBreakConstraint, match="Other rows point to them") as caught:
        migrate(project, add_safely(ORDER, quarantine=True), atomic=True)
    assert caught.value.keys == [broken.pk]
    assert list_rows(type(broken)) == before


ranges = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 2])), max_size=12
)


@settings(max_examples=12, deadline=None)
@given(ranges)
def test_of_overlapping_rows_as_many_go_as_have_to(stored):
    project = Project()
    try:
        project.migrate(*create_tables())
        rows = Rows(project)
        for first, last, house in stored:
            rows.book(first, last, house=house)
        migrate(project, add_safely(APART, quarantine=True))
        kept = set(rows.model("Booking").objects.values_list("start__day", "end__day", "house"))
        assert kept == keep_earliest(stored)
    finally:
        drop_quarantines()
        project.drop()


def keep_earliest(stored):
    """Take the ranges of each house as they begin, and leave out what is in the way of one."""
    kept = set()
    ends = {}
    for _, (first, last, house) in sorted(enumerate(stored), key=lambda one: (one[1][0], one[0])):
        if first >= last:
            kept.add((first, last, house))
        elif first >= ends.get(house, 0):
            ends[house] = last
            kept.add((first, last, house))
    return kept


def test_a_long_list_of_rows_is_cut(project, rows):
    for _ in range(25):
        rows.book(9, 8)
    with pytest.raises(RowsBreakConstraint, match="and 5 more") as caught:
        migrate(project, add_safely(ORDER))
    assert len(caught.value.keys) == 25


def test_makemigrations_finds_nothing_to_do_afterwards(project):
    operation = add_safely(ORDER)
    migrate(project, operation)
    wanted = project.state.clone()
    assert detect(project.state, wanted) == []


def test_it_can_be_written_down():
    operation = add_safely(ORDER, quarantine=True, batch_size=5)
    text, imports = OperationWriter(operation, indentation=0).serialize()
    assert "quarantine=True" in text
    assert "batch_size=5" in text
    assert "import django_modernize.migrate.add_constraint_safely" in imports
    name, arguments, options = operation.deconstruct()
    assert AddConstraintSafely(*arguments, **options).deconstruct() == (name, arguments, options)
    assert add_safely(ORDER).deconstruct()[2] == {}
    with pytest.raises(ValueError, match="batch_size must be 1 or more"):
        add_safely(ORDER, batch_size=0)


class NowhereRouter:
    """Says that no table of the project is in this database."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "lease"


def test_a_table_that_is_in_another_database_is_left_to_it(project, rows, settings):
    break_rules(rows)
    operation = add_safely(ORDER)
    settings.DATABASE_ROUTERS = [NowhereRouter()]
    before = migrate(project, operation)
    go_back(project, operation, before)
    settings.DATABASE_ROUTERS = []
    with pytest.raises(RowsBreakConstraint):
        migrate(project, operation)


def test_a_constraint_of_an_unknown_kind_is_refused(project):
    class Odd(models.BaseConstraint):
        pass

    with pytest.raises(TypeError, match="Odd 'odd' is of a kind"):
        migrate(project, add_safely(Odd(name="odd")))


def test_sqlmigrate_reads_no_row(project, rows):
    break_rules(rows)
    state = project.state.clone()
    migration = migrations.Migration("0002_safe", "lease")
    migration.operations, migration.atomic = [add_safely(ORDER)], False
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(state, editor, collect_sql=True)
    text = "\n".join(editor.collected_sql)
    assert "kept_order" in text
    assert ("NOT VALID" in text) == (connection.vendor == "postgresql")


postgresql_only = pytest.mark.database_lacks("sqlite", reason="has one writer at a time")

STEPS = [
    (ORDER, ["NOT VALID", "VALIDATE CONSTRAINT"]),
    (TOGETHER, ["NOT VALID", "VALIDATE CONSTRAINT"]),
    (ONCE, ["CREATE UNIQUE INDEX CONCURRENTLY"]),
    (
        models.UniqueConstraint(fields=["code"], name="kept_plain"),
        ["CREATE UNIQUE INDEX CONCURRENTLY", "UNIQUE USING INDEX"],
    ),
]


def list_alterations(queries):
    words = ("CREATE UNIQUE", "ALTER TABLE", "DROP INDEX")
    return [query["sql"] for query in queries if query["sql"].startswith(words)]


@postgresql_only
@pytest.mark.parametrize(("constraint", "steps"), STEPS, ids=repr)
def test_writers_are_not_kept_out(project, constraint, steps):
    with CaptureQueriesContext(connection) as queries:
        migrate(project, add_safely(constraint))
    taken = list_alterations(queries)
    assert len(taken) == len(steps)
    assert all(step in sql for step, sql in zip(steps, taken, strict=True))


@postgresql_only
@pytest.mark.parametrize(("constraint", "steps"), STEPS, ids=repr)
def test_a_run_after_a_kill_leaves_out_what_is_done(project, constraint, steps):
    with CaptureQueriesContext(connection) as queries:
        migrate(project, add_safely(constraint))
    first, *_ = list_alterations(queries)
    state = project.state
    project.state.models["lease", "task" if constraint is TOGETHER else "booking"].options[
        "constraints"
    ] = [KEY] if constraint is not TOGETHER else []
    with connection.schema_editor() as editor:
        name = "task" if constraint is TOGETHER else "booking"
        editor.remove_constraint(state.apps.get_model("lease", name), constraint)
    with connection.cursor() as cursor:
        cursor.execute(first)
    with CaptureQueriesContext(connection) as queries:
        migrate(project, add_safely(constraint))
    assert len(list_alterations(queries)) == len(steps) - 1
    with CaptureQueriesContext(connection) as queries:
        migrate(project, add_safely(constraint))
    assert list_alterations(queries) == []


@postgresql_only
def test_an_index_that_a_kill_left_invalid_is_built_anew(project, rows):
    broken = break_rules(rows)["kept_once"]
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY kept_once ON lease_booking (lower(code)) "
            "WHERE deleted_at IS NULL"
        )
    broken.delete()
    migrate(project, add_safely(ONCE))
    assert_kept(ONCE, rows)


def test_a_key_for_bonds_is_added_to_a_table_with_rows(project, rows):
    project.migrate(migrations.RemoveConstraint("booking", KEY.name))
    booking = rows.book(1, 2)
    migrate(project, add_safely(ParentKey("house", name="kept_key")))
    migrate(project, add_safely(TOGETHER))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.task(booking, 2)


def test_a_check_of_djangos_own_can_be_added(project, rows):
    rows.book(1, 2, code="x")
    constraint = models.CheckConstraint(condition=~Q(code="x"), name="kept_x")
    with pytest.raises(RowsBreakConstraint):
        migrate(project, add_safely(constraint))
    # A row of which nothing is known passes a check.
    rows.model("Booking").objects.update(code=None)
    migrate(project, add_safely(constraint))


def test_equal_values_and_nothing_are_judged_as_the_index_does(project, rows):
    for code in ("a", "A", None, None, "b"):
        rows.book(1, 2, code=code)
    with pytest.raises(RowsBreakConstraint) as caught:
        migrate(project, add_safely(ONCE))
    assert len(caught.value.keys) == 2
    plain = UniqueAlive("code", name="kept_once")
    migrate(project, add_safely(plain))


def test_before_with_equal_ends_is_judged_as_it_is(project, rows):
    rows.book(2, 2)
    migrate(project, add_safely(Before("start", "end", allow_equal=True, name="kept_equal")))
    with pytest.raises(RowsBreakConstraint):
        migrate(project, add_safely(ORDER))


def test_a_bond_of_a_nullable_parent_is_judged(project, rows):
    project.migrate(
        migrations.AlterField(
            "booking", "house", models.ForeignKey("lease.House", models.CASCADE, null=True)
        )
    )
    task = rows.task(rows.book(1, 2, house=1), 1)
    rows.model("Booking").objects.update(house=None)
    with pytest.raises(RowsBreakConstraint) as caught:
        migrate(project, AddConstraintSafely("Task", SameParent("booking", "house", name="same")))
    assert caught.value.keys == [task.pk]
