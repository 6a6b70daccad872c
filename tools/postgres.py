"""A private PostgreSQL for as long as a block, or a command, runs.

``python -m tools.postgres -- COMMAND`` runs COMMAND with ``DATABASE_URL`` set. If the variable
names a PostgreSQL already, that one is used and nothing is started.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import quote

from tools.postgres_binaries import Server, offer_servers

PATIENCE = 60.0
# A unix socket's path has to fit into 104 bytes, which macOS' own temporary folder nearly fills.
LONGEST_PARENT = 60
# Nothing here outlives the run, so nothing has to reach the disk.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "max_connections": "100",
    # It would analyse tables whose rows are not committed yet, as a test's are, and tell the
    # planner that thousands of rows are none: a statement that met with that took minutes.
    "autovacuum": "off",
}
ADVICE = """\
No PostgreSQL could be used, and the tests are not complete without it. Either
    install one      Debian, Ubuntu:  sudo apt-get install postgresql
                     Fedora:          sudo dnf install postgresql-server postgresql-contrib
                     macOS:           brew install postgresql@18
    or name one      DATABASE_URL=postgresql://user:password@host/name make test
Its server need not be running. What was tried:"""


class ServerError(Exception):
    """A server that is there could not be started."""


class NoServerError(Exception):
    """No PostgreSQL could be used at all."""


def describe_user() -> dict[str, Any]:
    """Return the arguments for ``subprocess`` that leave root, under which no server starts."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServerError("Root cannot run PostgreSQL, and there is no user postgres or nobody.")


def list_locales(version: tuple[int, ...]) -> list[list[str]]:
    """Return arguments of ``initdb`` for a locale that knows all letters, the best first.

    >>> list_locales((18, 1))[0]
    ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    """
    builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    system = [["--locale=C.UTF-8"], ["--locale=en_US.UTF-8"]]
    return [builtin, *system] if version >= (17,) else system


class Cluster:
    """A server of its own in a folder of its own, reached through a unix socket alone."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.user = describe_user()
        self.programs = server.programs
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of its first database, as Django and libpq read it."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        """Make the cluster and wait until it answers.

        Raises:
            ServerError: with what the server said last.
        """
        self.programs = self.bring_programs()
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        self.create_files()
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the server, for the first time or after its end."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.build_command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                # Ctrl-C is for the command that runs; the server follows when that has ended.
                start_new_session=True,
                **self.user,
            )

    def build_command(self) -> list[Any]:
        """Return the command that runs the server."""
        return [self.programs / "postgres", "-D", self.folder / "data", *self.list_settings()]

    def bring_programs(self) -> Path:
        """Return the folder of the programs, copied to where the other user can reach it."""
        package, programs = self.server.package, self.server.programs
        if not package or not self.user:
            return programs
        copy = self.folder / "programs"
        shutil.copytree(package, copy, symlinks=True)
        return copy / programs.relative_to(package)

    def list_settings(self) -> list[str]:
        """Return the server's settings as arguments."""
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        return [f"--{name}={value}" for name, value in settings.items()]

    def create_files(self) -> None:
        """Run ``initdb`` with the first locale that the machine has."""
        for locale in list_locales(self.server.version):
            arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"]
            command = [self.programs / "initdb", "-D", self.folder / "data", *arguments, *locale]
            done = self.run_program(command)
            if done.returncode == 0:
                return
        raise ServerError(done.stdout.decode(errors="replace").strip())

    def run_program(self, command: list[Any]) -> subprocess.CompletedProcess[bytes]:
        """Run one of the programs to its end, as the ordinary user."""
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            **self.user,
        )

    def wait_until_ready(self) -> None:
        """Wait for the word that the server writes into its own file when it takes connections."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            with contextlib.suppress(FileNotFoundError):
                if (self.folder / "data" / "postmaster.pid").read_text().rstrip().endswith("ready"):
                    return
            time.sleep(0.05)
        raise ServerError((self.folder / "log").read_text(errors="replace").strip())

    def stop(self) -> None:
        """End the server at once; its files are about to go."""
        if self.process is None:
            return
        # SIGINT closes the connections that are left, SIGKILL would leak shared memory.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()


def choose_parent() -> str:
    """Return where the cluster's folder goes: short, and open to the user who runs the server."""
    usual = tempfile.gettempdir()
    return "/tmp" if os.geteuid() == 0 or len(usual) > LONGEST_PARENT else usual


@contextlib.contextmanager
def run_server(server: Server) -> Iterator[str]:
    """Run ``server`` for as long as the block does.

    Yields:
        The address of its database.

    Raises:
        ServerError: if it does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="modernize-", dir=choose_parent()))
    cluster = Cluster(server, folder)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def name_given() -> str:
    """Return the PostgreSQL that ``DATABASE_URL`` names, or nothing."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith(("postgres:", "postgresql:")) else ""


@contextlib.contextmanager
def provide_postgres() -> Iterator[str]:
    """Give the block a PostgreSQL: the one of ``DATABASE_URL``, else one started for it.

    Yields:
        Its address.

    Raises:
        NoServerError: if none can be had, with what was tried and what to do.
    """
    if url := name_given():
        yield url
        return
    problems = []
    for server in offer_servers():
        with contextlib.ExitStack() as stack:
            try:
                url = stack.enter_context(run_server(server))
            except (ServerError, OSError) as error:
                problems.append(f"    {server}: {error}")
                continue
            print(f"Started {server}", file=sys.stderr, flush=True)
            yield url
            return
    raise NoServerError("\n".join([ADVICE, *(problems or ["    nothing found, nothing fetched"])]))


def leave_tidily(number: int, _frame: FrameType | None) -> NoReturn:
    """Turn a signal into an exception, so that every block on the way out is closed."""
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """Run a command with a PostgreSQL.

    Returns:
        Its exit status, or 1 if there is no PostgreSQL.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    try:
        with provide_postgres() as url:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode
    except NoServerError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
