"""Workbooks made part by part, so that tests can make wrong ones, and need no package."""

import io
import warnings
import zipfile
from typing import Any

OFFICE = "http://schemas.openxmlformats.org"
MAIN = f"{OFFICE}/spreadsheetml/2006/main"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
OFFICE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EXTRA, INDEX, SHEET = "xl/extra/part1.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"
TYPES, INDEX_LINKS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
SHEET_LINKS = "xl/worksheets/_rels/sheet1.xml.rels"


def relation(kind: str, target: str, *, mode: str = "", number: int = 9) -> str:
    outside = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"{outside}/>'


def relations(*entries: str) -> str:
    inside = "".join(entries)
    return (
        f'{HEAD}<Relationships xmlns="{OFFICE}/package/2006/relationships">{inside}</Relationships>'
    )


def sheet(cells: str = '<row r="1"><c r="A1"><v>1</v></c></row>', after: str = "") -> str:
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
        f"<sheetData>{cells}</sheetData>{after}</worksheet>"
    )


def parts() -> dict[str, Any]:
    """Return the parts of a workbook of one cell, by name."""
    return {
        TYPES: (
            f'{HEAD}<Types xmlns="{OFFICE}/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{INDEX}" ContentType="{OFFICE_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/{SHEET}" ContentType="{OFFICE_TYPE}.worksheet+xml"/></Types>'
        ),
        "_rels/.rels": relations(relation("officeDocument", INDEX)),
        INDEX: (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">'
            '<sheets><sheet name="Plan" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        INDEX_LINKS: relations(relation("worksheet", "worksheets/sheet1.xml", number=1)),
        SHEET: sheet(),
    }


def pack(
    files: dict[str, Any] | list[tuple[str, Any]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # for a name that comes twice
        for name, content in files.items() if isinstance(files, dict) else files:
            # As a ZipInfo, since the name would else be made harmless.
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.compress_type = name, method
            archive.writestr(entry, content)
    return target.getvalue()


def workbook(changes: dict[str, Any] | None = None, **options: Any) -> bytes:
    """Return a workbook; ``changes`` are parts by name, ``None`` leaves one out."""
    made = {**parts(), **(changes or {})}
    return pack({name: part for name, part in made.items() if part is not None}, **options)


def change(name: str, old: str, new: str) -> bytes:
    """Return a workbook with other words in one part."""
    before = parts()[name]
    assert old in before, (name, old)
    return workbook({name: before.replace(old, new)})


def patch(content: bytes, mark: bytes, place: int, new: bytes, *, which: int = 0) -> bytes:
    """Return an archive with other bytes in a header, found by its mark."""
    start = -1
    for _ in range(which + 1):
        start = content.index(mark, start + 1)
    start += place
    return content[:start] + new + content[start + len(new) :]
