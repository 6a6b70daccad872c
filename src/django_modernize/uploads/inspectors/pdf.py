"""PDF: inspect every object that any reader could find, without rendering anything.

The file is read from its first byte to its last, and each table that says where objects are has to
lead to objects that were met on the way: so a reader that follows the tables sees nothing else.
"""

from typing import Final

from ..codes import RefusalCode
from ..kinds import KINDS
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .base import Decoded, Inspector, Structure
from .pdf_content import ContentRules
from .pdf_objects import DocumentReader
from .pdf_tables import check_tables

__all__ = ["INSPECTOR"]

KIND: Final = KINDS["pdf"]


class PdfInspector(Inspector):
    """See :class:`Inspector`.

    What follows the last ``%%EOF`` is gone; nothing else is moved, since tables tell where all
    stands. Strict mode does no more than quick mode: no package draws PDF anew without rendering.
    """

    def walk(self, content: bytes, policy: UploadPolicy) -> Structure:
        """See :meth:`Inspector.walk`."""
        end = _find_end(content)
        kept = content[:end]
        reader = DocumentReader(kept, policy)
        try:
            reader.read_all()
        except Refusal as refusal:
            # Its streams look damaged, and nobody can know that they are not.
            raise Refusal(RefusalCode.ENCRYPTED) if b"/Encrypt" in kept else refusal from refusal
        rules = ContentRules(policy)
        rules.check(reader)
        check_tables(kept, reader)
        pages = rules.count_pages(reader)
        facts: dict[str, int | str] = {"pages": pages, "objects": reader.object_count}
        return Structure(facts=facts, pieces=[kept] if end < len(content) else None)

    def decode(self, content: bytes, structure: Structure, policy: UploadPolicy) -> Decoded:
        """See :meth:`Inspector.decode`."""
        return Decoded(content=content, kind=KIND)


def _find_end(content: bytes) -> int:
    found = content.rfind(b"%%EOF")
    if found < 0:
        raise Refusal(RefusalCode.TRUNCATED)
    return found + len(b"%%EOF")


INSPECTOR: Final = PdfInspector()
