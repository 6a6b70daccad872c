"""Processes that are killed, and a disk that is full, leave rows and events in agreement."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from django_modernize.audit.changes import parse_changes
from tools.postgres import Cluster, choose_parent
from tools.postgres_binaries import offer_servers

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


@contextmanager
def writer(task, url):
    """Run tests/writer.py on a database of its own."""
    environ = os.environ | {"DATABASE_URL": url}
    command = [sys.executable, "-m", "tests.writer", task]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def await_rounds(process, rounds):
    """Wait until so many rounds were written; return the process that works for the writer."""
    for line in process.stdout:
        worker, number = line.split()
        if int(number) >= rounds:
            return int(worker)
    raise AssertionError("the writer ended by itself")


def read_sqlite(path, sql):
    with closing(sqlite3.connect(path)) as program:
        return program.execute(sql).fetchall()


def read_postgres(cluster, sql):
    """Ask the server, as soon as it takes connections again."""
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(cluster.url) as program:
                return program.execute(sql).fetchall()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def assert_agreement(read):
    """Compare the rows with what the events say that they are."""
    rows = read("SELECT id, title, amount FROM testapp_ledger")
    events = read("SELECT object_id, action, changes FROM modernize_audit_event ORDER BY id")
    replayed = {}
    for key, action, text in events:
        new = {name: pair[1] for name, pair in parse_changes(text).items()}
        if action == "delete":
            del replayed[key]
        else:
            replayed.setdefault(key, {}).update(new)
    assert {str(key): (title, amount) for key, title, amount in rows} == {
        key: (values["title"], values["amount"]) for key, values in replayed.items()
    }
    assert rows


@pytest.mark.database_lacks("postgresql", reason="is a process of its own")
@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_killing_a_writer_leaves_rows_and_events_in_agreement(tmp_path, journal):
    path = tmp_path / "killed.sqlite3"
    read_sqlite(path, f"PRAGMA journal_mode = {journal}")
    for rounds in (3, 10):
        with writer("endless", f"sqlite:///{path}") as process:
            await_rounds(process, rounds)
            process.kill()
            process.wait()
        assert_agreement(lambda sql: read_sqlite(path, sql))


@pytest.fixture
def private_cluster():
    """A server that only this test uses, since it will not survive it."""
    with own_cluster(Cluster) as cluster:
        yield cluster


@contextmanager
def own_cluster(kind):
    folder = Path(tempfile.mkdtemp(prefix="modernize-", dir=choose_parent()))
    cluster = kind(next(iter(offer_servers())), folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.database_lacks("sqlite", reason="has no server")
def test_killing_the_server_leaves_rows_and_events_in_agreement(private_cluster):
    # First the process that serves the writer, which makes the server recover by itself.
    with writer("endless", private_cluster.url) as process:
        os.kill(await_rounds(process, 10), signal.SIGKILL)
        process.wait(PATIENCE)
    assert_agreement(lambda sql: read_postgres(private_cluster, sql))
    # Then the server itself.
    with writer("endless", private_cluster.url) as process:
        worker = await_rounds(process, 10)
        private_cluster.process.kill()
        private_cluster.process.wait()
        process.wait(PATIENCE)
    await_end(worker)
    private_cluster.launch()
    assert_agreement(lambda sql: read_postgres(private_cluster, sql))


def await_end(process):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and is_running(process):
        time.sleep(0.05)


def is_running(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class SmallCluster(Cluster):
    """A server whose files cannot grow, which PostgreSQL takes for a full disk.

    A filesystem of its own would need root, and the right to mount.
    """

    def build_command(self):
        limit = 'ulimit -f 36000; exec "$@"'
        return ["sh", "-c", limit, "sh", *super().build_command()]


@pytest.mark.database_lacks("sqlite", reason="fills its disk in a test of its own")
def test_a_full_disk_refuses_the_change_with_what_to_do():
    with own_cluster(SmallCluster) as cluster:
        with writer("flood", cluster.url) as process:
            said = process.stdout.read().splitlines()
        assert [line.partition(" ")[0] for line in said] == ["TrailUnavailable"] * len(said)
        assert "modernize_triggers --check" in said[0]
        assert "could not extend file" in said[0]
        flood = read_postgres(cluster, "SELECT count(*) FROM testapp_ledger WHERE title = 'flood'")
        assert flood == [(0,)]
        if read_postgres(cluster, "SELECT 1 FROM testapp_ledger"):
            assert_agreement(lambda sql: read_postgres(cluster, sql))
