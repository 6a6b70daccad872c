"""Whether the tests notice a mutant."""

import compileall
import difflib
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import Final

from .areas import AREAS, PACKAGE, ROOT
from .mutants import Mutant, find_mutants
from .reach import Reach

__all__ = ["Candidate", "Copy", "draw_sample"]

PATIENCE: Final = 600.0
"""Seconds after which a mutant is held to run for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A mutant of a file."""

    path: Path
    mutant: Mutant

    @property
    def key(self) -> str:
        """What tells it from others, until its file changes."""
        parts = (self.path.read_bytes(), self.mutant)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The file, as it is known within the library."""
        return str(self.path.relative_to(PACKAGE))

    def list_tests(self, reach: Reach) -> list[str]:
        """Return the tests that could notice it."""
        return reach.list_tests(self.path, self.mutant.line)

    @property
    def diff(self) -> str:
        """What it changes, to be read."""
        source = self.path.read_bytes()
        before, after = source.decode(), self.mutant.apply_to(source).decode()
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), self.name, self.name, lineterm="", n=1
        )
        return "\n".join(lines)


def draw_sample(area: str, reach: Reach, *, size: int, seed: int) -> list[Candidate]:
    """Draw some of an area's mutants, of lines that a test reaches on SQLite.

    Each is judged by a hash of what it does, so that a change elsewhere leaves the sample as it is.
    """
    drawn: dict[str, Candidate] = {}
    for path in AREAS[area].list_sources():
        source = path.read_bytes()
        lines = source.decode().splitlines()
        for mutant in find_mutants(source):
            if reach.reaches(path, mutant.line):
                place = f"{path.name} {lines[mutant.line - 1]} {mutant.kind} {mutant.replacement}"
                ticket = hashlib.sha256(f"{seed} {place}".encode()).hexdigest()
                drawn.setdefault(ticket, Candidate(path=path, mutant=mutant))
    return [drawn[ticket] for ticket in sorted(drawn)[:size]]


class Copy:
    """A copy of the tree, so that nobody who works on the original fails a test here.

    Args:
        folder: An empty folder for it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources = folder / "src"
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
        compileall.compile_dir(self.sources, quiet=2)

    def judge(self, candidate: Candidate, tests: list[str]) -> str:
        """Run tests on the copy with the fault in it.

        Returns:
            Whether it was ``killed``, ended by its ``timeout`` or ``survived``.
        """
        file = self.sources / candidate.path.relative_to(ROOT / "src")
        healthy = file.read_bytes()
        # Python would take a compiled file of the same second and size for that of the source.
        Path(cache_from_source(str(file))).unlink(missing_ok=True)
        file.write_bytes(candidate.mutant.apply_to(healthy))
        try:
            return self._run_tests(tests)
        finally:
            file.write_bytes(healthy)

    def find_tests(self, tests: list[str]) -> None:
        """Make sure that all tests are there: one that is not would look like a failure.

        Raises:
            SystemExit: if one is missing.
        """
        if self._run_tests(tests, "--collect-only") != "survived":
            sys.exit("Tests of the map are not there any more: map the area anew.")

    def _run_tests(self, tests: list[str], *options: str) -> str:
        selection = self.folder / "selected-tests"
        selection.write_text("\n".join(tests))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *options]
        command.append(f"@{selection}")
        environ = os.environ | {
            "PYTHONPATH": str(self.sources),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.folder / ".hypothesis"),
        }
        environ.pop("DATABASE_URL", None)
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=environ, capture_output=True, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            return "timeout"
        return "killed" if done.returncode else "survived"
