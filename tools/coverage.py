"""Measure which lines and branches the tests reach, and fail where it is less than the floor.

``python -m tools.coverage`` runs the suites on both databases, measures the processes that they
start too, and compares each package with its floor in ``pyproject.toml``. ``--on SQLite`` is the
quicker half, ``--keep`` adds to what the last run measured, ``--report`` only shows it.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.postgres import leave_tidily, provide_postgres
from tools.suite import Outcome, print_summary, run_suite

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "pyproject.toml"
FOLDER = ROOT / "build" / "coverage"
# What a browser shows is asked of the same code by the suite of the example, in seconds.
SUITES = ("library", "contrib", "peers", "example")
DATABASES = ("SQLite", "PostgreSQL")
# Its workers hand over what they measured before they end, however long that takes.
MEASURE = ["--cov", f"--cov-config={CONFIGURATION}", "--cov-append", "--cov-report="]


@dataclass(slots=True, kw_only=True)
class Package:
    """What was reached of some files that share a floor."""

    name: str
    floor: float
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    gaps: list[str] = field(default_factory=list)

    def add_file(self, path: str, measured: Mapping[str, Any]) -> None:
        """Count a file of the report, and note what of it was not reached."""
        for name in ("num_statements", "covered_lines", "num_branches", "covered_branches"):
            self.counts[name] += measured["summary"][name]
        if gap := describe_gap(measured):
            self.gaps.append(f"{path}: {gap}")

    @property
    def rate(self) -> float:
        """The share of lines and branches that were reached, in percent."""
        there = self.counts["num_statements"] + self.counts["num_branches"]
        reached = self.counts["covered_lines"] + self.counts["covered_branches"]
        return 100 * reached / there if there else 100.0

    @property
    def is_below(self) -> bool:
        """Whether less was reached than the floor asks."""
        return self.rate < self.floor

    def __str__(self) -> str:
        """Return its line of the table."""
        counts = [f"{self.counts[name]:>8}" for name in ("num_statements", "num_branches")]
        verdict = "  below" if self.is_below else ""
        return f"{self.name:<42}{''.join(counts)}{self.rate:>9.2f}{self.floor:>7.0f}{verdict}"


def describe_gap(measured: Mapping[str, Any]) -> str:
    """Return the lines and branches that no test reached.

    >>> describe_gap({"missing_lines": [3, 4, 5, 9], "missing_branches": [[2, 3], [7, -1]]})
    '3-5, 9, 7->exit'
    """
    missing = set(measured["missing_lines"])
    jumps = [
        f"{start}->{'exit' if end < 0 else end}"
        for start, end in measured["missing_branches"]
        # That of a line nobody reached, or to one, is told already.
        if start not in missing and end not in missing
    ]
    return ", ".join([*join_lines(sorted(missing)), *jumps])


def join_lines(lines: list[int]) -> Iterator[str]:
    """Yield the runs in sorted numbers.

    >>> list(join_lines([1, 2, 3, 7]))
    ['1-3', '7']
    """
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and lines[end] == lines[end - 1] + 1:
            continue
        first, last = lines[start], lines[end - 1]
        yield f"{first}-{last}" if last > first else f"{first}"
        start = end


def read_floors() -> dict[str, float]:
    """Return the floors in percent, by the pattern of the paths that each is for."""
    floors: dict[str, float] = tomllib.loads(CONFIGURATION.read_text())["tool"]["coverage-floors"]
    return floors


def place_file(path: str, floors: Mapping[str, float]) -> tuple[str, float]:
    """Return the package that a file counts for, and the floor: the first pattern that fits.

    >>> place_file("src/django_modernize/diff/models.py", {"**/models.py": 100, "**": 95})
    ('**/models.py', 100)
    >>> place_file("src/django_modernize/diff/values.py", {"**/models.py": 100, "**": 95})
    ('src/django_modernize/diff', 95)
    >>> place_file("src/django_modernize/conf.py", {"**/models.py": 100, "**": 95})
    ('src/django_modernize', 95)
    """
    for pattern, floor in floors.items():
        if pattern == "**":
            return "/".join(Path(path).parent.parts[:3]), floor
        if fits_pattern(path, pattern):
            return pattern, floor
    raise KeyError(path)


def fits_pattern(path: str, pattern: str) -> bool:
    """Tell whether a path is that of the pattern, or lies below it.

    >>> fits_pattern("api/models/task.py", "api/models")
    True
    >>> fits_pattern("api/models/task.py", "**/models.py")
    False
    """
    if pattern.startswith("**/"):
        return Path(path).name == pattern.removeprefix("**/")
    return Path(path).is_relative_to(pattern)


def prepare_environment() -> None:
    """Say where the measurements go."""
    os.environ["COVERAGE_FILE"] = str(FOLDER / "data")
    # Processes that start elsewhere would look for the sources there.
    os.environ["COVERAGE_ROOT"] = str(ROOT)


def run_suites(suites: Sequence[str], databases: Sequence[str]) -> list[Outcome]:
    """Run the suites on the databases, measured."""
    outcomes = []
    if "SQLite" in databases:
        outcomes += [run_suite(suite, "SQLite", "", MEASURE) for suite in suites]
    if "PostgreSQL" in databases:
        with provide_postgres() as url:
            outcomes += [run_suite(suite, "PostgreSQL", url, MEASURE) for suite in suites]
    return outcomes


def run_coverage(*arguments: str) -> None:
    """Run a command of coverage.py on what was measured."""
    command = [sys.executable, "-m", "coverage", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def read_report() -> dict[str, Any]:
    """Return what was measured of each file, by its path."""
    if any(FOLDER.glob("data.*")):
        run_coverage("combine", "--append", str(FOLDER))
    report = FOLDER / "report.json"
    run_coverage("json", f"-o{report}")
    files: dict[str, Any] = json.loads(report.read_text())["files"]
    return files


def sum_packages(files: Mapping[str, Any]) -> list[Package]:
    """Return the packages with what was reached of each."""
    floors = read_floors()
    packages: dict[str, Package] = {}
    for path, measured in files.items():
        name, floor = place_file(path, floors)
        package = packages.setdefault(name, Package(name=name, floor=floor))
        package.add_file(path, measured)
    return sorted(packages.values(), key=lambda package: package.name)


def print_packages(packages: list[Package], *, is_full: bool) -> None:
    """Print the table, and what is missing where the floor is not reached."""
    for package in packages:
        if package.is_below or is_full:
            print("", *package.gaps, sep="\n")
    print(f"\n{'package':<42}{'lines':>8}{'branches':>8}{'percent':>9}{'floor':>7}")
    for package in packages:
        print(package)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="tools.coverage", description=__doc__)
    parser.add_argument("--on", choices=DATABASES, action="append", help="a database; all if none")
    parser.add_argument("--only", choices=SUITES, action="append", help="a suite; all if none")
    parser.add_argument("--keep", action="store_true", help="add to the last measurement")
    parser.add_argument("--report", action="store_true", help="run nothing, show the last one")
    parser.add_argument("--gaps", action="store_true", help="list what is missing everywhere")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Measure and report.

    Returns:
        The exit status: 0 only if all tests passed and no package is below its floor.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    options = parse_arguments(arguments)
    if not (options.keep or options.report):
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    prepare_environment()
    outcomes = [] if options.report else run_suites(options.only or SUITES, options.on or DATABASES)
    packages = sum_packages(read_report())
    print_packages(packages, is_full=options.gaps)
    if outcomes:
        print_summary(outcomes)
    return int(any(one.failed for one in outcomes) or any(one.is_below for one in packages))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
