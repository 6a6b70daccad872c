"""Do what the tutorial says, typed as written, in an empty folder with the built wheel.

``python -m tools.tutorial WHEEL``: with the oldest and the newest Django that this machine has a
Python for, on SQLite and PostgreSQL. The first output that differs from the page stops it.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.matrix import find_interpreter
from tools.postgres import provide_postgres

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tutorial" / "first_project.md"
FENCE = re.compile(
    r"^```(?:\{code-block\} )?(?P<language>\w+)\n"
    r"(?::caption: (?P<caption>[^\n]+)\n)?(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# Done by the runner: the environment is made once, and a shell of its own runs each command.
PREPARED = (". .venv/bin/activate", "python -m venv .venv", "pip install")
POSTGRES_CAPTION = "office/settings.py, on PostgreSQL"
DATABASE = "modernize_tutorial"
RECREATE = f"""
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    connection.execute("DROP DATABASE IF EXISTS {DATABASE}")
    connection.execute("CREATE DATABASE {DATABASE}")
"""
# A console session of the page, run as the shell of the project would run it.
SESSION = """
import doctest, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "office.settings"
sys.path.insert(0, os.getcwd())
import django
django.setup()
text = sys.stdin.read()
test = doctest.DocTestParser().get_doctest(text, {}, "tutorial", None, 0)
runner = doctest.DocTestRunner()
sys.exit(runner.run(test).failed)
"""


class TutorialError(Exception):
    """A step did not do what the page says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of code of the page."""

    language: str
    caption: str
    text: str


def list_blocks(page: str) -> Iterator[Block]:
    """Return the page's blocks of code, from top to bottom."""
    for found in FENCE.finditer(page):
        yield Block(
            language=found["language"], caption=found["caption"] or "", text=found["text"].lstrip()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Somebody who types what the page says, in one folder."""

    folder: Path
    binaries: Path
    database: str
    """``DATABASES`` as source, nothing for that of ``startproject``."""

    def do_block(self, block: Block) -> None:
        """Write the file, run the commands, or hold the session.

        Raises:
            TutorialError: It went otherwise than the page says.
        """
        if block.language == "console":
            for command, expected in split_commands(block.text):
                self.run_command(command, expected)
        elif block.language == "pycon":
            self.hold_session(block.text)
        elif block.caption != POSTGRES_CAPTION:
            self.write_file(block)

    def write_file(self, block: Block) -> None:
        """Write a file, or add to its end."""
        name, _, place = block.caption.partition(", ")
        path = self.folder / name
        before = path.read_text() + "\n\n" if place else ""
        after = self.database if name.endswith("settings.py") else ""
        path.write_text(before + block.text + after)

    def run_command(self, command: str, expected: str) -> None:
        """Run one command, and compare what it prints where the page shows it."""
        if command.startswith(PREPARED):
            return
        printed = self.run(["sh", "-c", command])
        if expected and expected.strip() not in printed:
            raise TutorialError(f"$ {command}\nprinted\n{printed}\nand not\n{expected}")

    def hold_session(self, text: str) -> None:
        """Type a session into the shell."""
        self.run(["python", "-c", SESSION], text)

    def run(self, command: list[str], typed: str = "") -> str:
        """Run a program in the folder and return what it printed."""
        environ = os.environ | {"PATH": f"{self.binaries}:{os.environ['PATH']}"}
        environ.pop("DJANGO_SETTINGS_MODULE", None)
        done = subprocess.run(
            command, cwd=self.folder, env=environ, input=typed, text=True, capture_output=True
        )
        if done.returncode:
            raise TutorialError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


def split_commands(text: str) -> Iterator[tuple[str, str]]:
    """Return each command of a console block with the output that the block shows.

    >>> list(split_commands("$ one\\n$ two\\nsays\\n"))
    [('one', ''), ('two', 'says\\n')]
    """
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def name_postgres(url: str) -> str:
    """Return the setting for the tutorial's database on the server at a URL of libpq."""
    return f"""
from psycopg.conninfo import conninfo_to_dict

server = conninfo_to_dict({url!r})
server.pop("dbname", None)
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "NAME": {DATABASE!r},
        "OPTIONS": server,
    }}
}}
"""


def recreate_database(binaries: Path, url: str) -> None:
    """Make the tutorial's database anew on the server at a URL."""
    subprocess.run([binaries / "python", "-c", RECREATE, url], check=True)


def follow_page(binaries: Path, database: str) -> int:
    """Do every step of the page in a new folder; return how many there are."""
    blocks = list(list_blocks(PAGE.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as name:
        learner = Learner(folder=Path(name), binaries=binaries, database=database)
        for block in blocks:
            learner.do_block(block)
    return len(blocks)


def try_tutorial(python: str, wheel: str, django: str) -> None:
    """Follow the tutorial on both databases.

    Args:
        python: The interpreter.
        wheel: The built package.
        django: The name of the pins, as ``django52``.

    Raises:
        TutorialError: A step went otherwise than the page says.
    """
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([python, "-m", "venv", name], check=True)
        binaries = Path(name) / "bin"
        pins = ROOT / "requirements" / f"{django}.txt"
        extras = f"{wheel}[uploads,autotasks,postgres]"
        command = [str(binaries / "pip"), "install", "--quiet", f"--constraint={pins}", extras]
        subprocess.run(command, check=True)
        print(f"{django}: {follow_page(binaries, '')} blocks followed on SQLite", flush=True)
        with provide_postgres() as url:
            recreate_database(binaries, url)
            count = follow_page(binaries, name_postgres(url))
        print(f"{django}: {count} blocks followed on PostgreSQL", flush=True)


def list_editions() -> dict[str, str]:
    """Return the pins of the oldest and the newest Django, each with a Python that runs it."""
    pythons = {"django52": sys.executable, "django61": next(iter_newer_pythons(), None)}
    return {django: python for django, python in pythons.items() if python}


def iter_newer_pythons() -> Iterator[str]:
    """Return the Pythons of this machine that run the newest Django."""
    for minor in (13, 12, 14):
        found = find_interpreter(minor)
        if found:
            yield found


def main(wheel: str) -> int:
    """Follow the tutorial with each edition of Django.

    Returns:
        The exit status; a machine without a newer Python tries the oldest alone, but not in CI.
    """
    editions = list_editions()
    if "django61" not in editions:
        print("No Python 3.12 or newer is here: the newest Django is not tried.", file=sys.stderr)
        if os.environ.get("CI"):
            return 1
    try:
        for django, python in editions.items():
            try_tutorial(python, wheel, django)
    except TutorialError as error:
        print(f"The tutorial fails:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
