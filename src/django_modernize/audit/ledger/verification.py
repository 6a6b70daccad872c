"""Verifies that the trail is what was sealed, and names what is not."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ...conf import get_settings
from ...triggers.installer import compare_triggers
from ..models import AuditAction, AuditEvent
from .digests import EventRow, digest_event
from .findings import Finding, Problem, VerificationReport
from .models import FIRST_PREVIOUS, AuditSeal, unpack_manifest
from .rows import read_leaves
from .sealing import sign_digest

__all__ = ["verify"]

MOST_COMPARED: Final = 200
"""Up to how many events of a seal are tried under one another's number, to tell that they moved."""

Progress = Callable[[int], object]


def verify(
    using: str = DEFAULT_DB_ALIAS,
    *,
    against: Iterable[Mapping[str, Any]] = (),
    progress: Progress | None = None,
) -> VerificationReport:
    """Compare the trail with its seals.

    Names each event that was edited, removed, inserted behind a seal or moved to another number,
    and each seal that was edited, removed or reordered. Someone who owns the tables and makes all
    seals anew can be told from an export alone, or from the signatures.

    Args:
        using: The database.
        against: Seals that were kept elsewhere, as ``export_seals()`` gave them.
        progress: Is called with the number of events that were looked at so far.

    Costs a query for each seal and 4,000 events, and the memory of one seal (a few megabytes).
    """
    connection = connections[using]
    report = VerificationReport()
    last = _verify_seals(connection, report, progress or _ignore)
    _compare_export(connection, report, against)
    _count_unsealed(connection, report, 0 if last is None else last.last_id)
    _look_at_triggers(connection, report)
    return report


def _ignore(count: int) -> None:
    """Show no progress."""


def _verify_seals(
    connection: BaseDatabaseWrapper, report: VerificationReport, progress: Progress
) -> AuditSeal | None:
    before: AuditSeal | None = None
    pruned_until = _read_pruned(connection)
    seals = AuditSeal._base_manager.using(connection.alias).order_by("number")
    for seal in seals.iterator(chunk_size=1):
        for finding in _check_link(seal, before):
            report.add(finding)
        report.seal_count += 1
        if seal.pruned_at is None:
            for finding in _check_events(connection, seal):
                report.add(finding)
            report.event_count += seal.event_count
            progress(report.event_count)
        else:
            report.pruned_count += seal.event_count
            if seal.number > pruned_until:
                detail = f"No event tells that the events of seal {seal.number} were pruned."
                report.add(_about_seal(Problem.REMOVED, seal.number, detail))
        before = seal
    return before


def _read_pruned(connection: BaseDatabaseWrapper) -> int:
    """Return up to which seal the trail itself says that it was pruned."""
    told = AuditEvent._base_manager.using(connection.alias).filter(action=AuditAction.PRUNE)
    return max((event.changes["seal"][1] for event in told if "seal" in event.changes), default=0)


def _check_link(seal: AuditSeal, before: AuditSeal | None) -> Iterator[Finding]:
    """Look at a seal's place in the chain, its own digest and its signature."""
    expected_number = 1 if before is None else before.number + 1
    for number in range(expected_number, seal.number):
        yield _about_seal(Problem.SEAL_REMOVED, number, f"Seal {number} is missing.")
    if bytes(seal.digest) != seal.compute_digest():
        detail = f"Seal {seal.number} says something else than when it was made."
        yield _about_seal(Problem.SEAL_EDITED, seal.number, detail)
    if seal.number == expected_number and not _follows(seal, before):
        detail = f"Seal {seal.number} does not follow from the seal before it."
        yield _about_seal(Problem.SEAL_EDITED, seal.number, detail)
    if get_settings().audit_signing_key and not _is_signed(seal):
        detail = f"Seal {seal.number} was not signed with the key of the settings."
        yield _about_seal(Problem.SEAL_UNSIGNED, seal.number, detail)


def _follows(seal: AuditSeal, before: AuditSeal | None) -> bool:
    if before is None:
        return bytes(seal.previous) == FIRST_PREVIOUS
    return bytes(seal.previous) == bytes(before.digest) and seal.first_id == before.last_id + 1


def _is_signed(seal: AuditSeal) -> bool:
    signature = sign_digest(bytes(seal.digest)) or b""
    return hmac.compare_digest(signature, bytes(seal.signature or b""))


def _check_events(connection: BaseDatabaseWrapper, seal: AuditSeal) -> Iterator[Finding]:
    """Compare the events of a seal with its manifest, and that with its root."""
    manifest = bytes(seal.manifest or b"")
    try:
        numbers, leaves = unpack_manifest(manifest)
    except ValueError as error:
        yield _about_seal(Problem.SEAL_EDITED, seal.number, f"Seal {seal.number}: {error}")
        return
    # The seal's own digest covers this one and the root: the tree need not be climbed again.
    if sha256(manifest).digest() != bytes(seal.manifest_digest):
        detail = f"The manifest of seal {seal.number} is not the one that was sealed."
        yield _about_seal(Problem.SEAL_EDITED, seal.number, detail)
    sealed = dict(zip(numbers, leaves, strict=True))
    strange: list[tuple[EventRow, bytes]] = []
    for event, context, leaf in read_leaves(connection, seal.first_id - 1, seal.last_id):
        if sealed.get(event.id) == leaf:
            del sealed[event.id]
        else:
            strange.append((event, context))
    yield from _name_events(seal, sealed, strange)


def _name_events(
    seal: AuditSeal, sealed: dict[int, bytes], strange: list[tuple[EventRow, bytes]]
) -> Iterator[Finding]:
    """Say what happened to the events that were sealed and are not there, and to the others."""
    present = {event.id for event, _ in strange}
    for event, context in strange:
        origin = _find_origin(event, context, sealed) if len(sealed) <= MOST_COMPARED else None
        if origin is not None:
            detail = f"Event {event.id} holds what event {origin} was when it was sealed."
            yield _about_event(Problem.MOVED, seal, event.id, detail)
        elif event.id in sealed:
            detail = f"Event {event.id} is not what it was when it was sealed."
            yield _about_event(Problem.EDITED, seal, event.id, detail)
        else:
            detail = f"Event {event.id} was inserted after its neighbours were sealed."
            yield _about_event(Problem.INSERTED, seal, event.id, detail)
    for number in sealed:
        if number not in present:
            detail = f"Event {number} was sealed and is not there any more."
            yield _about_event(Problem.REMOVED, seal, number, detail)


def _find_origin(event: EventRow, context: bytes, sealed: dict[int, bytes]) -> int | None:
    return next(
        (
            number
            for number, leaf in sealed.items()
            if number != event.id and digest_event(event, context, number) == leaf
        ),
        None,
    )


def _compare_export(
    connection: BaseDatabaseWrapper,
    report: VerificationReport,
    against: Iterable[Mapping[str, Any]],
) -> None:
    seals = AuditSeal._base_manager.using(connection.alias).defer("manifest")
    for kept in against:
        number = kept["number"]
        seal = seals.filter(number=number).first()
        if seal is None:
            detail = f"Seal {number} is in the export and not in the database: the trail was cut."
            report.add(_about_seal(Problem.SEAL_REMOVED, number, detail))
        elif bytes(seal.digest).hex() != kept["digest"]:
            detail = f"Seal {number} is not the one of the export: the trail was written anew."
            report.add(_about_seal(Problem.SEAL_DIFFERS, number, detail))


def _count_unsealed(
    connection: BaseDatabaseWrapper, report: VerificationReport, last_id: int
) -> None:
    unsealed = AuditEvent._base_manager.using(connection.alias).filter(id__gt=last_id)
    report.unsealed_count = unsealed.count()
    oldest = unsealed.order_by("id").values_list("created_at", flat=True).first()
    report.oldest_unsealed = oldest


def _look_at_triggers(connection: BaseDatabaseWrapper, report: VerificationReport) -> None:
    state = compare_triggers(connection)
    for word, triggers in (
        ("is missing", state.missing),
        ("was changed", state.stale),
        ("is disabled", state.disabled),
    ):
        for trigger in triggers:
            detail = f"The trigger {trigger.name} on {trigger.table} {word}."
            report.add(Finding(problem=Problem.TRIGGER, detail=detail))


def _about_event(problem: Problem, seal: AuditSeal, number: int, detail: str) -> Finding:
    return Finding(problem=problem, detail=detail, event_id=number, seal_number=seal.number)


def _about_seal(problem: Problem, number: int, detail: str) -> Finding:
    return Finding(problem=problem, detail=detail, seal_number=number)
