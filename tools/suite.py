"""Run every suite of tests on both databases, and say at the end how it went.

``python -m tools.suite [PYTEST ARGUMENTS]``; a PostgreSQL that cannot be had is a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools.postgres import NoServerError, leave_tidily, provide_postgres

ROOT = Path(__file__).resolve().parent.parent
SUITES = {
    "library": [],
    "contrib": ["tests/contrib", "--ds=tests.contrib.settings"],
    "peers": ["tests/peers", "--ds=tests.peers.settings"],
    "example": ["tests/example", "--ds=aristay.settings"],
    # One server and one browser for all of them.
    "journeys": [
        "tests/e2e",
        "--ignore=tests/e2e/test_accessibility.py",
        "--ds=aristay.settings",
        "--numprocesses=0",
    ],
}
# What a page looks like does not depend on the database; two visit all of them in half the time.
ONCE = {
    "pages": ["tests/e2e/test_accessibility.py", "--ds=aristay.settings", "--numprocesses=2"],
}
# What pytest exits with when it found no test.
NOTHING_RUN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one suite went on one database."""

    suite: str
    database: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return its line of the closing table."""
        counts = f"{self.passed:>8}{self.failed:>8}{self.skipped:>9}{self.seconds:>9.0f}"
        return f"{self.suite:<10}{self.database:<12}{counts}"


def count_report(report: Path) -> dict[str, int]:
    """Return the counts in a JUnit report, or none if pytest died before it wrote one."""
    if not report.exists():
        return {"passed": 0, "failed": 0, "skipped": 0}
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    names = ("tests", "failures", "errors", "skipped")
    rows = [[int(one.get(name, 0)) for name in names] for one in suites]
    tests, failures, errors, skipped = (sum(column) for column in zip(*rows, strict=True))
    failed = failures + errors
    return {"passed": tests - failed - skipped, "failed": failed, "skipped": skipped}


def name_environment(url: str) -> dict[str, str]:
    """Return the environment for the database at ``url``, or for SQLite if there is none."""
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    # Without it AriStay asks for the secrets of production.
    environ.setdefault("ARISTAY_DEBUG", "1")
    return environ | {"DATABASE_URL": url} if url else environ


def run_suite(suite: str, database: str, url: str, extra: list[str]) -> Outcome:
    """Run one suite on one database."""
    print(f"\n=== {suite} on {database}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "--numprocesses=auto", f"--junitxml={report}"]
        command += [*(SUITES | ONCE)[suite], *extra]
        status = subprocess.run(command, cwd=ROOT, env=name_environment(url)).returncode
        counts = count_report(report)
    # A selection may well pick nothing from a suite; a whole suite that is empty is broken.
    if status and not counts["failed"] and not (status == NOTHING_RUN and extra):
        counts["failed"] = 1
    seconds = time.monotonic() - started
    return Outcome(suite=suite, database=database, seconds=seconds, **counts)


def run_database(database: str, url: str, extra: list[str]) -> list[Outcome]:
    """Run every suite on one database."""
    return [run_suite(suite, database, url, extra) for suite in SUITES]


def run_everything(extra: list[str]) -> list[Outcome]:
    """Run every suite on every database."""
    outcomes = run_database("SQLite", "", extra)
    outcomes += [run_suite(suite, "SQLite", "", extra) for suite in ONCE]
    try:
        with provide_postgres() as url:
            return outcomes + run_database("PostgreSQL", url, extra)
    except NoServerError as error:
        print(f"\n{error}", file=sys.stderr)
        missing = [Outcome(suite=suite, database="PostgreSQL", failed=1) for suite in SUITES]
        return outcomes + missing


def print_summary(outcomes: list[Outcome]) -> None:
    """Print the closing table and the total."""
    print(f"\n{'suite':<10}{'database':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for outcome in outcomes:
        print(outcome)
    passed, failed, skipped = (
        sum(getattr(outcome, name) for outcome in outcomes)
        for name in ("passed", "failed", "skipped")
    )
    print(f"total: {passed} passed, {failed} failed, {skipped} skipped")


def main(extra: list[str]) -> int:
    """Run the tests.

    Returns:
        The exit status: 0 only if nothing failed anywhere.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    try:
        outcomes = run_everything(extra)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print_summary(outcomes)
    return int(any(outcome.failed for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
