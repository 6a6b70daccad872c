"""Views, functions, triggers and keys that somebody made in the database."""

from contextlib import contextmanager

from django.db import connection

from tests.testapp.models import Bookcase, Seat

from .walk import created, deleted, only_on, run, updated, way

UPPER_CASE = """
CREATE FUNCTION walk_upper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.room := upper(NEW.room);
  UPDATE "walk book" SET pages = 99 WHERE pages = 20;
  RETURN NEW;
END $$
"""

SET_ROOM = """
CREATE FUNCTION walk_set_room(text) RETURNS int LANGUAGE sql AS $$
  UPDATE testapp_bookcase SET room = $1; SELECT 1
$$
"""


@contextmanager
def made(*statements, drop):
    """Have something in the database for a while."""
    for statement in statements:
        run(statement)
    yield
    for statement in drop:
        run(statement)


@only_on("postgresql")
def a_view_that_is_written_through(first, second):
    with made(
        "CREATE VIEW walk_view AS SELECT code, room FROM testapp_bookcase",
        drop=["DROP VIEW walk_view"],
    ):
        run("UPDATE walk_view SET room = 'seen'")
        run("INSERT INTO walk_view VALUES ('B', 'seen')")
    return [
        updated(first.shelf, room=("north", "seen")),
        created(Bookcase(code="B"), room="seen"),
    ]


@only_on("sqlite")
def a_view_with_a_trigger_in_its_place(first, second):
    with made(
        "CREATE VIEW walk_view AS SELECT code, room FROM testapp_bookcase",
        "CREATE TRIGGER walk_trigger INSTEAD OF UPDATE ON walk_view BEGIN"
        " UPDATE testapp_bookcase SET room = NEW.room; END",
        drop=["DROP VIEW walk_view"],
    ):
        run("UPDATE \"walk_view\" SET room = 'seen'")
    return [updated(first.shelf, room=("north", "seen"))]


@only_on("postgresql")
def a_trigger_that_changes_the_row_and_another_table(first, second):
    with made(
        UPPER_CASE,
        "CREATE TRIGGER walk_trigger BEFORE UPDATE ON testapp_bookcase"
        " FOR EACH ROW EXECUTE FUNCTION walk_upper()",
        drop=["DROP FUNCTION walk_upper CASCADE"],
    ):
        Bookcase.objects.update(room="south")
    return [updated(second, pages=(20, 99)), updated(first.shelf, room=("north", "SOUTH"))]


@only_on("sqlite")
def a_trigger_that_changes_another_table(first, second):
    with made(
        "CREATE TRIGGER walk_trigger AFTER UPDATE ON testapp_bookcase BEGIN"
        ' UPDATE "walk book" SET pages = 99 WHERE pages = 20; END',
        drop=["DROP TRIGGER walk_trigger"],
    ):
        Bookcase.objects.update(room="south")
    return [updated(second, pages=(20, 99)), updated(first.shelf, room=("north", "south"))]


@only_on("postgresql")
def a_rule_that_writes_something_else(first, second):
    with made(
        "CREATE TABLE walk_inbox (room text)",
        "CREATE RULE walk_rule AS ON INSERT TO walk_inbox DO INSTEAD"
        " UPDATE testapp_bookcase SET room = NEW.room",
        drop=["DROP TABLE walk_inbox"],
    ):
        run("INSERT INTO walk_inbox VALUES ('ruled')")
    return [updated(first.shelf, room=("north", "ruled"))]


@only_on("postgresql")
def a_function_that_is_called_by_its_name(first, second):
    with made(SET_ROOM, drop=["DROP FUNCTION walk_set_room"]), connection.cursor() as cursor:
        cursor.callproc("walk_set_room", ["called"])
        assert cursor.fetchall() == [(1,)]
    return [updated(first.shelf, room=("north", "called"))]


@only_on("postgresql")
def a_key_that_the_database_passes_on(first, second):
    with made(
        'ALTER TABLE "walk book" ADD CONSTRAINT walk_key FOREIGN KEY (shelf_id)'
        " REFERENCES testapp_bookcase ON UPDATE CASCADE",
        drop=["SET CONSTRAINTS ALL IMMEDIATE", 'ALTER TABLE "walk book" DROP CONSTRAINT walk_key'],
    ):
        run("UPDATE testapp_bookcase SET code = 'Z'")
    return [
        deleted(first.shelf, code="A/1"),
        created(Bookcase(code="Z"), room="north"),
        updated(first, shelf=("A/1", "Z")),
    ]


@only_on("postgresql")
def a_table_without_a_log(first, second):
    with made(
        "ALTER TABLE testapp_seat SET UNLOGGED", drop=["ALTER TABLE testapp_seat SET LOGGED"]
    ):
        run("INSERT INTO testapp_seat VALUES ('A', 1, false)")
    return [created(Seat(row="A", number=1), taken=False)]


@only_on("postgresql")
def a_temporary_table_of_the_same_name_that_is_no_model(first, second):
    with made(
        "CREATE TEMPORARY TABLE testapp_bookcase (code text, room text)",
        drop=["DROP TABLE pg_temp.testapp_bookcase"],
    ):
        run("INSERT INTO testapp_bookcase VALUES ('B', 'nowhere')")
        run("UPDATE public.testapp_bookcase SET room = 'south'")
    return [updated(first.shelf, room=("north", "south"))]


@only_on("postgresql")
def a_pipeline(first, second):
    with connection.connection.pipeline(), connection.cursor() as cursor:
        cursor.execute("UPDATE testapp_bookcase SET room = %s", ["first"])
        cursor.execute("UPDATE testapp_bookcase SET room = %s", ["second"])
    return [
        updated(first.shelf, room=("north", "first")),
        updated(first.shelf, room=("first", "second")),
    ]


@way
def a_statement_that_is_explained_and_only_then_run(first, second):
    if connection.vendor == "sqlite":
        run("EXPLAIN UPDATE testapp_bookcase SET room = 'planned'")
        return []
    run("EXPLAIN UPDATE testapp_bookcase SET room = 'planned'")
    run("EXPLAIN (ANALYZE) UPDATE testapp_bookcase SET room = 'run'")
    return [updated(first.shelf, room=("north", "run"))]
