"""What a statement does is told from its text, and what is not known counts as a write."""

import pytest

from django_modernize.triggers.statements import (
    StatementKind,
    classify_statement,
    drops_column_alone,
    find_altered_tables,
    find_written_table,
    replaces_rows,
)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", StatementKind.READ),
        ("  -- a comment\n select 1", StatementKind.READ),
        ("/* UPDATE */ SELECT 1", StatementKind.READ),
        ("(SELECT 1) UNION (SELECT 2)", StatementKind.READ),
        ("WITH a AS (SELECT 1) SELECT * FROM a", StatementKind.READ),
        ("WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a", StatementKind.WRITE),
        ("WITH a AS (SELECT 1) REPLACE INTO b SELECT * FROM a", StatementKind.WRITE),
        ("WITH a AS (SELECT replace('x', 'x', 'y')) SELECT * FROM a", StatementKind.READ),
        ("SELECT 1; DELETE FROM b", StatementKind.WRITE),
        ("SELECT ';'", StatementKind.READ),
        ("DISCARD ALL", StatementKind.READ),
        ("EXPLAIN ANALYZE SELECT 1", StatementKind.READ),
        ("EXPLAIN ANALYZE UPDATE a SET b = 1", StatementKind.WRITE),
        ('SAVEPOINT "s1"', StatementKind.READ),
        ("ROLLBACK TO SAVEPOINT s1", StatementKind.ROLLBACK),
        ("BEGIN IMMEDIATE", StatementKind.BEGIN),
        ("START TRANSACTION", StatementKind.BEGIN),
        ("insert into a values (1)", StatementKind.WRITE),
        ("UPDATE a SET b = 1", StatementKind.WRITE),
        ("MERGE INTO a", StatementKind.WRITE),
        ("COPY a FROM STDIN", StatementKind.WRITE),
        ("DO $$ BEGIN END $$", StatementKind.WRITE),
        ("CALL something()", StatementKind.WRITE),
        ("", StatementKind.WRITE),
        ("?", StatementKind.WRITE),
        (object(), StatementKind.WRITE),
        ("CREATE TABLE a (b int)", StatementKind.SCHEMA),
        ("ALTER TABLE a ADD b int", StatementKind.SCHEMA),
    ],
)
def test_statements_are_classified(sql, kind):
    assert classify_statement(sql) is kind


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ('CREATE TABLE "a b" (c int)', {"a b"}),
        ("CREATE TABLE IF NOT EXISTS a(c int)", {"a"}),
        ('ALTER TABLE "new__a" RENAME TO "a"', {"new__a", "a"}),
        ("ALTER TABLE ONLY public.a ADD COLUMN b int", {"a"}),
        ('alter table if exists "a" drop column b', {"a"}),
        ('CREATE TABLE a PARTITION OF "b c" DEFAULT', {"a", "b c"}),
        ("CREATE TABLE a (c int, PRIMARY KEY (c)) INHERITS (public.b)", {"a", "b"}),
        ("ALTER TABLE a ATTACH PARTITION b DEFAULT", {"a"}),
        ("CREATE INDEX a ON b (c)", set()),
        ("ALTER SEQUENCE a RESTART", set()),
    ],
)
def test_altered_tables_are_named(sql, tables):
    assert find_altered_tables(sql) == tables


@pytest.mark.parametrize(
    ("sql", "replaces"),
    [
        ("REPLACE INTO a VALUES (1)", True),
        ("-- a comment\ninsert or replace into a values (1)", True),
        ("UPDATE OR REPLACE a SET b = 1", True),
        ("WITH b AS (SELECT 1) REPLACE INTO a SELECT * FROM b", True),
        ("WITH b AS (SELECT 1) insert or  replace INTO a SELECT * FROM b", True),
        ("WITH b AS (SELECT 1) INSERT INTO a SELECT replace(c, 'x', 'y') FROM b", False),
        ("INSERT OR IGNORE INTO a VALUES (1)", False),
        ("UPDATE a SET b = replace(b, 'x', 'y')", False),
        ("INSERT INTO replaced VALUES (1)", False),
        (b"REPLACE", False),
    ],
)
def test_what_replaces_rows_is_told_apart(sql, replaces):
    assert replaces_rows(sql) == replaces


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ('INSERT INTO "app_house" ("name") VALUES (%s)', "app_house"),
        ('INSERT OR IGNORE INTO "app_house" ("name") VALUES (%s)', "app_house"),
        ('UPDATE "app_house" SET "name" = %s', "app_house"),
        ('DELETE FROM "app_house" WHERE "id" = %s', "app_house"),
        ("UPDATE app_house SET name = 1", None),
        ('WITH "x" AS (SELECT 1) DELETE FROM "app_house"', None),
        ('REPLACE INTO "app_house" VALUES (1)', None),
    ],
)
def test_the_table_of_a_plain_write_is_told(sql, table):
    assert find_written_table(sql) == table


@pytest.mark.parametrize(
    ("sql", "drops"),
    [
        ('ALTER TABLE "house" DROP COLUMN "name"', True),
        ('ALTER TABLE "house" DROP COLUMN "name";', True),
        ('ALTER TABLE "house" DROP COLUMN "name" CASCADE', False),
        ('ALTER TABLE "house" ADD COLUMN "name" text', False),
    ],
)
def test_a_column_that_is_dropped_without_what_depends_on_it_is_told(sql, drops):
    assert drops_column_alone(sql) is drops
