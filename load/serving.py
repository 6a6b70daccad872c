"""AriStay as it is deployed, in a folder of its own: PostgreSQL, gunicorn, and the worker."""

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tools.demo import choose_port
from tools.postgres import SETTINGS, Cluster, choose_parent
from tools.postgres_binaries import offer_servers

__all__ = ["ROOT", "Site", "run_cluster", "run_site"]

ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE: Final = 90.0

DURABLE: Final = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
"""What the servers of the tests leave out, and a database of production does not."""


class DurableCluster(Cluster):
    """A server that has written what it says it has."""

    def list_settings(self) -> list[str]:
        """Return the server's settings as arguments."""
        settings = SETTINGS | DURABLE | {"unix_socket_directories": str(self.folder)}
        return [f"--{name}={value}" for name, value in settings.items()]


@contextlib.contextmanager
def run_cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL of our own for as long as the block does."""
    folder = Path(tempfile.mkdtemp(prefix="aristay-load-", dir=choose_parent()))
    cluster = DurableCluster(next(iter(offer_servers())), folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(kw_only=True, slots=True)
class Site:
    """A running AriStay."""

    folder: Path
    """Its photos, static files and logs, and what those who visit it send."""

    cluster: Cluster
    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    web: Any = None
    worker: Any = None

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its processes, as docs/deployment has it."""
        return os.environ | {
            "ARISTAY_ALLOWED_HOSTS": "127.0.0.1",
            "ARISTAY_DEBUG": "0",
            "ARISTAY_DEMO_PASSWORD": self.password,
            "ARISTAY_MEDIA_ROOT": str(self.folder / "media"),
            # Each visitor comes from an address of its own, by a proxy that ends HTTPS.
            "ARISTAY_PROXIES": "1",
            "ARISTAY_PROXY_HTTPS": "1",
            "ARISTAY_SECRET_KEY": self.key,
            "ARISTAY_STATIC_ROOT": str(self.folder / "static"),
            "ARISTAY_TASKS": "database",
            "DATABASE_URL": self.cluster.url,
            "DJANGO_SETTINGS_MODULE": "load.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "example_project")]),
        }

    def manage(self, *arguments: str) -> None:
        """Run a command of AriStay's to its end."""
        command = [sys.executable, "-m", "django", *arguments]
        subprocess.run(command, cwd=self.folder, env=self.environ, check=True)

    def prepare(self, people: int) -> None:
        """Make the tables, the company and the files, as each release and the demo do."""
        self.manage("migrate", "--no-input", "--verbosity=0")
        self.manage("createcachetable")
        self.manage("collectstatic", "--no-input", "--verbosity=0")
        command = [sys.executable, "-m", "load.company", str(self.folder), str(people)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, check=True, stdout=subprocess.PIPE
        )
        (self.folder / "people.json").write_bytes(done.stdout)

    def start(self) -> None:
        """Start the web server and the worker, and wait until they are ready."""
        self.web = self.launch("web", *list_web_command(self.port))
        self.start_worker()
        self.wait_until_ready()

    def start_worker(self) -> None:
        """Start the worker, as the compose file does."""
        self.worker = self.launch("worker", sys.executable, "-m", "django", "work")

    def launch(self, name: str, *command: str) -> Any:
        """Start a process whose words go to a log of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self.folder, env=self.environ, stdout=log, stderr=log
            )

    def ask(self, path: str) -> int:
        """Return the status of a page; 0 where nobody answers."""
        request = Request(f"{self.address}{path}", headers={"X-Forwarded-Proto": "https"})
        try:
            with urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0

    def wait_until_ready(self) -> None:
        """Wait until it can work.

        Raises:
            TimeoutError: It cannot, with what it said last.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.web.poll() is None:
            if self.ask("/health/ready") == 200:
                return
            time.sleep(0.2)
        raise TimeoutError((self.folder / "web.log").read_text()[-3000:])

    def stop(self) -> None:
        """End its processes, the worker after what it has begun."""
        for process in filter(None, (self.web, self.worker)):
            process.terminate()
        for process in filter(None, (self.web, self.worker)):
            process.wait(timeout=PATIENCE)


def list_web_command(port: int) -> list[str]:
    """Return the command by which the image runs the web server, on another port."""
    found = re.search(r"^CMD (\[.+\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError("The Dockerfile has no CMD.")
    command = [one for one in json.loads(found[1]) if not one.startswith("--bind=")]
    return [sys.executable, "-m", *command, f"--bind=127.0.0.1:{port}"]


@contextlib.contextmanager
def run_site(people: int) -> Iterator[Site]:
    """Run AriStay with a company of many people for as long as the block does."""
    with tempfile.TemporaryDirectory(prefix="aristay-load-") as name, run_cluster() as cluster:
        site = Site(folder=Path(name), cluster=cluster, port=choose_port())
        site.prepare(people)
        try:
            site.start()
            yield site
        finally:
            site.stop()
