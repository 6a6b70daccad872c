"""Check a PDF for forbidden capabilities."""

import re
from typing import Any, Final

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Refusal
from .dimensions import refuse_damage
from .pdf_objects import DocumentReader
from .pdf_tokens import Reference

__all__ = ["ContentRules"]

REFUSED_NAMES: Final = {
    "JavaScript": RefusalCode.SCRIPTS,
    "JS": RefusalCode.SCRIPTS,
    "Launch": RefusalCode.ACTIONS,
    "SubmitForm": RefusalCode.ACTIONS,
    "ImportData": RefusalCode.ACTIONS,
    "GoToR": RefusalCode.EXTERNAL_LINKS,
    "GoToE": RefusalCode.EMBEDDED_FILES,
    "EmbeddedFile": RefusalCode.EMBEDDED_FILES,
    "EmbeddedFiles": RefusalCode.EMBEDDED_FILES,
    "EF": RefusalCode.EMBEDDED_FILES,
    "FileAttachment": RefusalCode.EMBEDDED_FILES,
    "RichMedia": RefusalCode.EMBEDDED_FILES,
    "Rendition": RefusalCode.EMBEDDED_FILES,
    "Movie": RefusalCode.EMBEDDED_FILES,
    "Sound": RefusalCode.EMBEDDED_FILES,
    "3D": RefusalCode.EMBEDDED_FILES,
    "XFA": RefusalCode.FORMS,
}
"""Names without which the thing cannot be; refused wherever they stand, since a name may stand
alone in an object that a dictionary refers to."""

AUTOMATIC: Final = frozenset({"OpenAction", "AA"})
QUIET_ACTIONS: Final = frozenset({"GoTo", "Named", "Hide", "SetOCGState", "ResetForm", "Trans"})
"""What may happen when a document is opened: all that stays within it."""

MOST_STEPS: Final = 8
"""By how many references in a row a value may be told."""

WEB_LINK: Final = re.compile(rb"(?:https?://|mailto:|tel:)", re.IGNORECASE)


class ContentRules:
    """Judges what was found in a document."""

    def __init__(self, policy: UploadPolicy) -> None:
        self._policy = policy

    def check(self, reader: DocumentReader) -> None:
        """Look at all names, dictionaries and streams.

        Raises:
            Refusal: Something is not accepted.
        """
        if any("Encrypt" in table.head for table in reader.tables):
            raise Refusal(RefusalCode.ENCRYPTED)
        for name in sorted(reader.objects.names & REFUSED_NAMES.keys()):
            self._policy.refuse_unless_tolerated(REFUSED_NAMES[name])
        for found in reader.objects.dictionaries:
            self._check_dictionary(found, reader)
        for head in reader.streams:
            if "F" in head or "FFilter" in head:
                self._policy.refuse_unless_tolerated(RefusalCode.EXTERNAL_LINKS)

    def count_pages(self, reader: DocumentReader) -> int:
        """Return how many pages there are.

        Raises:
            Refusal: None, or more than the policy allows.
        """
        pages = len([one for one in reader.objects.dictionaries if one.get("Type") == "Page"])
        if not pages:
            raise refuse_damage("it has no page")
        if pages > self._policy.max_pages:
            raise Refusal(RefusalCode.PAGES, limit=self._policy.max_pages)
        return pages

    def _check_dictionary(self, found: dict[str, Any], reader: DocumentReader) -> None:
        if "URI" in found and not self._is_web_link(found["URI"], reader):
            self._policy.refuse_unless_tolerated(RefusalCode.EXTERNAL_LINKS)
        for name in AUTOMATIC & found.keys():
            for one in self._resolve(found[name], reader):
                self._check_automatic(one, reader)
        if self._names_file(found, reader):
            self._policy.refuse_unless_tolerated(RefusalCode.EXTERNAL_LINKS)
        if found.get("Subtype") == "PS":
            self._policy.refuse_unless_tolerated(RefusalCode.SCRIPTS)

    def _names_file(self, found: dict[str, Any], reader: DocumentReader) -> bool:
        if "UF" in found or found.get("Type") == "Filespec":
            return True
        # Elsewhere under this name stand flags, packings and dictionaries.
        return "F" in found and any(
            isinstance(one, bytes) for one in self._resolve(found["F"], reader)
        )

    def _check_automatic(self, action: Any, reader: DocumentReader) -> None:
        """Look at what happens by itself; a list is a place within the document."""
        if not isinstance(action, dict):
            return
        if "S" not in action:
            # Actions by their occasions.
            inner = [one for value in action.values() for one in self._resolve(value, reader)]
            actions = [one for one in inner if isinstance(one, dict)]
        else:
            actions = [action]
        if not all(_is_quiet(one) for one in actions):
            self._policy.refuse_unless_tolerated(RefusalCode.ACTIONS)

    def _resolve(self, value: Any, reader: DocumentReader) -> list[Any]:
        """Return a value, or all that stands under the numbers that it leads to."""
        found: list[Any] = []
        waiting, seen = [value], set[int]()
        while waiting:
            one = waiting.pop()
            if not isinstance(one, Reference):
                found.append(one)
            elif one.number not in seen:
                seen.add(one.number)
                waiting += reader.values.get(one.number, [])
            if len(seen) > MOST_STEPS:
                raise Refusal(RefusalCode.DEPTH, limit=MOST_STEPS)
        return found

    def _is_web_link(self, target: Any, reader: DocumentReader) -> bool:
        if isinstance(target, dict):
            # The base of all links, which stands in the root under the same name.
            return "Base" not in target or self._is_web_link(target["Base"], reader)
        targets = self._resolve(target, reader)
        return bool(targets) and all(
            isinstance(one, bytes) and WEB_LINK.match(one.lstrip()) is not None for one in targets
        )


def _is_quiet(action: dict[str, Any]) -> bool:
    """Return whether an action stays within the document, or is judged by its name anyway."""
    kind = action.get("S")
    is_known = isinstance(kind, str) and (kind in QUIET_ACTIONS or kind in REFUSED_NAMES)
    return is_known and "Next" not in action
