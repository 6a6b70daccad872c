"""Compare the events of a seal with its manifest, and report those that differ.

Nothing here uses a model, so that a worker process need not load the project's applications.
"""

from bisect import bisect_right
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from .batches import digest_events
from .digests import SALT_BYTES, EventRow, StoredEvent, digest_event, find_context
from .findings import Finding, Problem
from .manifests import DIGEST_BYTES, split_digests, unpack_manifest
from .rows import EventPage, read_pages

__all__ = ["SealedRun", "about_seal", "check_run"]

MOST_COMPARED: Final = 200
"""The maximum number of events to try under each other's id, to detect that they were moved."""

NO_SALT: Final = bytes(SALT_BYTES)
"""Of an event that was never sealed."""


class SealedRun(NamedTuple):
    """What a seal stores about its events."""

    number: int
    first_id: int
    last_id: int
    event_count: int
    manifest: bytes
    manifest_digest: bytes
    salts: bytes


class SealedEvent(NamedTuple):
    """What a seal stores about one event."""

    digest: bytes
    salt: bytes


class Difference(NamedTuple):
    """Events that differ from what was sealed."""

    sealed: dict[int, SealedEvent]
    """What was sealed and no event is, by number."""

    strange: list[tuple[StoredEvent, bytes]]
    """The events that differ, and the digests of their contexts."""


def check_run(connection: BaseDatabaseWrapper, run: SealedRun) -> Iterator[Finding]:
    """Compare the events of a seal with its manifest.

    Costs two queries for each 8,192 events, and the memory for these and the manifest.
    """
    try:
        numbers, digests = unpack_manifest(run.manifest)
    except ValueError as error:
        yield about_seal(Problem.SEAL_EDITED, run.number, f"Seal {run.number}: {error}")
        return
    # The seal's own digest covers this one and the root: the tree need not be climbed again.
    if sha256(run.manifest).digest() != run.manifest_digest:
        detail = f"The manifest of seal {run.number} differs from the sealed one."
        yield about_seal(Problem.SEAL_EDITED, run.number, detail)
    yield from _name_events(run, _compare_events(connection, run, numbers, digests))


def about_seal(problem: Problem, number: int, detail: str) -> Finding:
    """Return a finding about a seal."""
    return Finding(problem=problem, detail=detail, seal_number=number)


def _compare_events(
    connection: BaseDatabaseWrapper, run: SealedRun, numbers: list[int], digests: bytes
) -> Difference:
    difference = Difference({}, [])
    start = 0
    for page in read_pages(connection, run.first_id - 1, run.last_id):
        # What was sealed of the events up to the last one of the page.
        end = bisect_right(numbers, page.numbers[-1], start)
        expected = digests[start * DIGEST_BYTES : end * DIGEST_BYTES]
        salts = run.salts[start * SALT_BYTES : end * SALT_BYTES]
        sealed_numbers = numbers[start:end]
        is_complete = page.numbers == sealed_numbers
        if not is_complete:
            salts = _arrange_salts(page.numbers, sealed_numbers, salts)
        leaves = digest_events(page.events, page.contexts, salts)
        if not is_complete or b"".join(leaves) != expected:
            sealed = _list_sealed(run, numbers, digests, start, end)
            _compare_page(page, leaves, sealed, difference)
        start = end
    difference.sealed.update(_list_sealed(run, numbers, digests, start, len(numbers)))
    return difference


def _arrange_salts(numbers: list[int], sealed: list[int], salts: bytes) -> bytes:
    """Return the salts in the order of the events, of which some were removed or inserted."""
    known = dict(zip(sealed, _split_salts(salts, len(sealed)), strict=True))
    return b"".join(known.get(number, NO_SALT) or NO_SALT for number in numbers)


def _split_salts(salts: bytes, count: int) -> list[bytes]:
    return [salts[start : start + SALT_BYTES] for start in range(0, count * SALT_BYTES, SALT_BYTES)]


def _list_sealed(
    run: SealedRun, numbers: list[int], digests: bytes, start: int, end: int
) -> dict[int, SealedEvent]:
    leaves = split_digests(digests[start * DIGEST_BYTES : end * DIGEST_BYTES])
    salts = _split_salts(run.salts[start * SALT_BYTES : end * SALT_BYTES], end - start)
    return dict(zip(numbers[start:end], map(SealedEvent, leaves, salts), strict=True))


def _compare_page(
    page: EventPage, leaves: list[bytes], sealed: dict[int, SealedEvent], difference: Difference
) -> None:
    for event, leaf in zip(page.events, leaves, strict=True):
        known = sealed.get(event[0])
        if known is not None and known.digest == leaf:
            del sealed[event[0]]
        else:
            difference.strange.append((event, find_context(event[2], page.contexts)))
    difference.sealed.update(sealed)


def _name_events(run: SealedRun, difference: Difference) -> Iterator[Finding]:
    """Report what happened to the sealed events that are missing, and to the others."""
    sealed, strange = difference
    present = {event[0] for event, _ in strange}
    for event, context in strange:
        number = event[0]
        origin = _find_origin(event, context, sealed) if len(sealed) <= MOST_COMPARED else None
        if origin is not None:
            detail = f"Event {number} holds the content that event {origin} had when it was sealed."
            yield _about_event(Problem.MOVED, run, number, detail)
        elif number in sealed:
            detail = f"Event {number} differs from what was sealed."
            yield _about_event(Problem.EDITED, run, number, detail)
        else:
            detail = f"Event {number} was inserted after its neighbours were sealed."
            yield _about_event(Problem.INSERTED, run, number, detail)
    for number in sealed:
        if number not in present:
            detail = f"Event {number} was sealed and no longer exists."
            yield _about_event(Problem.REMOVED, run, number, detail)


def _find_origin(event: StoredEvent, context: bytes, sealed: dict[int, SealedEvent]) -> int | None:
    """Return the other id under which this event was sealed, or ``None``."""
    return next(
        (
            number
            for number, known in sealed.items()
            if number != event[0] and _digest_as(event, context, number, known) == known.digest
        ),
        None,
    )


def _digest_as(event: StoredEvent, context: bytes, number: int, known: SealedEvent) -> bytes:
    _, header, context_id, changes, own_salt = event
    salt = bytes(own_salt) if own_salt else known.salt
    return digest_event(EventRow(number, header, context_id, changes, salt), context)


def _about_event(problem: Problem, run: SealedRun, number: int, detail: str) -> Finding:
    return Finding(problem=problem, detail=detail, event_id=number, seal_number=run.number)
