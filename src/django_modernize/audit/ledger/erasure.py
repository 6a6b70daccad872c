"""Erase personal data from the trail without invalidating its proofs."""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F, Model
from django.db.models.functions import Cast

from ..changes import ERASED, SEPARATOR, is_layout, join_members, split_members
from ..fields import StoredTextField
from ..keys import store_text, stored_key
from ..locking import unlocked
from ..models import AuditAction, AuditEvent
from ..recording import RecordedEvent, record_events
from ..row_texts import parse_layout
from .digests import seal_salt
from .salts import take_salts
from .sealing import exclude_sealing

__all__ = ["erase", "erase_actor"]

PERSONAL_DETAILS: Final = {"actor_label": 0, "ip_address": 3, "user_agent": 4}
"""What of a context tells of a person, and where it stands among what is hashed."""

WRITE_EVENT: Final = "UPDATE modernize_audit_event SET changes = CAST(%s AS text), salt = %s"

WRITE_CONTEXT: Final = (
    "UPDATE modernize_audit_context SET actor_label = %s, ip_address = NULL, user_agent = %s,"
    " salt = %s"
)

READ_CONTEXTS: Final = (
    "SELECT id, actor_label, reason, coalesce(CAST(request_id AS text), ''),"
    " coalesce(CAST(ip_address AS text), ''), user_agent, salt FROM modernize_audit_context"
    " WHERE id IN (SELECT context_id FROM modernize_audit_event WHERE actor_id = %s)"
)


class ConcernedEvent(NamedTuple):
    """An event that holds what is to be erased."""

    number: int
    salt: bytes
    """Of its own; empty where the seal keeps it, or where it is not sealed yet."""

    pieces: list[str]
    left: str
    """Its text without the values."""

    erased: list[int]
    """Their places among the pieces."""


def erase(
    instance: Model, fields: Collection[str], *, reason: str = "", using: str | None = None
) -> int:
    """Erase from the trail all values that fields of an object ever had.

    The digests of the values stay, so ``verify()`` still holds and the other values can still be
    proven; the erased value cannot be guessed from its digest. The object itself is not touched.

    Args:
        instance: The object, which may have been deleted: its key is enough.
        fields: The names of the fields, as they are in the events.
        reason: The reason. Defaults to that of the active context.
        using: The alias of the database. Defaults to the one that the instance came from.

    Returns:
        How many events were changed. The erasure is itself an event.

    Raises:
        ValueError: A name is neither a field of the model nor in any event of the object.

    Costs one statement for each such event and two for each of their seals, in one transaction.
    Waits for any sealing in progress.
    """
    using = using or instance._state.db or DEFAULT_DB_ALIAS
    with unlocked(using):
        # A sealing that read an event before the erasure would seal the erased value.
        exclude_sealing(connections[using])
        texts = _read_texts(instance, using)
        _refuse_unknown(instance, fields, texts)
        concerned = _find_concerned(texts, set(fields))
        taken = take_salts([event.number for event in concerned if not event.salt], using)
        for event in concerned:
            salt = event.salt or taken.get(event.number)
            # An unsealed event has no digest that must be preserved.
            kept = seal_salt(event.pieces, salt, event.erased) if salt else None
            _write(using, WRITE_EVENT, store_text(event.left), kept, event.number)
        record_events([_describe_erasure(instance, fields, reason)], using=using)
    return len(concerned)


def erase_actor(actor: Model, *, reason: str = "", using: str | None = None) -> int:
    """Erase an actor's name, IP addresses and user agents from the contexts of their changes.

    The changes remain, credited to the primary key of the user.

    Args:
        actor: The user, who may have been deleted.
        reason: The reason. Defaults to that of the active context.
        using: The alias of the database. Defaults to the one that the user came from. The trail of
            each database is erased separately.

    Returns:
        How many transactions were changed. The erasure is itself an event.

    Costs one statement for each of them, in one database transaction.
    """
    using = using or actor._state.db or DEFAULT_DB_ALIAS
    contexts = _read_contexts(actor, using)
    with unlocked(using):
        for number, *values, salt in contexts:
            kept = seal_salt(values, bytes(salt or b""), PERSONAL_DETAILS.values())
            _write(using, WRITE_CONTEXT, ERASED, ERASED, kept, number)
        record_events([_describe_erasure(actor, list(PERSONAL_DETAILS), reason)], using=using)
    return len(contexts)


def _refuse_unknown(instance: Model, fields: Collection[str], texts: Iterable[Any]) -> None:
    """Refuse unknown names, so that nobody wrongly believes that a value was erased.

    Events still contain the names of fields that were renamed or removed.
    """
    unknown = set(fields) - {field.name for field in instance._meta.get_fields()}
    for _, text, _ in texts if unknown else ():
        unknown -= {name for name, _ in _name_members(*split_members(text or "{}"))}
    if unknown:
        raise ValueError(
            f"Nothing was erased: {', '.join(sorted(unknown))} of {instance._meta.label} is not a "
            "field, and no event of the object names it. Use the names in its events."
        )


def _read_texts(instance: Model, using: str) -> list[Any]:
    """Return the number, the text as it was written and the salt of each event of an object."""
    events = AuditEvent.objects.using(using).for_object(instance).order_by("id")
    text = Cast(F("changes"), StoredTextField())
    return list(events.annotate(text=text).values_list("id", "text", "salt"))


def _read_contexts(actor: Model, using: str) -> list[Any]:
    connection = connections[using]
    key = AuditEvent._meta.get_field("actor").get_db_prep_value(actor.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(READ_CONTEXTS, [key])
        return list(cursor.fetchall())


def _find_concerned(rows: Iterable[Any], names: set[str]) -> list[ConcernedEvent]:
    """Return the events that hold one of the values."""
    found = []
    for number, text, salt in rows:
        pieces, left, erased = _erase_members(text, names)
        if erased:
            found.append(ConcernedEvent(number, bytes(salt or b""), pieces, left, erased))
    return found


def _erase_members(text: str, names: set[str]) -> tuple[list[str], str, list[int]]:
    """Return an event's members, its text without some of them, and the places of these."""
    side, pieces = split_members(text) if text else ("", [])
    left: list[str] = list(pieces)
    erased: list[int] = []
    for name, positions in _name_members(side, pieces):
        if name in names:
            erased += positions
            for count, position in enumerate(positions):
                # A value that was taken apart by its own line feeds stays as many pieces.
                left[position] = _mark_erased(f"{name} {count + 1}" if count else name, side)
    return pieces, join_members(side, left), erased


def _name_members(side: str, pieces: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the name of each member and the pieces that it stands in."""
    layout = parse_layout(side)
    if layout is not None:
        yield from ((name, [position]) for position, (name, _) in enumerate(layout.fields))
        return
    pending: list[int] = []
    for position, _ in enumerate(pieces):
        pending.append(position)
        text = SEPARATOR.join(pieces[one] for one in pending)
        try:
            (name,) = json.loads("{" + text + "}")
        except ValueError:
            continue
        yield name, pending
        pending = []


def _mark_erased(name: str, side: str) -> str:
    if is_layout(side):
        return ERASED
    marker = json.dumps(ERASED)
    return f"{json.dumps(name)}:{marker if side else f'[{marker},{marker}]'}"


def _write(using: str, sql: str, *parameters: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(f"{sql} WHERE id = %s", parameters)


def _describe_erasure(instance: Model, fields: Collection[str], reason: str) -> RecordedEvent:
    return RecordedEvent.of_context(
        object_type=(instance._meta.concrete_model or type(instance))._meta.label_lower,
        object_id=stored_key(instance),
        action=AuditAction.ERASE,
        changes={name: [ERASED, ERASED] for name in fields},
        reason=reason,
    )
