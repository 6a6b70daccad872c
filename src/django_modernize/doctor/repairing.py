"""Apply the automatic repairs, file by file."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from ..codemods.edits import Edit, apply_edits
from .findings import Finding
from .insertions import insert_import

__all__ = ["RepairedFile", "repair_files"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RepairedFile:
    """A file before and after repairs."""

    path: Path
    before: bytes
    after: bytes

    def show_changes(self) -> Iterator[str]:
        """Yield the lines of a unified diff."""
        before, after = (text.decode().splitlines() for text in (self.before, self.after))
        yield from unified_diff(before, after, str(self.path), str(self.path), lineterm="")

    def write(self) -> None:
        """Write the file.

        Raises:
            RuntimeError: The file has changed since it was read. It is left unchanged.
        """
        if self.path.read_bytes() != self.before:
            raise RuntimeError(f"{self.path} has changed since it was read: run the command again.")
        self.path.write_bytes(self.after)


def repair_files(findings: Iterable[Finding]) -> list[RepairedFile]:
    """Return the files that repairs of findings change, without writing them.

    If two repairs affect the same place, the second is left for the next run.
    """
    edits: dict[Path, list[Edit]] = defaultdict(list)
    imports: dict[Path, dict[str, None]] = defaultdict(dict)
    for finding in findings:
        repair = finding.symptom.repair
        if repair is not None and not is_taken(repair.edits, edits[repair.path]):
            edits[repair.path] += [one for one in repair.edits if one not in edits[repair.path]]
            imports[repair.path].update(dict.fromkeys(repair.imports))
    return [repair_file(path, edits[path], imports[path]) for path in sorted(edits)]


def is_taken(edits: Iterable[Edit], chosen: list[Edit]) -> bool:
    """Return whether an edit conflicts with one already chosen for the same place."""
    places = {one.start for one in chosen if one.start == one.end}
    return any(one.start == one.end and one.start in places for one in edits)


def repair_file(path: Path, edits: list[Edit], imports: Iterable[str]) -> RepairedFile:
    """Return a file with the edits and the imports that they need."""
    before = path.read_bytes()
    after = apply_edits(before, edits)
    for statement in imports:
        edit = insert_import(after, ast.parse(after), statement)
        after = apply_edits(after, [edit]) if edit else after
    return RepairedFile(path=path, before=before, after=after)
