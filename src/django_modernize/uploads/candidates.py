"""A file on its way through the inspection."""

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
    """What is known of a file so far; each step reads what those before it wrote."""

    file: Any
    """The file as it came: Django's ``File``, or whatever has ``read()``."""

    policy: UploadPolicy

    given_name: str | None
    """The client's name as it came."""

    instance: "Model | None" = None
    """The object that the file is for, which quotas ask."""

    size_field: str | None = None
    """The field of the object that holds the size of its file, which quotas sum up."""

    size: int = 0
    content: bytes = b""
    """What came, and from the rebuilding on what would be stored."""

    name: str = ""
    extension: str = ""
    kind: FileKind | None = None
    inspector: "Inspector | None" = None
    structure: "Structure | None" = None
    facts: dict[str, int | str] = field(default_factory=dict)

    @property
    def known_kind(self) -> FileKind:
        """The type, which the step of the signature has found."""
        return _known(self.kind)

    @property
    def known_inspector(self) -> "Inspector":
        """The inspector, which the step of the signature has found."""
        return _known(self.inspector)

    @property
    def known_structure(self) -> "Structure":
        """The structure, which its step has found."""
        return _known(self.structure)


def _known(value: Found | None) -> Found:
    if value is None:
        raise LookupError("a step asks for what the steps before it have not found")
    return value
