"""Ways to reach the test database that Django knows nothing of."""

import sqlite3
from contextlib import contextmanager
from threading import Event
from urllib.parse import quote

import pytest
from django.db import connection

PATIENCE = 60
"""For how many seconds one waits for another."""


@contextmanager
def other_program(name="bi-tool"):
    """Open the test database as another program would, in autocommit, without Django."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        program = sqlite3.connect(settings["NAME"], isolation_level=None, timeout=20)
    else:
        import psycopg

        parameters = connection.get_connection_params()
        program = psycopg.connect(
            host=parameters.get("host"),
            port=parameters.get("port"),
            user=parameters.get("user"),
            password=parameters.get("password"),
            dbname=parameters["dbname"],
            application_name=name,
            autocommit=True,
        )
    try:
        yield program
    finally:
        program.close()


def is_waiting(process):
    """Tell whether a connection to PostgreSQL, by its process, waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_blocking_pids(%s) <> '{}'", [process])
        return cursor.fetchone()[0]


def wait_until(holds):
    """Ask again until something is so; how long that takes decides nothing."""
    for _attempt in range(PATIENCE * 100):
        if holds():
            return
        Event().wait(0.01)
    pytest.fail("The other one neither waits nor ends.")


def name_database():
    """Return the URL of the test database, for another process of Django."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    parameters = connection.get_connection_params()
    host = quote(str(parameters.get("host") or ""), safe="")
    login = f"{parameters['user']}:{quote(parameters.get('password') or '', safe='')}"
    url = f"postgresql://{login}@/{parameters['dbname']}?host={host}"
    return url + (f"&port={parameters['port']}" if parameters.get("port") else "")
