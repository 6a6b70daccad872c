"""The inspection of a file, in steps from cheap to expensive that may each refuse it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import sync_to_async
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat

from ..conf import get_settings
from .candidates import Candidate
from .codes import RefusalCode
from .inspectors import find_inspector
from .kinds import SIGNATURE_LENGTH, find_kind
from .libmagic import ask_libmagic
from .names import clean_name
from .policies import UploadPolicy
from .quotas import check_quotas
from .verdicts import Finding, Refusal, Verdict

if TYPE_CHECKING:
    from django.db.models import Model

__all__ = ["ainspect", "inspect"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """The result of a step that had nothing to do, with the reason."""

    reason: str


Step = Callable[[Candidate], str | Skipped]


def inspect(
    file: Any,
    policy: UploadPolicy,
    *,
    name: str | None = None,
    instance: "Model | None" = None,
    size_field: str | None = None,
) -> Verdict:
    """Inspect a file without storing it; the file is left at its beginning.

    Args:
        file: Django's ``File``, an upload, or an open file in binary mode.
        policy: What is allowed.
        name: The client's file name, if the file does not have it.
        instance: The object that the file is for, for policies with quotas.
        size_field: The field of the object that holds the size of its file, also for quotas.

    Returns:
        The verdict, with each step's finding and what would be stored.

    Costs one query for each quota of the policy. The content and what is rebuilt from it are held
    in memory.
    """
    candidate = Candidate(
        file=file,
        policy=policy,
        given_name=getattr(file, "name", None) if name is None else name,
        instance=instance,
        size_field=size_field,
    )
    findings: list[Finding] = []
    for title, step in STEPS.items():
        try:
            said = step(candidate)
        except Refusal as refusal:
            findings.append(Finding(step=title, outcome="refused", detail=_word(refusal)))
            return _conclude(candidate, findings, refusal)
        if isinstance(said, Skipped):
            findings.append(Finding(step=title, outcome="skipped", detail=said.reason))
        else:
            findings.append(Finding(step=title, outcome="passed", detail=said))
    return _conclude(candidate, findings, None)


async def ainspect(file: Any, policy: UploadPolicy, **options: Any) -> Verdict:
    """Do :func:`inspect` in a thread, so that the event loop goes on."""
    return await sync_to_async(inspect, thread_sensitive=False)(file, policy, **options)


def _conclude(candidate: Candidate, findings: list[Finding], refusal: Refusal | None) -> Verdict:
    return Verdict(
        policy=candidate.policy.name,
        findings=tuple(findings),
        code=None if refusal is None else refusal.code,
        params={} if refusal is None else refusal.params,
        name=candidate.name,
        size=candidate.size,
        kind=candidate.kind,
        facts=candidate.facts,
        content=candidate.content if refusal is None else b"",
    )


def _word(refusal: Refusal) -> str:
    given = ", ".join(f"{name}: {value}" for name, value in refusal.params.items())
    return f"{refusal.code.value} ({given})" if given else refusal.code.value


def _check_size(candidate: Candidate) -> str:
    limit = candidate.policy.max_bytes
    claimed = getattr(candidate.file, "size", None)
    if getattr(candidate.file, "is_cut_off", False):
        # The upload handler stopped the file, and its limit may be lower than the policy's.
        limit = min(limit, get_settings().upload_max_bytes)
    if isinstance(claimed, int) and claimed > limit:
        candidate.size = claimed
        raise Refusal(RefusalCode.TOO_LARGE, limit=filesizeformat(limit))
    content = _read_bytes(candidate.file, limit + 1)
    candidate.size = len(content)
    if not content:
        raise Refusal(RefusalCode.EMPTY)
    if len(content) > limit:
        raise Refusal(RefusalCode.TOO_LARGE, limit=filesizeformat(limit))
    candidate.content = content
    return f"{len(content)} bytes of at most {limit}"


def _read_bytes(file: Any, count: int) -> bytes:
    # Only a stored file may be opened by name: the name of an upload comes from the client.
    is_stored = isinstance(file, FieldFile) and file.closed
    try:
        if is_stored:
            file.open()
        file.seek(0)
        content = file.read(count)
        file.seek(0)
    # OSError: deleted or no longer open; ValueError: closed, or text that is not UTF-8.
    except (OSError, ValueError, AttributeError) as error:
        raise Refusal(RefusalCode.UNREADABLE) from error
    finally:
        if is_stored:
            file.close()
    if not isinstance(content, bytes):
        raise Refusal(RefusalCode.UNREADABLE)
    return content


def _check_name(candidate: Candidate) -> str:
    cleaned = clean_name(candidate.given_name)
    candidate.name, candidate.extension = cleaned.text, cleaned.extension
    allowed = candidate.policy.allowed_extensions
    if cleaned.extension not in allowed:
        raise Refusal(RefusalCode.EXTENSION, allowed=_name_allowed(candidate))
    return f"ends in {cleaned.extension}"


def _name_allowed(candidate: Candidate) -> str:
    return ", ".join(candidate.policy.offered_extensions)


def _check_signature(candidate: Candidate) -> str:
    kind = find_kind(candidate.content[:SIGNATURE_LENGTH])
    if kind is None:
        raise Refusal(RefusalCode.UNKNOWN_TYPE, allowed=_name_allowed(candidate))
    if not candidate.policy.allows(kind):
        raise Refusal(
            RefusalCode.TYPE_NOT_ALLOWED, found=kind.name, allowed=_name_allowed(candidate)
        )
    if candidate.extension not in kind.extensions:
        raise Refusal(RefusalCode.TYPE_MISMATCH, found=kind.name)
    candidate.kind = kind
    candidate.inspector = find_inspector(kind)
    return kind.name


def _ask_libmagic(candidate: Candidate) -> str | Skipped:
    opinion = ask_libmagic(candidate.content)
    if opinion is None:
        return Skipped("libmagic is not installed")
    if opinion.is_known and opinion.content_type not in candidate.known_kind.magic_types:
        raise Refusal(RefusalCode.TYPE_DISPUTED)
    return opinion.content_type


def _walk_structure(candidate: Candidate) -> str:
    inspector = candidate.known_inspector
    try:
        candidate.structure = inspector.walk(candidate.content, candidate.policy)
    # Offsets beyond the end of the file.
    except (IndexError, struct.error) as error:
        raise Refusal(RefusalCode.TRUNCATED) from error
    candidate.facts.update(candidate.structure.facts)
    return ", ".join(f"{name}: {value}" for name, value in candidate.structure.facts.items())


def _rebuild_content(candidate: Candidate) -> str | Skipped:
    structure = candidate.known_structure
    if structure.pieces is None:
        return Skipped("this type is stored as it came")
    before = len(candidate.content)
    candidate.content = b"".join(structure.pieces)
    return f"{len(candidate.content)} bytes of {before} are needed"


def _decode_content(candidate: Candidate) -> str | Skipped:
    inspector = candidate.known_inspector
    if candidate.policy.mode == "quick" and not inspector.always_decodes:
        return Skipped("the policy is quick")
    made = inspector.decode(candidate.content, candidate.known_structure, candidate.policy)
    candidate.content, candidate.kind = made.content, made.kind
    candidate.facts.update(made.facts)
    return f"{made.kind.name}, {len(made.content)} bytes"


def _check_quotas(candidate: Candidate) -> str | Skipped:
    if not candidate.policy.quotas:
        return Skipped("the policy has no quota")
    if candidate.instance is None:
        return Skipped("the file is not for an object yet")
    return check_quotas(candidate)


def _scan_content(candidate: Candidate) -> str | Skipped:
    if candidate.policy.scanner is None:
        return Skipped("the policy has no scanner")
    return candidate.policy.scanner.scan(candidate.content)


STEPS: Final[dict[str, Step]] = {
    "size": _check_size,
    "name": _check_name,
    "signature": _check_signature,
    "libmagic": _ask_libmagic,
    "structure": _walk_structure,
    "rebuild": _rebuild_content,
    "decode": _decode_content,
    "quota": _check_quotas,
    "scan": _scan_content,
}
"""The steps by name, from cheap to expensive."""
