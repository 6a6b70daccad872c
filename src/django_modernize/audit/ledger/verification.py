"""Verifies that the trail is what was sealed, and names what is not."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ...conf import get_settings
from ...triggers.installer import compare_triggers
from ..models import AuditAction, AuditEvent
from ..partitions.catalog import read_layout
from .comparison import SealedRun, about_seal
from .findings import Finding, Problem, VerificationReport
from .models import FIRST_PREVIOUS, AuditSeal
from .sealing import sign_digest
from .workers import check_runs

__all__ = ["verify"]


def verify(
    using: str = DEFAULT_DB_ALIAS,
    *,
    against: Iterable[Mapping[str, Any]] = (),
    processes: int = 1,
    progress: Callable[[int], object] | None = None,
) -> VerificationReport:
    """Compare the trail with its seals.

    Names each event that was edited, removed, inserted behind a seal or moved to another number,
    and each seal that was edited, removed or reordered. Someone who owns the tables and makes all
    seals anew can be told from an export alone, or from the signatures.

    Args:
        using: The database.
        against: Seals that were kept elsewhere, as ``export_seals()`` gave them.
        processes: In how many processes to compare events. More than one start the interpreter
            anew, which runs the main module once more: a script needs its
            ``if __name__ == "__main__"``. Where another process could not read the same trail
            (in a transaction, from a database in memory, in a daemon), it is one.
        progress: Is called with the number of events that were looked at so far.

    Costs a query for each seal and two for each 8,192 events, and the memory of one seal (a few
    megabytes) for each process.
    """
    connection = connections[using]
    report = VerificationReport()
    checked = check_runs(connection, _read_runs(connection, report), processes)
    # What is interrupted has to end its processes at once.
    with closing(checked):
        for event_count, findings in checked:
            for finding in findings:
                report.add(finding)
            report.event_count += event_count
            if progress is not None:
                progress(report.event_count)
    _compare_export(connection, report, against)
    _count_unsealed(connection, report)
    _look_at_triggers(connection, report)
    _look_at_partitions(connection, report)
    return report


def _read_runs(connection: BaseDatabaseWrapper, report: VerificationReport) -> Iterator[SealedRun]:
    """Look at each seal, and yield those whose events have to be looked at too."""
    before: AuditSeal | None = None
    pruned_until = _read_pruned(connection)
    seals = AuditSeal._base_manager.using(connection.alias).order_by("number")
    for seal in seals.iterator(chunk_size=1):
        for finding in _check_link(seal, before):
            report.add(finding)
        report.seal_count += 1
        report.last_id = seal.last_id
        if seal.pruned_at is None:
            yield _describe_run(seal)
        else:
            report.pruned_count += seal.event_count
            report.last_pruned_id = seal.last_id
            if seal.number > pruned_until:
                detail = f"No event tells that the events of seal {seal.number} were pruned."
                report.add(about_seal(Problem.REMOVED, seal.number, detail))
        before = seal


def _describe_run(seal: AuditSeal) -> SealedRun:
    return SealedRun(
        number=seal.number,
        first_id=seal.first_id,
        last_id=seal.last_id,
        event_count=seal.event_count,
        manifest=bytes(seal.manifest or b""),
        salts=bytes(seal.salts or b""),
        manifest_digest=bytes(seal.manifest_digest),
    )


def _read_pruned(connection: BaseDatabaseWrapper) -> int:
    """Return up to which seal the trail itself says that it was pruned."""
    told = AuditEvent._base_manager.using(connection.alias).filter(action=AuditAction.PRUNE)
    return max((event.changes["seal"][1] for event in told if "seal" in event.changes), default=0)


def _check_link(seal: AuditSeal, before: AuditSeal | None) -> Iterator[Finding]:
    """Look at a seal's place in the chain, its own digest and its signature."""
    expected_number = 1 if before is None else before.number + 1
    for number in range(expected_number, seal.number):
        yield about_seal(Problem.SEAL_REMOVED, number, f"Seal {number} is missing.")
    if bytes(seal.digest) != seal.compute_digest():
        detail = f"Seal {seal.number} says something else than when it was made."
        yield about_seal(Problem.SEAL_EDITED, seal.number, detail)
    if seal.number == expected_number and not _follows(seal, before):
        detail = f"Seal {seal.number} does not follow from the seal before it."
        yield about_seal(Problem.SEAL_EDITED, seal.number, detail)
    if get_settings().audit_signing_key and not _is_signed(seal):
        detail = f"Seal {seal.number} was not signed with the key of the settings."
        yield about_seal(Problem.SEAL_UNSIGNED, seal.number, detail)


def _follows(seal: AuditSeal, before: AuditSeal | None) -> bool:
    if before is None:
        return bytes(seal.previous) == FIRST_PREVIOUS
    return bytes(seal.previous) == bytes(before.digest) and seal.first_id == before.last_id + 1


def _is_signed(seal: AuditSeal) -> bool:
    signature = sign_digest(bytes(seal.digest)) or b""
    return hmac.compare_digest(signature, bytes(seal.signature or b""))


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
            report.add(about_seal(Problem.SEAL_REMOVED, number, detail))
        elif bytes(seal.digest).hex() != kept["digest"]:
            detail = f"Seal {number} is not the one of the export: the trail was written anew."
            report.add(about_seal(Problem.SEAL_DIFFERS, number, detail))


def _count_unsealed(connection: BaseDatabaseWrapper, report: VerificationReport) -> None:
    unsealed = AuditEvent._base_manager.using(connection.alias).filter(id__gt=report.last_id)
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


def _look_at_partitions(connection: BaseDatabaseWrapper, report: VerificationReport) -> None:
    """Name what was taken out of the table as a whole; pruning takes the lowest numbers."""
    layout = read_layout(connection)
    for start, following in layout.find_gaps() if layout else ():
        if start > report.last_pruned_id:
            until = "on" if following is None else f"to {following - 1}"
            detail = (
                f"No partition holds the numbers from {start} {until}: it was detached or dropped."
            )
            report.add(Finding(problem=Problem.PARTITION, detail=detail))
