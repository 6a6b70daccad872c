"""Run tox with every interpreter of this machine, and say which of the matrix none could run.

``python -m tools.matrix [--once] [TOX ARGUMENTS]``: the whole matrix, or with ``--once`` one
environment for each Django but that of ``make test``. Missing interpreters are reported; a Django
that none can run is a failure.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tools.postgres import NoServerError, leave_tidily, provide_postgres

ROOT = Path(__file__).resolve().parent.parent
# Version managers keep interpreters off PATH, and pyenv's stubs do not work inside tox.
PLACES = (".pyenv/versions/*/bin", ".local/share/uv/python/*/bin", ".asdf/installs/python/*/bin")
ENVIRONMENT = re.compile(r"(?:py3(?P<minor>\d+)|base|example)-(?P<django>django\d+)(?:-\w+)?")


def list_environments() -> list[str]:
    """Return the names of the matrix' environments, as ``tox.ini`` spells them out."""
    command = [sys.executable, "-m", "tox", "list", "--no-desc", "--quiet"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line.strip() for line in printed.splitlines() if line.strip()]


def find_interpreter(minor: int) -> str | None:
    """Return a Python 3.``minor`` that runs, or nothing."""
    name = f"python3.{minor}"
    found = [path for place in PLACES for path in sorted(Path.home().glob(f"{place}/{name}"))]
    candidates = [*map(str, reversed(found)), shutil.which(name)]
    for candidate in filter(None, candidates):
        # A stub is there whether or not its version is.
        if subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return candidate
    return None


def read_factors(name: str) -> tuple[int, str]:
    """Return the Python and the Django in an environment's name, 0 where it names no Python.

    >>> read_factors("py312-django60-sqlite")
    (12, 'django60')
    >>> read_factors("base-django61")
    (0, 'django61')
    """
    found = ENVIRONMENT.fullmatch(name)
    return (int(found["minor"] or 0), found["django"]) if found else (0, "")


def choose_once(names: Iterable[str], tested: str = "") -> list[str]:
    """Return one environment for each Django but the tested one.

    The newest runs the library's suites, on PostgreSQL and the newest Python; one between them
    the library's own, on SQLite and without any extra. AriStay has the Django of ``make test``:
    with its suite on others, the whole would take more than half an hour on two cores.

    >>> names = ["py313-django61-postgres", "base-django61", "base-django60"]
    >>> choose_once([*names, "example-django61-postgres"])
    ['py313-django61-postgres', 'base-django60']
    """
    factors = {name: read_factors(name) for name in names}
    newest = max(django for _, django in factors.values())
    minor = max(minor for minor, django in factors.values() if django == newest)
    return [
        name
        for name, (python, django) in factors.items()
        if django != tested
        and (
            name == f"py3{minor}-{newest}-postgres"
            or (name.startswith("base") and django != newest)
        )
    ]


def find_tested() -> str:
    """Return the Django of this environment, with which ``make test`` runs the suites."""
    try:
        release = version("django").split(".")
    except PackageNotFoundError:
        return ""
    return f"django{release[0]}{release[1]}"


def sort_environments(names: list[str], pythons: dict[int, str]) -> tuple[list[str], list[str]]:
    """Return the environments that have an interpreter here, and those that have none.

    What names no Python runs on tox' own.
    """
    present = [name for name in names if (minor := read_factors(name)[0]) == 0 or minor in pythons]
    return present, [name for name in names if name not in present]


def list_uncovered(present: Iterable[str], missing: Iterable[str]) -> list[str]:
    """Return the Djangos that only missing interpreters could run every suite with."""
    covered = {django for minor, django in map(read_factors, present) if minor}
    return sorted({read_factors(name)[1] for name in missing} - covered)


def run_tox(names: list[str], pythons: Iterable[str], arguments: list[str], url: str) -> int:
    """Run tox for ``names``.

    Returns:
        Its exit status.
    """
    command = [sys.executable, "-m", "tox", "run", "--discover", *pythons]
    environ = os.environ | {"DATABASE_URL": url}
    # Of several -e tox would take all.
    command += arguments if "-e" in arguments else ["-e", ",".join(names), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ).returncode


def report_missing(missing: list[str]) -> None:
    """Say which environments have no interpreter, a line for each Python."""
    for minor in sorted({read_factors(name)[0] for name in missing}):
        names = [name for name in missing if read_factors(name)[0] == minor]
        print(f"Not run, no Python 3.{minor} here: {', '.join(names)}")


def run_matrix(*, is_once: bool, arguments: list[str]) -> int:
    """Run what this machine can, and report the rest.

    Returns:
        The exit status: 0 only if every environment passed and no Django was left out.
    """
    names = list_environments()
    minors = {minor for name in names if (minor := read_factors(name)[0])}
    pythons = {minor: path for minor in minors if (path := find_interpreter(minor))}
    present, missing = sort_environments(names, pythons)
    chosen = choose_once(present, find_tested()) if is_once else present
    with provide_postgres() as url:
        status = run_tox(chosen, pythons.values(), arguments, url)
    report_missing(missing)
    uncovered = list_uncovered(present, missing)
    for django in uncovered:
        print(f"{django}: FAILED, no Python here can run it")
    return status or int(bool(uncovered))


def main(arguments: list[str]) -> int:
    """Run the matrix.

    Returns:
        The exit status.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    is_once = arguments[:1] == ["--once"]
    try:
        return run_matrix(is_once=is_once, arguments=arguments[is_once:])
    except NoServerError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
