"""A trail of any length, made by one statement for each of its tables.

A transaction writes five events under a context of its own. Half of the events are of tracked
bookings, each with a hundred, the others of five more models. Two hundred users take turns. One
model, one user, one source and one field turn up in fifty events in the middle alone.
"""

from typing import Any, Final

from django.db import connection

from django_modernize.audit.ledger.models import AuditSeal
from django_modernize.audit.locking import unlocked

from .database import clear_tables
from .models import TrackedStay

__all__ = ["EVENTS_PER_OBJECT", "EVENTS_PER_TRANSACTION", "RARE", "Rare", "fill_trail"]

EVENTS_PER_OBJECT: Final = 100

EVENTS_PER_TRANSACTION: Final = 5

RARE_EVENTS: Final = 50


class Rare:
    """What is only found in the middle of the trail."""

    model = "benchmarks.rarity"
    actor = 7777
    source = "migration"
    field = "commission"


RARE: Final = Rare()

CONTEXTS: Final = """
INSERT INTO modernize_audit_context
  (id, actor_label, reason, request_id, ip_address, user_agent, salt)
SELECT n, 'user ' || (n % 200), '', {request}, '192.0.2.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', {salt}
FROM {numbers}
"""

EVENTS: Final = """
INSERT INTO modernize_audit_event
  (id, created_at, transaction_id, context_id, actor_id, object_type, object_id, action, source,
   changes)
SELECT n, {moment}, n / 5, n / 5,
  CASE WHEN {is_rare} THEN {actor} ELSE (n / 5) % 200 END,
  CASE WHEN {is_rare} THEN '{model}' WHEN n % 10 < 5 THEN '{stay}'
    ELSE 'benchmarks.model' || (n % 10) END,
  CAST(n / 10 % {objects} + 1 AS text), 'update',
  CASE WHEN {is_rare} THEN '{source}' WHEN n % 3 = 0 THEN 'api' ELSE 'manual' END,
  CASE WHEN {is_rare} THEN '{{"{field}":[null,5]}}'
    WHEN n % 4 = 0 THEN '{{"nights":[' || (n % 7) || ',' || (n % 7 + 1) || ']}}'
    ELSE '{{"status":["state ' || (n % 100) || '","state ' || (n % 100 + 1) || '"]}}' END
FROM {numbers}
"""

DIALECTS: Final[dict[str, dict[str, str]]] = {
    "postgresql": {
        "numbers": "generate_series({first}::bigint, {last}) AS n",
        "moment": "timestamptz '2026-01-01' + n * interval '{step} microseconds'",
        "request": "md5(n::text)::uuid",
        "salt": "uuid_send(gen_random_uuid())",
    },
    "sqlite": {
        "numbers": "(WITH RECURSIVE series(n) AS (SELECT {first} UNION ALL"
        " SELECT n + 1 FROM series WHERE n < {last}) SELECT n FROM series)",
        "moment": "strftime('%Y-%m-%d %H:%M:%f000', 1767225600 + n * {step} / 1000000.0,"
        " 'unixepoch')",
        "request": "printf('%032x', n)",
        "salt": "randomblob(16)",
    },
}

MICROSECONDS: Final = 300 * 24 * 3600 * 1_000_000
"""Over which time the events are spread: three hundred days."""


def fill_trail(count: int) -> None:
    """Leave so many events, no seal, and statistics and summaries as autovacuum leaves them."""
    clear_tables(AuditSeal._meta.db_table)
    with unlocked():
        _execute(_render(CONTEXTS, first=0, last=count // EVENTS_PER_TRANSACTION, count=count))
        _execute(_render(EVENTS, first=1, last=count, count=count))
    if connection.vendor == "postgresql":
        table = "modernize_audit_event"
        _execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {count})")
        # Not in a transaction. Summarizes the block ranges too.
        _execute("VACUUM ANALYZE modernize_audit_event, modernize_audit_context")
    else:
        _execute("ANALYZE")


def _render(statement: str, *, first: int, last: int, count: int) -> str:
    middle = count // 2
    values: dict[str, Any] = {"first": first, "last": last, "step": MICROSECONDS // count}
    dialect = {name: text.format(**values) for name, text in DIALECTS[connection.vendor].items()}
    return statement.format(
        **dialect,
        is_rare=f"n BETWEEN {middle} AND {middle + RARE_EVENTS - 1}",
        # Ten numbers in a row are of one object key, five of them of a booking.
        objects=max(1, count // EVENTS_PER_OBJECT // 2),
        stay=TrackedStay._meta.label_lower,
        model=RARE.model,
        actor=RARE.actor,
        source=RARE.source,
        field=RARE.field,
    )


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
