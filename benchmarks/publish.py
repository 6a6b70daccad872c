"""The command that measures everything on both databases and writes the pages of figures.

``python -m benchmarks.publish``. What is measured is kept in ``results/``, a table as soon as it
is there, so that a run which was broken off, or one of a single group, leaves the others as they
were.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tools.postgres import provide_postgres

from .__main__ import GROUPS
from .report import load_facts, load_results, render_facts, render_results
from .results import Table, keep_line, load_tables
from .summary import render_summary
from .summary_hiding import render_hiding

__all__ = ["main"]

ROOT: Final = Path(__file__).resolve().parent.parent

PAGES: Final = ROOT / "docs" / "development"

NAMES: Final = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}

SCALE: Final = "scale"
"""The group that has a page of its own."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publish", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, metavar="GROUP")
    parser.add_argument("--database", action="append", choices=NAMES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int)
    parser.add_argument(
        "--write-only", action="store_true", help="write the pages from what was measured before"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit status.
    """
    options = build_parser().parse_args(arguments)
    status = 0
    if not options.write_only:
        for database in options.database or NAMES:
            status = max(status, measure(database, options))
    write_pages({database: load_tables(database) for database in NAMES})
    return status


def measure(database: str, options: argparse.Namespace) -> int:
    """Measure the groups on a database, and keep each table."""
    status = 0
    with ExitStack() as stack:
        url = stack.enter_context(provide_postgres()) if database == "postgresql" else ""
        # Each in a process of its own: one that fails takes no other with it.
        for group in options.only or GROUPS:
            status = max(status, measure_group(database, url, group, options))
    return status


def measure_group(database: str, url: str, group: str, options: argparse.Namespace) -> int:
    """Measure a group in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", "--json", f"--only={group}"]
    command.append(f"--rounds={options.rounds}")
    if options.rows:
        command.append(f"--rows={options.rows}")
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout or ():
            print(f"kept: {keep_line(database, line)['title']}", file=sys.stderr, flush=True)
    return process.returncode


def write_pages(tables: dict[str, list[Table]]) -> None:
    """Put the figures in their places in the two pages."""
    summary = f"{render_summary(tables)}\n{render_hiding(tables)}\n{describe_runs(tables)}\n"
    details = {
        name: render_tables(name, [one for one in tables[name] if one["group"] != SCALE])
        for name in tables
    }
    write_part(PAGES / "benchmarks.md", "summary", summary)
    write_part(PAGES / "benchmarks.md", "details", "\n".join(details.values()))
    for name in tables:
        scale = [one for one in tables[name] if one["group"] == SCALE]
        write_part(PAGES / "audit_at_scale.md", name, render_tables(name, scale))


def render_tables(database: str, tables: list[Table]) -> str:
    """Return tables under headings that name the database."""
    return "\n".join(
        render_table_of(table).replace("### ", f"### {NAMES[database]}: ", 1) for table in tables
    )


def render_table_of(table: Table) -> str:
    """Return one table as Markdown."""
    if "variants" in table:
        return render_results(table["title"], load_results(table))
    return render_facts(load_facts(table))


def describe_runs(tables: dict[str, list[Table]]) -> str:
    """Return with which versions the tables were made."""
    made_with = sorted({one["made_with"] for some in tables.values() for one in some})
    return f"Made with {'; '.join(made_with)}.\n"


def write_part(page: Path, name: str, text: str) -> None:
    """Replace what stands between the two marks of a name.

    Raises:
        ValueError: The page has no such marks.
    """
    opening, closing = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"({re.escape(opening)}\n).*?({re.escape(closing)})", re.DOTALL)
    written, count = pattern.subn(lambda match: f"{match[1]}\n{text}\n{match[2]}", page.read_text())
    if count != 1:
        raise ValueError(f"{page} needs the lines {opening} and {closing}, once each.")
    page.write_text(written)


if __name__ == "__main__":
    sys.exit(main())
