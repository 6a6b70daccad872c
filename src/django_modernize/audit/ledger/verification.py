"""Verify that the trail is as it was sealed, and report differences."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, DataError, connections
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

UNREADABLE: Final = (AttributeError, DataError, TypeError, ValueError)
"""The exceptions raised when reading a value that was tampered with."""


def verify(
    using: str = DEFAULT_DB_ALIAS,
    *,
    against: Iterable[Mapping[str, Any]] = (),
    processes: int = 1,
    progress: Callable[[int], object] | None = None,
) -> VerificationReport:
    """Compare the trail with its seals.

    Names each event that was edited, removed, inserted behind a seal or moved to another number,
    and each seal that was edited, removed or reordered. If the owner of
    the tables makes all seals anew, only an export or the signatures reveal it.

    Args:
        using: The database.
        against: Seals that were kept elsewhere, as exported by ``export_seals()``.
        processes: In how many processes to compare events. More than one start the interpreter
            anew, which runs the main module once more: a script needs its
            ``if __name__ == "__main__"``. Where another process could not read the same trail
            (in a transaction, from a database in memory, in a daemon), it is one.
        progress: Called with the number of events compared so far.

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
    """Check each seal, and yield those whose events have to be checked too."""
    before: AuditSeal | None = None
    expected_number = 1
    pruned_until = _read_pruned(connection)
    for number, seal in _read_seals(connection):
        for missing in range(expected_number, number):
            detail = f"Seal {missing} is missing."
            report.add(about_seal(Problem.SEAL_REMOVED, missing, detail))
        report.seal_count += 1
        is_next, expected_number = number == expected_number, number + 1
        if seal is None:
            detail = f"Seal {number} holds impossible values; its events are not compared."
            report.add(about_seal(Problem.SEAL_EDITED, number, detail))
            before = None
            continue
        for finding in _check_seal(seal):
            report.add(finding)
        is_known = before is not None or number == 1
        if is_next and is_known and not _follows(seal, before):
            detail = f"Seal {number} does not follow from the seal before it."
            report.add(about_seal(Problem.SEAL_EDITED, number, detail))
        report.last_id = seal.last_id
        if seal.pruned_at is None:
            yield _describe_run(seal)
        else:
            _count_pruned(report, seal, pruned_until)
        before = seal


def _count_pruned(report: VerificationReport, seal: AuditSeal, pruned_until: int) -> None:
    """Count the events of a pruned seal, and report a pruning that no event records."""
    report.pruned_count += seal.event_count
    report.last_pruned_id = seal.last_id
    if seal.number > pruned_until:
        detail = f"No event records that the events of seal {seal.number} were pruned."
        report.add(about_seal(Problem.REMOVED, seal.number, detail))


def _read_seals(connection: BaseDatabaseWrapper) -> Iterator[tuple[int, AuditSeal | None]]:
    """Yield each seal and its number, ``None`` for one with values that are none of its columns."""
    seals = AuditSeal._base_manager.using(connection.alias).order_by("number")
    last = 0
    while True:
        rest = seals.filter(number__gt=last)
        try:
            for seal in rest.iterator(chunk_size=1):
                seal.compute_digest()
                yield seal.number, seal
                last = seal.number
        except UNREADABLE:
            last = rest.values_list("number", flat=True)[0]
            yield last, None
        else:
            return


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
    """Return the last seal up to which the trail was pruned, according to its own events."""
    events = AuditEvent._base_manager.using(connection.alias).filter(action=AuditAction.PRUNE)
    told: Iterable[Any] = events.values_list("changes", flat=True)
    numbers = (changes["seal"][1] for changes in told if "seal" in changes)
    return max((number for number in numbers if isinstance(number, int)), default=0)


def _check_seal(seal: AuditSeal) -> Iterator[Finding]:
    """Check the digest and signature of a seal."""
    if bytes(seal.digest) != seal.compute_digest():
        detail = f"Seal {seal.number} differs from what it was when it was made."
        yield about_seal(Problem.SEAL_EDITED, seal.number, detail)
    if get_settings().audit_signing_key and not _is_signed(seal):
        detail = f"Seal {seal.number} was not signed with the key in the settings."
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
            detail = f"Seal {number} is in the export but not in the database: the end is missing."
            report.add(about_seal(Problem.SEAL_REMOVED, number, detail))
        elif bytes(seal.digest).hex() != kept["digest"]:
            detail = f"Seal {number} differs from the export: the trail was rewritten."
            report.add(about_seal(Problem.SEAL_DIFFERS, number, detail))


def _count_unsealed(connection: BaseDatabaseWrapper, report: VerificationReport) -> None:
    unsealed = AuditEvent._base_manager.using(connection.alias).filter(id__gt=report.last_id)
    report.unsealed_count = unsealed.count()
    times = unsealed.order_by("id").values_list("created_at", flat=True)
    # Ignore a time outside Python's range.
    with suppress(*UNREADABLE):
        report.oldest_unsealed = times.first()


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
