"""Whatever kept a value unique among all rows keeps it unique among the living ones, and back."""

import pytest
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.writer import OperationWriter

from django_modernize.integrity import RowsBreakConstraint, UniqueAlive
from django_modernize.migrate import UniqueToAlive
from tests.integration.test_add_constraint_safely import go_back, migrate
from tests.lease import Project, detect

pytestmark = pytest.mark.django_db(transaction=True)

GONE = "2026-05-01T00:00Z"
BY_NAME = UniqueAlive("name", name="room_unique_name")
BY_BOTH = UniqueAlive("house", "name", name="room_unique_name")


def create_room(unique=False, **options):
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("house", models.IntegerField(default=1)),
        ("name", models.CharField(max_length=20, unique=unique)),
        ("deleted_at", models.DateTimeField(null=True)),
    ]
    return migrations.CreateModel("Room", fields, {"constraints": [], **options})


SHAPES = {
    "unique=True": (create_room(unique=True), BY_NAME),
    "a constraint": (
        create_room(constraints=[models.UniqueConstraint(fields=["name"], name="old")]),
        BY_NAME,
    ),
    "unique_together": (create_room(unique_together={("house", "name")}), BY_BOTH),
    "a constraint of two": (
        create_room(constraints=[models.UniqueConstraint(fields=["name", "house"], name="old")]),
        BY_BOTH,
    ),
    "two rules at once": (
        create_room(
            unique=True, constraints=[models.UniqueConstraint(fields=["name"], name="old")]
        ),
        BY_NAME,
    ),
}


def is_taken(project, name="Elm", **values):
    try:
        with transaction.atomic():
            project.model("Room").objects.create(name=name, **values)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize(("create", "constraint"), SHAPES.values(), ids=SHAPES)
def test_the_rule_counts_living_rows_alone_and_all_again(project, create, constraint, atomic):
    project.migrate(create)
    project.model("Room").objects.create(name="Elm", deleted_at=GONE)
    assert is_taken(project)
    operation = UniqueToAlive("Room", constraint)
    before = migrate(project, operation, atomic=atomic)
    assert not is_taken(project)
    assert is_taken(project)
    project.model("Room").objects.filter(deleted_at=None).delete()
    go_back(project, operation, before, atomic=atomic)
    assert is_taken(project)


class NowhereRouter:
    """Says that no table of the project is in this database."""

    def allow_migrate(self, db, app_label, **hints):
        return app_label != "lease"


def test_a_table_that_is_in_another_database_is_left_to_it(project, settings):
    project.migrate(create_room(unique=True))
    project.model("Room").objects.create(name="Elm", deleted_at=GONE)
    operation = UniqueToAlive("Room", BY_NAME)
    settings.DATABASE_ROUTERS = [NowhereRouter()]
    before = migrate(project, operation)
    go_back(project, operation, before)
    settings.DATABASE_ROUTERS = []
    assert is_taken(project)


def test_another_rule_of_the_model_stays(project):
    create = create_room(
        unique_together={("house", "name"), ("name", "deleted_at")},
        constraints=[models.UniqueConstraint(fields=["house"], name="by_house")],
    )
    project.migrate(create)
    migrate(project, UniqueToAlive("Room", BY_BOTH))
    state = project.state.models["lease", "room"]
    assert state.options["unique_together"] == {("name", "deleted_at")}
    assert [found.name for found in state.options["constraints"]] == ["by_house", BY_BOTH.name]


def test_deleted_rows_with_a_value_that_is_taken_stop_the_way_back(project):
    project.migrate(create_room(unique=True))
    operation = UniqueToAlive("Room", BY_NAME)
    before = migrate(project, operation)
    room = project.model("Room")
    room.objects.create(name="Elm", deleted_at=GONE)
    living = room.objects.create(name="Elm")
    with pytest.raises(RowsBreakConstraint, match="Change or purge the deleted rows") as caught:
        go_back(project, operation, before)
    assert caught.value.keys == [living.pk]
    assert is_taken(project)


def test_living_rows_that_are_equal_now_stop_it(project):
    project.migrate(create_room(unique=True))
    project.model("Room").objects.create(name="Elm")
    project.model("Room").objects.create(name="ELM")
    any_case = UniqueAlive("name", name="room_unique_name", ignore_case="name")
    with pytest.raises(RowsBreakConstraint):
        migrate(project, UniqueToAlive("Room", any_case))


def test_makemigrations_finds_nothing_to_do_afterwards(project):
    project.migrate(create_room(unique=True))
    migrate(project, UniqueToAlive("Room", BY_NAME))
    wanted = Project()
    wanted.state.add_model(project.state.models["lease", "room"].clone())
    create = create_room(constraints=[BY_NAME])
    expected = wanted.state.clone()
    expected.remove_model("lease", "room")
    create.state_forwards("lease", expected)
    assert detect(project.state, expected) == []


def test_where_there_is_no_rule_it_says_so(project):
    project.migrate(create_room())
    with pytest.raises(ValueError, match="found no constraint that keeps name of Room unique"):
        migrate(project, UniqueToAlive("Room", BY_NAME))


def test_a_key_cannot_be_shared_with_deleted_rows(project):
    project.migrate(create_room())
    by_key = UniqueAlive("id", name="room_unique_id")
    with pytest.raises(ValueError, match="id is a BigAutoField, which is always unique"):
        migrate(project, UniqueToAlive("Room", by_key))


def test_it_can_be_written_down_and_describes_itself():
    operation = UniqueToAlive("Room", BY_BOTH)
    text, _imports = OperationWriter(operation, indentation=0).serialize()
    assert "UniqueAlive('house', 'name', name='room_unique_name')" in text
    assert operation.describe() == "Let house, name of Room be unique among live rows only"
    assert operation.migration_name_fragment == "room_room_unique_name"
    assert operation.references_model("room", "lease")
    assert repr(operation).startswith("<UniqueToAlive 'Room', <UniqueAlive")


def test_sqlmigrate_shows_both_steps(project):
    project.migrate(create_room(unique=True))
    state = project.state.clone()
    migration = migrations.Migration("0002_alive", "lease")
    migration.operations = [UniqueToAlive("Room", BY_NAME)]
    with connection.schema_editor(collect_sql=True) as editor:
        after = migration.apply(state, editor, collect_sql=True)
    assert "room_unique_name" in "\n".join(editor.collected_sql)
    with connection.schema_editor(collect_sql=True) as editor:
        migration.operations[0].database_backwards("lease", editor, after, project.state)
    assert "room_unique_name" in "\n".join(editor.collected_sql)
    # Neither was run.
    project.model("Room").objects.create(name="Elm", deleted_at=GONE)
    assert is_taken(project)
