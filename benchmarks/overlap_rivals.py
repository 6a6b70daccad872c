"""Other ways to keep ranges apart on PostgreSQL, written by hand."""

from collections.abc import Iterator
from typing import Final

from django.db import DatabaseError, connection

from .models import ExclusionStay, LockedStay, StayFields

__all__ = ["list_rivals"]

MEMBERSHIP: Final = "check_in < check_out AND status <> 'cancelled'"

EXCLUSION: Final = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    f"ALTER TABLE benchmarks_exclusionstay ADD CONSTRAINT by_btree_gist EXCLUDE USING gist "
    f"(house_id WITH =, tstzrange(check_in, check_out) WITH &&) WHERE ({MEMBERSHIP})",
)

# One step into an index answers, as on SQLite; writers of one house wait for one another until
# the end of their transactions. Under REPEATABLE READ it sees no row that came while it waited.
LOCK: Final = (
    f"""
CREATE FUNCTION refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.check_in < NEW.check_out AND NEW.status <> 'cancelled' THEN
    PERFORM pg_advisory_xact_lock(4711, NEW.house_id::int);
    IF (SELECT check_out FROM benchmarks_lockedstay WHERE house_id = NEW.house_id
        AND check_in < NEW.check_out AND id <> NEW.id AND {MEMBERSHIP}
        ORDER BY check_in DESC LIMIT 1) > NEW.check_in THEN
      RAISE EXCEPTION 'overlap' USING ERRCODE = 'exclusion_violation';
    END IF;
  END IF;
  RETURN NULL;
END
$$""",
    "CREATE TRIGGER refuse_overlap AFTER INSERT OR UPDATE ON benchmarks_lockedstay "
    "FOR EACH ROW EXECUTE FUNCTION refuse_overlap()",
)


def list_rivals() -> Iterator[tuple[str, type[StayFields]]]:
    """Yield the ways that this database knows, made."""
    if connection.vendor != "postgresql":
        return
    ways = (
        ("an exclusion by btree_gist", ExclusionStay, EXCLUSION),
        ("a trigger with an advisory lock", LockedStay, LOCK),
    )
    for name, model, statements in ways:
        if _execute(statements):
            yield name, model


def _execute(statements: tuple[str, ...]) -> bool:
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError:
        # A server without its contrib package has no btree_gist.
        return False
    return True
