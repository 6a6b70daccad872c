"""What is asked of a long trail: by Python, and by the pages of the admin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.urls import reverse

from django_modernize.audit import AuditEvent, history

from .models import TrackedStay
from .trail import EVENTS_PER_TRANSACTION, RARE

__all__ = ["PAGE", "Question", "list_pages", "list_questions"]

PAGE = 100
"""How many events are read, the newest first."""

A_DAY = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Something to ask, in the words of the table, as code and as a queryset."""

    name: str
    code: str
    events: Any


def list_questions(count: int) -> Iterator[Question]:
    """Yield the questions to a trail of so many events.

    What is common is in every block of the table, what is rare in one alone.
    """
    number = count // 3 // EVENTS_PER_TRANSACTION
    stay, stays = TrackedStay(pk=1), AuditEvent.objects.for_model(TrackedStay)
    kept = AuditEvent.objects
    yield Question(name="an object", code="history(stay)", events=history(stay))
    for name, label in (("common", stay._meta.label_lower), ("rare", RARE.model)):
        code = f'filter(object_type="{label}")'
        yield Question(name=f"a {name} model", code=code, events=kept.filter(object_type=label))
    for name, actor in (("busy", 7), ("rare", RARE.actor)):
        code = f"filter(actor={actor})"
        yield Question(name=f"a {name} actor", code=code, events=kept.filter(actor=actor))
    for name, field in (("common", "status"), ("rare", RARE.field)):
        code = f'changed("{field}")'
        yield Question(name=f"a {name} field", code=code, events=kept.changed(field))
    yield Question(
        name="a field of an object",
        code='history(stay).changed("status")',
        events=history(stay).changed("status"),
    )
    # The events of bookings have numbers that end in a digit below five.
    for name, value in (("an", "state 3"), ("an absent", "state 7")):
        yield Question(
            name=f"{name} old value of a model",
            code=f'for_model(Stay).changed("status", old="{value}")',
            events=stays.changed("status", old=value),
        )
    yield Question(
        name="a new value", code='changed("nights", new=3)', events=kept.changed("nights", new=3)
    )
    yield Question(
        name="a rare field within ten days",
        code=f'during(day, later).changed("{RARE.field}")',
        events=kept.during(A_DAY, A_DAY + timedelta(days=10)).changed(RARE.field),
    )
    yield Question(
        name="a day",
        code="during(day, next_day)",
        events=kept.during(A_DAY, A_DAY + timedelta(days=1)),
    )
    for name, source in (("common", "manual"), ("rare", RARE.source)):
        code = f'filter(source="{source}")'
        yield Question(name=f"a {name} source", code=code, events=kept.filter(source=source))
    yield Question(
        name="a rare action", code='filter(action="restore")', events=kept.filter(action="restore")
    )
    request = _read_request(number)
    yield Question(
        name="a request", code="filter(request_id=...)", events=kept.filter(request_id=request)
    )
    yield Question(
        name="a transaction",
        code="filter(transaction_id=...)",
        events=kept.filter(transaction_id=number),
    )


def list_pages(count: int) -> Iterator[tuple[str, str]]:
    """Yield the pages of the admin, and their addresses."""
    yield "history of an object", reverse("admin:benchmarks_trackedstay_history", args=[1])
    events = reverse("admin:modernize_audit_auditevent_changelist")
    number = count // 3 // EVENTS_PER_TRANSACTION
    filters: dict[str, dict[str, Any]] = {
        "events": {},
        "events, a common model": {"object_type": TrackedStay._meta.label_lower},
        "events, a rare model": {"object_type": RARE.model},
        "events, a common action": {"action__exact": "update"},
        "events, a rare action": {"action__exact": "restore"},
        "events, a common source": {"source": "manual"},
        "events, a rare source": {"source": RARE.source},
        "events, a day": {
            "created_at__gte": A_DAY.isoformat(),
            "created_at__lt": (A_DAY + timedelta(days=1)).isoformat(),
        },
        "events, search for an object": {"q": "1"},
        "events, search for a request": {"q": str(_read_request(number))},
        "events, search for a transaction": {"q": f"tx {number}"},
        "events, search for a user": {"q": "user 7"},
    }
    for name, query in filters.items():
        yield name, f"{events}?{urlencode(query)}"


def _read_request(number: int) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT request_id FROM modernize_audit_context WHERE id = %s", [number])
        found = cursor.fetchone()[0]
    return found if isinstance(found, UUID) else UUID(found)
