"""The extension that exclusion constraints over plain columns need, and who may make it."""

import pytest
from django.db import IntegrityError, NotSupportedError, connection, migrations

from django_modernize.integrity import (
    ExtensionMissing,
    NoOverlap,
    find_conflicts,
)
from tests.lease import HOUSE, create_booking, may

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("no_extension")
def test_a_partition_of_text_brings_the_extension_along(project):
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    project.migrate(HOUSE, create_booking())
    project.migrate(migrations.AddConstraint("booking", apart))
    project.book(10, 20, code="A")
    project.book(10, 20, code="B")
    project.book(10, 20, code=None)
    project.book(10, 20, code=None)
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21, code="A")
    rival = project.model()(code="B", start=may(1), end=may(11), house_id=1)
    (conflict,) = find_conflicts([rival])
    assert conflict.other.code == "B"


@pytest.mark.database_lacks("sqlite", reason="needs no extension")
@pytest.mark.usefixtures("no_extension")
def test_a_role_that_may_not_create_the_extension_is_told_what_to_do(project, plain_role):
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    with pytest.raises(ExtensionMissing, match="CREATE EXTENSION btree_gist") as caught:
        project.migrate(HOUSE, create_booking(apart))
    assert isinstance(caught.value, NotSupportedError)
    assert "partitioned by code" in str(caught.value)


@pytest.mark.database_lacks("sqlite", reason="needs no extension")
@pytest.mark.usefixtures("no_extension")
def test_an_extension_that_somebody_has_made_serves_a_role_that_may_not(project, plain_role, role):
    with connection.cursor() as cursor:
        for statement in ("RESET ROLE", "CREATE EXTENSION btree_gist", f"SET ROLE {role}"):
            cursor.execute(statement)
    apart = NoOverlap("start", "end", partition_by="code", name="booking_no_overlap")
    project.migrate(HOUSE, create_booking(apart))
    project.book(10, 20, code="A")
    with pytest.raises(IntegrityError, match="booking_no_overlap"):
        project.book(19, 21, code="A")


@pytest.fixture
def plain_role(role):
    """Be a role that may make tables and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        cursor.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")
        cursor.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER")
        cursor.execute(f"DROP OWNED BY {role}")
        cursor.execute(f"DROP ROLE {role}")


@pytest.fixture
def no_extension():
    """Take the extension away after the test, so that the next database is as bare as this."""
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION IF EXISTS btree_gist CASCADE")
