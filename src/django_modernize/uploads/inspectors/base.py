"""The base class of inspectors, each of which handles one file type."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from ..codes import RefusalCode
from ..kinds import FileKind
from ..policies import UploadPolicy
from ..verdicts import Facts, Refusal

__all__ = ["Decoded", "Inspector", "Structure", "find_inspector"]

Piece = bytes | memoryview


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """How a file is put together, as far as it can be told without decoding it."""

    facts: Facts = field(default_factory=dict)
    """What verdicts show: ``width``, ``height``, ``frames`` and the like."""

    pieces: Sequence[Piece] | None = None
    """What is stored of the file, in order; ``None``: all of it, as it came."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """What a decoder has made of a file."""

    content: bytes
    kind: FileKind
    """The type of the content, which may be another one than it came as."""

    facts: Facts = field(default_factory=dict)
    """What is different now."""


class Inspector:
    """Knows one type of file; has no state, since threads share it.

    A module of ``uploads.inspectors`` holds a subclass, and one object of it named ``INSPECTOR``.
    """

    always_decodes = False
    """Whether :meth:`decode` is called in quick mode too."""

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """Look at the structure without decoding, in time linear in the length of the content.

        Args:
            content: The whole file; its signature was seen.
            policy: The limits.

        Raises:
            Refusal: The structure is damaged, unsafe or beyond a limit. What reading beyond the
                end raises (``IndexError``, ``struct.error``) counts as the refusal ``truncated``.
        """
        raise NotImplementedError

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """Decode the content, and encode it anew where the type allows.

        Args:
            content: What the rebuilding left.
            structure: What :meth:`walk` returned.
            policy: The limits.

        Raises:
            Refusal: The content cannot be decoded within the limits, or has what must not be.
        """
        raise NotImplementedError


@cache
def find_inspector(kind: FileKind) -> Inspector:
    """Return the inspector of a type; its module is imported when the first such file comes.

    Raises:
        Refusal: There is none.
    """
    name = f"{__package__}.{kind.inspector}"
    try:
        inspector: Inspector = import_module(name).INSPECTOR
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise Refusal(RefusalCode.DECODER_MISSING, found=kind.name) from error
    return inspector
