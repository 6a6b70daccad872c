"""The verdict of an inspection, with the finding of each step."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..exceptions import UploadRejected
from .codes import MESSAGES, RefusalCode
from .kinds import FileKind

__all__ = ["Facts", "Finding", "Refusal", "Verdict", "reject_upload"]

Facts = Mapping[str, int | str]


class Refusal(Exception):
    """Raised by steps and inspectors to end an inspection. Callers of `inspect` never see it.

    Args:
        code: The reason.
        **params: The values of the message's placeholders, never bytes of the file.
    """

    def __init__(self, code: RefusalCode, **params: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def reject_upload(code: RefusalCode, params: Mapping[str, int | str]) -> UploadRejected:
    """Return the exception that callers receive for a refusal."""
    # ValidationError translates lazily, into the language of the reader.
    message: Any = MESSAGES[code]
    return UploadRejected(message, code=code.value, params=dict(params))


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """The result of one step."""

    step: str
    """The name of the step in ``inspection.STEPS``."""

    outcome: Literal["passed", "refused", "skipped"]

    detail: str
    """What was found, or why the step was skipped, without bytes of the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a file may be stored, why, and what would be stored."""

    policy: str
    """The name of the policy."""

    findings: tuple[Finding, ...]
    """The results of the steps, in order. If the file is refused, the last one refused it."""

    code: RefusalCode | None = None
    """The reason of a refusal."""

    params: Mapping[str, int | str] = field(default_factory=dict)
    """The values of the message's placeholders."""

    name: str = ""
    """The client's name as cleaned text for display, never a path."""

    size: int = 0
    """The number of bytes received."""

    kind: FileKind | None = None
    """The type of what would be stored, according to its content."""

    facts: Facts = field(default_factory=dict)
    """Facts from the structure: ``width``, ``height``, ``frames`` and others, by type."""

    content: bytes = field(default=b"", repr=False)
    """The content to store, or empty if the file is refused."""

    @property
    def sha256(self) -> str:
        """The digest of the content to store, computed lazily since it is half of the work."""
        return hashlib.sha256(self.content).hexdigest() if self.is_accepted else ""

    @property
    def is_accepted(self) -> bool:
        """Whether the file may be stored."""
        return self.code is None

    @property
    def message(self) -> str:
        """The reason of a refusal in the active language, or an empty string if accepted."""
        return "" if self.code is None else str(MESSAGES[self.code]) % self.params

    @property
    def extension(self) -> str:
        """The extension with which an accepted file is stored."""
        return "" if self.kind is None else self.kind.extensions[0]

    def tell(self, fact: str) -> int | str | None:
        """Return a fact about an accepted file, for a companion field.

        Args:
            fact: ``name``, ``size``, ``content_type``, ``sha256``, or the name of a fact.
        """
        if fact == "sha256":
            return self.sha256
        about: dict[str, int | str] = {
            "name": self.name,
            "size": len(self.content),
            "content_type": "" if self.kind is None else self.kind.content_type,
        }
        return about.get(fact, self.facts.get(fact))

    def raise_refusal(self) -> None:
        """Raise an exception if the file is refused.

        Raises:
            UploadRejected: The file is refused.
        """
        if self.code is not None:
            raise reject_upload(self.code, self.params)

    def describe(self) -> dict[str, Any]:
        """Return the verdict as JSON-serializable values, without the content."""
        return {
            "accepted": self.is_accepted,
            "policy": self.policy,
            "code": None if self.code is None else self.code.value,
            "message": self.message,
            "name": self.name,
            "size": self.size,
            "type": None if self.kind is None else self.kind.content_type,
            "facts": dict(self.facts),
            "sha256": self.sha256,
            "stored_size": len(self.content),
            "findings": [
                {"step": found.step, "outcome": found.outcome, "detail": found.detail}
                for found in self.findings
            ],
        }
