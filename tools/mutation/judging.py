"""Whether the tests notice a mutant."""

import compileall
import difflib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from .areas import AREAS, PACKAGE, ROOT
from .mutants import Mutant, find_mutants
from .quick import OPTIONS, PATIENCE, Order
from .reach import Reach

__all__ = ["Candidate", "Copy", "draw_sample"]


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


def draw_sample(area: str, reach: Reach, *, size: int | None, seed: int) -> list[Candidate]:
    """Draw some or all of an area's mutants, of lines that a test reaches on SQLite.

    Each is drawn by a hash of what it does, so that a change elsewhere leaves the sample as it is.
    """
    drawn: dict[str, Candidate] = {}
    for path in AREAS[area].list_sources():
        source = path.read_bytes()
        lines = source.decode().splitlines()
        alike: Counter[str] = Counter()
        for mutant in find_mutants(source):
            if reach.reaches(path, mutant.line):
                place = f"{path.name} {lines[mutant.line - 1]} {mutant.kind} {mutant.replacement}"
                alike[place] += 1
                ticket = hashlib.sha256(f"{seed} {place} {alike[place]}".encode()).hexdigest()
                drawn[ticket] = Candidate(path=path, mutant=mutant)
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
        self.environ = os.environ | {
            "PYTHONPATH": str(self.sources),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis"),
        }
        self.environ.pop("DATABASE_URL", None)

    @contextmanager
    def quicken(self, tests: list[str]) -> Iterator[None]:
        """Keep a process that has all tests at hand, and judges what it can; see :mod:`.quick`.

        Raises:
            SystemExit: if a test fails without a fault, or is not there any more.
        """
        files = sorted({test.partition("::")[0] for test in tests})
        command = [sys.executable, "-m", "tools.mutation.quick", *files]
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environ,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as self.quick:
            if self._ask(tests) != "survived":
                sys.exit("Tests fail without a fault, or the map names some that are gone.")
            yield

    def judge(self, candidate: Candidate, tests: list[str]) -> str:
        """Run tests on the copy with the fault in it, in the quick way if that is enough.

        Returns:
            Whether it was ``killed``, ended by its ``timeout`` or ``survived``.
        """
        fate = self._judge_quickly(candidate, tests)
        return self._judge_anew(candidate, tests) if fate in {"survived", "unable"} else fate

    def _judge_quickly(self, candidate: Candidate, tests: list[str]) -> str:
        file = self._find_file(candidate)
        healthy = file.read_bytes()
        faulty = candidate.mutant.apply_to(healthy)
        start = candidate.mutant.start
        order = Order(str(file), healthy.decode(), faulty.decode(), start, tests)
        return self._ask(order)

    def _ask(self, question: Order | list[str]) -> str:
        assert self.quick.stdin and self.quick.stdout
        print(json.dumps(question), file=self.quick.stdin, flush=True)
        if not (answer := self.quick.stdout.readline().strip()):
            sys.exit("The process that keeps the tests has ended.")
        return answer

    def _find_file(self, candidate: Candidate) -> Path:
        return self.sources / candidate.path.relative_to(ROOT / "src")

    def _judge_anew(self, candidate: Candidate, tests: list[str]) -> str:
        file = self._find_file(candidate)
        healthy = file.read_bytes()
        # Python would take a compiled file of the same second and size for that of the source.
        Path(cache_from_source(str(file))).unlink(missing_ok=True)
        file.write_bytes(candidate.mutant.apply_to(healthy))
        try:
            return self._run_tests(tests)
        finally:
            file.write_bytes(healthy)

    def _run_tests(self, tests: list[str]) -> str:
        selection = self.folder / "selected-tests"
        selection.write_text("\n".join(tests))
        command = [sys.executable, "-m", "pytest", "-x", *OPTIONS]
        command.append(f"@{selection}")
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=self.environ,
                capture_output=True,
                timeout=PATIENCE * 5,
            )
        except subprocess.TimeoutExpired:
            return "timeout"
        return "killed" if done.returncode else "survived"
