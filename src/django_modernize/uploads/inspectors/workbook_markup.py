"""Check the XML in any part of a workbook for forbidden content."""

import re
from collections.abc import Callable
from typing import Final

from ..codes import RefusalCode
from ..policies import UploadPolicy
from ..verdicts import Facts, Refusal
from .cells import CellExtent
from .dimensions import refuse_damage
from .markup import Act, Attributes, MarkupReader

__all__ = ["WorkbookReader"]

MAIN_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPE_THREATS: Final = (
    ("macro", RefusalCode.MACROS),
    ("vbaproject", RefusalCode.MACROS),
    ("dialogsheet", RefusalCode.MACROS),
    ("oleobject", RefusalCode.EMBEDDED_FILES),
    ("activex", RefusalCode.EMBEDDED_FILES),
    ("externallink", RefusalCode.EXTERNAL_LINKS),
)
"""What the type of a part tells, under whatever name it stands."""

REFUSED_ELEMENTS: Final = {
    "ddeLink": RefusalCode.EXTERNAL_LINKS,
    "oleLink": RefusalCode.EXTERNAL_LINKS,
    "externalBook": RefusalCode.EXTERNAL_LINKS,
    "externalReference": RefusalCode.EXTERNAL_LINKS,
    "webPr": RefusalCode.EXTERNAL_LINKS,
    "dbPr": RefusalCode.EXTERNAL_LINKS,
    "oleObject": RefusalCode.EMBEDDED_FILES,
    "control": RefusalCode.EMBEDDED_FILES,
    "macrosheet": RefusalCode.MACROS,
    "dialogsheet": RefusalCode.MACROS,
    "script": RefusalCode.SCRIPTS,
    "include": RefusalCode.EXTERNAL_LINKS,
    "DataMashup": RefusalCode.EXTERNAL_LINKS,
}
PICTURE_ELEMENTS: Final = frozenset({"imagedata", "fill", "stroke", "image"})
"""What old drawings show pictures with; those of the workbook are named by relations."""
PICTURE_SOURCES: Final = frozenset({"src", "href", "althref"})
FORMULAS: Final = frozenset(
    {"f", "formula", "formula1", "formula2", "oddFormula", "definedName", "calculatedColumnFormula"}
)
RUNNING_NAMES: Final = ("auto_open", "auto_close", "auto_activate", "auto_deactivate")
"""Names by which old macros begin by themselves."""

WEB_LINK: Final = re.compile(r"(?:https?://|mailto:|#)", re.IGNORECASE)
QUOTED: Final = re.compile(r""" "[^"]*" | '[^']*' """, re.VERBOSE)
STARTING: Final = re.compile(
    r"""\b(?: CALL | COPILOT | DDE\w* | EXEC | FOPEN | IMAGE | IMPORT\w+ | INITIATE | PY
    | REGISTER(?:\.ID)? | RTD | RUN | WEBSERVICE )\s*\(""",
    re.IGNORECASE | re.VERBOSE,
)
"""Functions that start a program, load a library or fetch from elsewhere."""


class WorkbookReader(MarkupReader):
    """Reads all parts of one workbook."""

    def __init__(self, policy: UploadPolicy) -> None:
        super().__init__()
        self.policy = policy
        self._extent = CellExtent(policy)
        self._is_workbook = False
        self._sheets = self._cells = self._rows = self._pixels = 0

    def facts(self) -> Facts:
        """Return what verdicts show."""
        return {"sheets": self._sheets, "rows": self._rows, "cells": self._cells}

    def note_pixels(self, count: int) -> None:
        """Add up the pixels of pictures that were unpacked.

        Raises:
            Refusal: All pictures together have more than one may have.
        """
        self._pixels += count
        if self._pixels > self.policy.max_pixels:
            raise Refusal(RefusalCode.PIXELS, limit=self.policy.max_pixels)

    def check_whole(self) -> None:
        """Look at what only all parts together tell.

        Raises:
            Refusal: It is an Office document, and no workbook, or has no sheet.
        """
        if not self._is_workbook:
            raise Refusal(RefusalCode.TYPE_MISMATCH, found="another document of Office")
        if not self._sheets:
            raise refuse_damage("it has no sheet")

    def find_act(self, name: str) -> Act | None:
        """See :meth:`MarkupReader.find_act`."""
        if (code := REFUSED_ELEMENTS.get(name)) is not None:
            return lambda attributes: self.policy.refuse_unless_tolerated(code)
        if name in PICTURE_ELEMENTS:
            return self._check_picture
        acts: dict[str, Act] = {
            "c": self._note_cell,
            "row": self._begin_row,
            "sheetData": self._begin_sheet,
            "sheet": self._note_sheet,
            "Relationship": self._check_relation,
            "Override": self._check_type,
            "Default": self._check_type,
            "definedName": self._check_defined_name,
        }
        return acts.get(name)

    def find_listener(self, name: str) -> Callable[[str], None] | None:
        """See :meth:`MarkupReader.find_listener`."""
        return self._check_formula if name in FORMULAS else None

    def _begin_sheet(self, attributes: Attributes) -> None:
        self._extent = CellExtent(self.policy)

    def _begin_row(self, attributes: Attributes) -> None:
        self._rows += 1
        self._extent.begin_row(attributes)

    def _note_cell(self, attributes: Attributes) -> None:
        self._cells += 1
        self._extent.note_cell(attributes)

    def _note_sheet(self, attributes: Attributes) -> None:
        self._sheets += 1

    def _check_relation(self, attributes: Attributes) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "").strip()
        if kind in {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"}:
            self.policy.refuse_unless_tolerated(RefusalCode.MACROS)
        if kind in {"oleObject", "control", "package"}:
            self.policy.refuse_unless_tolerated(RefusalCode.EMBEDDED_FILES)
        is_outside = attributes.get("TargetMode", "").lower() == "external"
        is_link = kind == "hyperlink" and WEB_LINK.match(target)
        if (is_outside or ":" in target or target.startswith(("//", "\\"))) and not is_link:
            self.policy.refuse_unless_tolerated(RefusalCode.EXTERNAL_LINKS)

    def _check_picture(self, attributes: Attributes) -> None:
        named = {name.rpartition(":")[2].lower() for name, value in attributes.items() if value}
        if not named.isdisjoint(PICTURE_SOURCES):
            self.policy.refuse_unless_tolerated(RefusalCode.EXTERNAL_LINKS)

    def _check_type(self, attributes: Attributes) -> None:
        given = attributes.get("ContentType", "").strip().lower()
        self._is_workbook |= given == MAIN_TYPE
        for part, code in TYPE_THREATS:
            if part in given:
                self.policy.refuse_unless_tolerated(code)

    def _check_defined_name(self, attributes: Attributes) -> None:
        name = attributes.get("name", "").lower().removeprefix("_xlnm.")
        if name.startswith(RUNNING_NAMES) or attributes.get("xlm") in {"1", "true"}:
            self.policy.refuse_unless_tolerated(RefusalCode.MACROS)

    def _check_formula(self, formula: str) -> None:
        if "|" not in formula and not STARTING.search(formula):
            return
        bare = QUOTED.sub("''", formula)
        # A program and its topic: cmd|'/c calc'!A0
        if "|" in bare or STARTING.search(bare):
            self.policy.refuse_unless_tolerated(RefusalCode.FORMULAS)
