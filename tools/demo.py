"""Serve AriStay on this machine, as a company that looks alive.

``python -m tools.demo [--check]``; ``PORT`` and ``DATABASE_URL`` choose where. What an earlier run
left is kept: nothing is created, imported or reset twice.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.demo_visit import visit_pages
from tools.postgres import leave_tidily

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "example_project"
# The login and the key that signs sessions, made for this machine at the first run.
SECRETS = ROOT / "var" / "demo.json"
USERNAME = "admin"
HOST = "127.0.0.1"
FIRST_PORT = 8000
PATIENCE = 60.0
CHANGE = "ARISTAY_DEBUG=1 .venv/bin/python example_project/manage.py changepassword NAME"
INVITATION = """
AriStay is at  {address}
Log in as      {login}
               maria (manager), anna (cleaner), emil (maintenance), olga (an owner), and others

Look at
  the day of a cleaner, on a phone as well: as anna
      {address}my-day/
  the occupancy, and the houses that need something: as maria
      {address}overview/
  a later save of the workbook that waits for decisions, and what the first import made of each row
      {address}imports/
  a house that was given up, with all that belonged to it, to restore
      {address}recycle-bin/
  who changed what and from where, written by the database itself
      {address}admin/modernize_audit/auditevent/
  whether the server is well
      {address}health/ready

Data: {database}. Ctrl-C stops the server; `make demo` starts it again where you left it.
"""


def read_secrets() -> dict[str, str]:
    """Return the demo's secrets, made at the first run and readable by this user alone."""
    with contextlib.suppress(FileNotFoundError):
        return dict(json.loads(SECRETS.read_text()))
    SECRETS.parent.mkdir(exist_ok=True)
    made = {"password": secrets.token_urlsafe(9), "key": secrets.token_urlsafe(50)}
    SECRETS.touch(mode=0o600)
    SECRETS.write_text(json.dumps(made))
    return made


def prepare_django(key: str) -> None:
    """Set AriStay up in this process, in development mode: only this machine reaches it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "aristay.settings"
    os.environ.setdefault("ARISTAY_DEBUG", "1")
    os.environ.setdefault("ARISTAY_SECRET_KEY", key)
    sys.path.insert(0, str(EXAMPLE))
    import django

    django.setup()


def describe_login(password: str) -> str:
    """Return the login to print; a password that was changed since is not known here."""
    from django.contrib.auth import authenticate

    if authenticate(username=USERNAME, password=password):
        return f"{USERNAME}, all with the password {password}"
    return f"an administrator, with the password that you set ({CHANGE} sets another)"


def explain_refusal() -> str:
    """Return why the database cannot be used, or nothing if it can."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        return f"The database of DATABASE_URL cannot be used: {error}"
    return ""


def fill_database(password: str) -> str:
    """Bring the database to where the demo starts.

    Returns:
        What it is, for people.
    """
    from django.core.management import call_command
    from django.db import connection

    print("Migrating the database", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    os.environ["ARISTAY_DEMO_PASSWORD"] = password
    call_command("setup_demo")
    # The server is another process; SQLite's write-ahead log is folded in when this one lets go.
    connection.close()
    return f"{connection.display_name}, {connection.settings_dict['NAME']}"


def is_free(port: int) -> bool:
    """Whether a server can listen on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_port() -> int:
    """Return ``PORT`` if it is given, else the first free port from 8000 on."""
    if given := os.environ.get("PORT"):
        return int(given)
    return next(port for port in range(FIRST_PORT, 2**16) if is_free(port))


@contextlib.contextmanager
def run_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the development server for as long as the block does."""
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"{HOST}:{port}"]
    # Its greeting says less than ours; its log goes to the standard error.
    server = subprocess.Popen(
        command, cwd=EXAMPLE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def wait_until_ready(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections.

    Returns:
        Whether it does; not if it ended or time ran out.
    """
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return True
        time.sleep(0.1)
    return False


def serve_demo(*, is_check: bool) -> int:
    """Serve until Ctrl-C, or until its people have seen their pages.

    Returns:
        The exit status.
    """
    port = choose_port()
    if not is_free(port):
        print(f"Something serves on port {port} already; name another PORT.", file=sys.stderr)
        return 1
    known = read_secrets()
    prepare_django(known["key"])
    if refusal := explain_refusal():
        print(refusal, file=sys.stderr)
        return 1
    database = fill_database(known["password"])
    address = f"http://{HOST}:{port}/"
    with run_server(port) as server:
        if not wait_until_ready(server, port):
            print(f"The server did not answer at {address}", file=sys.stderr)
            return 1
        login = describe_login(known["password"])
        words = {"address": address, "login": login, "database": database}
        print(INVITATION.format(**words), flush=True)
        if is_check:
            return visit_pages(address, known["password"])
        return server.wait()


def main(arguments: list[str]) -> int:
    """Serve the demo.

    Returns:
        The exit status; Ctrl-C is the usual end, not a failure.
    """
    signal.signal(signal.SIGTERM, leave_tidily)
    is_check = "--check" in arguments or bool(os.environ.get("DEMO_CHECK"))
    try:
        return serve_demo(is_check=is_check)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
