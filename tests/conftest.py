"""What all tests share: a test that does not run is a failure, unless a mark below says why.

``database_lacks("sqlite", reason="has no TRUNCATE")`` leaves a test out on that database, and
``needs_django(6, 1, reason="brings DB_CASCADE")`` on an older Django. ``needs_pgbouncer`` leaves it
out where the program is not installed, and fails there if the variable ``CI`` is set. Any other
skip means that something is missing from the environment, which nobody would notice.
"""

import os
import resource
from collections.abc import Callable, Generator, Iterator
from typing import Any

import django
import pytest
from django.db import connection

from tools.pgbouncer import ADVICE, find_pooler

MARKS = {
    "database_lacks(vendor, *, reason)": "leave the test out on a database without the thing",
    "needs_django(*version, reason)": "leave the test out on a Django older than that",
    "needs_pgbouncer": "leave the test out where PgBouncer is not installed, unless in CI",
}
FIRST_NUMBER_OF_ROWS = """
DO $$ DECLARE numbers regclass; BEGIN
FOR numbers IN SELECT oid FROM pg_class WHERE relkind = 'S' AND relname NOT LIKE 'modernize%' LOOP
    EXECUTE format('ALTER SEQUENCE %s START 10000 RESTART', numbers);
END LOOP; END $$
"""
EXPLANATION = "a test may be skipped by the marks of tests/conftest.py alone: "


def pytest_configure(config: pytest.Config) -> None:
    for mark, meaning in MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {meaning}")


def explain_absence(item: pytest.Item) -> str | None:
    """Return why the test is left out here, by its marks."""
    for mark in item.iter_markers("database_lacks"):
        if connection.vendor == mark.args[0]:
            return f"{connection.vendor}: {mark.kwargs['reason']}"
    for mark in item.iter_markers("needs_django"):
        if mark.args > django.VERSION:
            return f"Django {django.get_version()}: {mark.kwargs['reason']}"
    is_optional = "CI" not in os.environ
    if item.get_closest_marker("needs_pgbouncer") and is_optional and not find_pooler():
        return ADVICE
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if reason := explain_absence(item):
        pytest.skip(reason)


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    where = report.longrepr
    reason = where[2] if isinstance(where, tuple) else where
    report.outcome = "failed"
    report.longrepr = f"{EXPLANATION}{reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    is_expected_failure = hasattr(report, "wasxfail")
    if report.skipped and not is_expected_failure and not explain_absence(item):
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        refuse_skip(report)
    return report


@pytest.fixture(
    scope="module",
    params=[
        "whole",
        pytest.param(
            "partitions", marks=pytest.mark.database_lacks("sqlite", reason="has no partitions")
        ),
    ],
)
def trail_table(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[str]:
    """Keep the trail in one piece first, then in partitions, for the tests of a module."""
    # Models cannot be imported before Django is set up.
    from tests.partitions import partitioned_trail

    if request.param == "whole":
        yield request.param
        return
    with django_db_blocker.unblock():
        trail = partitioned_trail()
        trail.__enter__()
    yield request.param
    with django_db_blocker.unblock():
        trail.__exit__(None, None, None)


@pytest.fixture
def trail_layout(trail_table: str, db: None) -> str:
    """Run a test on a trail in one piece, and once more on one in partitions of three events."""
    from tests.partitions import restart_numbers

    if trail_table == "partitions":
        restart_numbers()
    return trail_table


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    """Return what makes every file end after some bytes: an error in the midst of a write.

    A file system of its own would need root, and the right to mount.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Have a quick flush, and numbers of rows that are out of the way of those that tests give.

    A rollback gives no number back, so that which one comes next depends on the tests before.
    """
    # Models cannot be imported before Django is set up.
    from tests.flush import flush_quickly

    with django_db_blocker.unblock():
        flush_quickly(connection)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(FIRST_NUMBER_OF_ROWS)
