"""Compares the events of one seal with what it remembers of them, and names those that differ.

Nothing here needs a model, so that a worker process need not load the project's applications.
"""

from bisect import bisect_right
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from .digests import EventRow, digest_event, find_context
from .findings import Finding, Problem
from .manifests import DIGEST_BYTES, split_digests, unpack_manifest
from .rows import EventPage, read_pages

__all__ = ["SealedRun", "about_seal", "check_run"]

MOST_COMPARED: Final = 200
"""Up to how many events of a seal are tried under one another's number, to tell that they moved."""


class SealedRun(NamedTuple):
    """What a seal says of its events."""

    number: int
    first_id: int
    last_id: int
    event_count: int
    manifest: bytes
    manifest_digest: bytes


class Difference(NamedTuple):
    """Events that are not what was sealed."""

    sealed: dict[int, bytes]
    """The sealed digests that no event has, by number."""

    strange: list[tuple[EventRow, bytes]]
    """The events that have no sealed digest, and the digests of their circumstances."""


def check_run(connection: BaseDatabaseWrapper, run: SealedRun) -> Iterator[Finding]:
    """Compare the events of a seal with its manifest.

    Costs two queries for each 8,192 events, and the memory of so many and of the manifest.
    """
    try:
        numbers, digests = unpack_manifest(run.manifest)
    except ValueError as error:
        yield about_seal(Problem.SEAL_EDITED, run.number, f"Seal {run.number}: {error}")
        return
    # The seal's own digest covers this one and the root: the tree need not be climbed again.
    if sha256(run.manifest).digest() != run.manifest_digest:
        detail = f"The manifest of seal {run.number} is not the one that was sealed."
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
        end = bisect_right(numbers, page.events[-1].id, start)
        expected = digests[start * DIGEST_BYTES : end * DIGEST_BYTES]
        if page.numbers != numbers[start:end] or b"".join(page.leaves) != expected:
            _compare_page(page, numbers[start:end], split_digests(expected), difference)
        start = end
    rest = split_digests(digests[start * DIGEST_BYTES :])
    difference.sealed.update(zip(numbers[start:], rest, strict=True))
    return difference


def _compare_page(
    page: EventPage, numbers: list[int], leaves: list[bytes], difference: Difference
) -> None:
    sealed = dict(zip(numbers, leaves, strict=True))
    for event, leaf in zip(page.events, page.leaves, strict=True):
        if sealed.get(event.id) == leaf:
            del sealed[event.id]
        else:
            difference.strange.append((event, find_context(event, page.contexts)))
    difference.sealed.update(sealed)


def _name_events(run: SealedRun, difference: Difference) -> Iterator[Finding]:
    """Say what happened to the events that were sealed and are not there, and to the others."""
    sealed, strange = difference
    present = {event.id for event, _ in strange}
    for event, context in strange:
        origin = _find_origin(event, context, sealed) if len(sealed) <= MOST_COMPARED else None
        if origin is not None:
            detail = f"Event {event.id} holds what event {origin} was when it was sealed."
            yield _about_event(Problem.MOVED, run, event.id, detail)
        elif event.id in sealed:
            detail = f"Event {event.id} is not what it was when it was sealed."
            yield _about_event(Problem.EDITED, run, event.id, detail)
        else:
            detail = f"Event {event.id} was inserted after its neighbours were sealed."
            yield _about_event(Problem.INSERTED, run, event.id, detail)
    for number in sealed:
        if number not in present:
            detail = f"Event {number} was sealed and is not there any more."
            yield _about_event(Problem.REMOVED, run, number, detail)


def _find_origin(event: EventRow, context: bytes, sealed: dict[int, bytes]) -> int | None:
    return next(
        (
            number
            for number, leaf in sealed.items()
            if number != event.id and digest_event(event, context, number) == leaf
        ),
        None,
    )


def _about_event(problem: Problem, run: SealedRun, number: int, detail: str) -> Finding:
    return Finding(problem=problem, detail=detail, event_id=number, seal_number=run.number)
