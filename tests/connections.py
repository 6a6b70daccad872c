"""Ways to reach the test database that Django knows nothing of."""

import sqlite3
from contextlib import contextmanager

from django.db import connection


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
