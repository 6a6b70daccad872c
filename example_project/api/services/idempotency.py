"""Processes a request once, however often it is sent under one key."""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import OperationalError, transaction
from django.utils import timezone

from api.models import IdempotencyKey, User

from .changes import making_changes

__all__ = [
    "KEPT_FOR",
    "KEY_FIELD",
    "Answer",
    "KeyInUse",
    "KeyReused",
    "answer_once",
    "hold_key",
    "list_parts",
    "purge_keys",
]

KEPT_FOR: Final = timedelta(days=7)
"""How long an answer is repeated."""

KEY_FIELD: Final = "form_key"
"""What a form brings its key in; each page that is shown has another."""

LOCK_NOT_AVAILABLE: Final = "55P03"
PURGED_AT_ONCE: Final = 1_000
REFUSED: Final = 400
"""From this status on a request was not carried out, which nobody wants repeated for days."""


class KeyInUse(Exception):
    """The same request is being processed right now."""


class KeyReused(Exception):
    """The key was used for another request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The response to a request."""

    status_code: int
    body: str
    """JSON; empty where there is nothing to say."""

    is_repeated: bool = False
    """Whether it is that of an earlier request."""


def answer_once(
    user: User,
    key: str,
    fingerprint: str,
    make_answer: Callable[[], Answer],
    *,
    waits: bool = False,
) -> Answer:
    """Process a request, or return the response that was stored under this key.

    The response is stored in the transaction of the change: there is never one without the other. A
    refused request stores nothing, and can be corrected and sent again under its key.

    Args:
        user: The user of the request; each user has their own keys.
        key: The caller's name for the request.
        fingerprint: What identifies the content of the request.
        make_answer: Makes the change.
        waits: Whether to wait for another transaction that processes it, and return its response.

    Raises:
        KeyInUse: Another transaction is processing it, and this one does not wait. SQLite has one
            writer at a time, so each waits, and returns the stored response.
        KeyReused: The key belongs to another request.

    Costs three statements beside those of the change; one more for a key that is new.
    """
    now = timezone.now()
    IdempotencyKey.objects.get_or_create(user=user, key=key, defaults={"created_at": now})
    with making_changes():
        kept = _lock_key(user, key, waits=waits)
        if kept.status_code is not None and kept.created_at > now - KEPT_FOR:
            if kept.fingerprint != fingerprint:
                raise KeyReused(key)
            return Answer(status_code=kept.status_code, body=kept.body, is_repeated=True)
        answer = make_answer()
        if answer.status_code >= REFUSED:
            return answer
        IdempotencyKey.objects.filter(pk=kept.pk).update(
            fingerprint=fingerprint,
            status_code=answer.status_code,
            body=answer.body,
            created_at=now,
        )
    return answer


def hold_key(user: User, key: str) -> None:
    """Have whoever sends the same meanwhile wait, until the transaction ends in which this is.

    For what tells a secret, whose answer is kept nowhere: who waited finds what was made.

    Args:
        user: Who asks; keys are each person's own.
        key: What tells the request from others.

    Costs three statements.
    """
    IdempotencyKey.objects.get_or_create(
        user=user, key=key, defaults={"created_at": timezone.now()}
    )
    _lock_key(user, key, waits=True)


def purge_keys() -> int:
    """Delete the expired keys; return how many there were.

    Costs two statements for each thousand.
    """
    purged = 0
    old = IdempotencyKey.objects.filter(created_at__lte=timezone.now() - KEPT_FOR)
    while keys := list(old.order_by("pk").values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        with transaction.atomic():
            purged += IdempotencyKey.objects.filter(pk__in=keys).delete()[0]
    return purged


def list_parts(given: Any, files: Any, leave_out: Collection[str] = ()) -> Iterator[bytes]:
    """Yield the content of a form; files in chunks, so that none is held in memory.

    Args:
        given: The values, as ``request.POST``.
        files: The files, as ``request.FILES``; they are read, and wound back.
        leave_out: Names to ignore.
    """
    for name, values in sorted(given.lists()):
        if name not in leave_out:
            yield json.dumps([name, values]).encode()
    for name, sent in sorted(files.lists()):
        for file in sent:
            yield json.dumps([name, file.name, file.size]).encode()
            yield from file.chunks()
            file.seek(0)


def _lock_key(user: User, key: str, *, waits: bool = False) -> IdempotencyKey:
    rows = IdempotencyKey.objects.select_for_update(nowait=not waits)
    try:
        return rows.get(user=user, key=key)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise KeyInUse(key) from error
        raise
