"""A private PgBouncer that pools by transactions, for as long as a block runs."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.postgres import choose_parent, describe_user

ADVICE = "There is no PgBouncer. Debian, Ubuntu: sudo apt-get install pgbouncer"
# Debian keeps it where an ordinary user's PATH does not look.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
PATIENCE = 20.0
PORT = 6432
CONFIGURATION = """\
[databases]
* = {server}
[pgbouncer]
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 1
"""


class NoPoolerError(Exception):
    """There is no PgBouncer on this machine, or it does not start."""


def find_pooler() -> str | None:
    """Return the program, or nothing if it is not installed."""
    return shutil.which("pgbouncer", path=PLACES)


@contextlib.contextmanager
def run_pooler(server: Mapping[str, str]) -> Iterator[Path]:
    """Run a pooler with one connection to a server, which all its clients share.

    Args:
        server: How libpq reaches the server: host, port, user, password.

    Yields:
        The folder of its socket, which is a host to libpq.

    Raises:
        NoPoolerError: with what to do.
    """
    program = find_pooler()
    if program is None:
        raise NoPoolerError(ADVICE)
    folder = Path(tempfile.mkdtemp(prefix="pooler-", dir=choose_parent()))
    user = describe_user()
    if user:
        os.chown(folder, user["user"], user["group"])
    words = " ".join(f"{name}='{value}'" for name, value in server.items() if value)
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(CONFIGURATION.format(server=words, port=PORT, folder=folder))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **user
        )
    try:
        wait_until_ready(process, folder)
        yield folder
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait for the socket."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if (folder / f".s.PGSQL.{PORT}").exists():
            return
        time.sleep(0.02)
    raise NoPoolerError((folder / "log").read_text(errors="replace").strip())
