"""The state of a file during inspection."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .kinds import FileKind
from .policies import UploadPolicy

if TYPE_CHECKING:
    from django.db.models import Model

    from .inspectors import Inspector, Structure

__all__ = ["Candidate"]

Found = TypeVar("Found")


@dataclass(kw_only=True, slots=True)
class Candidate:
    """What is known about a file so far. Each step uses the results of those before it."""

    file: Any
    """The original file: Django's ``File``, or any object with ``read()``."""

    policy: UploadPolicy

    given_name: str | None
    """The file name as sent by the client."""

    instance: "Model | None" = None
    """The object that the file is for, used by quotas."""

    size_field: str | None = None
    """The field of the object with the size of its file, which quotas sum up."""

    size: int = 0
    content: bytes = b""
    """The original content, replaced by what would be stored once the file is rebuilt."""

    name: str = ""
    extension: str = ""
    kind: FileKind | None = None
    inspector: "Inspector | None" = None
    structure: "Structure | None" = None
    facts: dict[str, int | str] = field(default_factory=dict)

    @property
    def known_kind(self) -> FileKind:
        """The type, as found by the signature step."""
        return _known(self.kind)

    @property
    def known_inspector(self) -> "Inspector":
        """The inspector, as found by the signature step."""
        return _known(self.inspector)

    @property
    def known_structure(self) -> "Structure":
        """The structure, as found by the structure step."""
        return _known(self.structure)


def _known(value: Found | None) -> Found:
    if value is None:
        raise LookupError("a step asks for what the steps before it have not found")
    return value
