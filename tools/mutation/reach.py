"""Which test reaches which line, as coverage.py tells it."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from .areas import ROOT, WORK

__all__ = ["Reach", "draw_map"]


def name_data(area: str) -> Path:
    """Return the file that holds the map of an area."""
    return WORK / f"{area}.coverage"


def draw_map(area: str, tests: Iterable[Path]) -> int:
    """Run files of tests, and add to an area's map what each of their tests reaches.

    Returns:
        The exit status of the tests.
    """
    WORK.mkdir(parents=True, exist_ok=True)
    environ = os.environ | {"COVERAGE_FILE": str(name_data(area)), "COVERAGE_ROOT": str(ROOT)}
    environ.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses=auto", *map(str, tests)]
    command += ["--cov", "--cov-config=pyproject.toml", "--cov-context=test", "--cov-append"]
    return subprocess.run([*command, "--cov-report="], cwd=ROOT, env=environ).returncode


@dataclass(frozen=True, slots=True)
class Reach:
    """The tests that reach each line of the sources."""

    tests: dict[str, dict[int, list[str]]]
    sizes: Counter[str]

    @classmethod
    def read(cls, area: str) -> "Reach":
        """Read the map of an area.

        Raises:
            SystemExit: if there is none.
        """
        if not name_data(area).exists():
            sys.exit(f"Run `python -m tools.mutation map {area}` first.")
        data = CoverageData(str(name_data(area)))
        data.read()
        tests: dict[str, dict[int, list[str]]] = {}
        sizes: Counter[str] = Counter()
        for path in data.measured_files():
            lines = data.contexts_by_lineno(path)
            tests[path] = {line: name_tests(contexts) for line, contexts in lines.items()}
            for names in tests[path].values():
                sizes.update(names)
        return cls(tests, sizes)

    def reaches(self, path: Path, line: int) -> bool:
        """Tell whether any test runs a line, if only by importing it."""
        return line in self.tests.get(str(path), {})

    def list_tests(self, path: Path, line: int) -> list[str]:
        """Return the tests for a line, those first that run little else.

        A line that runs on import is for every test that reaches the file, and in a file that
        does nothing else for all of them.
        """
        lines = self.tests[str(path)]
        found = set(lines[line]) or {name for names in lines.values() for name in names}
        found = found or set(self.sizes)
        return sorted(found, key=lambda name: (self.sizes[name], name))


def name_tests(contexts: list[str]) -> list[str]:
    """Return the tests of coverage's contexts, which name also a phase of each.

    >>> name_tests(["", "tests/a.py::test_x[a|b]|run", "tests/a.py::test_x[a|b]|setup"])
    ['tests/a.py::test_x[a|b]']
    """
    return sorted({context.rpartition("|")[0] for context in contexts} - {""})
