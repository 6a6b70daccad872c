"""SQL of one's own."""

from django.db import connection, transaction

from tests.testapp.models import Book, Bookcase, Seat, Survey

from .walk import Gone, created, deleted, only_on, run, truncated, updated, way


@way
def raw_insert(first, second):
    run("INSERT INTO testapp_bookcase (code, room) VALUES ('B', 'south')")
    return [created(Bookcase(code="B"), code="B", room="south")]


@way
def raw_insert_from_a_query(first, second):
    run("INSERT INTO testapp_bookcase (code, room) SELECT 'B', room FROM testapp_bookcase")
    return [created(Bookcase(code="B"), code="B", room="north")]


@way
def raw_update(first, second):
    run('UPDATE "walk book" SET pages = pages + %s', 1)
    return [updated(first, pages=(10, 11)), updated(second, pages=(20, 21))]


@way
def raw_delete(first, second):
    gone = Gone(second)
    run('DELETE FROM "walk book" WHERE pages = 20')
    return [deleted(gone, title="second")]


@way
def raw_upsert(first, second):
    run(
        "INSERT INTO testapp_bookcase (code, room) VALUES ('A/1', 'west'), ('B', 'west')"
        " ON CONFLICT (code) DO UPDATE SET room = excluded.room"
    )
    return [updated(first.shelf, room=("north", "west")), created(Bookcase(code="B"), room="west")]


@way
def raw_write_in_a_common_table_expression(first, second):
    run(
        'WITH many AS (SELECT 10 AS pages) UPDATE "walk book" SET pages = 1'
        " WHERE pages IN (SELECT pages FROM many)"
    )
    return [updated(first, pages=(10, 1))]


@way
def raw_returning(first, second):
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "walk book" SET pages = 1 WHERE pages = 10 RETURNING pages')
        assert cursor.fetchall() == [(1,)]
    return [updated(first, pages=(10, 1))]


@way
def raw_query_in_a_model(first, second):
    list(Book.objects.raw('UPDATE "walk book" SET pages = 1 WHERE pages = 10 RETURNING id'))
    return [updated(first, pages=(10, 1))]


@way
def executemany(first, second):
    with connection.cursor() as cursor:
        cursor.executemany(
            'UPDATE "walk book" SET pages = %s WHERE id = %s', [(1, first.pk), (2, second.pk)]
        )
    return [updated(first, pages=(10, 1)), updated(second, pages=(20, 2))]


@only_on("sqlite")
def replace(first, second):
    run("REPLACE INTO testapp_bookcase (code, room) VALUES ('B', 'south')")
    return [created(Bookcase(code="B"), room="south")]


@only_on("postgresql")
def copy(first, second):
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY testapp_bookcase (code, room) FROM STDIN") as rows,
    ):
        rows.write_row(("B", "south"))
    return [created(Bookcase(code="B"), room="south")]


@only_on("postgresql")
def merge(first, second):
    run(
        "MERGE INTO testapp_bookcase t USING (VALUES ('A/1'), ('B')) AS v (code) ON t.code = v.code"
        " WHEN MATCHED THEN UPDATE SET room = 'west'"
        " WHEN NOT MATCHED THEN INSERT (code, room) VALUES (v.code, 'west')"
    )
    return [updated(first.shelf, room=("north", "west")), created(Bookcase(code="B"), room="west")]


@only_on("postgresql")
def several_statements_in_one_message(first, second):
    run("UPDATE testapp_bookcase SET room = 'a'; UPDATE testapp_bookcase SET room = 'b'")
    return [updated(first.shelf, room=("north", "a")), updated(first.shelf, room=("a", "b"))]


@only_on("postgresql")
def writes_in_a_common_table_expression(first, second):
    run(
        'WITH gone AS (DELETE FROM "walk book" WHERE pages = 20 RETURNING id)'
        " INSERT INTO testapp_bookcase (code, room) SELECT 'B', 'east' FROM gone"
    )
    return [deleted(Gone(second), title="second"), created(Bookcase(code="B"), room="east")]


@only_on("postgresql")
def a_function_that_writes(first, second):
    run("DO $$ BEGIN UPDATE testapp_bookcase SET room = 'done'; END $$")
    return [updated(first.shelf, room=("north", "done"))]


@only_on("postgresql")
def truncate(first, second):
    run("TRUNCATE testapp_seat")
    return [truncated(Seat)]


@way
def raw_upsert_that_does_nothing(first, second):
    run(
        "INSERT INTO testapp_bookcase (code, room) VALUES ('A/1', 'west'), ('B', 'west')"
        " ON CONFLICT DO NOTHING"
    )
    return [created(Bookcase(code="B"), room="west")]


@way
def raw_upsert_with_a_condition(first, second):
    run(
        "INSERT INTO testapp_bookcase (code, room) VALUES ('A/1', 'west')"
        " ON CONFLICT (code) DO UPDATE SET room = excluded.room"
        " WHERE testapp_bookcase.room <> 'north'"
    )
    return []


@way
def raw_update_from_another_table(first, second):
    run(
        'UPDATE "walk book" SET pages = 1 FROM testapp_bookcase AS shelf'
        ' WHERE shelf.code = "walk book".shelf_id'
    )
    return [updated(first, pages=(10, 1))]


@way
def raw_delete_with_a_comment_in_front(first, second):
    gone = Gone(second)
    run('/* nightly */ -- cleaning\n DELETE FROM "walk book" WHERE pages = 20')
    return [deleted(gone, title="second")]


@way
def executemany_that_inserts(first, second):
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO testapp_bookcase (code, room) VALUES (%s, %s)", [("B", "b"), ("C", "c")]
        )
    return [created(Bookcase(code="B"), room="b"), created(Bookcase(code="C"), room="c")]


@only_on("sqlite")
def replace_of_a_row_that_is_there(first, second):
    run("REPLACE INTO testapp_bookcase (code, room) VALUES ('A/1', 'south')")
    return [
        deleted(Bookcase(code="A/1"), room="north"),
        created(Bookcase(code="A/1"), room="south"),
    ]


@only_on("sqlite")
def insert_or_replace_of_another_key(first, second):
    gone = Gone(second)
    run(
        'INSERT OR REPLACE INTO "walk book" (id, "book title", pages) VALUES (900, %s, 1)',
        "second",
    )
    return [deleted(gone, title="second"), created(Book(pk=900), title="second", pages=1)]


@only_on("sqlite")
def replace_in_a_common_table_expression(first, second):
    run(
        "WITH v AS (SELECT 'A/1' AS code) REPLACE INTO testapp_bookcase (code, room)"
        " SELECT code, 'south' FROM v"
    )
    return [
        deleted(Bookcase(code="A/1"), room="north"),
        created(Bookcase(code="A/1"), room="south"),
    ]


@only_on("sqlite")
def insert_or_replace_in_a_common_table_expression(first, second):
    run(
        "WITH v AS (SELECT 'A/1' AS code) INSERT OR REPLACE INTO testapp_bookcase (code, room)"
        " SELECT code, 'south' FROM v"
    )
    return [
        deleted(Bookcase(code="A/1"), room="north"),
        created(Bookcase(code="A/1"), room="south"),
    ]


@only_on("postgresql")
def a_write_behind_a_query_in_one_message(first, second):
    run("SELECT 1; UPDATE testapp_bookcase SET room = 'south'")
    return [updated(first.shelf, room=("north", "south"))]


@only_on("postgresql")
def merge_that_deletes(first, second):
    gone = Gone(second)
    run(
        'MERGE INTO "walk book" t USING (VALUES (20)) AS v (pages) ON t.pages = v.pages'
        " WHEN MATCHED THEN DELETE"
    )
    return [deleted(gone, title="second")]


@only_on("postgresql")
def copy_of_many_rows_as_text(first, second):
    with connection.cursor() as cursor, cursor.copy("COPY testapp_seat FROM STDIN") as rows:
        rows.write("A\t1\tt\nA\t2\tf\n")
    return [
        created(Seat(row="A", number=1), taken=True),
        created(Seat(row="A", number=2), taken=False),
    ]


@only_on("postgresql")
def a_prepared_statement(first, second):
    run('PREPARE emptying (int) AS UPDATE "walk book" SET pages = $1 WHERE pages = 10')
    run("EXECUTE emptying(0)")
    run("DEALLOCATE emptying")
    return [updated(first, pages=(10, 0))]


@only_on("postgresql")
def a_cursor_of_the_server_that_is_written_through(first, second):
    with transaction.atomic():
        run('DECLARE here CURSOR FOR SELECT * FROM "walk book" WHERE pages = 10 FOR UPDATE')
        run("FETCH NEXT FROM here")
        run('UPDATE "walk book" SET pages = 0 WHERE CURRENT OF here')
        run("CLOSE here")
    return [updated(first, pages=(10, 0))]


@only_on("postgresql")
def truncate_of_several_tables(first, second):
    run("TRUNCATE testapp_seat, testapp_survey RESTART IDENTITY")
    return [truncated(Seat), truncated(Survey)]
